"""Runs the parts of an exported function that are around its program: TensorFlow's operations over texts, by NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.export.text._run_strings import STRING_OPS, each, texts
from addax.formats import (
    DT_STRING,
    dtype_from_code,
    fingerprint64,
    join_fingerprints,
    siphash,
    tensor_from_message,
)

Message = dict[str, Any]
Program = Callable[[list[np.ndarray]], Sequence[Any]]

_PROGRAM, _SKIPPED = "XlaCallModule", ("ReadVariableOp",)
_LARGEST = 1 << 31  # elements; a small file must not ask for more


class TextFunction:
    """A function of a file, ready to run.

    Args:
        nodes: Its NodeDefs, each after those that it needs.
        arguments: The names of its inputs.
        tables: The contents of the hash tables by the names of its arguments.
        frontier: Where the inputs of the program come from.
        results: Where the function's results come from.

    Raises:
        ValueError: There is an operation that exports of Addax do not have, or one comes before what it needs.
    """

    def __init__(
        self,
        nodes: Sequence[Message],
        arguments: Sequence[str],
        tables: Mapping[str, Mapping[Any, Any]],
        frontier: Sequence[str],
        results: Sequence[str],
    ) -> None:
        self._arguments, self._tables = list(arguments), dict(tables)
        self._frontier, self._results = list(frontier), list(results)
        self._constants: dict[str, Any] = {}
        self._steps: list[tuple[str, list[str], Message, tuple[str, ...]]] = []
        known = {*arguments, *tables}
        for node in nodes:
            self._add(node, known)
        missing = [ref for ref in (*frontier, *results) if ref not in known]
        if missing:
            raise ValueError(f"Expected the results of operations before, received {missing[0]!r}.")

    def _add(self, node: Message, known: set[str]) -> None:
        op, name, attrs = node["op"], node["name"], node.get("attr", {})
        if op in _SKIPPED:
            return
        if op == _PROGRAM:
            outputs = tuple(f"{name}:output:{n}" for n in range(len(attrs["Tout"]["list"].get("type", []))))
            known.update(outputs)
            self._steps.append((op, [], attrs, outputs))
            return
        if op == "Const":
            self._constants[f"{name}:output:0"] = tensor_from_message(attrs["value"]["tensor"])
            known.add(f"{name}:output:0")
            return
        if op not in _OPS:
            raise ValueError(f"Expected operations that Addax exports, received {op}.")
        inputs = [ref for ref in node.get("input", []) if not ref.startswith("^")]
        if not known.issuperset(inputs):
            raise ValueError(f"Expected operations in their order, received {name} too early.")
        outputs = tuple(f"{name}:{output}:0" for output in _OPS[op][0])
        known.update(outputs)
        self._steps.append((op, inputs, attrs, outputs))

    def __call__(self, inputs: Sequence[np.ndarray], program: Program) -> list[Any]:
        """Run it.

        Args:
            inputs: The inputs in order; texts as arrays of bytes.
            program: The numerical program in the middle.

        Returns:
            The results in order.

        Raises:
            ValueError: A text is not in a vocabulary that must have it.
        """
        known: dict[str, Any] = {**self._constants, **self._tables}
        known |= dict(zip(self._arguments, inputs, strict=True))
        for op, sources, attrs, outputs in self._steps:
            if op == _PROGRAM:
                found = program([known[ref] for ref in self._frontier])
            elif op == "Identity":
                found = [known[sources[0]]]
            else:
                given = (known[ref] for ref in sources)
                found = _OPS[op][1](attrs, *(x if isinstance(x, Mapping) else np.asarray(x) for x in given))
            known |= dict(zip(outputs, found, strict=True))
        return [known[ref] for ref in self._results]


def _ints(attrs: Message, name: str) -> list[int]:
    return list(attrs[name]["list"].get("i", []))


def _bounded(*sizes: int) -> None:
    if any(size < 0 for size in sizes) or functools.reduce(lambda a, b: a * b, map(int, sizes), 1) > _LARGEST:
        raise ValueError(message("A tensor is too large.", received=f"sizes {sizes}"))


def _cast(attrs: Message, x: np.ndarray) -> tuple:
    return (x.astype(dtype_from_code(attrs["DstT"]["type"])),)


def _find(attrs: Message, table: Mapping, x: np.ndarray, default: np.ndarray) -> tuple:
    other = default[()]
    return (each(lambda key: table.get(key, other), x, default.dtype),)


def _split(attrs: Message, x: np.ndarray, separator: np.ndarray) -> tuple:
    most = attrs.get("maxsplit", {}).get("i", -1)
    rows = [text.split(separator[()] or None, most) for text in x.tolist()]
    lengths = [len(row) for row in rows]
    row = np.repeat(np.arange(len(rows)), lengths)
    column = np.concatenate([np.arange(n) for n in lengths]) if rows else row
    places = np.stack([row, column], axis=1).astype("int64")
    return (
        places,
        texts([word for r in rows for word in r]),
        np.array([len(rows), max(lengths, default=0)], "int64"),
    )


def _decode(attrs: Message, x: np.ndarray) -> tuple:
    rows = [text.decode("utf-8", "replace") for text in x.tolist()]
    splits = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype("int64")
    return splits, np.array([ord(c) for row in rows for c in row], "int32")


def _encode(attrs: Message, points: np.ndarray, splits: np.ndarray) -> tuple:
    text, ends = "".join(map(chr, points.tolist())), splits.tolist()
    return (texts([text[a:b].encode() for a, b in zip(ends, ends[1:], strict=False)]),)


def _ngrams(attrs: Message, words: np.ndarray, splits: np.ndarray) -> tuple:
    widths, separator = _ints(attrs, "ngram_widths"), attrs["separator"]["s"]
    _bounded(max(len(words), 1), *widths)
    found, ends, tokens = [], [0], words.tolist()
    for a, b in zip(splits.tolist(), splits.tolist()[1:], strict=False):
        found += [separator.join(tokens[i : i + n]) for n in widths for i in range(a, b - n + 1)]
        ends.append(len(found))
    return texts(found), np.array(ends, "int64")


def _dense(
    attrs: Message, shape: np.ndarray, values: np.ndarray, default: np.ndarray, splits: np.ndarray
) -> tuple:
    width, rows = int(shape[1]), len(splits) - 1
    _bounded(rows, width)
    lengths = np.minimum(np.diff(splits), width)
    out = np.full((rows, width), default, values.dtype)
    inside = np.arange(width) < lengths[:, None]
    row, column = np.nonzero(inside)
    out[inside] = values[splits[:-1][row] + column]
    return (out,)


def _bincount(
    attrs: Message, splits: np.ndarray, values: np.ndarray, size: np.ndarray, weights: np.ndarray
) -> tuple:
    rows, depth = len(splits) - 1, int(size)
    _bounded(rows, depth)
    row = np.repeat(np.arange(rows), np.diff(splits))
    inside = (values >= 0) & (values < depth)
    counts = np.bincount(row[inside] * depth + values[inside], minlength=rows * depth).reshape(rows, depth)
    return ((np.minimum(counts, 1) if attrs["binary_output"].get("b") else counts).astype("float32"),)


def _bucket(attrs: Message, x: np.ndarray) -> tuple:
    count = attrs["num_buckets"]["i"]
    return (each(lambda text: fingerprint64(text) % count, x, "int64"),)


def _strong_bucket(attrs: Message, x: np.ndarray) -> tuple:
    count, (first, second) = attrs["num_buckets"]["i"], _ints(attrs, "key")
    return (each(lambda text: siphash(text, (first, second)) % count, x, "int64"),)


def _cross(attrs: Message, *columns: np.ndarray) -> tuple:
    count, found = attrs["num_buckets"]["i"], []
    for row in zip(*(column.ravel().tolist() for column in columns), strict=True):
        joined = attrs["hash_key"]["i"]
        for item in row:
            joined = join_fingerprints(
                joined, fingerprint64(item) if isinstance(item, bytes) else item % 2**64
            )
        found.append(joined % count)
    places = np.stack([np.arange(len(found)), np.zeros(len(found), int)], axis=1).astype("int64")
    return places, np.array(found, "int64"), np.array([len(found), 1], "int64")


def _check(attrs: Message, condition: np.ndarray, *told: np.ndarray) -> tuple:
    if not condition:
        raise ValueError(message(b" ".join(np.ravel(t)[0] for t in told).decode("utf-8", "replace")))
    return ()


def _strided(attrs: Message, x: np.ndarray, begin: np.ndarray, end: np.ndarray, step: np.ndarray) -> tuple:
    masks = [attrs.get(name, {}).get("i", 0) for name in ("begin_mask", "end_mask", "shrink_axis_mask")]
    keys: list[Any] = []
    for axis, (a, b, s) in enumerate(zip(begin.tolist(), end.tolist(), step.tolist(), strict=True)):
        opened = [bool(mask >> axis & 1) for mask in masks]
        keys.append(a if opened[2] else slice(None if opened[0] else a, None if opened[1] else b, s))
    found = x[tuple(keys)]
    return (found if isinstance(found, np.ndarray) else np.array(found, x.dtype),)


def _count_up(attrs: Message, start: np.ndarray, stop: np.ndarray, step: np.ndarray) -> tuple:
    _bounded(max(int(stop) - int(start), 0))
    return (np.arange(int(start), int(stop), int(step), dtype="int64"),)


def _bucketize(attrs: Message, x: np.ndarray) -> tuple:
    boundaries = np.array(attrs["boundaries"]["list"].get("f", []), "float32")
    return (np.searchsorted(boundaries, x, side="right").astype("int32"),)


def _size(attrs: Message, x: np.ndarray) -> tuple:
    return (np.array(x.size, "int64"),)


def _placed(side: Any) -> Callable[..., tuple]:
    return lambda attrs, rows, x: (np.searchsorted(rows[0], x[0], side).astype("int64")[None],)


def _of_numpy(function: Callable[..., Any]) -> Callable[..., tuple]:
    return lambda attrs, *inputs: (function(*inputs),)


_BINARY = {
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "FloorMod": np.mod,
    "Maximum": np.maximum,
    "Equal": lambda x, y: np.asarray(x == y, bool),
    "NotEqual": lambda x, y: np.asarray(x != y, bool),
    "Less": np.less,
    "GreaterEqual": np.greater_equal,
    "LogicalAnd": np.logical_and,
}
# By the name of the operation: the names of its results, and what it does with its attributes and inputs.
_OPS: dict[str, tuple[tuple[str, ...], Callable[..., tuple]]] = {
    **{op: (("z",), _of_numpy(function)) for op, function in _BINARY.items()},
    "All": (("output",), lambda attrs, x, axes: (np.all(x),)),
    "Assert": ((), _check),
    "Bucketize": (("output",), _bucketize),
    "Cast": (("y",), _cast),
    "GatherV2": (("output",), lambda attrs, params, indices, axis: (params[indices],)),
    "Identity": (("output",), lambda attrs, x: (x,)),  # of anything, without a copy
    "LookupTableFindV2": (("values",), _find),
    "LowerBound": (("output",), _placed("left")),
    "UpperBound": (("output",), _placed("right")),
    "Max": (("output",), lambda attrs, x, axes: (np.asarray(x.max(initial=0), x.dtype),)),
    "ConcatV2": (("output",), lambda attrs, *parts: (np.concatenate(parts[:-1], int(parts[-1])),)),
    "Pack": (("output",), lambda attrs, *parts: (np.stack(parts, attrs.get("axis", {}).get("i", 0)),)),
    "RaggedBincount": (("output",), _bincount),
    "RaggedTensorToTensor": (("result",), _dense),
    "Range": (("output",), _count_up),
    "Reshape": (("output",), lambda attrs, x, shape: (x.reshape(shape.tolist()),)),
    "SelectV2": (("output",), lambda attrs, condition, yes, no: (np.where(condition, yes, no),)),
    "Shape": (("output",), lambda attrs, x: (np.array(x.shape, "int64"),)),
    "Size": (("output",), _size),
    "SparseCross": (("output_indices", "output_values", "output_shape"), _cross),
    "StridedSlice": (("output",), _strided),
    "StringNGrams": (("ngrams", "ngrams_splits"), _ngrams),
    "StringSplitV2": (("indices", "values", "shape"), _split),
    "StringToHashBucketFast": (("output",), _bucket),
    "StringToHashBucketStrong": (("output",), _strong_bucket),
    "UnicodeDecode": (("row_splits", "char_values"), _decode),
    "UnicodeEncode": (("output",), _encode),
    **STRING_OPS,
}


def read_table(nodes: Sequence[Message]) -> dict[Any, Any]:
    """The contents of a hash table, from the function that fills it.

    Args:
        nodes: The NodeDefs of the function.

    Raises:
        ValueError, KeyError: It does something else.
    """
    constants = {f"{n['name']}:output:0": n["attr"]["value"]["tensor"] for n in nodes if n["op"] == "Const"}
    (filling,) = [n for n in nodes if n["op"] == "LookupTableImportV2"]
    keys, values = (tensor_from_message(constants[ref]) for ref in filling["input"][1:])
    if (keys.dtype.kind == "O") != (filling["attr"]["Tin"]["type"] == DT_STRING) or keys.ndim != 1:
        raise ValueError("Expected the keys of a table to be of its dtype.")
    return dict(zip(keys.tolist(), values.tolist(), strict=True))
