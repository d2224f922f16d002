"""`RandomShear`, `RandomPerspective`, `RandomElasticTransform`: images out of shape, at random in training."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers.preprocess._image import (
    MovingLayer,
    RandomImageLayer,
    count_of,
    factor_range,
    images_of,
    per_image,
)
from addax.layers.preprocess._random_color import RandomColor
from addax.layers.preprocess._random_geometry import INTERPOLATIONS, RandomAffine, check_one_of, rows
from addax.ops._image_warp import elastic, homography
from addax.ops._seed import draw_seed

_ELASTIC_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


class RandomShear(RandomAffine):
    """Slants images in training, by random amounts in a random direction.

    Args:
        x_factor: The range of how far a row moves to the side for each row that it is further down: two numbers from
            0 to 1, or one for the upper end.
        y_factor: The range of how far a column moves up or down, likewise.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: What lies outside: `"reflect"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        fill_value: The constant outside.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        seed: Seed of the draws.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomShear(0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.x_factor = self._range(x_factor, "x_factor")
        self.y_factor = self._range(y_factor, "y_factor")

    @staticmethod
    def _range(factor: Any, name: str) -> tuple[Any, Any]:
        if isinstance(factor, (list, tuple)):
            return factor_range(factor, (-1, 1), name, "RandomShear")  # a config has both ends
        high = factor_range(factor, (0, 1), name, "RandomShear")[1]
        return -high, high

    def _matrix(self, batch: int, height: int, width: int, seed: Any) -> Any:
        backwards = self._draw((batch, 1), 0.0, 1.0, seed) > 0.5
        down = self._draw((batch, 1), *self.y_factor, seed)
        across = self._draw((batch, 1), *self.x_factor, seed)
        down, across = (ops.where(backwards, -n, n) for n in (down, across))
        zeros = ops.zeros_like(down)
        return rows(zeros + 1, across, zeros, down, zeros + 1, zeros)


class RandomPerspective(RandomImageLayer, MovingLayer):
    """Shows some images of a batch from aside in training, by chance: their corners move by random distances.

    Args:
        factor: The range of the chance: two numbers from 0 to 1, or one for the upper end.
        scale: How far corners may move, as a fraction from 0 to 1 of their distance from the origin.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_value: What lies outside.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomPerspective(scale=0.2, seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomPerspective")
        factor_range(scale, (0, 1), "scale", "RandomPerspective")
        self.scale = scale
        check_one_of(interpolation, INTERPOLATIONS, "interpolation", "RandomPerspective")
        self.interpolation = interpolation
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images are changed, and where their corners go."""
        if not training:
            return None
        height, width = size = self._size(images_of(data))
        chosen = self._chosen(data, self.factor, seed)
        moves = self._draw((count_of(data), 4, 2), -0.5 * self.scale, 0.5 * self.scale, seed)
        corners = [[0.0, 0.0], [width - 1.0, 0.0], [0.0, height - 1.0], [width - 1.0, height - 1.0]]
        start = ops.convert_to_tensor([corners]) + ops.zeros_like(moves)
        return {
            "apply_perspective": chosen,
            "start_points": start,
            "end_points": start * (1.0 + moves),
            "size": size,
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Distort images of a batch."""
        return self._moved(ops.cast(images, self.compute_dtype), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Distort the masks of a batch."""
        return self._moved(segmentation_masks, transformation, "nearest")

    def _moved(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        moved = ops.image.perspective_transform(
            images,
            transformation["start_points"],
            transformation["end_points"],
            interpolation=interpolation,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return ops.where(per_image(transformation["apply_perspective"]), moved, images)

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        # The map that takes the ends to the starts, with the roles changed, says where points go.
        numbers = homography(transformation["end_points"], transformation["start_points"])
        a0, a1, a2, b0, b1, b2, c0, c1 = (ops.cast(numbers[:, i, None], corners.dtype) for i in range(8))
        left, top, right, bottom = (corners[..., i] - 0.5 for i in range(4))  # from edges to pixel centers
        xs, ys = [], []
        for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
            scale = c0 * x + c1 * y + 1
            xs.append((a0 * x + a1 * y + a2) / scale + 0.5)
            ys.append((b0 * x + b1 * y + b2) / scale + 0.5)
        xs, ys = ops.stack(xs, axis=-1), ops.stack(ys, axis=-1)
        ends = [ops.min(xs, axis=-1), ops.min(ys, axis=-1), ops.max(xs, axis=-1), ops.max(ys, axis=-1)]
        chosen = ops.reshape(transformation["apply_perspective"], (-1, 1, 1))
        return ops.where(chosen, ops.stack(ends, axis=-1), corners)


class RandomElasticTransform(RandomColor):
    """Distorts some images of a batch smoothly in training, by chance, as if they were drawn on rubber.

    Source: Simard et al., Best Practices for Convolutional Neural Networks Applied to Visual Document Analysis, 2003.

    Args:
        factor: The range of the chance: two numbers from 0 to 1, or one for the upper end.
        scale: The range of how strong the distortion is, likewise.
        interpolation: `"bilinear"` or `"nearest"`.
        fill_mode: What lies outside: `"reflect"`, `"mirror"`, `"wrap"`, `"nearest"`, or `"constant"` for `fill_value`.
        fill_value: The constant outside.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image, or there are bounding boxes.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomElasticTransform(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomElasticTransform")
        self.scale = factor_range(scale, (0, 1), "scale", "RandomElasticTransform")
        check_one_of(interpolation, INTERPOLATIONS, "interpolation", "RandomElasticTransform")
        check_one_of(fill_mode, _ELASTIC_FILL_MODES, "fill_mode", "RandomElasticTransform")
        self.interpolation = interpolation
        self.fill_mode = fill_mode
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images are distorted, how strongly, and the seed of the displacements."""
        if not training or not self.scale[1] or not self.factor[1]:
            return None
        return {
            "apply_transform": self._chosen(data, self.factor, seed),
            "distortion_factor": self._draw((), *self.scale, seed),
            "seed": draw_seed(self._seeds(seed)),
        }

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Distort images of a batch."""
        return self._moved(ops.cast(images, self.compute_dtype), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Distort the masks of a batch, in the same way."""
        return self._moved(segmentation_masks, transformation, "nearest")

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Boxes are not moved by this layer.

        Raises:
            ValueError: If the images were distorted.
        """
        if transformation is None:
            return bounding_boxes
        raise ValueError(
            message(
                "RandomElasticTransform moves images and masks, but no bounding boxes.",
                where=self.path,
                hint="Leave the boxes out, or take RandomPerspective or RandomShear.",
            )
        )

    def _moved(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        height, width = self._size(images)
        strength, small = transformation["distortion_factor"], min(height, width)
        # The filter is as wide as the strongest distortion needs, so that its size is known in compiled code.
        side = int(6 * 0.05 * self.scale[1] * small) | 1
        moved = elastic(
            images,
            transformation["seed"],
            strength * (0.1 * max(height, width)),
            strength * (0.05 * small),
            side=side,
            order=int(interpolation == "bilinear"),
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return self._limited(ops.where(per_image(transformation["apply_transform"]), moved, images))
