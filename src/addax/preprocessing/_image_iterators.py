"""The batches of `ImageDataGenerator`: from arrays, folders and tables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.utils import PyDataset, array_to_img, img_to_array, load_img
from addax.utils._folders import IMAGE_ENDINGS, index_directory


class Iterator(PyDataset):
    """Batches by number, and endlessly by `next`.

    Args:
        n: The number of samples.
        batch_size: Samples in a batch.
        shuffle: Whether the order is random, anew each round.
        seed: Seed of the order and of the random changes.
    """

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        super().__init__()
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.index_array = np.arange(n)
        self._random = np.random.RandomState(seed)
        self._reorder()

    def _reorder(self) -> None:
        self.index_array = self._random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(f"There are {len(self)} batches, so there is no batch {index}.")
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1
        return self._get_batches_of_transformed_samples(
            self.index_array[index * self.batch_size : (index + 1) * self.batch_size]
        )

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise TypeError(
            f"{type(self).__name__} must define _get_batches_of_transformed_samples(self, index_array)."
        )

    def on_epoch_end(self) -> None:
        """Draw a new order."""
        self._reorder()

    def reset(self) -> None:
        """Start at the first batch."""
        self.batch_index = 0

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        batch = self[self.batch_index]
        self.batch_index += 1
        if self.batch_index == len(self):
            self.batch_index = 0
            self._reorder()
        return batch

    def next(self) -> Any:
        """The next batch."""
        return self.__next__()


class NumpyArrayIterator(Iterator):
    """Batches from arrays.

    The other arguments are as for `addax.preprocessing.image.ImageDataGenerator.flow`.

    Args:
        image_data_generator: Changes the images.
        save_to_dir: Where the changed images are written.
        save_prefix: How their names begin.
        save_format: The ending of their names.
        ignore_class_split: Accepted for tf.keras's sake.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        subset: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
    ) -> None:
        others = []
        if isinstance(x, (tuple, list)):
            others = [np.asarray(v) for v in x[1]]
            x = x[0]
        x = np.asarray(x, image_data_generator.dtype)
        if x.ndim != 4:
            raise ValueError(message("flow() takes a batch of images.", expected="x with 4 axes", received=x))
        for name, value in (("y", y), ("sample_weight", sample_weight)):
            if value is not None and len(value) != len(x):
                raise ValueError(
                    message(f"`x` and `{name}` differ in length.", received=f"{len(x)} and {len(value)}")
                )
        part = _part(len(x), image_data_generator._validation_split, subset)
        self.x, self.x_misc = x[part], [v[part] for v in others]
        self.y = None if y is None else np.asarray(y)[part]
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)[part]
        self.image_data_generator = image_data_generator
        self._saving = (save_to_dir, save_prefix, save_format)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        images = np.stack([_changed(self.image_data_generator, self.x[i]) for i in index_array])
        _save(images, index_array, *self._saving)
        x: Any = images if not self.x_misc else [images, *(v[index_array] for v in self.x_misc)]
        if self.y is None:
            return x
        if self.sample_weight is None:
            return (x, self.y[index_array])
        return (x, self.y[index_array], self.sample_weight[index_array])


def _part(count: int, fraction: float, subset: str | None) -> slice:
    if subset is None:
        return slice(None)
    if subset not in ("training", "validation"):
        raise ValueError(message("Unknown `subset`.", expected='"training" or "validation"', received=subset))
    held = int(count * fraction)
    return slice(0, held) if subset == "validation" else slice(held, None)


def _changed(generator: Any, image: np.ndarray) -> np.ndarray:
    image = generator.random_transform(image.astype(generator.dtype))
    return generator.standardize(image).astype(generator.dtype, copy=False)


def _save(images: np.ndarray, numbers: Any, folder: Any, prefix: str, ending: str) -> None:
    if folder:
        for number, image in zip(numbers, images, strict=True):
            name = f"{prefix}_{number}_{np.random.randint(10**7)}.{ending}"
            array_to_img(image, scale=True).save(os.path.join(folder, name))


