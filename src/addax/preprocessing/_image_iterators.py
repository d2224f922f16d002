"""The batches of `ImageDataGenerator`: from arrays, folders and tables."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.utils import PyDataset, array_to_img, img_to_array, load_img
from addax.utils._index import files_below

_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")


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
        self.index_array: np.ndarray | None = None

    def _reorder(self) -> np.ndarray:
        """Draw an order, from NumPy's generator, as tf_keras does."""
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)
        return self.index_array

    def _seeded(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(f"There are {len(self)} batches, so there is no batch {index}.")
        self._seeded()
        order = self._reorder() if self.index_array is None else self.index_array
        return self._get_batches_of_transformed_samples(
            order[index * self.batch_size : (index + 1) * self.batch_size]
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
        self._seeded()
        order = self._reorder() if self.batch_index == 0 or self.index_array is None else self.index_array
        start = self.batch_index * self.batch_size
        self.batch_index = self.batch_index + 1 if start + self.batch_size < self.n else 0
        return self._get_batches_of_transformed_samples(order[start : start + self.batch_size])

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
        last = generator.data_format == "channels_last"
        self.image_shape = (*self.target_size, channels) if last else (channels, *self.target_size)
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
            return [column[rows] for column in labels]
        if mode == "raw":
            return labels[rows]
        if mode in ("binary", "sparse"):
            return np.array([labels[row] for row in rows], x.dtype)
        targets = np.zeros((len(rows), len(self.class_indices)), x.dtype)
        for target, row in zip(targets, rows, strict=True):
            target[labels[row]] = 1  # one number, or those of several labels
        return targets

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
        names = list(classes) if classes else sorted(e.name for e in os.scandir(directory) if e.is_dir())
        found = [files_below(os.path.join(directory, name), _ENDINGS, follow_links) for name in names]
        files = [path for paths in found for path in paths]
        numbers = np.repeat(np.arange(len(names), dtype=np.int32), [len(paths) for paths in found])
        part = _by_class(numbers, image_data_generator._validation_split, subset)
        self.filepaths = [str(files[i]) for i in part]
        self.filenames = [os.path.relpath(p, directory) for p in self.filepaths]
        self.labels = self.classes = np.asarray(numbers)[part]
        self.class_indices = {name: i for i, name in enumerate(names)}
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
    return np.concatenate([np.zeros(0, int), *(r[_part(len(r), fraction, subset)] for r in rows)])


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
        if not all(isinstance(name, str) for name in dataframe[x_col]):
            raise TypeError(message(f"The column {x_col!r} must hold file names.", expected="strings"))
        paths = [os.path.join(directory or "", name) for name in dataframe[x_col]]
        frame, paths = _existing(dataframe, paths, x_col) if validate_filenames else (dataframe, paths)
        self.class_indices = {}
        if class_mode in ("binary", "categorical", "sparse"):
            frame, paths, names = _classified(frame, paths, y_col, classes, class_mode)
            self.class_indices = {name: i for i, name in enumerate(names)}
        part = _part(len(frame), image_data_generator._validation_split, subset)
        frame, self.filepaths = frame.iloc[part], paths[part]
        self.filenames = frame[x_col].tolist()
        self._set_labels(frame, y_col, class_mode)
        self._sample_weight = None if weight_col is None else frame[weight_col].to_numpy()
        self.samples = len(self.filepaths)
        self._set_files(
            image_data_generator, target_size, color_mode, class_mode, interpolation, False, saving
        )
        kind = "validated" if validate_filenames else "non-validated"
        classes_found = f" belonging to {len(self.class_indices)} classes" if self.class_indices else ""
        print(f"Found {self.samples} {kind} image filenames{classes_found}.")
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _set_labels(self, frame: Any, y_col: Any, class_mode: Any) -> None:
        self.labels = None
        if class_mode == "multi_output":
            if not isinstance(y_col, list):
                raise TypeError(
                    message(
                        'class_mode="multi_output" needs several columns.',
                        expected="y_col as a list",
                        received=y_col,
                    )
                )
            self.labels = [np.array(frame[c].tolist()) for c in y_col]
        elif class_mode == "raw":
            self.labels = frame[y_col].to_numpy()
        elif self.class_indices:
            self.labels = self.classes = [
                [self.class_indices[name] for name in label]
                if isinstance(label, (list, tuple))
                else self.class_indices[label]
                for label in frame[y_col]
            ]


def _existing(frame: Any, paths: list[str], x_col: str) -> tuple[Any, list[str]]:
    """The rows of a table whose files are images that exist."""
    keep = [i for i, path in enumerate(paths) if path.lower().endswith(_ENDINGS) and os.path.isfile(path)]
    if len(keep) < len(paths):
        first = next(path for i, path in enumerate(paths) if i not in set(keep))
        warnings.warn(
            f"{len(paths) - len(keep)} of {len(paths)} files in the column {x_col!r} do not exist or are no images "
            f"({', '.join(_ENDINGS)}), such as {first}; they are left out.",
            stacklevel=4,
        )
    return frame.iloc[keep], [paths[i] for i in keep]


def _classified(
    frame: Any, paths: list[str], y_col: Any, classes: Any, class_mode: str
) -> tuple[Any, list[str], list[str]]:
    """The rows with a label that counts, and the names of the labels.

    Raises:
        TypeError: If a label is no string (nor, with several labels to an image, a list of them).
        ValueError: If there are not two classes where there must be.
    """
    several = (list, tuple) if class_mode == "categorical" else ()
    for value in frame[y_col]:
        if not isinstance(value, (str, *several)):
            raise TypeError(
                message(
                    f"A label in the column {y_col!r} is of another type.",
                    expected="strings, or lists of strings" if several else "strings",
                    received=value,
                    hint=f'frame["{y_col}"] = frame["{y_col}"].astype(str), or class_mode="raw" for numbers.',
                )
            )
    labels = [[value] if isinstance(value, str) else list(value) for value in frame[y_col]]
    names = list(dict.fromkeys(classes)) if classes else sorted({name for label in labels for name in label})
    if class_mode == "binary" and len(names) != 2:
        raise ValueError(message('class_mode="binary" needs two classes.', received=f"{len(names)}: {names}"))
    left = [[name for name in label if name in names] for label in labels]
    keep = [i for i, label in enumerate(left) if label]
    chosen = frame.iloc[keep].copy()
    values = zip(keep, chosen[y_col], strict=True)
    chosen[y_col] = [value if isinstance(value, str) else left[i] for i, value in values]
    return chosen, [paths[i] for i in keep], names
