"""Bounding boxes in the formats that Keras knows, all by way of corners in pixels."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)


def check_format(value: Any, where: str) -> Any:
    """A format, or None.

    Raises:
        ValueError: If there is no such format.
    """
    if value is not None and value not in FORMATS:
        expected = ", ".join(FORMATS)
        raise ValueError(
            message("`bounding_box_format` is wrong.", where=where, expected=expected, received=value)
        )
    return value


def to_corners(boxes: Any, source: str, height: int, width: int) -> Any:
    """Boxes of shape `(..., 4)` as left, top, right, bottom in pixels."""
    kind = source.removeprefix("rel_")
    a, b, c, d = ops.split(boxes, 4, axis=-1)
    if kind in ("yxyx", "center_yxhw"):
        a, b, c, d = b, a, d, c
    if source.startswith("rel_"):
        a, b, c, d = a * width, b * height, c * width, d * height
    if kind in ("xyxy", "yxyx"):
        corners = [a, b, c, d]
    elif kind == "xywh":
        corners = [a, b, a + c, b + d]
    else:
        corners = [a - c / 2, b - d / 2, a + c / 2, b + d / 2]
    return ops.concatenate(corners, axis=-1)


def from_corners(corners: Any, target: str, height: int, width: int) -> Any:
    """Boxes in a format, from left, top, right, bottom in pixels."""
    kind = target.removeprefix("rel_")
    left, top, right, bottom = ops.split(corners, 4, axis=-1)
    if kind in ("xyxy", "yxyx"):
        a, b, c, d = left, top, right, bottom
    else:
        a, b, c, d = left, top, right - left, bottom - top
    if kind.startswith("center"):
        a, b = left + c / 2, top + d / 2
    if target.startswith("rel_"):
        a, b, c, d = a / width, b / height, c / width, d / height
    if kind in ("yxyx", "center_yxhw"):
        a, b, c, d = b, a, d, c
    return ops.concatenate([a, b, c, d], axis=-1)


def clipped(corners: Any, height: int, width: int) -> Any:
    """Corners inside of an image."""
    left, top, right, bottom = ops.split(corners, 4, axis=-1)
    x = [ops.clip(value, 0, width) for value in (left, right)]
    y = [ops.clip(value, 0, height) for value in (top, bottom)]
    return ops.concatenate([x[0], y[0], x[1], y[1]], axis=-1)


def area(corners: Any) -> Any:
    """The areas of boxes given as corners, without the last axis."""
    return (corners[..., 2] - corners[..., 0]) * (corners[..., 3] - corners[..., 1])


def shifted(corners: Any, left: Any, top: Any) -> Any:
    """Corners seen from a new origin."""
    return corners - ops.cast(ops.stack([left, top, left, top], axis=-1), corners.dtype)


def mapped(corners: Any, matrix: Any) -> Any:
    """The boxes around boxes that were moved by an affine map.

    Args:
        corners: Tensor of shape `(batch, boxes, 4)`.
        matrix: Tensor of shape `(batch, 8)`: where the pixels of the result come from, as `affine_transform` has it.
    """
    a0, a1, a2, b0, b1, b2 = (ops.cast(matrix[:, i : i + 1], corners.dtype) for i in range(6))
    determinant = a0 * b1 - a1 * b0
    left, top, right, bottom = (corners[..., i] - 0.5 for i in range(4))  # from edges to pixel centers
    points = []
    for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
        x, y = x - a2, y - b2
        points.append(((b1 * x - a1 * y) / determinant, (a0 * y - b0 * x) / determinant))
    xs, ys = (ops.stack(values, axis=-1) + 0.5 for values in zip(*points, strict=True))
    ends = [ops.min(xs, axis=-1), ops.min(ys, axis=-1), ops.max(xs, axis=-1), ops.max(ys, axis=-1)]
    return ops.stack(ends, axis=-1)
