"""`model_to_dot`: the graph of a model in the language of Graphviz, for other programs to draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from addax.core.errors import message
from addax.visual._boxes import Box, Options, Picture, picture_of

_SPLINES = ("curved", "line", "ortho", "polyline", "spline")


class Dot:
    """A graph as DOT text.

    Args:
        text: The text.

    Attributes:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def to_string(self) -> str:
        """The text."""
        return self.text

    def __str__(self) -> str:
        return self.text

    def write(self, path: Any) -> None:
        """Write the text to a file.

        Args:
            path: The file, such as `"model.dot"`.
        """
        Path(path).write_text(self.text, encoding="utf-8")


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Dot:
    """The layers of a model and what leads where, as DOT text. `plot_model` draws without Graphviz.

    Args:
        model: A model; one without a graph is a single box.
        show_shapes: Whether boxes have the shapes of inputs and outputs.
        show_dtype: Whether boxes have the dtype of the output.
        show_layer_names: Whether boxes have the names of the layers.
        rankdir: `"TB"`, from top to bottom, or `"LR"`, from left to right.
        expand_nested: Whether models inside are opened, as clusters.
        dpi: The resolution that Graphviz is told.
        subgraph: Whether the text is a cluster, to stand inside another graph.
        show_layer_activations: Whether boxes have the activation functions.
        show_trainable: Whether boxes of layers with weights say if these are trained.
        splines: How Graphviz draws the edges.
        **kwargs: None; what is unknown is refused.

    Returns:
        An object with `to_string()` and `write(path)`.

    Raises:
        TypeError: If there are unknown arguments.
        ValueError: If the model is no model, or `rankdir` or `splines` is none of Graphviz's.

    Example:
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="out")])
        >>> print(keras.utils.model_to_dot(model).to_string().splitlines()[-2])
          "0" -> "1";
    """
    if kwargs:
        raise TypeError(f"model_to_dot() got unknown arguments {sorted(kwargs)}.")
    if rankdir not in ("TB", "LR"):
        raise ValueError(message("`rankdir` is wrong.", expected='"TB" or "LR"', received=rankdir))
    if splines not in _SPLINES:
        raise ValueError(message("`splines` is wrong.", expected=str(_SPLINES), received=splines))
    if not hasattr(model, "layers") or not hasattr(model, "fit"):
        raise ValueError(message("model_to_dot() describes models.", expected="a model", received=model))
    options = Options(
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        activations=show_layer_activations,
        trainable=show_trainable,
        expand_nested=expand_nested,
    )
    picture = picture_of(model, options)
    start = f"subgraph {_quoted('cluster_' + model.name)} {{" if subgraph else "digraph G {"
    settings = [f"rankdir={rankdir};", f"dpi={dpi:g};", f"splines={splines};", "node [shape=record];"]
    settings = [f"label={_quoted(model.name)};"] if subgraph else settings
    prefix = f"{model.name}/" if subgraph else ""
    body = [*settings, *_content(picture, prefix)]
    return Dot("\n".join([start, *(f"  {line}" for line in body), "}", ""]))


def _content(picture: Picture, prefix: str) -> list[str]:
    """The lines of boxes and edges; the names of nodes are their numbers, inside of frames after the frame's."""
    lines = []
    for number, box in enumerate(picture.boxes):
        name = f"{prefix}{number}"
        if box.inside is None:
            lines.append(f"{_quoted(name)} [label={_quoted(_label(box))}];")
            continue
        lines.append(f"subgraph {_quoted('cluster_' + name)} {{")
        inside = [f"label={_quoted(box.title)};", *_content(box.inside, f"{name}/")]
        lines += [*(f"  {line}" for line in inside), "}"]
    for edge in picture.edges:
        source = _end(picture.boxes, edge.source, edge.output, prefix, outputs=True)
        target = _end(picture.boxes, edge.target, edge.input, prefix, outputs=False)
        lines.append(f"{_quoted(source)} -> {_quoted(target)};")
    return lines


def _end(boxes: list[Box], number: int, port: int, prefix: str, outputs: bool) -> str:
    """The node where an edge begins or ends; that of an opened model is inside of it."""
    name, inside = f"{prefix}{number}", boxes[number].inside
    if inside is None:
        return name
    ends = inside.outputs if outputs else inside.inputs
    return _end(inside.boxes, ends[min(port, len(ends) - 1)], 0, f"{name}/", outputs)


def _label(box: Box) -> str:
    """The text of a box in Graphviz's form of records, one cell a line."""
    cells = [_escaped(text) for text in (box.title, *box.lines)]
    return "{" + "|".join(cells) + "}"


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "{}|<>\\" else letter for letter in text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
