"""`ImageLayer`: what the layers that change images share."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core import config as settings
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.preprocess._boxes import check_format, clipped, from_corners, to_corners


class ImageLayer(Layer):
    """A layer that changes images, and in the same way what belongs to them.

    It is called on images, of shape `(batch, height, width, channels)` or without the batch axis (or with channels
    first), or on a dict with any of these keys:

    - `images`;
    - `labels`, which stay as they are;
    - `segmentation_masks`, of the shape of the images;
    - `bounding_boxes`, a dict with `boxes` of shape `(batch, boxes, 4)`; rows of -1 are padding.

    Args:
        bounding_box_format: The format of bounding boxes, such as `"xyxy"`; needed if there are any.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self, bounding_box_format: str | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.bounding_box_format = check_format(bounding_box_format, type(self).__name__)
        self.data_format = settings.standardize_data_format(data_format)

    @property
    def _axes(self) -> tuple[int, int]:
        """The axes of height and width, from the end."""
        return (-3, -2) if self.data_format == "channels_last" else (-2, -1)

    def _size(self, images: Any) -> tuple[int, int]:
        return images.shape[self._axes[0]], images.shape[self._axes[1]]

    # The call --------------------------------------------------------------------------------------------
    def call(self, data: Any, training: Any = True) -> Any:
        """Change images, or a dict of images and what belongs to them.

        Args:
            data: The images, or the dict.
            training: Whether random changes are made.

        Returns:
            Floats of the layer's dtype in the form of `data`.
        """
        parts = dict(data) if isinstance(data, dict) else {"images": data}
        single = self._is_single(parts)
        if single:
            parts = _each(lambda x: ops.expand_dims(x, 0), parts)
        transformation = self.get_random_transformation(parts, training=training)
        parts = self._transform(parts, transformation, training)
        if single:
            parts = _each(lambda x: ops.squeeze(x, axis=0), parts)
        return parts if isinstance(data, dict) else parts["images"]

    def _is_single(self, parts: dict) -> bool:
        images: Any = parts.get("images")
        rank = len(getattr(images, "shape", ()))
        if rank not in (3, 4):
            raise ValueError(
                message(
                    f"{type(self).__name__} was called on something else than images.",
                    where=self.path,
                    expected="images of shape (batch, height, width, channels) or (height, width, channels), "
                    "or a dict with them under 'images'",
                    received=f"shape {tuple(images.shape)}" if hasattr(images, "shape") else sorted(parts),
                )
            )
        return rank == 3

    def _transform(self, parts: dict, transformation: Any, training: Any) -> dict:
        made = dict(parts)
        made["images"] = self.transform_images(parts["images"], transformation, training)
        if "labels" in parts:
            made["labels"] = self.transform_labels(parts["labels"], transformation, training)
        if "segmentation_masks" in parts:
            masks = parts["segmentation_masks"]
            made["segmentation_masks"] = self.transform_segmentation_masks(masks, transformation, training)
        if "bounding_boxes" in parts:
            given = parts["bounding_boxes"]
            before, after = self._size(parts["images"]), self._size(made["images"])
            boxes = self._transform_boxes(given["boxes"], transformation, training, before, after)
            made["bounding_boxes"] = {**given, "boxes": boxes}
        return made

    def _transform_boxes(
        self, boxes: Any, transformation: Any, training: Any, before: tuple, after: tuple
    ) -> Any:
        if self.bounding_box_format is None:
            raise ValueError(
                message(
                    "The data has bounding boxes, whose format is not known.",
                    where=self.path,
                    hint=f'Make the layer with {type(self).__name__}(..., bounding_box_format="xyxy").',
                )
            )
        boxes = ops.cast(boxes, self.compute_dtype)
        corners = to_corners(boxes, self.bounding_box_format, *before)
        corners = clipped(self._move_corners(corners, transformation, training, before, after), *after)
        moved = from_corners(corners, self.bounding_box_format, *after)
        return ops.where(ops.all(boxes == -1, axis=-1, keepdims=True), boxes, moved)

    # What subclasses say ---------------------------------------------------------------------------------
    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What is drawn for a batch; None if there is nothing to draw.

        Args:
            data: The batch: images, or a dict with images and what belongs to them.
            training: Whether the layer is being trained.
            seed: Where the draws come from; the layer's own generator if None.
        """
        return

    def transform_images(self, images: Any, transformation: Any, training: Any = True) -> Any:
        """Change a batch of images.

        Args:
            images: The images, of shape (batch, height, width, channels), or channels first.
            transformation: What `get_random_transformation` drew for them.
            training: Whether the layer is being trained.
        """
        raise TypeError(f"{type(self).__name__} is a base class that changes nothing.")

    def transform_labels(self, labels: Any, transformation: Any, training: Any = True) -> Any:
        """Change the labels of a batch of images; they stay."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any, training: Any = True
    ) -> Any:
        """Change the masks of a batch of images; they stay.

        Args:
            segmentation_masks: The masks, in the layout of the images.
            transformation: What `get_random_transformation` drew for the images.
            training: Whether the layer is being trained.
        """
        return segmentation_masks

    def _move_corners(
        self, corners: Any, transformation: Any, training: Any, before: tuple, after: tuple
    ) -> Any:
        """Boxes as corners, before the image is cut off."""
        return corners

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        if self.bounding_box_format is None:
            config.pop("bounding_box_format")
        return config


class RandomImageLayer(ImageLayer):
    """An `ImageLayer` that draws.

    Args:
        seed: Seed of the draws.
        **kwargs: Arguments of `ImageLayer`.
    """

    def __init__(self, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = random.SeedGenerator(seed)

    def _draw(self, shape: Any, low: float, high: float, seed: Any) -> Any:
        return random.uniform(shape, low, high, seed=self.generator if seed is None else seed)


def images_of(data: Any) -> Any:
    """The images of what a layer was called on."""
    return data["images"] if isinstance(data, dict) else data


def factor_range(value: Any, bounds: tuple[float, float], name: str, where: str) -> tuple[Any, Any]:
    """The ends of the range that a factor is drawn from: two numbers, or one for both sides.

    Raises:
        ValueError: If a number is outside of the bounds.
    """
    numbers = value if isinstance(value, (list, tuple)) else (value,)
    valid = all(isinstance(n, (int, float)) and bounds[0] <= n <= bounds[1] for n in numbers)
    if not valid or len(numbers) not in (1, 2):
        expected = f"a number from {bounds[0]} to {bounds[1]}, or two of them"
        raise ValueError(message(f"`{name}` is wrong.", where=where, expected=expected, received=value))
    if len(numbers) == 2:
        return min(numbers), max(numbers)
    return max(-abs(numbers[0]), bounds[0]), abs(numbers[0])


def _each(function: Any, parts: dict) -> dict:
    return {k: _each(function, v) if isinstance(v, dict) else function(v) for k, v in parts.items()}
