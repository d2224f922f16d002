"""Datasets from folders of files, one folder a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.data import Dataset
from addax.utils._dataset_format import check_format
from addax.utils._images import img_to_array, load_img

IMAGE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


def index_directory(
    directory: Any,
    labels: Any,
    endings: tuple[str, ...],
    class_names: Sequence[str] | None,
    follow_links: bool,
) -> tuple[list[Path], np.ndarray | None, list[str] | None]:
    """The files below a folder, their class numbers and the names of the classes.

    Raises:
        ValueError: If the folder is missing or empty, classes have no files, or the labels do not fit.
    """
    root = Path(directory)
    if not root.is_dir():
        raise ValueError(message(f"There is no folder {root}.", hint="Check the path."))
    if labels is None:
        return _files(root, endings, follow_links), None, None
    if labels != "inferred":
        files = _files(root, endings, follow_links)
        if len(files) != len(labels):
            raise ValueError(
                message(
                    "`labels` has another length than there are files.",
                    expected=f"{len(files)} labels, in the order of the sorted paths",
                    received=f"{len(labels)}",
                )
            )
        return files, np.asarray(labels), list(class_names) if class_names else None
    names = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if class_names is not None:
        if set(class_names) != set(names):
            raise ValueError(
                message(
                    "`class_names` are not the folders that are there.",
                    expected=str(names),
                    received=str(list(class_names)),
                )
            )
        names = list(class_names)
    files, numbers = [], []
    for number, name in enumerate(names):
        found = _files(root / name, endings, follow_links)
        files += found
        numbers += [number] * len(found)
    if not files:
        raise ValueError(
            message(
                f"No files were found in {root}.",
                expected=f"one folder for each class, with files ending in {', '.join(endings)}",
                received=f"folders {names}" if names else "no folders",
            )
        )
    return files, np.asarray(numbers, np.int32), names


def _files(root: Path, endings: tuple[str, ...], follow_links: bool) -> list[Path]:
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix.lower() in endings and (follow_links or not path.is_symlink()):
            found.append(path)
    return found


def label_arrays(numbers: np.ndarray | None, label_mode: Any, count: int) -> np.ndarray | None:
    """Class numbers in the form that `label_mode` names.

    Raises:
        ValueError: For an unknown mode, or `"binary"` with other than two classes.
    """
    if numbers is None or label_mode is None:
        return None
    if label_mode == "int":
        return numbers
    if label_mode == "categorical":
        return np.eye(count, dtype=np.float32)[numbers]
    if label_mode == "binary":
        if count != 2:
            raise ValueError(message('label_mode="binary" needs two classes.', received=f"{count} classes"))
        return numbers.astype(np.float32)[:, None]
    raise ValueError(
        message(
            "Unknown `label_mode`.", expected='"int", "categorical", "binary" or None', received=label_mode
        )
    )


def parts(count: int, fraction: float | None, subset: str | None) -> list[slice]:
    """Which of `count` files belong to the subsets asked for.

    Raises:
        ValueError: If only one of the two is given, or they make no sense.
    """
    if (fraction is None) != (subset is None):
        raise ValueError("Give `validation_split` and `subset` together.")
    if subset is None:
        return [slice(0, count)]
    if not 0 < fraction < 1:  # type: ignore[operator]
        raise ValueError(
            message("`validation_split`.", expected="a number between 0 and 1", received=fraction)
        )
    held = int(fraction * count)  # type: ignore[operator]
    slices = {"training": slice(0, count - held), "validation": slice(count - held, count)}
    if subset == "both":
        return list(slices.values())
    if subset not in slices:
        raise ValueError(
            message("Unknown `subset`.", expected='"training", "validation" or "both"', received=subset)
        )
    return [slices[subset]]


def file_dataset(
    files: list[Path],
    labels: np.ndarray | None,
    read: Callable[[bytes], Any],
    *,
    batch_size: int | None,
    shuffle: bool,
    seed: int | None,
    pad: bool = False,
) -> Dataset:
    """Batches of what `read` makes of the files, with their labels; padded to the longest of each if `pad`."""
    paths = np.array([str(f).encode() for f in files], object)
    if labels is None:
        dataset = Dataset.from_tensor_slices(paths)
    else:
        dataset = Dataset.from_tensor_slices((paths, labels))
    if shuffle:
        dataset = dataset.shuffle(len(files), seed=seed)

    def element(path: Any, label: Any = None) -> Any:
        value = read(bytes(path.numpy()))
        return value if label is None else (value, label)

    dataset = dataset.map(element)
    if batch_size is None:
        return dataset
    return dataset.padded_batch(batch_size) if pad else dataset.batch(batch_size)


def _ordered(files: list, numbers: Any, shuffle: bool, seed: int | None, split: Any) -> tuple[list, Any]:
    """Files in a fixed random order before a split, so that both parts hold every class."""
    if not shuffle:
        return files, numbers
    if split is not None and seed is None:
        raise ValueError(
            message(
                "A shuffled split needs a seed, or the two parts would overlap.",
                hint="Pass seed=, or shuffle=False.",
            )
        )
    order = np.random.RandomState(seed).permutation(len(files))
    return [files[i] for i in order], None if numbers is None else numbers[order]


def _datasets(
    files: list, numbers: Any, names: Any, read: Callable, options: dict[str, Any], label_mode: Any
) -> Any:
    files, numbers = _ordered(
        files, numbers, options["shuffle"], options["seed"], options["validation_split"]
    )
    encoded = label_arrays(
        numbers, label_mode, len(names) if names else int(np.max(numbers)) + 1 if numbers is not None else 0
    )
    made = []
    for part in parts(len(files), options["validation_split"], options["subset"]):
        dataset = file_dataset(
            files[part],
            None if encoded is None else encoded[part],
            read,
            batch_size=options["batch_size"],
            shuffle=options["shuffle"],
            seed=options["seed"],
            pad=options.get("pad", False),
        )
        if not files[part]:
            raise ValueError(
                message("A subset holds no files.", received=f"{len(files)} files", hint="Use more files.")
            )
        vars(dataset).update(class_names=names, file_paths=[str(f) for f in files[part]])
        made.append(dataset)
    if options["verbose"]:
        print(f"Found {len(files)} files" + (f" belonging to {len(names)} classes." if names else "."))
        for name, part in zip(("training", "validation"), made if len(made) == 2 else (), strict=False):
            print(f"Using {len(part.file_paths)} files for {name}.")
        if options["subset"] in ("training", "validation"):
            print(f"Using {len(made[0].file_paths)} files for {options['subset']}.")
    return tuple(made) if len(made) == 2 else made[0]


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: Any = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: tuple[int, int] = (256, 256),
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
) -> Any:
    """Batches of images from a folder with one folder for each class.

    Args:
        directory: The folder.
        labels: `"inferred"` from the folders, None for none, or a list in the order of the sorted paths.
        label_mode: `"int"` (int32), `"categorical"` (one-hot), `"binary"` (float of shape (n, 1)) or None.
        class_names: The folders in the order of their numbers; sorted if None.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        batch_size: Images in a batch; None for single ones.
        image_size: `(height, width)` that every image is resized to.
        shuffle: Whether the order is random, anew each epoch.
        seed: Seed of the order.
        validation_split: The part that is held out.
        subset: `"training"`, `"validation"` or `"both"` (gives two datasets).
        interpolation: How to resize.
        follow_links: Whether links are followed.
        crop_to_aspect_ratio: Crop to the target's proportions before resizing.
        pad_to_aspect_ratio: Pad with black to the target's proportions before resizing.
        data_format: `"channels_last"` or `"channels_first"`.
        format: `"tf"`: the one kind of dataset that there is is called `tf.data.Dataset`.
        verbose: Whether the numbers of files are printed.

    Returns:
        A dataset of float32 images from 0 to 255, of shape `(batch, height, width, channels)`, with labels; it has
        `class_names` and `file_paths`.

    Raises:
        ValueError: If there are no files, or arguments do not fit; a damaged image is named when it is read.
    """
    check_format(format)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be set.")
    files, numbers, names = index_directory(directory, labels, IMAGE_ENDINGS, class_names, follow_links)
    if not files:
        raise ValueError(
            message(f"No images were found in {directory}.", expected=f"files ending in {IMAGE_ENDINGS}")
        )

    def read(path: bytes) -> np.ndarray:
        try:
            image = load_img(path.decode(), color_mode)
        except OSError as error:
            raise ValueError(message(f"{path.decode()} is no image that can be read: {error}")) from error
        return _resized(
            image, image_size, interpolation, crop_to_aspect_ratio, pad_to_aspect_ratio, data_format
        )

    options = {
        "batch_size": batch_size,
        "shuffle": shuffle,
        "seed": seed,
        "validation_split": validation_split,
        "subset": subset,
        "verbose": verbose,
    }
    return _datasets(files, numbers, names, read, options, label_mode)


def _resized(
    image: Any, size: tuple, interpolation: str, crop: bool, pad: bool, data_format: Any
) -> np.ndarray:
    from addax.utils._images import _cropped, _resampling, pillow

    target = (size[1], size[0])
    if crop:
        image = _cropped(image, target)
    elif pad:
        width, height = image.size
        full = (
            max(width, round(height * target[0] / target[1])),
            max(height, round(width * target[1] / target[0])),
        )
        canvas = pillow().new(image.mode, full)
        canvas.paste(image, ((full[0] - width) // 2, (full[1] - height) // 2))
        image = canvas
    if image.size != target:
        image = image.resize(target, _resampling(interpolation))
    return img_to_array(image, data_format, "float32")


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
        class_names: The folders in the order of their numbers; sorted if None.
        batch_size: Texts in a batch; None for single ones.
        max_length: Bytes of a text that are kept; all if None.
        shuffle: Whether the order is random, anew each epoch.
        seed: Seed of the order.
        validation_split: The part that is held out.
        subset: `"training"`, `"validation"` or `"both"`.
        follow_links: Whether links are followed.
        format: `"tf"`: the one kind of dataset that there is is called `tf.data.Dataset`.
        verbose: Whether the numbers of files are printed.

    Returns:
        A dataset of string tensors of shape `(batch,)`, with labels; it has `class_names` and `file_paths`.
    """
    check_format(format)
    files, numbers, names = index_directory(directory, labels, (".txt",), class_names, follow_links)
    if not files:
        raise ValueError(
            message(f"No text files were found in {directory}.", expected="files ending in .txt")
        )

    def read(path: bytes) -> np.ndarray:
        out = np.empty((), object)
        out[()] = Path(path.decode()).read_bytes()[:max_length]
        return out

    options = {
        "batch_size": batch_size,
        "shuffle": shuffle,
        "seed": seed,
        "validation_split": validation_split,
        "subset": subset,
        "verbose": verbose,
    }
    return _datasets(files, numbers, names, read, options, label_mode)
