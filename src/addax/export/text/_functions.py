"""Functions of `tf.strings` and the tables of `tf.lookup` as TensorFlow's operations.

The parameters of a rule are those of the function, in its order; they come as they were given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.export.text import _rows
from addax.export.text._graph import STRING, TextGraph, Value, int_attr, text_attr, type_attr
from addax.export.text._session import FUNCTIONS, TextSession
from addax.export.text._unknown import UnknownRows, refused
from addax.export.text._vectorize import characters, ngrams


def _by_element(name: str, kind: str = STRING) -> Callable:
    """Register a rule that makes one value of each text: `rule(graph, value, **others)`, rows and tensors alike."""

    def register(rule: Callable) -> Callable:
        def apply(session: TextSession, input: Any, **others: Any) -> Any:
            late = session.late(input, others)
            graph = session.graph(late)
            if isinstance(input, UnknownRows):
                return input.with_flat(rule(graph, input._values, **others))
            return session.given(rule(graph, session.value(input, late), **others), late)

        FUNCTIONS[name] = apply
        return rule

    return register


def _cased(op: str) -> Callable:
    def rule(g: TextGraph, x: Value, encoding: str) -> Value:
        if encoding.lower() not in ("", "utf-8"):
            raise refused(
                "Letters are changed in an encoding that TensorFlow has not.", encoding, 'Use "utf-8".'
            )
        return g.op(op, x, dtype=STRING, shape=x.shape, encoding=text_attr(encoding.lower()))

    return rule


_by_element("lower")(_cased("StringLower"))
_by_element("upper")(_cased("StringUpper"))


@_by_element("strip")
def _strip(g: TextGraph, x: Value) -> Value:
    return g.op("StringStrip", x, dtype=STRING, shape=x.shape)


@_by_element("length")
def _length(g: TextGraph, x: Value, unit: str = "BYTE") -> Value:
    return g.op("StringLength", x, dtype="int32", shape=x.shape, unit=text_attr(unit.upper()))


@_by_element("to_number")
def _to_number(g: TextGraph, x: Value, out_type: Any) -> Value:
    kind = dtypes.narrow(dtypes.standardize(out_type).name)
    return g.op("StringToNumber", x, dtype=kind, shape=x.shape, out_type=type_attr(kind))


@_by_element("to_hash_bucket_fast")
def _bucket(g: TextGraph, x: Value, num_buckets: int) -> Value:
    return g.cast(g.hash(x, num_buckets, None), "int32")


@_by_element("regex_replace")
def _replace(g: TextGraph, x: Value, pattern: Any, rewrite: Any, replace_global: bool) -> Value:
    attrs: dict[str, Any] = {"pattern": _text_attr(pattern), "rewrite": _text_attr(rewrite)}
    return g.op(
        "StaticRegexReplace",
        x,
        dtype=STRING,
        shape=x.shape,
        replace_global={"b": bool(replace_global)},
        **attrs,
    )


@_by_element("regex_full_match")
def _matches(g: TextGraph, x: Value, pattern: Any) -> Value:
    return g.op("StaticRegexFullMatch", x, dtype="bool", shape=x.shape, pattern=_text_attr(pattern))


def _text_attr(value: Any) -> dict[str, Any]:
    """A text that must be known, as an attribute."""
    found = value if isinstance(value, (str, bytes)) else np.asarray(value)[()]
    return {"s": found.encode() if isinstance(found, str) else found}


def _substr(session: TextSession, input: Any, pos: Any, len: Any, unit: str) -> Any:
    late = session.late(input, pos, len)
    graph = session.graph(late)

    def cut(x: Value) -> Value:
        bounds = [session.value(n, late, "int32") for n in (pos, len)]
        return graph.op(
            "Substr",
            x,
            *bounds,
            dtype=STRING,
            shape=x.shape,
            T=type_attr("int32"),
            unit=text_attr(unit.upper()),
        )

    if isinstance(input, UnknownRows):
        return input.with_flat(cut(input._values))
    return session.given(cut(session.value(input, late)), late)


def _as_string(session: TextSession, input: Any, **options: Any) -> Any:
    late = session.late(input)
    given, x = {key: value for key, value in options.items() if value not in (-1, False, "")}, None
    x = session.value(input, late)
    if x.dtype == STRING:
        return input
    if set(given) - {"precision"} or (given and not x.dtype.startswith("float")):
        raise refused(
            "as_string() is exported with `precision` for floats alone.", given, "Leave the rest out."
        )
    attrs: dict[str, Any] = {"T": type_attr(x.dtype)}
    if given:
        attrs["precision"] = int_attr(given["precision"])
    return session.given(session.graph(late).op("AsString", x, dtype=STRING, shape=x.shape, **attrs), late)


def _join(session: TextSession, inputs: Any, separator: str) -> Any:
    late = session.late(*inputs)
    graph = session.graph(late)
    rows = [x for x in inputs if isinstance(x, UnknownRows)]
    values = [x._values if isinstance(x, UnknownRows) else session.value(x, late) for x in inputs]
    shape = max((x.shape for x in values), key=len_of)
    if rows and any(x is not rows[0] and len_of(v.shape) for x, v in zip(inputs, values, strict=True)):
        raise refused("Ragged tensors are joined with texts that have no dimensions.", inputs)
    attrs: dict[str, Any] = {"N": int_attr(len_of(values)), "separator": text_attr(separator)}
    found = graph.op("StringJoin", *values, dtype=STRING, shape=shape, **attrs)
    return rows[0].with_flat(found) if rows else session.given(found, late)


len_of = len  # `len` is a parameter of `substr`


def _reduce_join(session: TextSession, inputs: Any, axis: Any, keepdims: bool, separator: str) -> Any:
    late = session.late(inputs)
    graph = session.graph(late)
    if isinstance(inputs, UnknownRows):
        if axis not in (-1, len_of(inputs._batch)):
            raise refused("Ragged texts are joined along the last axis.", f"axis {axis}", "Use axis=-1.")
        joined = graph.op(
            "UnsortedSegmentJoin",
            inputs._values,
            _rows.numbers(graph, inputs._values, inputs._splits),
            graph.binary("Sub", graph.size(inputs._splits), graph.const(1)),
            dtype=STRING,
            shape=inputs._batch,
            separator=text_attr(separator),
            Tindices=type_attr("int64"),
            Tnumsegments=type_attr("int64"),
        )
        return session.given(joined, late)
    x = session.value(inputs, late)
    rank = len_of(x.shape)
    axes = list(range(rank)) if axis is None else list(axis) if isinstance(axis, (list, tuple)) else [axis]
    gone = {a % rank for a in axes}
    kept = tuple(1 if a in gone else size for a, size in enumerate(x.shape) if keepdims or a not in gone)
    attrs: dict[str, Any] = {"keep_dims": {"b": bool(keepdims)}, "separator": text_attr(separator)}
    found = graph.op("ReduceJoin", x, graph.const(axes, "int32"), dtype=STRING, shape=kept, **attrs)
    return session.given(found, late)


def _in_rows(
    session: TextSession, input: Any, split: Callable[[TextGraph, Value], tuple[Value, Value]]
) -> Any:
    """Texts cut into parts: a vector for one text, rows for a vector of them."""
    late = session.late(input)
    graph = session.graph(late)
    if isinstance(input, UnknownRows) or len_of(input.shape) > 1:
        raise refused(
            "Texts of one dimension can be split.", input, "Use tf.squeeze(x, -1) or tf.reshape first."
        )
    x = session.value(input, late)
    words, splits = split(graph, x if x.shape else graph.reshape(x, (1,)))
    return UnknownRows(session, words, splits, x.shape, late) if x.shape else session.given(words, late)


def _split(session: TextSession, input: Any, sep: Any, maxsplit: int) -> Any:
    return _in_rows(session, input, lambda g, x: _rows.split_rows(g, x, sep or "", int(maxsplit)))


def _unicode_split(session: TextSession, input: Any, input_encoding: str, errors: str) -> Any:
    if input_encoding.upper() != "UTF-8" or errors != "replace":
        raise refused("Characters are split by UTF-8 alone, with errors='replace'.", (input_encoding, errors))
    return _in_rows(session, input, characters)


def _ngrams(session: TextSession, data: Any, ngram_width: Any, separator: str, **others: Any) -> Any:
    if not isinstance(data, UnknownRows) or any(others.values()):
        raise refused(
            "N-grams are made of ragged texts, without padding.", (data, others), "Use tf.strings.split."
        )
    graph = session.graph(data.late)
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    words, splits = ngrams(graph, data._values, data._splits, widths, separator)
    return UnknownRows(session, words, splits, data._batch, data.late)


FUNCTIONS |= {
    "as_string": _as_string,
    "join": _join,
    "ngrams": _ngrams,
    "reduce_join": _reduce_join,
    "split": _split,
    "substr": _substr,
    "unicode_split": _unicode_split,
}


# Tables ----------------------------------------------------------------------------------------------------
def _looked_up(session: TextSession, keys: Any, write: Callable[[TextGraph, Value], Value]) -> Any:
    late = session.late(keys)
    graph = session.graph(late)
    if isinstance(keys, UnknownRows):
        return keys.with_flat(write(graph, keys._values))
    return session.given(write(graph, session.value(keys, late)), late)


def _static(session: TextSession, self: Any, keys: Any) -> Any:
    if self.key_dtype != STRING and self.value_dtype != STRING:
        return NotImplemented  # numbers for numbers are the program's
    kind = STRING if self.value_dtype == STRING else dtypes.narrow(self.value_dtype.name)

    def write(g: TextGraph, x: Value) -> Value:
        if not self._known:
            raise refused("An empty table cannot be exported.", self.name, "Give it a key.")
        known = list(self._known.items())
        stored = "int64" if kind.startswith("int") else kind
        return g.cast(g.lookup([k for k, _ in known], [v for _, v in known], x, self._default, stored), kind)

    return _looked_up(session, keys, write)


def _vocabulary(session: TextSession, self: Any, keys: Any) -> Any:
    known = {} if self._table is None else self._table._known

    def write(g: TextGraph, x: Value) -> Value:
        x = x if x.dtype == STRING else g.cast(x, "int64")
        shared = g.binary("AddV2", g.hash(x, self._buckets, None), g.const(len_of(known)))
        if not known:
            return g.cast(shared, "int32")
        found = g.lookup(list(known), list(known.values()), x, -1)
        return g.cast(g.select(g.binary("Equal", found, g.const(-1)), shared, found), "int32")

    return _looked_up(session, keys, write)


FUNCTIONS |= {"StaticHashTable.lookup": _static, "StaticVocabularyTable.lookup": _vocabulary}
