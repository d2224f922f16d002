"""`addax.utils.bounding_boxes`: boxes in other formats, their overlaps, and what becomes of them."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.core import config as settings
from addax.core.errors import message
from addax.layers.preprocess._boxes import FORMATS, area, clipped, from_corners, to_corners

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]


def _wrong(function: str, name: str, expected: str, received: Any) -> ValueError:
    return ValueError(message(f"`{name}` is wrong.", where=function, expected=expected, received=received))


def _check_corners(value: str, function: str, allowed: tuple[str, ...] = ("xyxy",)) -> None:
    if value not in allowed:
        raise _wrong(function, "bounding_box_format", ", ".join(allowed), value)


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Boxes in another format.

    The formats are `xyxy` (left, top, right, bottom), `yxyx`, `xywh` (left, top, width, height), `center_xywh`,
    `center_yxhw`, in pixels; and `rel_xyxy`, `rel_yxyx`, `rel_xywh`, `rel_center_xywh` as fractions of the image.

    Args:
        boxes: A tensor of shape (..., 4), or a dict with one under `boxes`.
        source: The format that the boxes have.
        target: The format that they get.
        height: The height of the images; needed between relative and absolute formats.
        width: The width of the images, likewise.
        dtype: The dtype of the result.

    Returns:
        What `boxes` was, with other numbers.

    Raises:
        ValueError: If a format is unknown, the shape is wrong, or the size of the images is missing.

    Example:
        >>> import addax as keras
        >>> keras.utils.bounding_boxes.convert_format([[10, 20, 30, 60]], "xyxy", "xywh").numpy()
        array([[10., 20., 20., 40.]], dtype=float32)
    """
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    source, target = source.lower(), target.lower()
    for name, value in (("source", source), ("target", target)):
        if value not in FORMATS:
            raise _wrong("convert_format", name, ", ".join(FORMATS), value)
    boxes = ops.cast(ops.convert_to_tensor(boxes), dtype)
    if boxes.shape[-1] != 4:
        raise _wrong("convert_format", "boxes", "shape (..., 4)", f"shape {tuple(boxes.shape)}")
    relative = [value.startswith("rel_") for value in (source, target)]
    if any(relative) and (height is None or width is None):
        raise _wrong("convert_format", "height, width", "the size of the images", (height, width))
    if source == target:
        return boxes
    if all(relative):  # the size does not matter
        height = width = 1.0
    corners = to_corners(boxes, source, height, width)
    return from_corners(corners, target, height, width)


