"""Datasets from folders of images and texts, one folder a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from addax.core import config
from addax.core.errors import message
from addax.data import Dataset
from addax.data._spec import TensorSpec
from addax.engine._memory import keep_memory
from addax.utils import _resample, _rgbx
from addax.utils._dataset_format import check_format
from addax.utils._files_node import FilesNode, Reader, check_on_error
from addax.utils._images import pillow
from addax.utils._index import Index, check_split, divided, index_directory, label_arrays

IMAGE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3), "rgba": ("RGBA", 4)}


class Options(NamedTuple):
    """The arguments that images, texts and sounds have in common."""

    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool
    skip: bool = False
    padded: bool = False


def folder_datasets(
    directory: Any,
    labels: Any,
    label_mode: Any,
    class_names: Sequence[str] | None,
    endings: tuple[str, ...],
    reader: Reader,
    options: Options,
) -> Any:
    """The dataset of a folder, or those for training and validation.

    Raises:
        ValueError: If there are no files, or the arguments do not fit.
    """
    check_split(options.validation_split, options.subset, options.shuffle, options.seed)
    if label_mode is None:
        labels = None
    index = index_directory(directory, labels, endings, class_names, options.follow_links)
    label_arrays(index, label_mode)  # whatever is wrong with it, before anything is printed
    seed = np.random.randint(10**6) if options.seed is None else options.seed
    if options.shuffle:
        index = index.shuffled(seed)
    parts = divided(index, options.validation_split, options.subset)
    if options.verbose:
        _report(index, parts, options.subset)
    made = []
    for number, part in enumerate(parts):
        shuffle = options.shuffle and number == 0  # the second of two is there to validate
        dataset = _dataset(part, label_mode, reader, options, seed if shuffle else None)
        vars(dataset).update(class_names=part.names, file_paths=part.paths)
        made.append(dataset)
    return made if options.subset == "both" else made[0]


def _report(index: Index, parts: list[Index], subset: Any) -> None:
    classes = f" belonging to {len(index.names)} classes" if index.names is not None else ""
    print(f"Found {len(index.paths)} files{classes}.")
    names = ("training", "validation") if subset == "both" else (subset,) if subset else ()
    for name, part in zip(names, parts, strict=False):
        print(f"Using {len(part.paths)} files for {name}.")


def _dataset(part: Index, label_mode: Any, reader: Reader, options: Options, seed: int | None) -> Dataset:
    """Batches of the files' arrays with their labels, in another order each epoch if there is a seed."""
    paths = np.array([path.encode() for path in part.paths], object)
    labels = label_arrays(part, label_mode)
    dataset = Dataset.from_tensor_slices(paths if labels is None else (paths, labels))
    if seed is not None:
        dataset = dataset.shuffle(len(paths), seed=seed)
    dataset = Dataset(FilesNode(dataset._node, reader, options.skip))
    if options.batch_size is not None:
        batch = dataset.padded_batch if options.padded else dataset.batch
        dataset = batch(options.batch_size)
    return dataset.prefetch(-1)


# Images --------------------------------------------------------------------------------------------------
class ImageReader:
    """Decodes and resizes images.

    Args:
        size: Height and width.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        interpolation: One of the methods of `tf.image.resize`.
        crop: Whether to crop to the proportions of `size`.
        pad: Whether to pad to them.
        data_format: `"channels_last"` or `"channels_first"`.
    """

    def __init__(
        self, size: Any, color_mode: str, interpolation: str, crop: bool, pad: bool, data_format: Any
    ) -> None:
        if color_mode not in _MODES:
            raise ValueError(
                message("Unknown `color_mode`.", expected='"rgb", "rgba" or "grayscale"', received=color_mode)
            )
        self.size = _checked_size(size)
        self.mode, channels = _MODES[color_mode]
        self.method = _resample.check_method(interpolation)
        self.crop, self.pad = crop, pad
        self.shape = (*self.size, channels)
        keep_memory()  # what each image would ask the system for anew takes as long as to decode it
        self.first = config.standardize_data_format(data_format) == "channels_first"
        shape = (channels, *self.size) if self.first else self.shape
        self.spec = TensorSpec(shape, "uint8" if self.method == "nearest" else "float32")

    def read(self, path: str) -> np.ndarray:
        """See `Reader.read`."""
        out = np.empty(self.spec.shape, self.spec.dtype.as_numpy_dtype)  # type: ignore[arg-type]
        self.read_into(path, out)
        return out

    def read_into(self, path: str, out: np.ndarray) -> None:
        """See `Reader.read_into`."""
        image = self._pixels(path)
        if self.crop:
            image = _resample.cropped(image, self.size)
        target = np.empty(self.shape, out.dtype) if self.first else out
        (_resample.fitted if self.pad else _resample.resize_into)(image, target, self.method)
        if self.first:
            out[...] = target.transpose(2, 0, 1)

    def stage(self, count: int) -> Any:
        """See `Reader.stage`: for what most folders are read with."""
        from addax.utils import _staged

        usual = self.method == "bilinear" and self.mode == "RGB" and not self.pad and not self.first
        return (
            _staged.Stage(count, self.size, self.crop) if usual and _staged.suits(count, self.size) else None
        )

    def read_onto(self, path: str, stage: Any, number: int) -> None:
        """See `Reader.read_onto`."""
        found = _rgbx.jpeg(path)
        stage.put(number, _rgbx.pixels(self._image(path)) if found is None else found)

    def _pixels(self, path: str) -> np.ndarray:
        """The pixels of a file, uint8 of shape (height, width, channels)."""
        array = np.asarray(self._image(path))
        return array[..., None] if array.ndim == 2 else array

    def _image(self, path: str) -> Any:
        """A file as a Pillow image."""
        try:
            with pillow().open(path) as file:
                if self.mode == "L":
                    file.draft("L", None)  # brightness is what a JPEG holds; colours need not be made first
                image = _in_mode(file, self.mode)
                image.load()
                return image
        except (OSError, SyntaxError, ValueError) as error:
            raise ValueError(
                message(
                    f"{path} is no image that can be read: {error}",
                    hint='Repair or delete the file, or pass on_error="skip" to leave such files out.',
                )
            ) from error


