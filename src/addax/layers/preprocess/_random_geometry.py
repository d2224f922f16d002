"""`RandomFlip`, `RandomRotation`, `RandomZoom`, `RandomTranslation`: images moved at random in training."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers.preprocess._boxes import mapped
from addax.layers.preprocess._image import MovingLayer, RandomImageLayer, count_of, factor_range, images_of

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImageLayer, MovingLayer):
    """Mirrors every other image of a batch in training, by chance.

    Args:
        mode: `"horizontal"` (left and right change places), `"vertical"` or `"horizontal_and_vertical"` (both).
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.RandomFlip("horizontal", seed=1)
        >>> layer(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if mode not in _MODES:
            raise ValueError(
                message("`mode` is wrong.", where="RandomFlip", expected=", ".join(_MODES), received=mode)
            )
        self.mode = mode

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images of a batch are mirrored."""
        if not training:
            return None
        flips = self._draw((count_of(data), 1, 1, 1), 0.0, 1.0, seed) <= 0.5
        return {"flips": flips, "size": self._size(images_of(data))}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Mirror images of a batch."""
        return self._flipped(ops.cast(images, self.compute_dtype), transformation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Mirror masks of a batch."""
        return self._flipped(segmentation_masks, transformation)

    def _flipped(self, images: Any, transformation: Any) -> Any:
        if transformation is None:
            return images
        vertical, horizontal = self._axes
        axes = [horizontal] if "horizontal" in self.mode else []
        axes += [vertical] if "vertical" in self.mode else []
        return ops.where(transformation["flips"], ops.flip(images, axis=tuple(axes)), images)

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        left, top, right, bottom = ops.split(corners, 4, axis=-1)
        if "horizontal" in self.mode:
            left, right = after[1] - right, after[1] - left
        if "vertical" in self.mode:
            top, bottom = after[0] - bottom, after[0] - top
        moved = ops.concatenate([left, top, right, bottom], axis=-1)
        return ops.where(transformation["flips"][..., 0], moved, corners)


def check_one_of(value: Any, allowed: tuple[str, ...], name: str, where: str) -> None:
    """Check an argument.

    Raises:
        ValueError: If it is none of the values that are allowed.
    """
    if value not in allowed:
        expected = ", ".join(allowed)
        raise ValueError(message(f"`{name}` is wrong.", where=where, expected=expected, received=value))


class RandomAffine(RandomImageLayer, MovingLayer):
    """An image layer that draws an affine map for each image.

    Args:
        fill_mode: What lies outside: `"reflect"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: Seed of the draws.
        fill_value: The constant outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: Any,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        check_one_of(fill_mode, _FILL_MODES, "fill_mode", type(self).__name__)
        check_one_of(interpolation, INTERPOLATIONS, "interpolation", type(self).__name__)
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The map of each image: where its pixels come from, as `ops.image.affine_transform` has it."""
        if not training:
            return None
        size = self._size(images_of(data))
        return {"matrix": self._matrix(count_of(data), *size, seed), "size": size}

    def _matrix(self, batch: int, height: int, width: int, seed: Any) -> Any:
        raise TypeError(f"{type(self).__name__} is a base class without a map.")

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Move the images of a batch."""
        return self._moved(ops.cast(images, self.compute_dtype), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Move the masks of a batch."""
        return self._moved(segmentation_masks, transformation, "nearest")

    def _moved(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        return ops.image.affine_transform(
            images,
            transformation["matrix"],
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        return mapped(corners, transformation["matrix"])


def rows(a0: Any, a1: Any, a2: Any, b0: Any, b1: Any, b2: Any) -> Any:
    """Matrices of shape (batch, 8) from columns of shape (batch, 1)."""
    zeros = ops.zeros_like(a0)
    return ops.concatenate([a0, a1, a2, b0, b1, b2, zeros, zeros], axis=1)


class RandomRotation(RandomAffine):
    """Turns images by random angles in training.

    Args:
        factor: The range of the angles in full turns: two numbers, or one for both directions.
        fill_mode: What lies outside: `"reflect"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: Seed of the draws.
        fill_value: The constant outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomRotation(0.1, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = factor_range(factor, (-1, 1), "factor", "RandomRotation")

    def _matrix(self, batch: int, height: int, width: int, seed: Any) -> Any:
        angle = self._draw((batch,), self.factor[0] * 360.0, self.factor[1] * 360.0, seed) * (math.pi / 180.0)
        cos, sin = ops.expand_dims(ops.cos(angle), 1), ops.expand_dims(ops.sin(angle), 1)
        x, y = (width - 1) / 2, (height - 1) / 2
        return rows(cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos)


class RandomZoom(RandomAffine):
    """Makes what images show larger or smaller in training, by random factors.

    Args:
        height_factor: The range of the change, as a fraction of the height: two numbers, or one for both
            directions. Positive numbers zoom out.
        width_factor: Likewise for the width; None keeps the proportions.
        fill_mode: What lies outside: `"reflect"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: Seed of the draws.
        fill_value: The constant outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomZoom(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._heights = factor_range(height_factor, (-1, 1), "height_factor", "RandomZoom")
        self._widths = None
        if width_factor is not None:
            self._widths = factor_range(width_factor, (-1, 1), "width_factor", "RandomZoom")

    def _matrix(self, batch: int, height: int, width: int, seed: Any) -> Any:
        vertical = self._draw((batch, 1), 1.0 + self._heights[0], 1.0 + self._heights[1], seed)
        horizontal = vertical
        if self._widths is not None:
            horizontal = self._draw((batch, 1), 1.0 + self._widths[0], 1.0 + self._widths[1], seed)
        zeros = ops.zeros_like(vertical)
        x, y = (width - 1) / 2 * (1 - horizontal), (height - 1) / 2 * (1 - vertical)
        return rows(horizontal, zeros, x, zeros, vertical, y)


class RandomTranslation(RandomAffine):
    """Moves images by random distances in training.

    Args:
        height_factor: The range of the way down, as a fraction of the height: two numbers, or one for both
            directions.
        width_factor: The range of the way to the right, as a fraction of the width.
        fill_mode: What lies outside: `"reflect"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: Seed of the draws.
        fill_value: The constant outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomTranslation(0.2, 0.1, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._heights = factor_range(height_factor, (-1, 1), "height_factor", "RandomTranslation")
        self._widths = factor_range(width_factor, (-1, 1), "width_factor", "RandomTranslation")

    def _matrix(self, batch: int, height: int, width: int, seed: Any) -> Any:
        down = self._draw((batch, 1), *self._heights, seed) * height
        right = self._draw((batch, 1), *self._widths, seed) * width
        zeros = ops.zeros_like(down)
        return rows(zeros + 1, zeros, -right, zeros, zeros + 1, -down)