def clip_to_image_size(
    bounding_boxes: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Any:
    """Boxes cut off where the images end; the labels of those that are outside become -1.

    Args:
        bounding_boxes: A dict with `boxes` of shape (..., 4), and `labels` if there are any.
        height: The height of the images.
        width: The width of the images.
        bounding_box_format: `"xyxy"`, or `"rel_xyxy"`, which needs no size.

    Raises:
        ValueError: If the format is another one, or the size is missing.

    Example:
        >>> import addax as keras
        >>> boxes = {"boxes": [[-5.0, 2.0, 30.0, 8.0]]}
        >>> keras.utils.bounding_boxes.clip_to_image_size(boxes, 10, 20)["boxes"].numpy()
        array([[ 0.,  2., 20.,  8.]], dtype=float32)
    """
    _check_corners(bounding_box_format, "clip_to_image_size", ("xyxy", "rel_xyxy"))
    if bounding_box_format == "rel_xyxy":
        height = width = 1
    elif height is None or width is None:
        raise _wrong("clip_to_image_size", "height, width", "the size of the images", (height, width))
    boxes = clipped(ops.convert_to_tensor(bounding_boxes["boxes"]), height, width)
    result = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        labels = ops.convert_to_tensor(bounding_boxes["labels"])
        result["labels"] = ops.where(area(boxes) > 0, labels, ops.cast(-1, labels.dtype))
    return result


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy") -> Any:
    """Boxes of images from which a part was cut out.

    Args:
        boxes: A tensor of shape (..., 4).
        top: The first row of the part.
        left: Its first column.
        height: Its height.
        width: Its width.
        bounding_box_format: `"xyxy"`.

    Raises:
        ValueError: If the format is another one.

    Example:
        >>> import addax as keras
        >>> keras.utils.bounding_boxes.crop([[10.0, 20.0, 30.0, 60.0]], 10, 15, 40, 40).numpy()
        array([[ 0., 10., 15., 40.]], dtype=float32)
    """
    _check_corners(bounding_box_format, "crop")
    return clipped(_shifted(boxes, -left, -top), height, width)


def pad(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """Boxes of images that were given a border.

    Args:
        boxes: A tensor of shape (..., 4).
        top: The width of the border above.
        left: Its width on the left.
        height: The height of the result, which does not matter.
        width: The width of the result, likewise.
        bounding_box_format: `"xyxy"`.

    Raises:
        ValueError: If the format is another one.

    Example:
        >>> import addax as keras
        >>> keras.utils.bounding_boxes.pad([[10.0, 20.0, 30.0, 60.0]], 5, 1).numpy()
        array([[11., 25., 31., 65.]], dtype=float32)
    """
    _check_corners(bounding_box_format, "pad")
    return _shifted(boxes, left, top)


def _shifted(boxes: Any, right: Any, down: Any) -> Any:
    left, top, end, bottom = ops.split(ops.convert_to_tensor(boxes), 4, axis=-1)
    return ops.concatenate([left + right, top + down, end + right, bottom + down], axis=-1)


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: Any,
    width: Any,
    center_x: Any = None,
    center_y: Any = None,
    bounding_box_format: str = "xyxy",
) -> Any:
    """The boxes around boxes under affine maps, one map for each image.

    Args:
        boxes: A tensor of shape (batch, boxes, 4).
        angle: Angles in degrees, counter-clockwise, of shape (batch,).
        translate_x: How far to the right, as fractions of the width.
        translate_y: How far down, as fractions of the height.
        scale: What lengths are multiplied with.
        shear_x: Angles in degrees by which columns are slanted.
        shear_y: Angles in degrees by which rows are slanted.
        height: The height of the images.
        width: Their width.
        center_x: Where the middle of the turn is, as a fraction of the width; 0.5 if None.
        center_y: Likewise as a fraction of the height.
        bounding_box_format: `"xyxy"`.

    Returns:
        A tensor of shape (batch, boxes, 4).

    Raises:
        ValueError: If the format is another one.
    """
    _check_corners(bounding_box_format, "affine_transform")
    numbers = (angle, translate_x, translate_y, scale, shear_x, shear_y)
    angle, right, down, scale, slant_x, slant_y = (
        ops.cast(ops.convert_to_tensor(n), "float32") for n in numbers
    )
    turn, sx, sy = (-n * (math.pi / 180.0) for n in (angle, slant_x, slant_y))
    span_x, span_y = ops.cast(width, "float32") - 1.0, ops.cast(height, "float32") - 1.0
    x0 = (0.5 if center_x is None else center_x) * span_x
    y0 = (0.5 if center_y is None else center_y) * span_y
    # A turn after two slants; with the fourth number of the inverse of a 2x2 matrix of determinant 1 first.
    a = ops.cos(turn - sy) / ops.cos(sy)
    b = a * ops.tan(sx) + ops.sin(turn)
    c = -ops.sin(turn - sy) / ops.cos(sy)
    d = ops.cos(turn) - c * ops.tan(sx)
    rows = [(d * scale, -b * scale), (-c * scale, a * scale)]
    from_x, from_y = x0 - right * span_x, y0 - down * span_y
    left, top, end, bottom = (ops.cast(boxes, "float32")[..., i] for i in range(4))
    xs = ops.stack([left, end, end, left], axis=-1) - ops.reshape(from_x, (-1, 1, 1))
    ys = ops.stack([top, top, bottom, bottom], axis=-1) - ops.reshape(from_y, (-1, 1, 1))
    moved = [
        ops.reshape(p, (-1, 1, 1)) * xs + ops.reshape(q, (-1, 1, 1)) * ys + middle
        for (p, q), middle in zip(rows, (x0, y0), strict=True)
    ]
    ends = [f(values, axis=-1) for f in (ops.min, ops.max) for values in moved]
    return ops.stack(ends, axis=-1)


def _as_corners(boxes: Any, source: str, image_shape: Any, function: str) -> Any:
    if source.startswith("rel") and image_shape is None:
        raise _wrong(function, "image_shape", "(height, width, channels), for relative boxes", image_shape)
    height, width = (None, None) if image_shape is None else image_shape[:2]
    return convert_format(boxes, source, "xyxy", height, width)


def _overlap(first: Any, second: Any) -> Any:
    """The areas that boxes given as corners share."""
    low = ops.maximum(first[..., :2], second[..., :2])
    size = ops.maximum(ops.minimum(first[..., 2:], second[..., 2:]) - low, 0.0)
    return size[..., 0] * size[..., 1]


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: Any = -1,
    image_shape: Any = None,
) -> Any:
    """How much of their union each box shares with each of some others.

    Args:
        boxes1: A tensor of shape (n, 4) or (batch, n, 4).
        boxes2: A tensor of shape (m, 4) or (batch, m, 4).
        bounding_box_format: The format of both, see `convert_format`.
        use_masking: Whether boxes of negative numbers are padding.
        mask_val: The result for padding.
        image_shape: Height, width and channels of the images; needed by relative formats.

    Returns:
        A tensor of shape (n, m) or (batch, n, m), with numbers from 0 to 1.

    Raises:
        ValueError: If a rank is neither 2 nor 3, or `image_shape` is missing.

    Example:
        >>> import addax as keras
        >>> boxes = [[0.0, 0.0, 10.0, 10.0]]
        >>> keras.utils.bounding_boxes.compute_iou(boxes, [[0.0, 0.0, 10.0, 5.0]], "xyxy").numpy().round(3)
        array([[0.5]], dtype=float32)
    """
    corners = []
    for name, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        boxes = ops.convert_to_tensor(boxes)
        if len(boxes.shape) not in (2, 3):
            raise _wrong("compute_iou", name, "rank 2 or 3", f"shape {tuple(boxes.shape)}")
        corners.append(_as_corners(boxes, bounding_box_format, image_shape, "compute_iou"))
    first, second = corners[0][..., :, None, :], corners[1][..., None, :, :]
    shared = _overlap(first, second)
    found = shared / (area(first) + area(second) - shared + settings.epsilon())
    if not use_masking:
        return found
    padding = ops.logical_or(ops.max(first, axis=-1) < 0.0, ops.max(second, axis=-1) < 0.0)
    return ops.where(padding, ops.cast(mask_val, found.dtype), found)


