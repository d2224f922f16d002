"""`TextVectorization` as TensorFlow's operations: rows of tokens as one vector and where each row begins."""

from __future__ import annotations

import string
from typing import Any

from addax import layers
from addax.export.text._graph import STRING, Shape, TextGraph, Value, int_attr, text_attr, type_attr
from addax.export.text._rules import LAYERS, Found, indices, refusal
from addax.layers.preprocess._lookup import DROPPED

PUNCTUATION = "[" + "".join(f"\\{c}" for c in string.punctuation) + "]"


def _vectorization(g: TextGraph, layer: Any, x: Value) -> Found:
    _check(layer, x)
    x = _standardized(g, layer, x)
    words, splits, batch = _split(g, layer, x)
    if layer.ngrams is not None:
        widths = range(1, layer.ngrams + 1) if isinstance(layer.ngrams, int) else layer.ngrams
        words, splits = _ngrams(g, words, splits, list(widths))
    lookup = layer._lookup_layer
    found = indices(g, lookup, words)
    if layer.output_mode == "int":
        return g.cast(_dense(g, found, splits, layer.output_sequence_length, batch), "int32"), None
    depth = lookup._depth()
    # What is not counted lies beyond the last category.
    found = g.select(g.binary("Equal", found, g.const(DROPPED)), g.const(depth), found)
    counts = g.op(
        "RaggedBincount",
        splits,
        found,
        g.const(depth),
        g.const([], "float32"),
        dtype="float32",
        shape=(*batch, depth),
        Tidx=type_attr("int64"),
        T=type_attr("float32"),
        binary_output={"b": layer.output_mode == "multi_hot"},
    )
    return counts, (lambda x: x * lookup._weights()) if layer.output_mode == "tf_idf" else None


LAYERS[layers.TextVectorization] = _vectorization


def _check(layer: Any, x: Value) -> None:
    for name, forms in (
        ("standardize", '"lower_and_strip_punctuation", "lower", "strip_punctuation" or None'),
        ("split", '"whitespace", "character" or None'),
    ):
        value = getattr(layer, name)
        if callable(value):
            raise refusal(
                layer,
                f"`{name}` is a function of Python, which cannot be exported.",
                value,
                f"Use {name}={forms}, or do before the model what the function does.",
            )
    if layer.ragged:
        raise refusal(layer, "Ragged tensors cannot be exported.", "ragged=True", "Use ragged=False.")
    if len(x.shape) > 2 or (layer.split is not None and len(x.shape) == 2 and x.shape[1] != 1):
        raise refusal(
            layer, "Texts have another shape.", x.shape, "Give texts of shape (batch,) or (batch, 1)."
        )


def _standardized(g: TextGraph, layer: Any, x: Value) -> Value:
    how = layer.standardize or ""
    if "lower" in how:
        x = g.op("StringLower", x, dtype=STRING, shape=x.shape, encoding=text_attr(""))
    if "punctuation" in how:
        pattern: dict[str, Any] = {
            "pattern": text_attr(PUNCTUATION),
            "rewrite": text_attr(""),
            "replace_global": {"b": True},
        }
        x = g.op("StaticRegexReplace", x, dtype=STRING, shape=x.shape, **pattern)
    return x


