"""`RandomErasing`: rectangles of images overwritten at random."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core.errors import message
from addax.layers.preprocess._image import ImageLayer, count_of, factor_range, images_of, per_image
from addax.layers.preprocess._random_color import RandomColor


class RandomErasing(RandomColor):
    """Overwrites a rectangle in some images of a batch in training, by chance.

    Args:
        factor: The range of the chance: two numbers from 0 to 1, or one for the upper end.
        scale: The range of the square of the rectangle's height and width, as fractions of the image's: two numbers
            from 0 to 1, or one for the upper end.
        fill_value: A number, or one for each of three channels; noise if None.
        value_range: The smallest and the largest value that pixels may have.
        seed: Seed of the draws.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.RandomErasing(seed=1)(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = factor_range(factor, (0, 1), "factor", "RandomErasing")
        self.scale = factor_range(scale, (0, 1), "scale", "RandomErasing")
        numbers = fill_value if isinstance(fill_value, (list, tuple)) else (fill_value,)
        known = all(isinstance(n, (int, float)) for n in numbers) and len(numbers) in (1, 3)
        if fill_value is not None and not known:
            expected, where = "a number, or three of them", "RandomErasing"
            raise ValueError(
                message("`fill_value` is wrong.", where=where, expected=expected, received=fill_value)
            )
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """Which images are overwritten, where, and with what."""
        if not training:
            return None
        images = images_of(data)
        count = count_of(data)
        height, width = self._size(images)
        ratio = ops.sqrt(self._draw((count, 2), *self.scale, seed))
        x = interval(self._draw((count,), 0.0, 1.0, seed), width, ratio[:, 0])
        y = interval(self._draw((count,), 0.0, 1.0, seed), height, ratio[:, 1])
        chosen = self._chosen(data, self.factor, seed)
        return {
            "apply_erasing": chosen,
            "batch_masks": window_mask(self, (height, width), x, y),
            "fill_value": self._fill((1, *images.shape)[-4:], seed),
        }

    def _fill(self, shape: tuple, seed: Any) -> Any:
        if self.fill_value is None:
            fill = random.normal(shape, seed=self._seeds(seed)) * self.value_range[1]
        else:
            fill = ops.convert_to_tensor(self.fill_value, self.compute_dtype)
            fill = ops.reshape(fill, (-1, 1, 1) if self.data_format == "channels_first" else (1, 1, -1))
        return self._limited(fill)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Overwrite rectangles in images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        if transformation is None:
            return images
        where = ops.logical_and(per_image(transformation["apply_erasing"]), transformation["batch_masks"])
        return ops.where(where, ops.cast(transformation["fill_value"], images.dtype), images)


def interval(place: Any, length: int, ratio: Any) -> tuple[Any, Any]:
    """The ends of a part of an axis, from its place (0 to 1) and its length as a fraction of the axis."""
    size = ratio * length
    start = place * (length - size)
    return start, start + size


def window_mask(layer: ImageLayer, size: tuple[int, int], x: tuple, y: tuple) -> Any:
    """Whether pixels lie in rectangles, in a shape that goes with a layer's images.

    Args:
        layer: The layer.
        size: Height and width of its images.
        x: Left and right of each image's rectangle, two tensors of shape (batch,).
        y: Top and bottom, likewise.
    """
    inside = []
    for length, (start, end) in zip(size, (y, x), strict=True):
        places = ops.arange(length, dtype=start.dtype)[None]
        inside.append(ops.logical_and(places >= start[:, None], places < end[:, None]))
    mask = ops.logical_and(inside[0][:, :, None], inside[1][:, None, :])
    return ops.expand_dims(mask, layer._channel_axis)
