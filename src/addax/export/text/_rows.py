"""Rows of unequal length in a graph: a vector of values, and where each row begins."""

from __future__ import annotations

from typing import Any

from addax.export.text._graph import STRING, Shape, TextGraph, Value, int_attr, type_attr
from addax.export.text._unknown import UnknownRows


def _ends(g: TextGraph, splits: Value, begin: int, end: int, mask: int) -> Value:
    attrs: dict[str, Any] = {"T": type_attr("int64"), "Index": type_attr("int64"), "end_mask": int_attr(mask)}
    bounds = (g.const([begin]), g.const([end]), g.const([1]))
    return g.op("StridedSlice", splits, *bounds, dtype="int64", shape=(None,), **attrs)


def lengths(g: TextGraph, splits: Value) -> Value:
    """The lengths of rows, in 64 bits."""
    return g.binary("Sub", _ends(g, splits, 1, 0, 1), _ends(g, splits, 0, -1, 0))


def numbers(g: TextGraph, values: Value, splits: Value) -> Value:
    """For each value the number of its row."""
    attrs: dict[str, Any] = {"T": type_attr("int64"), "out_type": type_attr("int64")}
    reshaping: dict[str, Any] = {"T": type_attr("int64"), "Tshape": type_attr("int64")}
    flat = [splits, g.count_up(g.size(values))]
    one = [g.op("Reshape", x, g.const([1, -1]), dtype="int64", shape=(1, None), **reshaping) for x in flat]
    found = g.op("UpperBound", *one, dtype="int64", shape=(1, None), **attrs)
    return g.binary("Sub", g.reshape(found, (None,)), g.const(1))


def filled(
    g: TextGraph, values: Value, splits: Value, length: int | None, batch: Shape, default: Value
) -> Value:
    """Rows cut and padded to a length, or to that of the longest, which is 1 at least: programs need a size."""
    if length is None:
        width = g.binary("Maximum", g.largest(lengths(g, splits)), g.const(1))
    else:
        width = g.const(length)
    sizes = g.op(
        "Pack",
        g.const(-1),
        width,
        dtype="int64",
        shape=(2,),
        N=int_attr(2),
        T=type_attr("int64"),
        axis=int_attr(0),
    )
    dense = g.op(
        "RaggedTensorToTensor",
        sizes,
        values,
        default,
        splits,
        dtype=values.dtype,
        shape=(batch[0] if batch else 1, length),
        out="result",
        T=type_attr(values.dtype),
        Tindex=type_attr("int64"),
        Tshape=type_attr("int64"),
        num_row_partition_tensors=int_attr(1),
        row_partition_types={"list": {"s": [b"ROW_SPLITS"]}},
    )
    return dense if batch else g.reshape(dense, (length,))


def vectorized(session: Any, g: TextGraph, layer: Any, x: Value) -> UnknownRows:
    """What a `TextVectorization` with `ragged=True` gives."""
    from addax.export.text._vectorize import found_rows

    found, splits, batch = found_rows(g, layer, x)
    return UnknownRows(session, g.cast(found, "int32"), splits, batch, g is session.after)


def split_rows(g: TextGraph, x: Value, separator: str, most: int) -> tuple[Value, Value]:
    """The parts of the texts of a vector, and where each text's begin."""
    name = g.node("StringSplitV2", [x.ref, g.const(separator, STRING).ref], maxsplit=int_attr(most))
    words, places = Value(f"{name}:values:0", STRING, (None,)), Value(f"{name}:indices:0", "int64", (None, 2))
    column: dict[str, Any] = {"T": type_attr("int64"), "Index": type_attr("int64"), "begin_mask": int_attr(1)}
    column |= {"end_mask": int_attr(1), "shrink_axis_mask": int_attr(2)}
    bounds = (g.const([0, 0]), g.const([0, 1]), g.const([1, 1]))
    rows = g.op("StridedSlice", places, *bounds, dtype="int64", shape=(None,), **column)
    every = g.count_up(g.binary("AddV2", g.size(x), g.const(1)))
    attrs: dict[str, Any] = {"T": type_attr("int64"), "out_type": type_attr("int64")}
    reshaping: dict[str, Any] = {"T": type_attr("int64"), "Tshape": type_attr("int64")}
    one = [
        g.op("Reshape", y, g.const([1, -1]), dtype="int64", shape=(1, None), **reshaping)
        for y in (rows, every)
    ]
    splits = g.op("LowerBound", *one, dtype="int64", shape=(1, None), **attrs)
    return words, g.reshape(splits, (None,))
