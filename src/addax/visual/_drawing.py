"""`Drawing`: rectangles, texts and arrows, as SVG text or (with Pillow) as an image."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from addax.core.errors import message
from addax.formats import atomic_file

_FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
_LINE = "#5b6472"
_MAX_PIXELS = 60_000_000
_STEPS = 16  # straight pieces of a curve in an image
# Widths of characters in parts of the font size, on the generous side.
_NARROW = frozenset("iljtfI.,:;'|!()[] /\\-")
_WIDE = frozenset("mwMW@%")

Point = tuple[float, float]


def text_width(text: str, size: float) -> float:
    """About how wide a text is.

    Example:
        >>> text_width("ill", 10) < text_width("www", 10)
        True
    """
    widths = (0.36 if c in _NARROW else 0.92 if c in _WIDE else 0.72 if c.isupper() else 0.58 for c in text)
    return size * sum(widths)


@dataclasses.dataclass
class Rectangle:
    """A rectangle with round corners."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "#ffffff"
    stroke: str = _LINE
    radius: float = 5.0
    dashed: bool = False


@dataclasses.dataclass
class Text:
    """A line of text; `y` is its middle, `x` its middle or (with `left`) its start."""

    x: float
    y: float
    text: str
    size: float = 12.0
    color: str = "#1d2430"
    bold: bool = False
    left: bool = False


@dataclasses.dataclass
class Arrow:
    """A line through points that ends in a head.

    Args:
        points: The points.
        sideways: Whether the line leaves and arrives horizontally.
        curved: Whether every second piece (from the second point to the third, and so on) is a curve.
    """

    points: list[Point]
    sideways: bool = False
    curved: bool = True


