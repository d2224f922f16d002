"""`summary`: a model as a table in plain text."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from addax.core import tree
from addax.core.errors import message
from addax.layers import InputLayer, Layer


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the layers of a model with output shapes and numbers of parameters.

    Args:
        model: The model.
        line_length: The width of the table; that of the terminal if None.
        positions: Ends of the columns, as parts of the width.
        print_fn: Takes each line; `print` if None.
        expand_nested: Whether the layers of nested models get rows.
        show_trainable: Whether a column says which layers are trained.
        layer_range: Two names (or patterns of names): the first and the last layer to show.
    """
    rows = _rows(model, expand_nested, layer_range, _calls(model))
    connected = _is_branched(model)
    header = ["Layer (type)", "Output Shape", "Param #"]
    if connected:
        header.append("Connected to")
    if show_trainable:
        header.append("Trai..." if connected else "Trainable")
    cells = []
    for row in rows:
        line = [row.title, row.shape, row.params]
        if connected:
            line.append(row.parents)
        if show_trainable:
            line.append(row.trainable)
        cells.append(line)
    widths = _widths(header, cells, line_length, positions)
    emit = print_fn or print
    for line in [f'Model: "{model.name}"', *_table(header, cells, widths), *_totals(model)]:
        emit(line)


class _Row:
    def __init__(self, layer: Any, depth: int, calls: set[int] | None) -> None:
        indent = "    " * (depth - 1) + ("└ " if depth else "")
        weights = getattr(layer, "weights", ())
        self.title = f"{indent}{layer.name} ({type(layer).__name__})"
        self.shape = _shape_text(layer)
        self.params = _params_text(layer, weights)
        self.parents = _parents(layer, calls)
        self.trainable = "-" if not weights else ("Y" if layer.trainable else "N")


def _calls(model: Any) -> set[int] | None:
    """The nodes of a model's graph, by identity; None if it has no graph."""
    graph = getattr(model, "_graph", None)
    return None if graph is None else {id(node) for node in graph.nodes}


def _rows(
    model: Any, expand: bool, layer_range: Sequence[str] | None, calls: set[int] | None, depth: int = 0
) -> list[_Row]:
    layers = _in_range(_operations(model), layer_range)
    rows = []
    for layer in layers:
        rows.append(_Row(layer, depth, calls))
        if expand and hasattr(layer, "layers") and layer.layers:
            rows.extend(_rows(layer, expand, None, _calls(layer), depth + 1))
    return rows


def _operations(model: Any) -> list:
    graph = getattr(model, "_graph", None)
    if graph is None or type(model).__name__ == "Sequential":
        return model.layers
    return graph.operations


def _in_range(layers: list, layer_range: Sequence[str] | None) -> list:
    if not layer_range:
        return layers
    if len(layer_range) != 2:
        raise ValueError(
            message(
                "`layer_range`.", expected="two names: the first and the last layer", received=layer_range
            )
        )
    found = []
    for pattern in layer_range:
        index = [
            i for i, layer in enumerate(layers) if layer.name == pattern or re.match(pattern, layer.name)
        ]
        if not index:
            raise ValueError(
                message(f"`layer_range` names no layer: {pattern!r}.", expected=str([x.name for x in layers]))
            )
        found.append(index)
    return layers[min(found[0]) : max(found[1]) + 1]


def _is_branched(model: Any) -> bool:
    """Whether the graph is more than a chain, so that its connections are worth a column."""
    graph = getattr(model, "_graph", None)
    if graph is None or type(model).__name__ == "Sequential":
        return False
    if len(graph.inputs) > 1:
        return True
    users: dict[int, int] = {}
    for node in graph.nodes:
        if len(node.inputs) > 1:
            return True
        for x in node.inputs:
            users[id(x)] = users.get(id(x), 0) + 1
    return any(count > 1 for count in users.values())


def _shape_text(layer: Any) -> str:
    if isinstance(layer, InputLayer):
        return str(tuple(layer.batch_shape))
    nodes = layer._inbound_nodes
    if nodes:
        shapes = tree.map_structure(lambda x: tuple(x.shape), nodes[-1].outputs)
    elif getattr(layer, "_graph", None) is not None:
        shapes = tree.map_structure(lambda x: tuple(x.shape), layer.output)
    else:
        shapes = layer.__dict__.get("_seen_output_shape")
        if shapes is None:
            return "?"
        shapes = tree.map_structure(lambda s: s, _plain(shapes))
    return str(shapes)


