"""`AutoContrast`, `Equalization` and its adaptive form: images that use their whole range of values."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers.preprocess._image import ImageLayer, check_value_range, in_range

_BYTES = (0, 255)


class AutoContrast(ImageLayer):
    """Stretches each channel of each image so that its smallest and largest values are those of the value range.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        **kwargs: `data_format`, `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If `value_range` is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.AutoContrast()([[[[10.0], [20.0]]]]).numpy().ravel()
        array([  0., 255.], dtype=float32)
    """

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value_range = sorted(check_value_range(value_range, "AutoContrast"))

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Stretch the values of the images of a batch."""
        images = ops.cast(images, self.compute_dtype)
        low = ops.min(images, axis=self._axes, keepdims=True)
        span = ops.max(images, axis=self._axes, keepdims=True) - low
        flat = span == 0  # nothing to stretch
        parts = (images - low) / ops.where(flat, ops.ones_like(span), span)
        return ops.where(flat, images, in_range(parts, (0, 1), self.value_range))


def _counts(values: Any, bins: int) -> Any:
    """How often each of the integers below `bins` occurs in each row."""
    rows = values.shape[0]
    # A running sum, for the number of rows may be unknown while a function is exported.
    places = values + (ops.cumsum(ops.ones_like(values[:, :1]), axis=0) - 1) * bins
    places = ops.reshape(places, (-1,))
    found = ops.segment_sum(ops.ones_like(places, dtype="float32"), places, num_segments=rows * bins)
    return ops.reshape(found, (rows, bins))


def _looked_up(tables: Any, values: Any) -> Any:
    """Entries of tables of shape (rows, bins), for integers of shape (rows, n)."""
    return ops.take_along_axis(tables, values, axis=1)


class Equalization(ImageLayer):
    """Spreads the values of each channel so that each is about as frequent, counted over the whole batch.

    Args:
        value_range: The smallest and the largest value that pixels may have.
        bins: How many values are told apart.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> keras.layers.Equalization()([[[[10.0], [20.0], [21.0]]]]).numpy().ravel()
        array([  0., 128., 255.], dtype=float32)
    """

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = sorted(check_value_range(value_range, "Equalization"))
        if not isinstance(bins, int) or bins < 1:
            expected = "a positive integer"
            raise ValueError(
                message("`bins` is wrong.", where="Equalization", expected=expected, received=bins)
            )
        self.bins = bins

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Equalize the images of a batch in training."""
        if not training:
            return images
        moved = ops.moveaxis(ops.cast(images, "float32"), self._channel_axis, 0)
        channels = in_range(ops.reshape(moved, (moved.shape[0], -1)), self.value_range, _BYTES)
        level = channels * ((self.bins - 1) / 255)
        counts = _counts(ops.cast(ops.clip(level, 0, self.bins - 1), "int32"), self.bins)
        total = ops.cumsum(counts, axis=1)
        first = ops.take_along_axis(total, ops.argmax(total > 0, axis=1)[:, None], axis=1)
        rest = total[:, -1:] - first
        table = (total - first) * 255 / ops.where(rest == 0, ops.ones_like(rest), rest)
        table = ops.clip(ops.round(table), 0, 255)
        level = ops.clip(channels / 255.0 * (self.bins - 1), 0, self.bins - 1)
        equal = _looked_up(table, ops.cast(level, "int32"))
        one_value = ops.sum(ops.cast(counts > 0, "int32"), axis=1, keepdims=True) <= 1
        equal = in_range(ops.where(one_value, channels, equal), _BYTES, self.value_range)
        equal = ops.moveaxis(ops.reshape(equal, moved.shape), 0, self._channel_axis)
        return ops.cast(equal, self.compute_dtype)


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Equalizes each part of an image by the values in that part, with a limit to the contrast.

    The image is divided into tiles. What maps a pixel is interpolated from the maps of the four tiles around it
    (Zuiderveld, Contrast Limited Adaptive Histogram Equalization, 1994).

    Args:
        value_range: The smallest and the largest value that pixels may have.
        clip_limit: How much more frequent than on average a value may be; what is above is spread over all. 0 for no
            limit.
        tile_grid_size: How many tiles there are, down and across.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: `bounding_box_format`, and arguments of `Layer`.

    Raises:
        ValueError: If an argument is wrong, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))
        >>> layer(keras.ops.ones((2, 8, 8, 3))).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        clip_limit: float = 4.0,
        tile_grid_size: Any = (8, 8),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = check_value_range(value_range, type(self).__name__)
        self.clip_limit = clip_limit
        self.tile_grid_size = tile_grid_size

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Equalize the images of a batch; the dtype stays."""
        if 0 in tuple(images.shape):
            return images
        height, width = self._size(images)
        down, across = self.tile_grid_size
        tile = (-(-height // down), -(-width // across))
        planes = ops.moveaxis(ops.cast(images, "float32"), self._channel_axis, 1)
        planes = in_range(planes, self.value_range, _BYTES)
        spare = (tile[0] * down - height, tile[1] * across - width)
        padded = ops.pad(planes, [[0, 0], [0, 0], [0, spare[0]], [0, spare[1]]], mode="symmetric")
        pixels = ops.cast(ops.clip(padded, 0, 255), "int32")
        tables = self._tables(pixels, tile)
        y = _neighbors(tile[0], down)
        x = _neighbors(tile[1], across)
        rows = []
        for tiles_y, weight_y in y:
            for tiles_x, weight_x in x:
                weight = weight_y[:, None] * weight_x[None, :]
                rows.append(_of_tile(tables, tiles_y[:, None] * across + tiles_x[None, :], pixels) * weight)
        equal = (rows[0] + rows[1] + rows[2] + rows[3])[:, :, :height, :width]
        equal = ops.moveaxis(in_range(equal, _BYTES, self.value_range), 1, self._channel_axis)
        return ops.cast(equal, images.dtype)

    def _tables(self, pixels: Any, tile: tuple[int, int]) -> Any:
        """The map of each tile: a tensor of shape (batch * channels, tiles * 256)."""
        down, across = self.tile_grid_size
        count = tile[0] * tile[1]
        tiles = ops.reshape(pixels, (-1, down, tile[0], across, tile[1]))
        tiles = ops.reshape(ops.transpose(tiles, (0, 1, 3, 2, 4)), (-1, count))
        counts = _counts(tiles, 256)
        if self.clip_limit > 0:
            kept = ops.minimum(counts, self.clip_limit * count / 256)
            counts = kept + ops.sum(counts - kept, axis=1, keepdims=True) / 256
        total = ops.cumsum(counts, axis=1)
        first = ops.min(total, axis=1, keepdims=True)
        rest = count - first
        table = (total - first) * 255 / ops.where(rest == 0, ops.ones_like(rest), rest)
        return ops.reshape(ops.clip(table, 0, 255), (-1, down * across * 256))


def _neighbors(length: int, tiles: int) -> list[tuple[Any, Any]]:
    """Along one axis: for each pixel the tiles whose centers are before and after it, with their weights."""
    place = (ops.arange(length * tiles, dtype="float32") - length / 2) / length
    before = ops.floor(place)
    weight = place - before
    ends = [ops.cast(ops.clip(before + step, 0, tiles - 1), "int32") for step in (0, 1)]
    return [(ends[0], 1.0 - weight), (ends[1], weight)]


def _of_tile(tables: Any, tiles: Any, pixels: Any) -> Any:
    """Pixels of shape (batch, channels, height, width) under the map of a tile for each place."""
    places = ops.reshape(tiles * 256 + pixels, (tables.shape[0], -1))
    return ops.reshape(_looked_up(tables, places), pixels.shape)
