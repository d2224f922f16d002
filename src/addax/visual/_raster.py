"""A drawing as an image, painted by Pillow."""

from __future__ import annotations

import functools
from typing import Any

from addax.visual._drawing import _LINE, Arrow, Drawing, Rectangle, Text, head_of, polyline


def paint(drawing: Drawing, scale: float) -> Any:
    """The picture as a `PIL.Image`, `scale` pixels a point."""
    from PIL import Image, ImageDraw

    size = max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale))
    image = Image.new("RGB", size, "#ffffff")
    canvas = ImageDraw.Draw(image)
    for element in drawing.elements:
        if isinstance(element, Rectangle):
            _rectangle(canvas, element, scale)
        elif isinstance(element, Text):
            _text(canvas, element, scale)
        else:
            _arrow(canvas, element, scale)
    return image


def _rectangle(canvas: Any, box: Rectangle, scale: float) -> None:
    corners = [box.x * scale, box.y * scale, (box.x + box.width) * scale, (box.y + box.height) * scale]
    width = max(1, round(scale))
    if not box.dashed:
        canvas.rounded_rectangle(corners, box.radius * scale, fill=box.fill, outline=box.stroke, width=width)
        return
    canvas.rounded_rectangle(corners, box.radius * scale, fill=box.fill)
    left, top, right, bottom = corners
    for a, b in (((left, top), (right, top)), ((left, bottom), (right, bottom))):
        _dashes(canvas, a, b, scale, box.stroke, width)
    for a, b in (((left, top), (left, bottom)), ((right, top), (right, bottom))):
        _dashes(canvas, a, b, scale, box.stroke, width)


def _dashes(canvas: Any, a: tuple, b: tuple, scale: float, color: str, width: int) -> None:
    length = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
    step = 9 * scale
    for k in range(int(length // step) + 1):
        start, end = k * step / length, min(1.0, (k * step + 5 * scale) / length)
        points = [tuple(p + (q - p) * t for p, q in zip(a, b, strict=True)) for t in (start, end)]
        canvas.line(points, fill=color, width=width)


@functools.lru_cache(maxsize=64)
def _font(size: float) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _text(canvas: Any, text: Text, scale: float) -> None:
    canvas.text(
        (text.x * scale, text.y * scale),
        text.text,
        fill=text.color,
        font=_font(round(text.size * scale, 1)),
        anchor="lm" if text.left else "mm",
        stroke_width=scale * 0.35 if text.bold else 0,
        stroke_fill=text.color if text.bold else None,
    )


def _arrow(canvas: Any, arrow: Arrow, scale: float) -> None:
    points = [(x * scale, y * scale) for x, y in polyline(arrow)]
    canvas.line(points, fill=_LINE, width=max(1, round(1.3 * scale)), joint="curve")
    canvas.polygon([(x * scale, y * scale) for x, y in head_of(arrow)], fill=_LINE)