def _plain(shapes: Any) -> Any:
    """`TensorShape`s as tuples."""
    if isinstance(shapes, dict):
        return {k: _plain(v) for k, v in shapes.items()}
    if isinstance(shapes, tuple):
        return tuple(_plain(s) if isinstance(s, (tuple, list, dict)) else s for s in shapes)
    if isinstance(shapes, list):
        return [_plain(s) for s in shapes]
    return shapes


def _params_text(layer: Any, weights: Sequence) -> str:
    if not isinstance(layer, Layer):
        return "0"
    if not layer.built:
        return "0 (unbuilt)"
    return f"{_size(weights):,}"


def _parents(layer: Any, calls: set[int] | None) -> str:
    if calls is None:
        return "-"
    names = []
    for node in layer._inbound_nodes:
        if id(node) in calls:
            for x in node.inputs:
                names.append(
                    f"{x._node.operation.name}[{x._node.operation._inbound_nodes.index(x._node)}][{x._index}]"
                )
    return ", ".join(names) or "-"


def _widths(header: list, cells: list, line_length: int | None, positions: Any) -> list[int]:
    if positions:
        total = line_length or 100
        ends = [int(p * total) if p <= 1 else int(p) for p in positions][: len(header)]
        return [max(8, end - start - 3) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    natural = [max(len(str(row[i])) for row in [header, *cells]) for i in range(len(header))]
    limit = line_length or max(80, min(shutil.get_terminal_size((100, 24)).columns, 160))
    room = limit - 3 * len(header) - 1
    while sum(natural) > room and max(natural) > 14:
        natural[natural.index(max(natural))] -= 1
    spare = min(room, 66 if len(header) == 3 else room) - sum(natural)
    if line_length is not None or spare > 0:
        natural = [n + max(0, spare) // len(natural) for n in natural]
    return natural


def _table(header: list, cells: list, widths: list[int]) -> list[str]:
    def rule(left: str, middle: str, right: str, bar: str) -> str:
        return left + middle.join(bar * (w + 2) for w in widths) + right

    lines = [rule("┏", "┳", "┓", "━"), *_row_lines(header, widths, "┃"), rule("┡", "╇", "┩", "━")]
    for i, row in enumerate(cells):
        if i:
            lines.append(rule("├", "┼", "┤", "─"))
        lines.extend(_row_lines(row, widths, "│"))
    return [*lines, rule("└", "┴", "┘", "─")]


def _row_lines(row: list, widths: list[int], bar: str) -> list[str]:
    """A row, on several lines where a cell is too long."""
    columns = [_wrapped(str(cell), width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for k in range(max(map(len, columns))):
        parts = []
        for i, (column, width) in enumerate(zip(columns, widths, strict=True)):
            text = column[k] if k < len(column) else ""
            parts.append(text.rjust(width) if i == 2 else text.ljust(width))
        lines.append(f"{bar} " + f" {bar} ".join(parts) + f" {bar}")
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return [text[i : i + width] for i in range(0, len(text), width)] or [""]


def _totals(model: Any) -> list[str]:
    if not model.built:
        return [" Total params: 0 (unbuilt: call the model on data, or build(input_shape))"]
    trainable, weights = model.trainable_variables, model.weights
    ids = {id(v) for v in trainable}
    fixed = [v for v in weights if id(v) not in ids]
    lines = [
        f" Total params: {_count(weights)}",
        f" Trainable params: {_count(trainable)}",
        f" Non-trainable params: {_count(fixed)}",
    ]
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and optimizer.built and optimizer.variables:
        lines.append(f" Optimizer params: {_count(optimizer.variables)}")
    return lines


def _size(variables: Sequence) -> int:
    return sum(math.prod(v.shape) for v in variables)


def _count(variables: list) -> str:
    size = sum(math.prod(v.shape) * v.dtype.size for v in variables)
    return f"{_size(variables):,} ({_bytes_text(size)})"


def _bytes_text(size: float) -> str:
    """A number of bytes for people.

    Example:
        >>> _bytes_text(52), _bytes_text(2048)
        ('52.00 B', '2.00 KB')
    """
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"