class Drawing:
    """A picture that notebooks show and files hold.

    Args:
        width: The width in points.
        height: The height in points.
        elements: What is drawn, the first at the bottom.
    """

    def __init__(self, width: float, height: float, elements: list[Any]) -> None:
        self.width = width
        self.height = height
        self.elements = elements

    def to_svg(self) -> str:
        """The picture as SVG text."""
        size = f'width="{self.width:.0f}" height="{self.height:.0f}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {self.width:.0f} {self.height:.0f}" '
            f"font-family={quoteattr(_FONT)}>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *map(_svg_element, self.elements),
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    _repr_svg_ = to_svg

    def save(self, path: Any, dpi: float = 200) -> None:
        """Write the picture to a file, atomically.

        Args:
            path: The file; `.svg` needs nothing, other endings (`.png`, `.jpg`, `.pdf`...) need Pillow.
            dpi: The resolution of an image, in dots per inch.

        Raises:
            ImportError: If Pillow is needed and missing.
            ValueError: If the ending means no kind of picture.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending == ".svg":
            with atomic_file(path) as temporary:
                Path(temporary).write_text(self.to_svg(), encoding="utf-8")
            return
        image, kinds = self._to_image(dpi)
        if ending not in kinds:
            raise ValueError(
                message(
                    "The ending means no kind of picture.",
                    expected=".svg, .png, .jpg, .pdf",
                    received=str(path),
                )
            )
        with atomic_file(path) as temporary:
            image.save(temporary, format=kinds[ending], dpi=(dpi, dpi))

    def _to_image(self, dpi: float) -> tuple[Any, dict[str, str]]:
        try:
            from PIL import Image
        except ImportError as error:
            raise ImportError(
                message(
                    "Pictures other than SVG are made by Pillow, which is not installed.",
                    hint="pip install pillow, or give the file the ending .svg.",
                )
            ) from error
        from addax.visual._raster import paint

        scale = min(dpi / 96, (_MAX_PIXELS / max(1.0, self.width * self.height)) ** 0.5)
        image = paint(self, scale)
        return image, Image.registered_extensions()


def _svg_element(element: Any) -> str:
    if isinstance(element, Rectangle):
        dash = ' stroke-dasharray="5 4"' if element.dashed else ""
        return (
            f'<rect x="{element.x:.1f}" y="{element.y:.1f}" width="{element.width:.1f}" '
            f'height="{element.height:.1f}" rx="{element.radius:.1f}" fill="{element.fill}" '
            f'stroke="{element.stroke}"{dash}/>'
        )
    if isinstance(element, Text):
        anchor = "start" if element.left else "middle"
        weight = ' font-weight="bold"' if element.bold else ""
        return (
            f'<text x="{element.x:.1f}" y="{element.y:.1f}" font-size="{element.size:g}" fill="{element.color}" '
            f'text-anchor="{anchor}" dominant-baseline="central"{weight}>{escape(element.text)}</text>'
        )
    line = f'<path d="{_svg_path(element)}" fill="none" stroke="{_LINE}" stroke-width="1.3"/>'
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in head_of(element))
    return f'{line}<polygon points="{corners}" fill="{_LINE}"/>'


def controls(a: Point, b: Point, sideways: bool) -> tuple[Point, Point]:
    """The control points of the curve between two points."""
    if sideways:
        middle = (a[0] + b[0]) / 2
        return (middle, a[1]), (middle, b[1])
    middle = (a[1] + b[1]) / 2
    return (a[0], middle), (b[0], middle)


def _svg_path(arrow: Arrow) -> str:
    if not arrow.curved:
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in polyline(arrow))
    points = arrow.points
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for i, (a, b) in enumerate(zip(points, points[1:], strict=False)):
        if i % 2:
            (cx, cy), (dx, dy) = controls(a, b, arrow.sideways)
            parts.append(f"C{cx:.1f} {cy:.1f} {dx:.1f} {dy:.1f} {b[0]:.1f} {b[1]:.1f}")
        else:
            parts.append(f"L{b[0]:.1f} {b[1]:.1f}")
    return "".join(parts)


def polyline(arrow: Arrow) -> list[Point]:
    """The line of an arrow as straight pieces."""
    if not arrow.curved:
        return _with_round_corners(arrow.points)
    found = [arrow.points[0]]
    for i, (a, b) in enumerate(zip(arrow.points, arrow.points[1:], strict=False)):
        found += _curve([a, *controls(a, b, arrow.sideways), b]) if i % 2 else [b]
    return found


def _curve(knots: list[Point], steps: int = _STEPS) -> list[Point]:
    """Points of a Bezier curve after its first, by de Casteljau's scheme."""
    found = []
    for step in range(1, steps + 1):
        t, points = step / steps, knots
        while len(points) > 1:
            pairs = zip(points, points[1:], strict=False)
            points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairs]
        found.append(points[0])
    return found


def _with_round_corners(points: list[Point], radius: float = 6.0) -> list[Point]:
    points = [p for i, p in enumerate(points) if not i or p != points[i - 1]]
    found = points[:1]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        cuts = [_towards(corner, end, radius) for end in (before, after)]
        found += [cuts[0], *_curve([cuts[0], corner, cuts[1]], 5)]
    return [*found, *points[1:][-1:]]


def _towards(a: Point, b: Point, distance: float) -> Point:
    """The point at a distance from `a` on the way to `b`, at most half of the way."""
    length = math.dist(a, b)
    part = min(0.5, distance / length) if length else 0.0
    return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part


def head_of(arrow: Arrow, length: float = 7.0, half: float = 3.4) -> list[Point]:
    """The three corners of an arrow's head."""
    x, y = arrow.points[-1]
    x0, y0 = next((p for p in reversed(arrow.points) if p != (x, y)), (x, y))
    if arrow.sideways:
        sign = 1 if x >= x0 else -1
        return [(x, y), (x - sign * length, y - half), (x - sign * length, y + half)]
    sign = 1 if y >= y0 else -1
    return [(x, y), (x - half, y - sign * length), (x + half, y - sign * length)]