def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None) -> Any:
    """The overlap of pairs of boxes, less terms for the distance of their middles and for other proportions.

    Source: Zheng et al., Distance-IoU Loss, 2020, equation 10.

    Args:
        boxes1: A tensor of shape (..., 4).
        boxes2: A tensor of the same shape.
        bounding_box_format: The format of both, see `convert_format`.
        image_shape: Height, width and channels of the images; needed by relative formats.

    Returns:
        A tensor of shape (...).

    Raises:
        ValueError: If `image_shape` is missing.

    Example:
        >>> import addax as keras
        >>> box = [[0.0, 0.0, 10.0, 10.0]]
        >>> keras.utils.bounding_boxes.compute_ciou(box, box, "xyxy").numpy().round(3)
        array([1.], dtype=float32)
    """
    tiny = settings.epsilon()
    first, second = (
        _as_corners(boxes, bounding_box_format, image_shape, "compute_ciou") for boxes in (boxes1, boxes2)
    )
    shared = _overlap(first, second)
    sizes = [(b[..., 2] - b[..., 0], b[..., 3] - b[..., 1] + tiny) for b in (first, second)]
    union = sizes[0][0] * sizes[0][1] + sizes[1][0] * sizes[1][1] - shared + tiny
    iou = shared / (union + tiny)
    hull = ops.maximum(first[..., 2:], second[..., 2:]) - ops.minimum(first[..., :2], second[..., :2])
    middles = [(b[..., :2] + b[..., 2:]) / 2 for b in (first, second)]
    distance = ops.sum(ops.square(middles[0] - middles[1]), axis=-1)
    angles = [ops.arctan(width / height) for width, height in sizes]
    v = 4 / math.pi**2 * ops.square(angles[1] - angles[0])
    weight = v / (v - iou + (1 + tiny))
    return iou - (distance / (ops.sum(ops.square(hull), axis=-1) + tiny) + v * weight)