def _split(g: TextGraph, layer: Any, x: Value) -> tuple[Value, Value, Shape]:
    """The tokens of all texts, where each text's begin and the last ones end, and the shape of the batch."""
    if layer.split is None:
        width = x.shape[-1]
        flat = g.reshape(x, (None,))
        if len(x.shape) < 2:  # one text of tokens
            ends = g.binary("Mul", g.const([0, 1]), g.size(flat))
            return flat, ends, ()
        sizes = g.op("Shape", x, dtype="int64", shape=(2,), T=type_attr(STRING), out_type=type_attr("int64"))
        rows, width = (g.take(sizes, g.const(axis)) for axis in (0, 1))
        steps = g.count_up(g.binary("AddV2", rows, g.const(1)))
        return flat, g.binary("Mul", steps, width), x.shape[:-1]
    batch = x.shape[:1]
    texts = g.reshape(x, (None,)) if len(x.shape) != 1 else x
    if layer.split == "character":
        name = g.node(
            "UnicodeDecode",
            [texts.ref],
            input_encoding=text_attr("UTF-8"),
            errors=text_attr("replace"),
            Tsplits=type_attr("int64"),
        )
        points = Value(f"{name}:char_values:0", "int32", (None,))
        each = g.count_up(g.binary("AddV2", g.size(points), g.const(1)))
        attrs: dict[str, Any] = {
            "errors": text_attr("replace"),
            "output_encoding": text_attr("UTF-8"),
            "Tsplits": type_attr("int64"),
        }
        words = g.op("UnicodeEncode", points, each, dtype=STRING, shape=(None,), **attrs)
        return words, Value(f"{name}:row_splits:0", "int64", (None,)), batch
    name = g.node("StringSplitV2", [texts.ref, g.const("", STRING).ref], maxsplit=int_attr(-1))
    words = Value(f"{name}:values:0", STRING, (None,))
    places = Value(f"{name}:indices:0", "int64", (None, 2))
    rows = _get_column(g, places)
    every = g.count_up(g.binary("AddV2", g.size(texts), g.const(1)))
    attrs: dict[str, Any] = {"T": type_attr("int64"), "out_type": type_attr("int64")}
    splits = g.op(
        "LowerBound",
        g.op("Reshape", rows, g.const([1, -1]), dtype="int64", shape=(1, None), **_reshaping()),
        g.op("Reshape", every, g.const([1, -1]), dtype="int64", shape=(1, None), **_reshaping()),
        dtype="int64",
        shape=(1, None),
        **attrs,
    )
    return words, g.reshape(splits, (None,)), batch


def _reshaping() -> dict[str, Any]:
    return {"T": type_attr("int64"), "Tshape": type_attr("int64")}


def _get_column(g: TextGraph, pairs: Value) -> Value:
    """The first of each pair."""
    return g.op(
        "StridedSlice",
        pairs,
        g.const([0, 0]),
        g.const([0, 1]),
        g.const([1, 1]),
        dtype="int64",
        shape=(None,),
        T=type_attr("int64"),
        Index=type_attr("int64"),
        begin_mask=int_attr(1),
        end_mask=int_attr(1),
        shrink_axis_mask=int_attr(2),
    )


def _ngrams(g: TextGraph, words: Value, splits: Value, widths: list[int]) -> tuple[Value, Value]:
    name = g.node(
        "StringNGrams",
        [words.ref, splits.ref],
        separator=text_attr(" "),
        ngram_widths={"list": {"i": widths}},
        left_pad=text_attr(""),
        right_pad=text_attr(""),
        pad_width=int_attr(0),
        preserve_short_sequences={"b": False},
        Tsplits=type_attr("int64"),
    )
    return (
        Value(f"{name}:ngrams:0", STRING, (None,)),
        Value(f"{name}:ngrams_splits:0", "int64", (None,)),
    )


def _dense(g: TextGraph, found: Value, splits: Value, length: int | None, batch: Shape) -> Value:
    """Rows cut and padded to a length, or to that of the longest, which is 1 at least: programs need a size."""
    if length is None:
        slices: dict[str, Any] = {"T": type_attr("int64"), "Index": type_attr("int64")}
        ends = [
            g.op(
                "StridedSlice",
                splits,
                g.const([begin]),
                g.const([end]),
                g.const([1]),
                dtype="int64",
                shape=(None,),
                end_mask=int_attr(mask),
                **slices,
            )
            for begin, end, mask in ((1, 0, 1), (0, -1, 0))
        ]
        longest = g.largest(g.binary("Sub", *ends))
        width = g.binary("Maximum", longest, g.const(1))
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
        found,
        g.const(0),
        splits,
        dtype="int64",
        shape=(batch[0] if batch else 1, length),
        out="result",
        T=type_attr("int64"),
        Tindex=type_attr("int64"),
        Tshape=type_attr("int64"),
        num_row_partition_tensors=int_attr(1),
        row_partition_types={"list": {"s": [b"ROW_SPLITS"]}},
    )
    return dense if batch else g.reshape(dense, (length,))
