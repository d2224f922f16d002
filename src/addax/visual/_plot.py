"""`plot_model`: the graph of a model as a picture."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.visual._boxes import Box, Edge, Options, Picture, picture_of
from addax.visual._drawing import Arrow, Drawing, Point, Rectangle, Text, text_width
from addax.visual._layout import arrange

_TITLE, _SMALL = 13.0, 11.0  # sizes of text
_TITLE_HEIGHT, _LINE_HEIGHT = 24.0, 16.0
_MARGIN = 16.0
_MIN_WIDTH = 84.0
_PAPER = "#fbfaf7"  # the ground of frames
_TRACK = 7.0  # the distance between lines that run side by side
_STYLES = {
    "ortho": "ortho",
    "curved": "curved",
    "spline": "curved",
    "polyline": "straight",
    "line": "straight",
}
# The head of a box by the family of the layer; all are light enough for dark text.
_COLORS = {
    "attention": "#f5d6e6",
    "conv": "#d5e5fb",
    "core": "#dde3f8",
    "input": "#e4e7ec",
    "merge": "#d8f0e2",
    "model": "#f1e6d6",
    "norm": "#e3f1f5",
    "op": "#eceff3",
    "other": "#e9e2f3",
    "pool": "#d3eef2",
    "preprocess": "#efeedb",
    "regularize": "#f6e0dc",
    "reshape": "#e7ecd9",
    "rnn": "#fbe8c9",
}


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Drawing:
    """Draw the layers of a model and what leads where. Graphviz is not needed.

    Args:
        model: A model; one without a graph is a single box.
        to_file: Where the picture goes: `.svg` needs nothing, `.png` and other images need Pillow; None for
            no file.
        show_shapes: Whether boxes have the shapes of inputs and outputs.
        show_dtype: Whether boxes have the dtype of the output.
        show_layer_names: Whether boxes have the names of the layers.
        rankdir: `"TB"`, from top to bottom, or `"LR"`, from left to right.
        expand_nested: Whether models inside are opened, as frames.
        dpi: The resolution of an image, in dots per inch.
        show_layer_activations: Whether boxes have the activation functions.
        show_trainable: Whether boxes of layers with weights say if these are trained.
        splines: `"ortho"` for right angles, `"curved"` (or `"spline"`) for curves, `"polyline"` (or `"line"`) for
            straight lines.
        **kwargs: None; what is unknown is refused.

    Returns:
        The drawing, which notebooks show; `save(path)` writes it to further files.

    Raises:
        TypeError: If there are unknown arguments.
        ValueError: If the model is no model, or `rankdir` or `splines` is none of these.
        ImportError: If `to_file` needs Pillow and it is missing.

    Example:
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
        >>> drawing = keras.utils.plot_model(model, to_file=None, show_shapes=True)
        >>> "(None, 2)" in drawing.to_svg()
        True
    """
    if kwargs:
        raise TypeError(f"plot_model() got unknown arguments {sorted(kwargs)}.")
    if splines not in _STYLES:
        raise ValueError(message("`splines` is wrong.", expected=str(sorted(_STYLES)), received=splines))
    if rankdir not in ("TB", "LR"):
        raise ValueError(message("`rankdir` is wrong.", expected='"TB" or "LR"', received=rankdir))
    if not hasattr(model, "layers") or not hasattr(model, "fit"):
        raise ValueError(message("plot_model() draws models.", expected="a model", received=model))
    options = Options(
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        activations=show_layer_activations,
        trainable=show_trainable,
        expand_nested=expand_nested,
    )
    placed = _Placed(picture_of(model, options), sideways=rankdir == "LR")
    elements: list[Any] = []
    placed.draw(_MARGIN, _MARGIN, elements, _STYLES[splines])
    drawing = Drawing(placed.width + 2 * _MARGIN, placed.height + 2 * _MARGIN, elements)
    if to_file is not None:
        drawing.save(to_file, dpi)
    return drawing


class _Placed:
    """A picture with the place of every box; frames hold further ones."""

    def __init__(self, picture: Picture, sideways: bool) -> None:
        self.picture = picture
        self.sideways = sideways
        self.inside = [None if box.inside is None else _Placed(box.inside, sideways) for box in picture.boxes]
        self.sizes = [self._size(i) for i in range(len(picture.boxes))]
        sizes = [(h, w) for w, h in self.sizes] if sideways else self.sizes
        ends = [(edge.source, edge.target) for edge in picture.edges]
        layout = arrange(sizes, ends, rank_gap=46.0 if sideways else 32.0)
        self.places = [self._turned(p) for p in layout.places]
        self.routes = [[self._turned(p) for p in route] for route in layout.routes]
        self.width, self.height = self._turned(layout.size)

    def _turned(self, point: Point) -> Point:
        return (point[1], point[0]) if self.sideways else point

    def _size(self, i: int) -> Point:
        box, inside = self.picture.boxes[i], self.inside[i]
        title = text_width(box.title, _TITLE) * 1.06
        if inside is not None:
            below = _TITLE_HEIGHT + _MARGIN / 2 if self.sideways else 1.5 * _MARGIN  # inputs in the middle
            height = _TITLE_HEIGHT + _MARGIN / 2 + inside.height + below
            return max(inside.width, title) + 2 * _MARGIN, height
        width = max([title, *(text_width(line, _SMALL) for line in box.lines)]) + 22
        extra = len(box.lines) * _LINE_HEIGHT + 6 if box.lines else 0
        return max(_MIN_WIDTH, width), _TITLE_HEIGHT + extra

    # Drawing ---------------------------------------------------------------------------------------------
    def draw(self, left: float, top: float, elements: list[Any], style: str) -> None:
        """Add everything to a list of elements, the corner at `(left, top)`."""
        for i, box in enumerate(self.picture.boxes):
            x, y = self.places[i]
            if self.inside[i] is not None:
                self._draw_frame(i, left + x, top + y, elements, style)
            else:
                _draw_box(box, left + x, top + y, *self.sizes[i], elements)
        lines = [self._attached(e, r) for e, r in zip(self.picture.edges, self.routes, strict=True) if r]
        if style == "ortho":
            lines = self._with_corners(lines)
        for line in lines:
            points = [(left + x, top + y) for x, y in line]
            elements.append(Arrow(points, self.sideways, curved=style == "curved"))
        for i, inside in enumerate(self.inside):
            if inside is not None:
                self._draw_title(i, left + self.places[i][0], top + self.places[i][1], elements)

    def _draw_title(self, i: int, x: float, y: float, elements: list[Any]) -> None:
        """The title of a frame, over the arrows that come in."""
        title, middle = self.picture.boxes[i].title, y + _TITLE_HEIGHT / 2 + 1
        width = text_width(title, _SMALL) * 1.06
        elements.append(Rectangle(x + 7, middle - 8, width + 6, 16, fill=_PAPER, stroke=_PAPER))
        elements.append(Text(x + 10, middle, title, _SMALL, bold=True, left=True))

    def _draw_frame(self, i: int, x: float, y: float, elements: list[Any], style: str) -> None:
        inside, (width, height) = self.inside[i], self.sizes[i]
        assert inside is not None
        elements.append(Rectangle(x, y, width, height, fill=_PAPER, dashed=True, radius=8))
        inside.draw(*self._inner_corner(i, x, y), elements, style)

    def _inner_corner(self, i: int, x: float, y: float) -> Point:
        """Where the content of a frame begins, whose corner is at `(x, y)`."""
        inside = self.inside[i]
        assert inside is not None
        return x + (self.sizes[i][0] - inside.width) / 2, y + _TITLE_HEIGHT + _MARGIN / 2

    def _attached(self, edge: Edge, route: list[Point]) -> list[Point]:
        """A route from border to border of its two boxes, or into the frames to the boxes that are meant."""
        upwards = self._along(route[0]) > self._along(route[-1])
        start = self._port(edge.source, edge.output, leaving=not upwards, by_output=True)
        end = self._port(edge.target, edge.input, leaving=upwards, by_output=False)
        points = [start, self._beside(start, route[0]), *route[1:-1], self._beside(end, route[-1]), end]
        return points

    def _with_corners(self, lines: list[list[Point]]) -> list[list[Point]]:
        """Lines whose slanting pieces are right angles; what comes from one point shares its way across."""
        tracks = self._tracks(lines)
        found = []
        for line in lines:
            points = [line[0]]
            for i, (a, b) in enumerate(zip(line, line[1:], strict=False)):
                if i % 2 and (a, b) in tracks:
                    track = tracks[a, b]
                    turns = (
                        [(track, a[1]), (track, b[1])] if self.sideways else [(a[0], track), (b[0], track)]
                    )
                    points += turns
                points.append(b)
            found.append(points)
        return found

    def _tracks(self, lines: list[list[Point]]) -> dict[tuple[Point, Point], float]:
        """Where, between two ranks, each slanting piece goes across."""
        across = 1 if self.sideways else 0
        starts: dict[tuple[float, float], dict[Point, list[tuple[Point, Point]]]] = {}
        for line in lines:
            for i, (a, b) in enumerate(zip(line, line[1:], strict=False)):
                if i % 2 and abs(a[across] - b[across]) > 0.5:
                    between = tuple(sorted((round(self._along(a)), round(self._along(b)))))
                    starts.setdefault(between, {}).setdefault(a, []).append((a, b))  # type: ignore[arg-type]
        found = {}
        for (low, high), groups in starts.items():
            step = min(_TRACK, 0.7 * (high - low) / len(groups))
            for k, pieces in enumerate(sorted(groups.values(), key=lambda group: group[0][0][across])):
                for piece in pieces:
                    found[piece] = (low + high) / 2 + (k - (len(groups) - 1) / 2) * step
        return found

    def _along(self, point: Point) -> float:
        return point[0] if self.sideways else point[1]

    def _beside(self, port: Point, point: Point) -> Point:
        """The point of a rank's border that is straight before a port."""
        return (point[0], port[1]) if self.sideways else (port[0], point[1])

    def _port(self, i: int, number: int, leaving: bool, by_output: bool) -> Point:
        """The middle of the far (if leaving) or near side of a box, or of the box in a frame that is meant."""
        (x, y), (width, height) = self.places[i], self.sizes[i]
        inside = self.inside[i]
        if inside is not None:
            ends = inside.picture.outputs if by_output else inside.picture.inputs
            dx, dy = inside._port(ends[min(number, len(ends) - 1)], 0, leaving, by_output)
            left, top = self._inner_corner(i, x, y)
            return left + dx, top + dy
        if self.sideways:
            return (x + width if leaving else x), y + height / 2
        return x + width / 2, (y + height if leaving else y)


def _draw_box(box: Box, x: float, y: float, width: float, height: float, elements: list[Any]) -> None:
    color = _COLORS.get(box.family, _COLORS["other"])
    elements.append(Rectangle(x, y, width, height))
    elements.append(Rectangle(x, y, width, min(height, _TITLE_HEIGHT), fill=color))
    middle = x + width / 2
    elements.append(Text(middle, y + _TITLE_HEIGHT / 2, box.title, _TITLE, bold=True))
    for i, line in enumerate(box.lines):
        at = y + _TITLE_HEIGHT + 3 + (i + 0.5) * _LINE_HEIGHT
        elements.append(Text(middle, at, line, _SMALL))
