"""Gathering and scattering: elements or slices at many computed places.

The primitives name, for each axis of the array, whether the places say where to begin there (it is mapped), whether
it goes along with an axis of the places (it is batched), and whether it shows in the result (it is not collapsed).
ONNX has whole slices along one axis, and else the coordinates of each element.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, rule
from addax.export.onnx.rules._shapes import pad


@dataclass(frozen=True, slots=True)
class _Windows:
    """How the windows of a gather or scatter lie.

    Attributes:
        shape: The shape of the array.
        sizes: The shape of a window in it.
        places: The shape of the places; the last axis has one number for each mapped axis.
        result: The shape of what is gathered, or of the updates.
        mapped: The axes of the array that the places count along.
        collapsed: Those that the result does not have.
        batched: Those that go along with axes of the places.
        batching: These axes of the places.
        offsets: The axes of the result that count inside a window.
    """

    shape: Sequence[Any]
    sizes: Sequence[Any]
    places: Sequence[Any]
    result: Sequence[Any]
    mapped: Sequence[int]
    collapsed: Sequence[int]
    batched: Sequence[int]
    batching: Sequence[int]
    offsets: Sequence[int]

    @property
    def limits(self) -> list[Any]:
        """The last place, for each mapped axis, where a window still lies inside."""
        return [self.shape[i] - self.sizes[i] for i in self.mapped]

    @property
    def outer(self) -> list[int]:
        """The axes of the result that count windows."""
        return [i for i in range(len(self.result)) if i not in self.offsets]

    def over_result(self, dims: Sequence[Any]) -> list[Any]:
        """A shape that has one number for each window, as it lies in the result."""
        outer = self.outer
        return [dims[outer.index(i)] if i in outer else 1 for i in range(len(self.result))]


@rule("gather")
def _gather(graph: Graph, call: Call, x: str, places: str) -> str:
    numbers = call.params["dimension_numbers"]
    windows = _Windows(
        shape=call.inputs[0].shape,
        sizes=call.params["slice_sizes"],
        places=call.inputs[1].shape,
        result=call.output.shape,
        mapped=numbers.start_index_map,
        collapsed=numbers.collapsed_slice_dims,
        batched=numbers.operand_batching_dims,
        batching=numbers.start_indices_batching_dims,
        offsets=numbers.offset_dims,
    )
    places = graph.cast(places, np.int64)
    inner = _moved_inside(graph, places, windows)
    if len(windows.places) == 1 and windows.mapped:
        result = _one_window(graph, x, inner, windows)
    elif _takes_rows(windows):
        result = _rows(graph, x, inner, windows)
    else:
        result = graph.op("GatherND", x, _coordinates(graph, inner, windows))
    if "FILL" not in str(call.params["mode"]) or _always_inside(graph.known(places), windows):
        return result
    inside = graph.reshape(_inside(graph, places, windows), windows.over_result(windows.places[:-1]))
    if call.output.dtype == bool:  # onnxruntime chooses among numbers only
        return graph.op("Or", result, graph.op("Not", inside))
    fill = graph.constant(_fill_value(call.params.get("fill_value"), call.output.dtype), call.output.dtype)
    return graph.op("Where", inside, result, fill)


def _always_inside(places: Any, windows: _Windows) -> bool:
    """Whether the places are known, and so are the limits, and no window is outside."""
    if places is None or not all(isinstance(limit, int) for limit in windows.limits):
        return False
    return bool(np.all((places >= 0) & (places <= np.array(windows.limits))))


def _one_window(graph: Graph, x: str, place: str, windows: _Windows) -> str:
    """The one part that begins at a place."""
    end = graph.op("Add", place, graph.shape([windows.sizes[i] for i in windows.mapped]))
    part = graph.op("Slice", x, place, end, graph.ints(*windows.mapped))
    return graph.reshape(part, windows.result) if windows.collapsed else part


def _takes_rows(windows: _Windows) -> bool:
    if len(windows.mapped) != 1 or tuple(windows.collapsed) != tuple(windows.mapped):
        return False
    both = zip(windows.shape, windows.sizes, strict=True)
    return all(str(dim) == str(size) for i, (dim, size) in enumerate(both) if i not in windows.mapped)


def _rows(graph: Graph, x: str, places: str, windows: _Windows) -> str:
    """Whole slices by their places on one axis, as embeddings are looked up."""
    (axis,), of_places = windows.mapped, windows.places[:-1]
    result = graph.op("Gather", x, graph.reshape(places, of_places), axis=axis)
    # ONNX has the places' axes where the axis was; they go where the primitive has them.
    behind = range(axis + len(of_places), len(windows.result))
    inside, outer = iter([*range(axis), *behind]), iter(range(axis, axis + len(of_places)))
    order = [next(inside) if i in windows.offsets else next(outer) for i in range(len(windows.result))]
    return graph.transpose(result, order)


def _moved_inside(graph: Graph, places: str, windows: _Windows) -> str:
    if not windows.mapped or _always_inside(graph.known(places), windows):
        return places
    low = graph.op("Max", places, graph.ints(0))
    return graph.op("Min", low, graph.shape(windows.limits))


def _inside(graph: Graph, places: str, windows: _Windows) -> str:
    """Whether each window lies inside of the array, in the shape of the places without their last axis."""
    low = graph.op("GreaterOrEqual", places, graph.ints(0))
    high = graph.op("LessOrEqual", places, graph.shape(windows.limits))
    both = graph.cast(graph.op("And", low, high), np.int32)
    return graph.cast(graph.op("ReduceMin", both, graph.ints(len(windows.places) - 1), keepdims=0), bool)


def _coordinates(graph: Graph, places: str, windows: _Windows) -> str:
    """For each element of the result, where it lies in the array."""
    rank, outer, offsets = len(windows.result), windows.outer, iter(windows.offsets)
    columns = []
    for axis in range(len(windows.shape)):
        terms = []
        if axis in windows.mapped:
            number, last = windows.mapped.index(axis), len(windows.places) - 1
            starts = graph.op("Slice", places, graph.ints(number), graph.ints(number + 1), graph.ints(last))
            terms.append(graph.reshape(starts, windows.over_result(windows.places[:-1])))
        if axis in windows.batched:
            along = windows.batching[windows.batched.index(axis)]
            terms.append(_counting(graph, windows.places[along], outer[along], rank))
        elif axis not in windows.collapsed:
            terms.append(_counting(graph, windows.sizes[axis], next(offsets), rank))
        column = graph.op("Add", *terms) if len(terms) == 2 else terms[0]
        column = graph.op("Expand", column, graph.shape(windows.result))
        columns.append(graph.op("Unsqueeze", column, graph.ints(rank)))
    return graph.op("Concat", *columns, axis=rank)


def _counting(graph: Graph, dim: Any, axis: int, rank: int) -> str:
    """0, 1, 2, ... along one axis."""
    return graph.reshape(graph.range(dim), [dim if i == axis else 1 for i in range(rank)])


def _fill_value(value: Any, dtype: Any) -> Any:
    """What JAX puts where a place is outside of the array."""
    if value is not None:
        return value
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        return limits.max if np.issubdtype(dtype, np.unsignedinteger) else limits.min
    return np.nan


_SCATTERS = {
    "scatter": None,
    "scatter-add": "add",
    "scatter_add": "add",
    "scatter-mul": "mul",
    "scatter_mul": "mul",
    "scatter_max": "max",
    "scatter_min": "min",
}


@rule(*_SCATTERS)
def _scatter(graph: Graph, call: Call, x: str, places: str, updates: str) -> str:
    numbers, shape = call.params["dimension_numbers"], call.inputs[0].shape
    hidden = (*numbers.inserted_window_dims, *numbers.operand_batching_dims)
    dims = iter([call.inputs[2].shape[i] for i in numbers.update_window_dims])
    windows = _Windows(
        shape=shape,
        sizes=[1 if i in hidden else next(dims) for i in range(len(shape))],
        places=call.inputs[1].shape,
        result=call.inputs[2].shape,
        mapped=numbers.scatter_dims_to_operand_dims,
        collapsed=numbers.inserted_window_dims,
        batched=numbers.operand_batching_dims,
        batching=numbers.scatter_indices_batching_dims,
        offsets=numbers.update_window_dims,
    )
    places, kind = graph.cast(places, np.int64), _SCATTERS[call.name]
    if "CLIP" in str(call.params["mode"]):
        places = _moved_inside(graph, places, windows)
    elif "FILL" in str(call.params["mode"]) and not _always_inside(graph.known(places), windows):
        return _scatter_or_drop(graph, call, x, places, updates, windows, kind)
    return graph.op("ScatterND", x, _coordinates(graph, places, windows), updates, reduction=kind)


def _scatter_or_drop(
    graph: Graph, call: Call, x: str, places: str, updates: str, windows: _Windows, kind: str | None
) -> str:
    """Windows that are not inside go behind the end of an axis, in a margin that is cut off again."""
    axis, rank = windows.mapped[0], len(windows.shape)
    inside = graph.op("Unsqueeze", _inside(graph, places, windows), graph.ints(len(windows.places) - 1))
    margin = graph.shape([windows.shape[axis], *[0] * (len(windows.mapped) - 1)])
    places = graph.op("Where", inside, places, margin)
    logical = call.input.dtype == bool  # onnxruntime pads numbers only
    x = graph.cast(x, np.int32) if logical else x
    zero = graph.constant(0, np.int32 if logical else call.input.dtype)
    wide = pad(graph, x, [(0, windows.sizes[axis] if i == axis else 0) for i in range(rank)], zero)
    updates = graph.cast(updates, np.int32) if logical else updates
    wide = graph.op("ScatterND", wide, _coordinates(graph, places, windows), updates, reduction=kind)
    result = graph.op("Slice", wide, graph.ints(0), graph.size(windows.shape[axis]), graph.ints(axis))
    return graph.cast(result, bool) if logical else result
