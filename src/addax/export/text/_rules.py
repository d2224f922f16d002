"""Layers over texts and integers, and what changes the shape of texts, as TensorFlow's operations.

A rule gives the value that goes into the program, and what the program makes of it first (None for nothing).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax import layers
from addax.core.errors import message
from addax.export._program import PassedOn
from addax.export.text._graph import STRING, TextGraph, Value, int_attr, type_attr
from addax.layers.preprocess._discretization import Discretization
from addax.layers.preprocess._lookup import IndexLookup

After = Callable[[Any], Any] | None
Found = tuple[Value, After]

_CROSSING_KEY = 0xDECAFCAFFE


class TextExportError(PassedOn):
    """The model does something with texts that the format has no operations for."""


def refusal(layer: Any, problem: str, received: Any, hint: str) -> TextExportError:
    """The error for a layer that cannot be exported."""
    return TextExportError(message(problem, where=f"layer '{layer.name}'", received=received, hint=hint))


def indices(g: TextGraph, layer: IndexLookup, x: Value) -> Value:
    """The indices of tokens, those that no output counts included, in 64 bits."""
    try:
        keys, values = layer.as_table()
    except RuntimeError as error:
        raise TextExportError(str(error)) from error
    count, start = layer.num_oov_indices, layer._oov_start
    if count == 1:
        return g.lookup(keys, values, x, start)
    found = g.lookup(keys, values, x, -1)
    if count == 0:
        known = g.binary("NotEqual", found, g.const(-1))
        return g.demand(known, f"Layer '{layer.name}' met a token that its vocabulary does not have.", found)
    if x.dtype != STRING and layer.oov_method == "floormod":
        share = g.binary("FloorMod", g.cast(x, "int64"), g.const(count))
    else:
        share = g.hash(x, count, layer.salt)
    share = g.binary("AddV2", share, g.const(start))
    return g.select(g.binary("Equal", found, g.const(-1)), share, found)


def _lookup(g: TextGraph, layer: Any, x: Value) -> Found:
    if layer.invert:
        return tokens(g, layer, x), None
    _of_kind(layer, x, text=layer.vocabulary_dtype == STRING)
    return g.cast(indices(g, layer, x), "int32"), None if layer.output_mode == "int" else layer.encode


def tokens(g: TextGraph, layer: Any, x: Value) -> Value:
    """The tokens of indices."""
    if layer.vocabulary_dtype != STRING:
        raise refusal(
            layer, "Integers of 64 bits are made after texts.", x.dtype, "Leave this to the client."
        )
    table = [(token or "").encode() for token in [*layer.get_vocabulary(), layer.oov_token]]
    x, last = g.cast(x, "int64"), g.const(len(table) - 1)
    inside = g.both(g.binary("GreaterEqual", x, g.const(0)), g.binary("Less", x, last))
    return g.take(g.const(table, STRING), g.select(inside, x, last))


def _hashing(g: TextGraph, layer: Any, x: Value) -> Found:
    if x.dtype != STRING:
        x = g.cast(x, "int64")  # the whole part of floats counts
    if layer.mask_value is None or layer.num_bins == 1:
        bins = g.hash(x, layer.num_bins, layer.salt)
    else:
        mask = g.const(layer.mask_value, x.dtype)
        others = g.binary("AddV2", g.hash(x, layer.num_bins - 1, layer.salt), g.const(1))
        masked = g.binary("Equal", x, mask)
        # A scalar takes the place of an array of zeros.
        bins = g.select(masked, g.const(0), others)
    return g.cast(bins, "int32"), None if layer.output_mode == "int" else layer.encode


def _crossing(g: TextGraph, layer: Any, *inputs: Value) -> Found:
    columns = [g.reshape(x if x.dtype == STRING else g.cast(x, "int64"), (None, 1)) for x in inputs]
    kinds = {"list": {"type": [type_attr(x.dtype)["type"] for x in columns]}}
    name = g.node(
        "SparseCross",
        [x.ref for x in columns],
        N=int_attr(0),
        hashed_output={"b": True},
        num_buckets=int_attr(layer.num_bins),
        hash_key=int_attr(_CROSSING_KEY),
        sparse_types={"list": {}},
        dense_types=kinds,
        out_type=type_attr("int64"),
        internal_type=type_attr(STRING if all(x.dtype == STRING for x in columns) else "int64"),
    )
    bins = g.reshape(Value(f"{name}:output_values:0", "int64", (None,)), inputs[0].shape)
    return g.cast(bins, "int32"), None if layer.output_mode == "int" else layer.encode


def _discretization(g: TextGraph, layer: Any, x: Value) -> Found:
    attrs: dict[str, Any] = {
        "T": type_attr("float32"),
        "boundaries": {"list": {"f": [float(b) for b in layer.bin_boundaries or ()]}},
    }
    bins = g.op("Bucketize", g.cast(x, "float32"), dtype="int32", shape=x.shape, **attrs)
    if layer.output_mode != "int":
        raise refusal(
            layer,
            "Vectors cannot be looked up or hashed.",
            f'output_mode="{layer.output_mode}"',
            'Use output_mode="int".',
        )
    return bins, None


def _same(g: TextGraph, layer: Any, x: Value) -> Found:
    return x, None


def _of_kind(layer: Any, x: Value, *, text: bool) -> None:
    if (x.dtype == STRING) != text:
        wanted = "texts" if text else "integers"
        raise refusal(layer, f"This layer takes {wanted}.", x.dtype, "Mend the inputs of the model.")


# Operations ------------------------------------------------------------------------------------------------
def _squeeze(g: TextGraph, op: Any, x: Value, axis: Any = None) -> Found:
    rank = len(x.shape)
    axes = range(rank) if axis is None else axis if isinstance(axis, (list, tuple)) else [axis]
    gone = {int(a) % rank for a in axes if axis is not None or x.shape[int(a)] == 1}
    return g.reshape(x, tuple(size for a, size in enumerate(x.shape) if a not in gone)), None


def _expand_dims(g: TextGraph, op: Any, x: Value, axis: Any) -> Found:
    shape = list(x.shape)
    for a in sorted(int(a) % (len(shape) + 1) for a in (axis if isinstance(axis, (list, tuple)) else [axis])):
        shape.insert(a, 1)
    return g.reshape(x, tuple(shape)), None


def _reshape(g: TextGraph, op: Any, x: Value, newshape: Any) -> Found:
    sizes = (newshape,) if isinstance(newshape, int) else tuple(newshape)
    if not all(isinstance(size, int) for size in sizes):
        raise refusal(
            op, "Texts are reshaped to sizes that are not known.", newshape, "Give numbers, one may be -1."
        )
    return g.reshape(x, tuple(None if size == -1 else size for size in sizes)), None


def _get_item(g: TextGraph, op: Any, x: Value, key: Any) -> Found:
    """Slices and columns, such as `x[:, 0]`."""
    keys = list(key) if isinstance(key, (list, tuple)) else [key]
    if not all(isinstance(k, (int, slice)) for k in keys) or len(keys) > len(x.shape):
        raise refusal(op, "This way of picking texts cannot be exported.", key, "Use numbers and slices.")
    begin, end, step, dropped, shape = [], [], [], 0, list(x.shape)
    open_begin = open_end = 0
    for axis, k in enumerate(keys):
        if isinstance(k, int):
            dropped |= 1 << axis
            k, shape[axis] = slice(k, k + 1 if k != -1 else None), -1
        elif shape[axis] is not None:
            shape[axis] = len(range(*k.indices(shape[axis])))
        open_begin |= (k.start is None) << axis
        open_end |= (k.stop is None) << axis
        begin.append(k.start or 0)
        end.append(k.stop or 0)
        step.append(1 if k.step is None else k.step)
    value = g.op(
        "StridedSlice",
        x,
        g.const(begin),
        g.const(end),
        g.const(step),
        dtype=x.dtype,
        shape=tuple(size for size in shape if size != -1),
        T=type_attr(x.dtype),
        Index=type_attr("int64"),
        begin_mask=int_attr(open_begin),
        end_mask=int_attr(open_end),
        shrink_axis_mask=int_attr(dropped),
    )
    return value, None


OPS: dict[str, Callable[..., Found]] = {
    "squeeze": _squeeze,
    "expand_dims": _expand_dims,
    "reshape": _reshape,
    "get_item": _get_item,
}
# A subclass with a call of its own is something else.
LAYERS: dict[type, Callable[..., Found]] = {
    layers.StringLookup: _lookup,
    layers.IntegerLookup: _lookup,
    layers.Hashing: _hashing,
    layers.HashedCrossing: _crossing,
    layers.Identity: _same,
    Discretization: _discretization,
}


def rule_of(layer: Any) -> Callable[..., Found] | None:
    """The rule for a layer; None if it has none, or a `call` of its own."""
    for kind, rule in LAYERS.items():
        if isinstance(layer, kind) and getattr(type(layer), "call", None) is kind.call:
            return rule
    return None
