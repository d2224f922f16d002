"""Boxes and masks, painted on images by NumPy; Pillow writes the names of classes."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.layers.preprocess._boxes import check_format, to_corners

_FONT_SIZE = 29  # pixels; capitals are then about as high as in OpenCV's plain font at scale 1
_COORDINATE = 2**30  # further out is out of every image


def draw_bounding_boxes(
    images: Any,
    bounding_boxes: Any,
    bounding_box_format: str,
    class_mapping: Mapping | None = None,
    color: Sequence[float] = (128, 128, 128),
    line_thickness: int = 2,
    text_thickness: int | None = 1,
    font_scale: float = 1.0,
    data_format: str | None = None,
) -> np.ndarray:
    """Draw boxes on images, pixel for pixel as OpenCV does; neither it nor anything else is needed for that.

    Args:
        images: Images of shape (batch, height, width, channels), or as `data_format` says. Floats whose largest is
            at most 1 count as fractions of 255.
        bounding_boxes: A dict with `boxes` of shape (batch, boxes, 4), `labels` of shape (batch, boxes), of which
            -1 means no box, and perhaps `confidences` of the same shape.
        bounding_box_format: How the boxes are given, such as `"xyxy"`; see `keras.utils.bounding_boxes`.
        class_mapping: Label -> name. The names are written above the boxes, by Pillow; other labels have no text.
        color: The color of lines and names, from 0 to 255.
        line_thickness: How thick the lines are; a negative number fills the boxes.
        text_thickness: How bold the names are; as the lines if None.
        font_scale: The size of the names; capitals of 1.0 are 21 pixels high.
        data_format: `"channels_last"` or `"channels_first"`; the global setting if None.

    Returns:
        Images of dtype uint8 and of the same shape.

    Raises:
        TypeError: If `bounding_boxes` is no dict.
        ValueError: If it lacks boxes or labels, `images` has not 4 dimensions, or a format is unknown.
        ImportError: If a name is to be written and Pillow is missing.

    Example:
        >>> import numpy as np
        >>> import addax as keras
        >>> boxes = {"boxes": [[[1, 1, 3, 3]]], "labels": [[0]]}
        >>> image = np.zeros((1, 5, 5, 1), "uint8")
        >>> drawn = keras.visualization.draw_bounding_boxes(image, boxes, "xyxy", line_thickness=1)
        >>> int((drawn == 128).sum())
        8
    """
    where = "draw_bounding_boxes()"
    drawn = _as_bytes(channels_last(images, data_format, where))
    boxes, labels, confidences = _boxes(bounding_boxes, bounding_box_format, drawn.shape, where)
    ink = _ink(color, drawn.shape[-1])
    names = class_mapping or {}
    bold = text_thickness or line_thickness
    for i, j in np.ndindex(*labels.shape):
        label = int(labels[i, j])
        if label == -1:
            continue
        corners = [int(n) for n in boxes[i, j]]
        _rectangle(drawn[i], corners, ink, line_thickness)
        if label in names:
            text = str(names[label])
            if confidences is not None:
                text = f"{text} | {confidences[i, j]:.2f}"
            place = _place_of_text(corners[0], corners[1], font_scale, bold)
            _write(drawn[i], text, place, ink, font_scale, bold)
    return drawn.transpose(0, 3, 1, 2) if is_first(data_format) else drawn


def _boxes(given: Any, source: str, shape: tuple, where: str) -> tuple[np.ndarray, np.ndarray, Any]:
    """Corners in whole pixels, labels, and confidences or None."""
    if not isinstance(given, Mapping):
        raise TypeError(message("`bounding_boxes` is wrong.", where=where, expected="a dict", received=given))
    if not {"boxes", "labels"} <= set(given):
        received = ", ".join(map(str, given)) or "none"
        raise ValueError(
            message("A key is missing.", where=where, expected="boxes, labels", received=received)
        )
    check_format(source, where)
    boxes = ops.convert_to_tensor(given["boxes"], dtype="float32")
    boxes = ops.convert_to_numpy(to_corners(boxes, source, *shape[1:3]))
    labels = ops.convert_to_numpy(given["labels"])
    if boxes.shape != (*labels.shape, 4) or labels.ndim != 2 or len(labels) != shape[0]:
        expected = f"boxes of shape ({shape[0]}, n, 4) and labels of shape ({shape[0]}, n)"
        received = f"shapes {boxes.shape} and {labels.shape}"
        raise ValueError(message("The shapes do not fit.", where=where, expected=expected, received=received))
    confidences = given.get("confidences")
    boxes = np.clip(boxes, -_COORDINATE, _COORDINATE).astype("int64")
    return boxes, labels.astype("int64"), None if confidences is None else ops.convert_to_numpy(confidences)


def is_first(data_format: str | None) -> bool:
    """Whether a data format (the global one if None) puts channels before places.

    Raises:
        ValueError: If there is no such format.
    """
    chosen = settings.image_data_format() if data_format is None else data_format
    if chosen not in ("channels_first", "channels_last"):
        expected = "channels_last or channels_first"
        raise ValueError(message("`data_format` is wrong.", expected=expected, received=chosen))
    return chosen == "channels_first"


def channels_last(images: Any, data_format: str | None, where: str) -> np.ndarray:
    """Images as an array of shape (batch, height, width, channels).

    Raises:
        ValueError: If they have not 4 dimensions.
    """
    array = ops.convert_to_numpy(images)
    if array.ndim != 4:
        expected = "a batch of images, of 4 dimensions"
        raise ValueError(message("`images` is wrong.", where=where, expected=expected, received=array))
    return array.transpose(0, 2, 3, 1) if is_first(data_format) else array


def _as_bytes(images: np.ndarray) -> np.ndarray:
    """A copy as uint8; floats up to 1 are fractions of 255."""
    if np.issubdtype(images.dtype, np.integer) or images.dtype == bool:
        return images.astype("uint8", order="C")
    images = np.asarray(images, "float32")
    if images.size and images.max() <= 1:
        return (np.clip(images, 0, 1) * np.float32(255)).astype("uint8", order="C")
    return np.clip(images, 0, 255).astype("uint8", order="C")


def _ink(color: Any, channels: int) -> np.ndarray:
    """A color as that many bytes; what it lacks is 0."""
    numbers = np.clip(np.rint(np.asarray(color, "float64").reshape(-1)), 0, 255).astype("uint8")
    return np.resize(np.append(numbers, np.zeros(channels, "uint8")), channels)


def _rectangle(image: np.ndarray, corners: Sequence[int], ink: np.ndarray, thickness: int) -> None:
    """Paint a rectangle, the corners included: its outline, spread by a disc, or the whole of it."""
    left, top, right, bottom = corners
    left, right, top, bottom = min(left, right), max(left, right), min(top, bottom), max(top, bottom)
    if thickness < 0:
        _fill(image, left, top, right, bottom, ink)
        return
    # The radius that OpenCV's lines have: 3 pixels for a thickness of 2, 5 for 3 and for 4.
    radius = (thickness + 1) // 2 if thickness > 1 else 0
    for offset in range(-radius, radius + 1):
        reach = math.isqrt(radius**2 - offset**2)
        for y in (top, bottom):
            _fill(image, left - reach, y + offset, right + reach, y + offset, ink)
        for x in (left, right):
            _fill(image, x + offset, top - reach, x + offset, bottom + reach, ink)


def _fill(image: np.ndarray, left: int, top: int, right: int, bottom: int, ink: np.ndarray) -> None:
    image[max(top, 0) : max(bottom + 1, 0), max(left, 0) : max(right + 1, 0)] = ink


def _place_of_text(left: int, top: int, scale: float, thickness: int) -> tuple[int, int]:
    """Where the line of a text begins: above the box, or inside where the image has no room above it."""
    height = 2 * int(scale * 12)
    if top - 8 - height > 0:
        return left, top - 8
    return left + 3, top + height + thickness + 3


def _write(
    image: np.ndarray, text: str, place: tuple[int, int], ink: np.ndarray, scale: float, thickness: int
) -> None:
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        hint = "pip install pillow, or leave class_mapping out."
        raise ImportError(message("Names on boxes are written by Pillow.", hint=hint)) from error
    paper = Image.new("L", (image.shape[1], image.shape[0]))
    width = max(0, thickness // 2)
    ImageDraw.Draw(paper).text(place, text, fill=255, font=_font(scale), anchor="ls", stroke_width=width)
    share = np.asarray(paper, "float32")[..., None] / np.float32(255)
    image[:] = np.rint(image * (1 - share) + ink * share).astype("uint8")


@functools.lru_cache(maxsize=16)
def _font(scale: float) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(max(1.0, _FONT_SIZE * scale))


def draw_segmentation_masks(
    images: Any,
    segmentation_masks: Any,
    num_classes: int | None = None,
    color_mapping: Any = None,
    alpha: float = 0.8,
    blend: bool = True,
    ignore_index: int = -1,
    data_format: str | None = None,
) -> np.ndarray:
    """Lay segmentation masks over images, one color for each class.

    Args:
        images: Images of shape (batch, height, width, 3), or as `data_format` says, from 0 to 255.
        segmentation_masks: The class of each pixel, as integers of shape (batch, height, width) or with a further
            dimension of 1 where the images have their channels.
        num_classes: Classes from 0 up to this number, without it, are painted; all that occur if None.
        color_mapping: Class -> color from 0 to 255, as a dict or a list; classes that a dict lacks are not painted.
            Colors of Keras if None, of which 0 is black.
        alpha: How much of the mask is seen, from 0 to 1.
        blend: Whether images and masks are mixed; if not, the masks hide the images.
        ignore_index: The class that is not painted, if `blend` is True.
        data_format: `"channels_last"` or `"channels_first"`; the global setting if None.

    Returns:
        Images of shape (batch, height, width, 3), of dtype uint8 (float32 if `blend` is False).

    Raises:
        TypeError: If the masks are no integers.
        ValueError: If shapes do not fit.

    Example:
        >>> import numpy as np
        >>> import addax as keras
        >>> image, mask = np.full((1, 1, 2, 3), 100), np.array([[[0, 1]]])
        >>> keras.visualization.draw_segmentation_masks(image, mask, ignore_index=0)
        array([[[[100, 100, 100],
                 [ 20, 121,  44]]]], dtype=uint8)
    """
    where = "draw_segmentation_masks()"
    images = channels_last(images, data_format, where).astype("float32")
    masks = _classes(segmentation_masks, images, is_first(data_format), where)
    count = int(masks.max(initial=0)) + 1 if num_classes is None else num_classes
    painted = images.copy()
    for index in range(count):
        color = _class_color(index, color_mapping)
        if color is not None:
            painted[masks == index] = np.asarray(color, "float32")
    if not blend:
        return painted
    mixed = images * (1 - alpha) + painted * alpha
    mixed = np.where((masks != ignore_index)[..., None], mixed, images)
    return np.clip(mixed, 0, 255).astype("uint8")


def _classes(masks: Any, images: np.ndarray, first: bool, where: str) -> np.ndarray:
    masks = ops.convert_to_numpy(masks)
    if not np.issubdtype(masks.dtype, np.integer):
        raise TypeError(
            message("`segmentation_masks` is wrong.", where=where, expected="integers", received=masks)
        )
    if masks.ndim == 4:
        masks = masks[:, 0] if first and masks.shape[1] == 1 else masks
        masks = masks[..., 0] if masks.ndim == 4 and masks.shape[-1] == 1 else masks
    if masks.shape != images.shape[:3] or images.shape[-1] != 3:
        expected = "images of 3 channels, and a class for each of their pixels"
        received = f"images of shape {images.shape} and masks of shape {masks.shape}"
        raise ValueError(message("The shapes do not fit.", where=where, expected=expected, received=received))
    return masks


def _class_color(index: int, mapping: Any) -> Any:
    if mapping is None:
        return [index * step % 255 for step in (2**25 - 1, 2**15 - 1, 2**21 - 1)]
    return mapping.get(index) if isinstance(mapping, Mapping) else mapping[index]
