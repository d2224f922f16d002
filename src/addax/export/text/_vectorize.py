"""`TextVectorization` as TensorFlow's operations: rows of tokens as one vector and where each row begins."""

from __future__ import annotations

import string
from typing import Any

from addax import layers
from addax.engine._unknown_texts import noted_by
from addax.export.text._graph import STRING, Shape, TextGraph, Value, int_attr, text_attr, type_attr
from addax.export.text._rows import filled, split_rows
from addax.export.text._rules import LAYERS, Found, TextExportError, indices, refusal
from addax.export.text._unknown import UnknownRows, UnknownText
from addax.layers.preprocess._lookup import DROPPED

_WRITTEN = "Write it with functions of tf.strings, or do before the model what it does."
PUNCTUATION = "[" + "".join(f"\\{c}" for c in string.punctuation) + "]"


def found_rows(g: TextGraph, layer: Any, x: Value) -> tuple[Value, Value, Shape]:
    """The indices of all tokens, where each text's begin, and the shape of the batch."""
    _check(layer, x)
    x = _standardized(g, layer, x)
    words, splits, batch = _split(g, layer, x)
    if layer.ngrams is not None:
        widths = range(1, layer.ngrams + 1) if isinstance(layer.ngrams, int) else layer.ngrams
        words, splits = ngrams(g, words, splits, list(widths))
    return indices(g, layer._lookup_layer, words), splits, batch


def _vectorization(g: TextGraph, layer: Any, x: Value) -> Found:
    if layer.ragged:
        raise refusal(
            layer, "Ragged tensors cannot be exported.", "ragged=True", "Call to_tensor() on what it gives."
        )
    found, splits, batch = found_rows(g, layer, x)
    lookup = layer._lookup_layer
    if layer.output_mode == "int":
        dense = filled(g, found, splits, layer.output_sequence_length, batch, g.const(0))
        return g.cast(dense, "int32"), None
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
    if len(x.shape) > 2 or (layer.split is not None and len(x.shape) == 2 and x.shape[1] != 1):
        raise refusal(
            layer, "Texts have another shape.", x.shape, "Give texts of shape (batch,) or (batch, 1)."
        )


def _called(g: TextGraph, layer: Any, name: str, x: Value) -> Any:
    """What a function of the user's makes of texts."""
    from addax.export.text._session import TextSession

    function = getattr(layer, name)
    session = TextSession(g, None)
    try:
        with noted_by(session):
            return function(UnknownText(session, x, late=False))
    except TextExportError as error:
        raise refusal(layer, f"`{name}` cannot be exported.", str(error), _WRITTEN) from error
    except Exception as error:
        raise refusal(
            layer,
            f"`{name}` is a function of Python, which cannot be exported: {type(error).__name__}: {error}",
            function,
            _WRITTEN,
        ) from error


def _standardized(g: TextGraph, layer: Any, x: Value) -> Value:
    if callable(layer.standardize):
        found = _called(g, layer, "standardize", x)
        if not isinstance(found, UnknownText) or found.value.dtype != STRING:
            raise refusal(layer, "`standardize` gives something else than texts.", found, _WRITTEN)
        return found.value
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
    if callable(layer.split):
        found = _called(g, layer, "split", texts)
        if not isinstance(found, UnknownRows) or found._values.dtype != STRING:
            raise refusal(layer, "`split` gives something else than rows of texts.", found, _WRITTEN)
        return found._values, found._splits, batch
    if layer.split == "character":
        words, splits = characters(g, texts)
        return words, splits, batch
    words, splits = split_rows(g, texts, "", -1)
    return words, splits, batch


def characters(g: TextGraph, texts: Value) -> tuple[Value, Value]:
    """The characters of the texts of a vector, and where each text's begin."""
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
    return words, Value(f"{name}:row_splits:0", "int64", (None,))


def ngrams(
    g: TextGraph, words: Value, splits: Value, widths: list[int], separator: str = " "
) -> tuple[Value, Value]:
    name = g.node(
        "StringNGrams",
        [words.ref, splits.ref],
        separator=text_attr(separator),
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