class _FileIterator(Iterator):
    """Batches of image files with labels in some form."""

    filepaths: list[str]
    labels: Any

    def _set_files(
        self,
        generator: Any,
        target_size: Any,
        color_mode: str,
        class_mode: Any,
        interpolation: str,
        keep: bool,
        saving: dict,
    ) -> None:
        self.image_data_generator = generator
        self.target_size = tuple(target_size)
        self.color_mode, self.class_mode = color_mode, class_mode
        self.interpolation, self._keep = interpolation, keep
        channels = {"grayscale": 1, "rgb": 3, "rgba": 4}.get(color_mode)
        if channels is None:
            raise ValueError(
                message("Unknown `color_mode`.", expected='"rgb", "rgba" or "grayscale"', received=color_mode)
            )
        self.image_shape = (*self.target_size, channels)
        unknown = set(saving) - {"save_to_dir", "save_prefix", "save_format"}
        if unknown:
            raise TypeError(f"unexpected keyword arguments {sorted(unknown)}")
        self._saving = (
            saving.get("save_to_dir"),
            saving.get("save_prefix", ""),
            saving.get("save_format", "png"),
        )

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        generator = self.image_data_generator
        images = []
        for i in index_array:
            image = load_img(
                self.filepaths[i], self.color_mode, self.target_size, self.interpolation, self._keep
            )
            images.append(_changed(generator, img_to_array(image, generator.data_format)))
        x = np.stack(images)
        _save(x, index_array, *self._saving)
        y = self._targets(x, index_array)
        weights = getattr(self, "_sample_weight", None)
        if y is None:
            return x
        return (x, y) if weights is None else (x, y, weights[index_array])

    def _targets(self, x: np.ndarray, rows: np.ndarray) -> Any:
        mode = self.class_mode
        if mode is None:
            return None
        if mode == "input":
            return x.copy()
        labels = self.labels
        if mode == "multi_output":
            return tuple(column[rows] for column in labels)
        picked = np.asarray(labels)[rows]
        if mode in ("binary", "sparse"):
            return picked.astype(x.dtype)
        if mode == "raw":
            return picked
        return np.eye(len(self.class_indices), dtype=x.dtype)[picked.astype(int)]

    class_indices: dict[str, int]


class DirectoryIterator(_FileIterator):
    """Batches from a folder with one folder for each class.

    The other arguments are as for `addax.preprocessing.image.ImageDataGenerator.flow_from_directory`.

    Args:
        image_data_generator: Changes the images.
    """

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        **saving: Any,
    ) -> None:
        if class_mode not in ("categorical", "binary", "sparse", "input", None):
            raise ValueError(
                message(
                    "Unknown `class_mode`.",
                    expected='"categorical", "binary", "sparse", "input" or None',
                    received=class_mode,
                )
            )
        names = list(classes) if classes else None
        files, numbers, names = index_directory(directory, "inferred", IMAGE_ENDINGS, names, follow_links)
        part = _by_class(numbers, image_data_generator._validation_split, subset)
        self.filepaths = [str(files[i]) for i in part]
        self.filenames = [os.path.relpath(p, directory) for p in self.filepaths]
        self.labels = self.classes = np.asarray(numbers)[part]
        self.class_indices = {name: i for i, name in enumerate(names or ())}
        self.num_classes, self.samples = len(self.class_indices), len(part)
        self._set_files(
            image_data_generator,
            target_size,
            color_mode,
            class_mode,
            interpolation,
            keep_aspect_ratio,
            saving,
        )
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)


def _by_class(numbers: Any, fraction: float, subset: str | None) -> np.ndarray:
    """Rows of a subset; each class is split for itself."""
    numbers = np.asarray(numbers)
    if subset is None:
        return np.arange(len(numbers))
    rows = [np.flatnonzero(numbers == k) for k in np.unique(numbers)]
    return np.concatenate([r[_part(len(r), fraction, subset)] for r in rows])


class DataFrameIterator(_FileIterator):
    """Batches from the files that a table names.

    The other arguments are as for `addax.preprocessing.image.ImageDataGenerator.flow_from_dataframe`.

    Args:
        image_data_generator: Changes the images.
    """

    def __init__(
        self,
        dataframe: Any,
        directory: Any,
        image_data_generator: Any,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **saving: Any,
    ) -> None:
        modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)
        if class_mode not in modes:
            raise ValueError(
                message("Unknown `class_mode`.", expected=f"one of {modes}", received=class_mode)
            )
        paths = [os.path.join(directory or "", name) for name in dataframe[x_col].astype(str)]
        keep = np.array([i for i, p in enumerate(paths) if not validate_filenames or Path(p).is_file()], int)
        if len(keep) < len(paths):
            import warnings

            warnings.warn(
                f"{len(paths) - len(keep)} of {len(paths)} files of the table do not exist.", stacklevel=3
            )
        frame = dataframe.iloc[keep]
        part = np.arange(len(frame))[_part(len(frame), image_data_generator._validation_split, subset)]
        frame = frame.iloc[part]
        self.filepaths = [paths[i] for i in keep[part]]
        self.filenames = list(frame[x_col].astype(str))
        self._set_labels(frame, y_col, class_mode, classes)
        self._sample_weight = None if weight_col is None else frame[weight_col].to_numpy()
        self.samples = len(self.filepaths)
        self._set_files(
            image_data_generator, target_size, color_mode, class_mode, interpolation, False, saving
        )
        print(f"Found {self.samples} validated image filenames.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _set_labels(self, frame: Any, y_col: Any, class_mode: Any, classes: Any) -> None:
        self.labels, self.class_indices = None, {}
        if class_mode == "multi_output":
            self.labels = [frame[c].to_numpy() for c in y_col]
        elif class_mode == "raw":
            self.labels = frame[y_col].to_numpy()
        elif class_mode in ("binary", "categorical", "sparse"):
            names = list(classes) if classes else sorted(set(frame[y_col].astype(str)))
            self.class_indices = {name: i for i, name in enumerate(names)}
            self.labels = self.classes = np.array([self.class_indices[v] for v in frame[y_col].astype(str)])