def _in_mode(image: Any, mode: str) -> Any:
    if image.mode == mode:
        return image
    if image.mode.startswith("I"):  # 16 bits of grey, of which Pillow would keep the lower ones
        image = pillow().fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    return image.convert(mode)


def _checked_size(size: Any) -> tuple[int, int]:
    if isinstance(size, int):
        size = (size, size)
    if (
        not isinstance(size, (list, tuple))
        or len(size) != 2
        or not all(isinstance(s, int | np.integer) and s > 0 for s in size)
    ):
        raise ValueError(
            message("`image_size`.", expected="a height and a width, whole numbers above 0", received=size)
        )
    return int(size[0]), int(size[1])


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: Any = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
    *,
    on_error: str = "raise",
) -> Any:
    """Batches of images from a folder with one folder for each class.

    Files are decoded by as many threads as there are cores, a batch or two ahead of the training.

    Args:
        directory: The folder.
        labels: `"inferred"` from the folders, None for none, or a list in the order of the sorted paths.
        label_mode: `"int"` (int32), `"categorical"` (one-hot), `"binary"` (float of shape (n, 1)) or None.
        class_names: The folders in the order of their numbers, or only some of them; all, sorted, if None.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        batch_size: Images in a batch; None for single ones.
        image_size: `(height, width)` that every image is resized to, or one number for both.
        shuffle: Whether the order is random, anew each epoch.
        seed: Seed of the order.
        validation_split: The part that is held out.
        subset: `"training"`, `"validation"` or `"both"` (a list of two datasets, the second of which keeps its order).
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"`, `"lanczos3"`, `"lanczos5"`, `"gaussian"` or
            `"mitchellcubic"`, without antialiasing.
        follow_links: Whether links to folders are followed.
        crop_to_aspect_ratio: Crop to the target's proportions before resizing.
        pad_to_aspect_ratio: Resize without distortion and pad with black.
        data_format: `"channels_last"` or `"channels_first"`.
        format: `"tf"`: the one kind of dataset that there is is called `tf.data.Dataset`.
        verbose: Whether the numbers of files are printed.
        on_error: What a damaged image does: `"raise"` an error, or `"skip"` it with a warning; both name the file.

    Returns:
        A dataset of float32 images from 0 to 255 (uint8 with interpolation `"nearest"`), of shape
        `(batch, height, width, channels)`, with labels; it has `class_names` and `file_paths`.

    Raises:
        ValueError: If there are no files, or arguments do not fit; a damaged image is named when it is read.
    """
    check_format(format)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be set.")
    reader = ImageReader(
        image_size, color_mode, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, data_format
    )
    options = Options(
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
        skip=check_on_error(on_error),
    )
    return folder_datasets(directory, labels, label_mode, class_names, IMAGE_ENDINGS, reader, options)


# Texts ---------------------------------------------------------------------------------------------------
class TextReader:
    """The bytes of text files, as they are: what is no UTF-8 stays what it is.

    Args:
        max_length: Bytes of a text that are kept.
    """

    def __init__(self, max_length: int | None) -> None:
        self.max_length = max_length
        self.spec = TensorSpec((), "string")

    def read(self, path: str) -> np.ndarray:
        """See `Reader.read`."""
        out = np.empty((), object)
        with open(path, "rb") as file:
            out[()] = file.read(self.max_length if self.max_length is not None else -1)
        return out

    def read_into(self, path: str, out: Any) -> None:
        """See `Reader.read_into`."""
        out[()] = self.read(path)[()]

    def stage(self, count: int) -> None:
        """See `Reader.stage`: there is none."""

    def read_onto(self, path: str, stage: Any, number: int) -> None:
        """See `Reader.read_onto`."""


def text_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: Any = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Batches of texts from a folder with one folder for each class, one `.txt` file for each text.

    Args:
        directory: The folder.
        labels: `"inferred"`, None, or a list in the order of the sorted paths.
        label_mode: `"int"`, `"categorical"`, `"binary"` or None.
        class_names: The folders in the order of their numbers, or only some of them; all, sorted, if None.
        batch_size: Texts in a batch; None for single ones.
        max_length: Bytes of a text that are kept; all if None.
        shuffle: Whether the order is random, anew each epoch.
        seed: Seed of the order.
        validation_split: The part that is held out.
        subset: `"training"`, `"validation"` or `"both"`.
        follow_links: Whether links to folders are followed.
        format: `"tf"`: the one kind of dataset that there is is called `tf.data.Dataset`.
        verbose: Whether the numbers of files are printed.

    Returns:
        A dataset of string tensors of shape `(batch,)`, with labels; it has `class_names` and `file_paths`. Texts are
        bytes as they stand in the files.

    Raises:
        ValueError: If there are no files, or arguments do not fit.
    """
    check_format(format)
    options = Options(batch_size, shuffle, seed, validation_split, subset, follow_links, verbose)
    return folder_datasets(
        directory, labels, label_mode, class_names, (".txt",), TextReader(max_length), options
    )
