"""`RandomHeight` and `RandomWidth` of tf.keras: images made higher or wider at random in training."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import raw_of
from addax.engine._tensor import is_concrete
from addax.layers.preprocess._boxes import mapped
from addax.layers.preprocess._image import MovingLayer, RandomImageLayer, count_of, images_of
from addax.layers.preprocess._random_geometry import rows


class RandomSize(RandomImageLayer, MovingLayer):
    """A layer that scales the images of a batch along one axis, by one random factor.

    The size of a result in compiled code cannot depend on chance. There the images keep their size, and what they
    show is scaled about the middle: it is cut off, or its border is repeated.

    Args:
        factor: The range of the change, as a fraction of the size: two numbers, or one for both directions.
        interpolation: A method of `ops.image.resize`.
        seed: Seed of the draws.
        **kwargs: `data_format`, `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If `factor` is out of range, or (when called) the input is no image.
    """

    _axis = 0

    def __init__(self, factor: Any, interpolation: str = "bilinear", seed: Any = None, **kwargs: Any) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = factor
        self.interpolation = interpolation
        low, high = factor if isinstance(factor, (list, tuple)) else (-factor, factor)
        if not -1 < low <= high:
            expected = "a number between 0 and 1, or a lower and an upper bound above -1"
            raise ValueError(
                message("`factor` is wrong.", where=type(self).__name__, expected=expected, received=factor)
            )
        self._range = (1.0 + low, 1.0 + high)

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """The factor of a batch, and the map that stands for it where the size must stay."""
        if not training:
            return None
        images = images_of(data)
        factor = self._draw((), *self._range, seed)
        size = self._size(images)
        if is_concrete(raw_of(factor)):
            new = list(size)
            new[self._axis] = max(1, int(float(factor) * size[self._axis]))
            return {"size": size, "new_size": tuple(new)}
        scales = [ops.ones((count_of(data), 1)), ops.ones((count_of(data), 1))]
        scales[self._axis] = scales[self._axis] / factor
        height, width = ((n - 1) / 2 * (1 - scale) for n, scale in zip(size, scales, strict=True))
        zeros = ops.zeros_like(height)
        return {"size": size, "matrix": rows(scales[1], zeros, width, zeros, scales[0], height)}

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Scale the images of a batch."""
        return self._scaled(ops.cast(images, self.compute_dtype), transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Scale the masks of a batch."""
        return self._scaled(segmentation_masks, transformation, "nearest")

    def _scaled(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return images
        if "new_size" in transformation:
            size = transformation["new_size"]
            return ops.image.resize(images, size, interpolation, data_format=self.data_format)
        return ops.image.affine_transform(
            images,
            transformation["matrix"],
            interpolation="nearest" if interpolation == "nearest" else "bilinear",
            fill_mode="nearest",
            data_format=self.data_format,
        )

    def _size_after(self, before: tuple, transformation: Any) -> tuple:
        return transformation.get("new_size", before)

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        if "matrix" in transformation:
            return mapped(corners, transformation["matrix"])
        height, width = (new / old for new, old in zip(after, before, strict=True))
        return corners * ops.convert_to_tensor([width, height, width, height], corners.dtype)


class RandomHeight(RandomSize):
    """Makes the images of a batch higher or lower by a random factor in training. See `RandomSize`.

    Where compiled code calls it, which fixes all sizes, the images keep their size and what they show is scaled.

    Args:
        factor: The range of the change, as a fraction of the height: two numbers, or one for both directions.
        interpolation: A method of `ops.image.resize`.
        seed: Seed of the draws.
        **kwargs: `data_format`, `bounding_box_format`, and arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomHeight((0.5, 0.5))(keras.ops.ones((2, 8, 8, 3)), training=True).shape
        TensorShape([2, 12, 8, 3])
    """


class RandomWidth(RandomSize):
    """Makes the images of a batch wider or narrower by a random factor in training. See `RandomHeight`.

    Args:
        factor: The range of the change, as a fraction of the width: two numbers, or one for both directions.
        interpolation: A method of `ops.image.resize`.
        seed: Seed of the draws.
        **kwargs: `data_format`, `bounding_box_format`, and arguments of `Layer`.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomWidth((-0.5, -0.5))(keras.ops.ones((2, 8, 8, 3)), training=True).shape
        TensorShape([2, 8, 4, 3])
    """

    _axis = 1
