"""Operations of the library over texts as TensorFlow's; the parameters of a rule are the operation's."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.engine._open_sizes import shape_of
from addax.export.text._graph import STRING, Value, int_attr, text_attr, type_attr
from addax.export.text._rules import OPS
from addax.export.text._session import FUNCTIONS, OPERATIONS, TextSession
from addax.export.text._unknown import UnknownRows, refused


def _common(*shapes: tuple) -> tuple:
    """The shape that shapes broadcast to."""
    rank = max(map(len, shapes))
    filled = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*filled, strict=True))


def _add(session: TextSession, op: Any, x1: Any, x2: Any) -> Any:
    late = session.late(x1, x2)
    x, y = (session.value(v, late) for v in (x1, x2))
    if x.dtype != STRING:
        raise refused("Numbers that are made of texts behind the program are not computed with.", op.name)
    attrs: dict[str, Any] = {"N": int_attr(2), "separator": text_attr("")}
    joined = session.graph(late).op(
        "StringJoin", x, y, dtype=STRING, shape=_common(x.shape, y.shape), **attrs
    )
    return session.given(joined, late)


def _compared(name: str) -> Any:
    def rule(session: TextSession, op: Any, x1: Any, x2: Any) -> Any:
        late = session.late(x1, x2)
        x, y = (session.value(v, late) for v in (x1, x2))
        found = session.graph(late).binary(name, x, y)
        return session.given(Value(found.ref, "bool", _common(x.shape, y.shape)), late)

    return rule


def _where(session: TextSession, op: Any, condition: Any, x1: Any, x2: Any) -> Any:
    late = session.late(condition, x1, x2)
    c, x, y = session.value(condition, late, "bool"), session.value(x1, late), session.value(x2, late)
    found = session.graph(late).select(c, x, y)
    return session.given(Value(found.ref, x.dtype, _common(c.shape, x.shape, y.shape)), late)


def _reshaped(name: str) -> Any:
    """An operation for which functional models have a rule."""

    def rule(session: TextSession, op: Any, x: Any, *others: Any) -> Any:
        late = session.late(x)
        if name == "reshape":
            others = (tuple(map(int, others[0])) if isinstance(others[0], (list, tuple)) else int(others[0]),)
        value, _ = OPS[name](session.graph(late), op, session.value(x, late), *others)
        return session.given(value, late)

    return rule


def _get_item(session: TextSession, op: Any, x: Any, key: Any) -> Any:
    """Numbers, slices, an ellipsis, and None for a new axis."""
    if isinstance(x, UnknownRows):
        raise refused("Ragged tensors are not sliced.", key, "Call to_tensor() first.")
    late = session.late(x)
    graph, value = session.graph(late), session.value(x, late)
    keys = list(key) if isinstance(key, (list, tuple)) else [key]
    if Ellipsis in keys:
        at, used = keys.index(Ellipsis), sum(k is not None and k is not Ellipsis for k in keys)
        keys[at : at + 1] = [slice(None)] * (len(value.shape) - used)
    picked = [k for k in keys if k is not None]
    if any(not isinstance(k, slice) or k != slice(None) for k in picked):
        value, _ = OPS["get_item"](graph, op, value, picked)
    place, shape = 0, list(value.shape)
    for k in keys:
        if k is None:
            shape.insert(place, 1)
        place += not isinstance(k, int)
    if shape != list(value.shape):
        if shape.count(None) > 1:
            raise refused("A new axis is made beside one unknown size at most.", tuple(value.shape))
        value = graph.reshape(value, tuple(shape))
    return session.given(value, late)


def _together(op_name: str) -> Any:
    def rule(session: TextSession, op: Any, xs: Any, axis: int = 0) -> Any:
        late = session.late(*xs)
        graph, values = session.graph(late), [session.value(x, late) for x in xs]
        stacked, first = op_name == "Pack", values[0].shape
        axis = int(axis) % (len(first) + stacked)
        attrs: dict[str, Any] = {"N": int_attr(len(values)), "T": type_attr(values[0].dtype)}
        if stacked:
            attrs["axis"] = int_attr(axis)
            shape = (*first[:axis], len(values), *first[axis:])
            return session.given(
                graph.op(op_name, *values, dtype=values[0].dtype, shape=shape, **attrs), late
            )
        sizes = [v.shape[axis] for v in values]
        total = None if None in sizes else sum(size for size in sizes if size is not None)
        shape = (*first[:axis], total, *first[axis + 1 :])
        values.append(graph.const(axis))
        attrs["Tidx"] = type_attr("int64")
        return session.given(graph.op(op_name, *values, dtype=values[0].dtype, shape=shape, **attrs), late)

    return rule


def _shape(session: TextSession, op: Any, x: Any, *others: Any) -> Any:
    """The sizes, by those of a number for each text, which the program takes."""
    late = session.late(x)
    value = session.value(x, late)
    if late or isinstance(x, UnknownRows) or value.dtype != STRING:
        raise refused("The shape of what is made of the program's results is not known in it.", x)
    graph = session.graph(late)
    numbers = graph.op("StringLength", value, dtype="int32", shape=value.shape, unit=text_attr("BYTE"))
    return shape_of(session.given(numbers, late))


def _cast(session: TextSession, op: Any, x: Any, dtype: Any) -> Any:
    late = session.late(x)
    kind = dtypes.narrow(dtypes.standardize(dtype).name)
    value = x._values if isinstance(x, UnknownRows) else session.value(x, late)
    if (value.dtype == STRING) != (kind == STRING):
        raise refused(
            "Texts and numbers are not cast to each other.", kind, "Use tf.strings.to_number or as_string."
        )
    found = session.graph(late).cast(value, kind)
    return x.with_flat(found) if isinstance(x, UnknownRows) else session.given(found, late)


def _same(session: TextSession, op: Any, x: Any, *others: Any) -> Any:
    return x


def _where_texts(session: TextSession, condition: Any, x: Any, y: Any) -> Any:
    texts = any(isinstance(v, (str, bytes)) or getattr(v, "dtype", None) == STRING for v in (x, y))
    return _where(session, None, condition, x, y) if texts else NotImplemented


FUNCTIONS["where"] = _where_texts
OPERATIONS |= {
    "add": _add,
    "cast": _cast,
    "concatenate": _together("ConcatV2"),
    "equal": _compared("Equal"),
    "expand_dims": _reshaped("expand_dims"),
    "get_item": _get_item,
    "identity": _same,
    "not_equal": _compared("NotEqual"),
    "reshape": _reshaped("reshape"),
    "shape_tensor": _shape,
    "squeeze": _reshaped("squeeze"),
    "stack": _together("Pack"),
    "where": _where,
}