def _delta_arguments(function: str, name: str, encoding: str, variance: Any, image_shape: Any) -> tuple:
    if encoding not in ("center_xywh", "center_yxhw"):
        raise _wrong(function, name, "center_xywh or center_yxhw", encoding)
    if variance is not None:
        variance = ops.convert_to_tensor(variance, "float32")
        if variance.shape[-1] != 4:
            raise _wrong(function, "variance", "four numbers", variance)
    return (variance, *((None, None) if image_shape is None else image_shape[:2]))


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> Any:
    """What a detector predicts for boxes: how they differ from its anchors.

    Args:
        anchors: A tensor of shape (..., 4).
        boxes: A tensor of shape (..., 4), one box for each anchor.
        anchor_format: The format of the anchors, see `convert_format`.
        box_format: The format of the boxes.
        encoding_format: `"center_yxhw"` or `"center_xywh"`: the order of the result.
        variance: Four numbers that the differences are divided by.
        image_shape: Height, width and channels of the images; needed by relative formats.

    Returns:
        Distances of the middles in units of the anchors' sizes, and logarithms of the ratios of the sizes.

    Raises:
        ValueError: If an argument is wrong.
    """
    variance, height, width = _delta_arguments(
        "encode_box_to_deltas", "encoding_format", encoding_format, variance, image_shape
    )
    anchors = convert_format(anchors, anchor_format, encoding_format, height, width)
    boxes = convert_format(boxes, box_format, encoding_format, height, width)
    sizes = [ops.maximum(b[..., 2:], settings.epsilon()) for b in (anchors, boxes)]
    moves = (boxes[..., :2] - anchors[..., :2]) / sizes[0]
    deltas = ops.concatenate([moves, ops.log(sizes[1] / sizes[0])], axis=-1)
    return deltas if variance is None else deltas / variance


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Any = None,
) -> Any:
    """The inverse of `encode_box_to_deltas`: boxes, from what a detector predicts.

    Args:
        anchors: A tensor of shape (..., 4), or a dict of them by level.
        boxes_delta: The predictions, of the same form.
        anchor_format: The format of the anchors, see `convert_format`.
        box_format: The format of the result.
        encoded_format: `"center_yxhw"` or `"center_xywh"`: the order of the predictions.
        variance: Four numbers that the predictions are multiplied with.
        image_shape: Height, width and channels of the images; needed by relative formats.

    Returns:
        The boxes, in the form of `anchors`.

    Raises:
        ValueError: If an argument is wrong.
    """
    if isinstance(anchors, dict):
        rest = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {level: decode_deltas_to_boxes(anchors[level], boxes_delta[level], *rest) for level in anchors}
    variance, height, width = _delta_arguments(
        "decode_deltas_to_boxes", "encoded_format", encoded_format, variance, image_shape
    )
    anchors = convert_format(anchors, anchor_format, encoded_format, height, width)
    deltas = ops.convert_to_tensor(boxes_delta)
    deltas = deltas if variance is None else deltas * variance
    sizes = anchors[..., 2:]
    middles = deltas[..., :2] * sizes + anchors[..., :2]
    boxes = ops.concatenate([middles, ops.exp(deltas[..., 2:]) * sizes], axis=-1)
    return convert_format(boxes, encoded_format, box_format, height, width)
