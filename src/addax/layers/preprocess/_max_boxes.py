"""`MaxNumBoundingBoxes`: the same number of boxes for every image."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.layers import _arguments
from addax.layers.preprocess._image import ImageLayer


class MaxNumBoundingBoxes(ImageLayer):
    """Gives every image the same number of boxes: drops those at the end, or adds padding.

    Args:
        max_number: How many boxes each image gets.
        fill_value: What padded boxes and their labels consist of.
        **kwargs: `bounding_box_format`, `data_format`, and arguments of `Layer`.

    Raises:
        ValueError: If `max_number` is not a positive integer, or (when called) the input is no image.

    Example:
        >>> import addax as keras
        >>> layer = keras.layers.MaxNumBoundingBoxes(3, bounding_box_format="xyxy")
        >>> boxes = {"boxes": keras.ops.ones((2, 1, 4)), "labels": keras.ops.ones((2, 1))}
        >>> layer({"images": keras.ops.ones((2, 8, 8, 3)), "bounding_boxes": boxes})["bounding_boxes"][
        ...     "labels"
        ... ][0]
        <tf.Tensor: shape=(3,), dtype=float32, numpy=array([ 1., -1., -1.], dtype=float32)>
    """

    def __init__(self, max_number: int, fill_value: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_number = _arguments.positive_int(max_number, "max_number", "MaxNumBoundingBoxes")
        self.fill_value = int(fill_value)

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """The images as they are."""
        return images

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Drop boxes, or add some, with all that belongs to them."""
        return {key: self._filled(value) for key, value in bounding_boxes.items()}

    def _filled(self, values: Any) -> Any:
        values = ops.convert_to_tensor(values)[:, : self.max_number]
        more = self.max_number - values.shape[1]
        widths = [[0, 0], [0, more], *[[0, 0]] * (len(values.shape) - 2)]
        return ops.pad(values, widths, constant_values=self.fill_value)
