"""`ImageLayer`: what the layers that change images share."""

from __future__ import annotations

from typing import Any

from addax import ops, random
from addax.core import config as settings
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.preprocess._boxes import area, check_format, clipped, from_corners, to_corners


class ImageLayer(Layer):
    """A layer that changes images, and in the same way what belongs to them.

    It is called on images, of shape `(batch, height, width, channels)` or without the batch axis (or with channels
    first), or on a dict with any of these keys:

    - `images`;
    - `labels`, which stay as they are but for layers that mix images;
    - `segmentation_masks`, of the shape of the images;
    - `bounding_boxes`, a dict with `boxes` of shape `(batch, boxes, 4)` and, if known, `labels` of shape
      `(batch, boxes)`; rows of -1 are padding. The label of a box that left the image becomes -1.

    What is drawn for a batch (`get_random_transformation`) can be given to the `transform_...` methods by hand.

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

    @property
    def _channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else -3

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
            self._check_format_known()
            made["bounding_boxes"] = self.transform_bounding_boxes(
                parts["bounding_boxes"], transformation, training
            )
        return made

    def _check_format_known(self) -> None:
        if self.bounding_box_format is None:
            raise ValueError(
                message(
                    "The data has bounding boxes, whose format is not known.",
                    where=self.path,
                    hint=f'Make the layer with {type(self).__name__}(..., bounding_box_format="xyxy").',
                )
            )

    # What subclasses say ---------------------------------------------------------------------------------
    def get_random_transformation(self, data: Any, training: Any = True, seed: Any = None) -> Any:
        """What is drawn for a batch; None if there is nothing to draw.

        Args:
            data: The batch: images, or a dict with images and what belongs to them.
            training: Whether the layer is being trained.
            seed: Where the draws come from; the layer's own generator if None.
        """
        return

    def transform_images(self, images: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change a batch of images.

        Args:
            images: The images, of shape (batch, height, width, channels), or channels first.
            transformation: What `get_random_transformation` drew for them.
            training: Whether the layer is being trained.
        """
        raise TypeError(f"{type(self).__name__} is a base class that changes nothing.")

    def transform_labels(self, labels: Any, transformation: Any = None, training: Any = True) -> Any:
        """Change the labels of a batch of images; they stay."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Change the masks of a batch of images; they stay.

        Args:
            segmentation_masks: The masks, in the layout of the images.
            transformation: What `get_random_transformation` drew for the images.
            training: Whether the layer is being trained.
        """
        return segmentation_masks

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Change the boxes of a batch of images; they stay.

        Args:
            bounding_boxes: A dict with `boxes` of shape (batch, boxes, 4), and `labels` of shape (batch, boxes).
            transformation: What `get_random_transformation` drew for the images.
            training: Whether the layer is being trained.
        """
        return bounding_boxes

    # One image -------------------------------------------------------------------------------------------
    def transform_single_image(self, image: Any, transformation: Any = None, training: Any = True) -> Any:
        """`transform_images` for one image, without a batch axis."""
        images = ops.expand_dims(ops.convert_to_tensor(image), 0)
        return ops.squeeze(self.transform_images(images, transformation, training), axis=0)

    def transform_single_label(self, label: Any, transformation: Any = None, training: Any = True) -> Any:
        """`transform_labels` for the `label` of one image."""
        labels = ops.expand_dims(ops.convert_to_tensor(label), 0)
        return ops.squeeze(self.transform_labels(labels, transformation, training), axis=0)

    def transform_single_segmentation_mask(
        self, segmentation_mask: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """`transform_segmentation_masks` for one `segmentation_mask`."""
        masks = ops.expand_dims(ops.convert_to_tensor(segmentation_mask), 0)
        return ops.squeeze(self.transform_segmentation_masks(masks, transformation, training), axis=0)

    def transform_single_bounding_box(
        self, bounding_box: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """`transform_bounding_boxes` for the boxes of one image (`bounding_box`, a dict as there)."""
        boxes = _each(lambda x: ops.expand_dims(ops.convert_to_tensor(x), 0), bounding_box)
        moved = self.transform_bounding_boxes(boxes, transformation, training)
        return _each(lambda x: ops.squeeze(x, axis=0), moved)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        if self.bounding_box_format is None:
            config.pop("bounding_box_format")
        return config


class MovingLayer(ImageLayer):
    """An `ImageLayer` that moves what images show, and with it their boxes.

    What it draws is a dict with the size of the images under `size`.

    Args:
        **kwargs: Arguments of `ImageLayer`.
    """

    def transform_bounding_boxes(
        self, bounding_boxes: Any, transformation: Any = None, training: Any = True
    ) -> Any:
        """Move the boxes of a batch with its images, and cut them off where the images end."""
        if transformation is None:
            return bounding_boxes
        self._check_format_known()
        before = transformation["size"]
        after = self._size_after(before, transformation)
        boxes = ops.cast(bounding_boxes["boxes"], self.compute_dtype)
        corners = to_corners(boxes, self.bounding_box_format, *before)
        corners = clipped(self._move_corners(corners, transformation, before, after), *after)
        padding = ops.all(boxes == -1, axis=-1, keepdims=True)
        moved = from_corners(corners, self.bounding_box_format, *after)
        return with_boxes(bounding_boxes, ops.where(padding, boxes, moved), area(corners) > 0)

    def _size_after(self, before: tuple, transformation: Any) -> tuple:
        """The size of the images afterwards."""
        return before

    def _move_corners(self, corners: Any, transformation: Any, before: tuple, after: tuple) -> Any:
        """Boxes as corners, before the image is cut off."""
        raise TypeError(f"{type(self).__name__} is a base class that moves nothing.")


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

    def _seeds(self, seed: Any) -> Any:
        """Where draws come from."""
        return self.generator if seed is None else seed

    def _draw(self, shape: Any, low: float, high: float, seed: Any) -> Any:
        return random.uniform(shape, low, high, seed=self._seeds(seed))

    def _chosen(self, data: Any, factor: tuple, seed: Any) -> Any:
        """Which images are changed, of shape (batch, 1, 1, 1): each by a chance that is drawn from a range."""
        shape = (count_of(data), 1, 1, 1)
        low, high = factor
        chance = self._draw(shape, low, high, seed)
        return self._draw(shape, 0.0, 1.0, seed) < chance


def images_of(data: Any) -> Any:
    """The images of what a layer was called on."""
    return data["images"] if isinstance(data, dict) else data


def count_of(data: Any) -> Any:
    """How many images a layer was called on."""
    shape = images_of(data).shape
    return 1 if len(shape) == 3 else shape[0]


def per_image(values: Any, dtype: Any = None) -> Any:
    """One number for each image, in a shape that multiplies images."""
    values = ops.reshape(values, (-1, 1, 1, 1))
    return values if dtype is None else ops.cast(values, dtype)


def with_boxes(bounding_boxes: Any, boxes: Any, visible: Any) -> dict:
    """A dict of boxes with other boxes; the labels of those that are not visible become -1."""
    made = {**bounding_boxes, "boxes": boxes}
    labels = made.get("labels")
    if labels is not None:
        labels = ops.convert_to_tensor(labels)
        made["labels"] = ops.where(visible, labels, ops.cast(-1, labels.dtype))
    return made


def in_range(images: Any, source: Any, target: Any) -> Any:
    """Images whose values have one range, in another range."""
    if tuple(source) == tuple(target):
        return images
    return (images - source[0]) * ((target[1] - target[0]) / (source[1] - source[0])) + target[0]


def check_value_range(value: Any, where: str) -> Any:
    """The value if it is two numbers.

    Raises:
        ValueError: If it is not.
    """
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ValueError(
            message("`value_range` is wrong.", where=where, expected="two numbers", received=value)
        )
    return value


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
