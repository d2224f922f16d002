"""`ImageDataGenerator`: batches of randomly changed images (tf.keras's old way)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import config
from addax.core.errors import message
from addax.preprocessing import _transforms
from addax.preprocessing._image_iterators import DataFrameIterator, DirectoryIterator, NumpyArrayIterator


class ImageDataGenerator:
    """Makes batches of images with random changes, from arrays, folders or tables.

    Args:
        featurewise_center: Subtract the mean of the data (after `fit`).
        samplewise_center: Subtract each image's own mean.
        featurewise_std_normalization: Divide by the deviation of the data (after `fit`).
        samplewise_std_normalization: Divide by each image's own deviation.
        zca_whitening: Whiten (after `fit`).
        zca_epsilon: The epsilon of whitening.
        rotation_range: Degrees of random rotation.
        width_shift_range: Random shift: a part of the width (< 1), pixels, or a list to choose from.
        height_shift_range: The same for the height.
        brightness_range: Two factors of brightness.
        shear_range: Degrees of random shear.
        zoom_range: Two factors, or a number z for 1-z to 1+z.
        channel_shift_range: Random change of all channels.
        fill_mode: What stands outside of the image: `"nearest"`, `"constant"`, `"reflect"`, `"wrap"`.
        cval: The value outside, for `"constant"`.
        horizontal_flip: Flip at random.
        vertical_flip: Flip at random.
        rescale: A factor, applied after all changes.
        preprocessing_function: Applied to each image (rank 3) before standardization.
        data_format: `"channels_last"` or `"channels_first"`.
        validation_split: The part that `subset="validation"` gives.
        interpolation_order: Order of the spline between pixels.
        dtype: The dtype of the images.

    Raises:
        ValueError: If `zoom_range` or `validation_split` is no such thing.

    Example:
        >>> import numpy as np
        >>> flow = ImageDataGenerator(rescale=0.5).flow(np.ones((4, 2, 2, 1)), batch_size=2)
        >>> len(flow), float(next(flow).max())
        (2, 0.5)
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        self.featurewise_center = featurewise_center or zca_whitening
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.brightness_range, self.shear_range = brightness_range, shear_range
        self.channel_shift_range = channel_shift_range
        self.fill_mode, self.cval = fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.data_format = config.standardize_data_format(data_format)
        self.dtype = dtype or config.floatx()
        self.interpolation_order = interpolation_order
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(
                message("`validation_split`.", expected="a number between 0 and 1", received=validation_split)
            )
        self._validation_split = validation_split
        self.zoom_range = _zoom(zoom_range)
        last = self.data_format == "channels_last"
        self.row_axis, self.col_axis, self.channel_axis = (1, 2, 3) if last else (2, 3, 1)
        self.mean = self.std = self.zca_whitening_matrix = None

    # Sources
    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        subset: str | None = None,
        **saving: Any,
    ) -> NumpyArrayIterator:
        """Batches from arrays of images (rank 4), with labels and weights if given.

        Args:
            x: The images, of shape (n, height, width, channels); or a pair of them and a list of further inputs.
            y: Their labels.
            batch_size: Images in a batch.
            shuffle: Whether the order is random, anew each round.
            sample_weight: Their weights.
            seed: Seed of the order and of the random changes.
            subset: `"training"` or `"validation"`, with `validation_split` of the generator.
            **saving: `save_to_dir`, `save_prefix` and `save_format`: where the changed images are written.
        """
        return NumpyArrayIterator(
            x, y, self, batch_size, shuffle, sample_weight, seed, subset=subset, **saving
        )

    def flow_from_directory(
        self,
        directory: Any,
        target_size: tuple[int, int] = (256, 256),
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
    ) -> DirectoryIterator:
        """Batches from a folder with one folder for each class.

        Args:
            directory: The folder.
            target_size: `(height, width)` that every image is resized to.
            color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
            classes: The folders in the order of their numbers; sorted if None.
            class_mode: `"categorical"` (one-hot), `"binary"`, `"sparse"`, `"input"` (the images themselves) or None.
            batch_size: Images in a batch.
            shuffle: Whether the order is random, anew each round.
            seed: Seed of the order and of the random changes.
            follow_links: Whether links are followed.
            subset: `"training"` or `"validation"`, with `validation_split` of the generator.
            interpolation: How to resize.
            keep_aspect_ratio: Crop to the target's proportions before resizing.
            **saving: `save_to_dir`, `save_prefix` and `save_format`: where the changed images are written.
        """
        return DirectoryIterator(
            directory,
            self,
            target_size,
            color_mode,
            classes,
            class_mode,
            batch_size,
            shuffle,
            seed,
            follow_links,
            subset,
            interpolation,
            keep_aspect_ratio,
            **saving,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
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
    ) -> DataFrameIterator:
        """Batches from the files that a table names, with labels from its columns.

        Args:
            dataframe: A pandas table.
            directory: The folder that the names are relative to; they are whole paths if None.
            x_col: The column of names.
            y_col: The column of labels, or a list of columns.
            weight_col: The column of weights.
            target_size: `(height, width)` that every image is resized to.
            color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
            classes: The labels in the order of their numbers; sorted if None.
            class_mode: `"categorical"`, `"binary"`, `"sparse"`, `"input"`, `"raw"`, `"multi_output"` or None.
            batch_size: Images in a batch.
            shuffle: Whether the order is random, anew each round.
            seed: Seed of the order and of the random changes.
            subset: `"training"` or `"validation"`, with `validation_split` of the generator.
            interpolation: How to resize.
            validate_filenames: Whether files that do not exist are left out.
            **saving: `save_to_dir`, `save_prefix` and `save_format`: where the changed images are written.
        """
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col,
            y_col,
            weight_col,
            target_size,
            color_mode,
            classes,
            class_mode,
            batch_size,
            shuffle,
            seed,
            subset,
            interpolation,
            validate_filenames,
            **saving,
        )

    # Changes
    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """Random parameters for `apply_transform` on an image of a shape.

        Args:
            img_shape: The shape of the image.
            seed: Seed of NumPy's generator, which is drawn from.
        """
        if seed is not None:
            np.random.seed(seed)
        rows, cols = img_shape[self.row_axis - 1], img_shape[self.col_axis - 1]
        return {
            "theta": np.random.uniform(-self.rotation_range, self.rotation_range)
            if self.rotation_range
            else 0,
            "tx": _shift(self.height_shift_range, rows),
            "ty": _shift(self.width_shift_range, cols),
            "shear": np.random.uniform(-self.shear_range, self.shear_range) if self.shear_range else 0,
            **_zoom_factors(self.zoom_range),
            # Drawn in any case, so that a seed gives the changes that it gives in tf_keras.
            "flip_horizontal": (np.random.random() < 0.5) and self.horizontal_flip,
            "flip_vertical": (np.random.random() < 0.5) and self.vertical_flip,
            "channel_shift_intensity": np.random.uniform(-self.channel_shift_range, self.channel_shift_range)
            if self.channel_shift_range
            else None,
            "brightness": np.random.uniform(*self.brightness_range)
            if self.brightness_range is not None
            else None,
        }

    def apply_transform(self, x: np.ndarray, transform_parameters: dict[str, Any]) -> np.ndarray:
        """Change one image (rank 3) as the parameters say."""
        p = transform_parameters
        row, col, channel = self.row_axis - 1, self.col_axis - 1, self.channel_axis - 1
        x = _transforms.apply_affine_transform(
            x,
            *(
                p.get(k, default)
                for k, default in (("theta", 0), ("tx", 0), ("ty", 0), ("shear", 0), ("zx", 1), ("zy", 1))
            ),
            row_axis=row,
            col_axis=col,
            channel_axis=channel,
            fill_mode=self.fill_mode,
            cval=self.cval,
            order=self.interpolation_order,
        )
        if p.get("channel_shift_intensity") is not None:
            x = _transforms.apply_channel_shift(x, p["channel_shift_intensity"], channel)
        if p.get("flip_horizontal"):
            x = np.flip(x, col)
        if p.get("flip_vertical"):
            x = np.flip(x, row)
        if p.get("brightness") is not None:
            x = _transforms.apply_brightness_shift(x, p["brightness"], False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Change one image at random.

        Args:
            x: An image of rank 3.
            seed: Seed of NumPy's generator, which is drawn from.
        """
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Rescale, centre and scale an image (or a batch), as the constructor says."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x = x * self.rescale
        if self.samplewise_center:
            x = x - np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (np.std(x, keepdims=True) + 1e-6)
        if self.featurewise_center:
            x = x - self.mean if self._fitted("mean") else x
        if self.featurewise_std_normalization:
            x = x / (np.asarray(self.std) + 1e-6) if self._fitted("std") else x
        if self.zca_whitening and self._fitted("zca_whitening_matrix"):
            x = (x.reshape(-1, np.prod(x.shape[-3:])) @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _fitted(self, name: str) -> bool:
        if getattr(self, name) is not None:
            return True
        warnings.warn(
            "This ImageDataGenerator needs statistics of the data: call fit(x) first.", stacklevel=4
        )
        return False

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Take the statistics that featurewise centring and whitening need from images (rank 4).

        Args:
            x: The images.
            augment: Whether they are changed at random first.
            rounds: How often each is, if `augment` is true.
            seed: Seed of NumPy's generator, which is drawn from.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(message("fit() takes a batch of images.", expected="4 axes", received=x))
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(image) for _ in range(rounds) for image in x])
        axes = (0, self.row_axis, self.col_axis)
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes, keepdims=True)[0]
            x = x - self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes, keepdims=True)[0]
            x = x / (self.std + 1e-6)
        if self.zca_whitening:
            flat = x.reshape(len(x), -1)
            u, s, _ = np.linalg.svd(flat.T, full_matrices=False)
            self.zca_whitening_matrix = (u / np.sqrt(s**2 / len(flat) + self.zca_epsilon)) @ u.T


def _zoom(zoom_range: Any) -> tuple[float, float]:
    if isinstance(zoom_range, (int, float)):
        return (1 - zoom_range, 1 + zoom_range)
    if len(zoom_range) == 2 and all(isinstance(v, (int, float)) for v in zoom_range):
        return tuple(zoom_range)
    raise ValueError(message("`zoom_range`.", expected="a number or two numbers", received=zoom_range))


def _zoom_factors(zoom_range: tuple[float, float]) -> dict[str, float]:
    if zoom_range == (1, 1):
        return {"zx": 1, "zy": 1}
    zx, zy = np.random.uniform(*zoom_range, 2)
    return {"zx": zx, "zy": zy}


def _shift(given: Any, size: int) -> float:
    """A random shift in pixels: one of a list, a part of the size (below 1), or fewer than a whole number of pixels."""
    if isinstance(given, (int, np.integer)) and not given or isinstance(given, float) and not given:
        return 0
    if isinstance(given, float):
        shift = np.random.uniform(-given, given)
    else:
        shift = np.random.choice(given) * np.random.choice([-1, 1])
    return shift * size if np.max(given) < 1 else shift
