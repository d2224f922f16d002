"""`tf.io.parse_sequence_example` and `parse_single_sequence_example`: tensors from `tf.train.SequenceExample`s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import Tensor
from addax.ops._ragged import RaggedTensor
from addax.tf import _parse_example as parsing
from addax.tf._example import SequenceExample
from addax.tf._scan_example import Values, values_in
from addax.tf._strings import _bytes


def parse_single_sequence_example(
    serialized: Any,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of one `tf.train.SequenceExample`.

    Args:
        serialized: A scalar string, the message.
        context_features: By name, what is wanted of the whole: `FixedLenFeature`, `VarLenFeature` or `RaggedFeature`.
        sequence_features: By name, what is wanted of the lists: `FixedLenSequenceFeature`, `VarLenFeature` or
            `RaggedFeature`.
        example_name: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        The tensors of the whole, and those of the lists, with one more first axis.

    Raises:
        ValueError: As `parse_single_example` raises it.

    Example:
        >>> import addax.tf as tf
        >>> example = tf.train.SequenceExample()
        >>> for x in (1.0, 2.0, 3.0):
        ...     example.feature_lists.feature_list["x"].feature.add().float_list.value.append(x)
        >>> wanted = {"x": tf.io.FixedLenSequenceFeature([], tf.float32)}
        >>> _, lists = tf.io.parse_single_sequence_example(
        ...     example.SerializeToString(), sequence_features=wanted
        ... )
        >>> lists["x"].numpy()
        array([1., 2., 3.], dtype=float32)
    """
    return _one(serialized, context_features, sequence_features)[:2]


def parse_sequence_example(
    serialized: Any,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The tensors of a batch of `tf.train.SequenceExample`s.

    Args:
        serialized: A tensor of n strings, or a scalar.
        context_features: As in `parse_single_sequence_example`.
        sequence_features: As in `parse_single_sequence_example`.
        example_names: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        Three dicts: the tensors of the wholes, those of the lists (filled up to the longest), and how long the lists of
        `FixedLenSequenceFeature` are.

    Raises:
        ValueError: If nothing is wanted, or as `parse_single_example` raises it.

    Example:
        >>> import addax.tf as tf
        >>> examples = [tf.train.SequenceExample() for _ in range(2)]
        >>> for x, example in ((1, examples[0]), (2, examples[1]), (3, examples[1])):
        ...     example.feature_lists.feature_list["x"].feature.add().int64_list.value.append(x)
        >>> wanted = {"x": tf.io.FixedLenSequenceFeature([], tf.int64)}
        >>> data = [example.SerializeToString() for example in examples]
        >>> _, lists, lengths = tf.io.parse_sequence_example(data, sequence_features=wanted)
        >>> lists["x"].numpy().tolist(), lengths["x"].numpy().tolist()
        ([[1, 0], [2, 3]], [1, 2])
    """
    if not context_features and not sequence_features:
        raise ValueError(
            message("Nothing is wanted of the examples.", expected="context_features or sequence_features")
        )
    data = _bytes(serialized)
    if not data.ndim:
        return _one(serialized, context_features, sequence_features)
    wanted, lists = _wanted(context_features, sequence_features)
    examples = [_decoded(text) for text in data.ravel().tolist()]
    whole = {
        key: parsing._batch([parsing._array(key, one, given) for given, _ in examples], one)
        for key, one in wanted.items()
    }
    found = {key: [_rows(key, one, given) for _, given in examples] for key, one in lists.items()}
    joined = {key: _batch(found[key], one) for key, one in lists.items()}
    lengths = {
        key: Tensor(np.array([len(rows) for rows in found[key]], np.int64))
        for key, one in lists.items()
        if not isinstance(one.spec, parsing._VARYING)
    }
    return _renamed(whole, context_features), _renamed(joined, sequence_features), lengths


def _one(serialized: Any, context_features: Any, sequence_features: Any) -> tuple[dict, dict, dict]:
    wanted, lists = _wanted(context_features, sequence_features)
    data: Any = _bytes(serialized)[()]
    context, features = _decoded(data)
    whole = {key: parsing._single(parsing._array(key, one, context), one) for key, one in wanted.items()}
    found = {key: _rows(key, one, features) for key, one in lists.items()}
    single = {key: _alone(found[key], one) for key, one in lists.items()}
    lengths = {
        key: ops.convert_to_tensor(np.int64(len(found[key])))
        for key, one in lists.items()
        if not isinstance(one.spec, parsing._VARYING)
    }
    return _renamed(whole, context_features), _renamed(single, sequence_features), lengths


def _decoded(data: bytes) -> tuple[dict[str, Values], dict[str, list[Values]]]:
    """The features of the whole, and the lists."""
    example = SequenceExample.FromString(data)
    context = {key: values_in(feature) for key, feature in example.context.feature.items()}
    lists = example.feature_lists.feature_list
    return context, {key: [values_in(item) for item in one.feature] for key, one in lists.items()}


def _wanted(context: Any, sequences: Any) -> tuple[dict, dict]:
    """What is wanted of the wholes and of the lists, by the names under which it is there."""
    for features, form in ((context, parsing.FixedLenFeature), (sequences, parsing.FixedLenSequenceFeature)):
        for key, spec in (features or {}).items():
            if not isinstance(spec, (form, *parsing._VARYING)):
                raise ValueError(
                    message(
                        f"Feature '{key}' is not described.",
                        expected=f"{form.__name__}, VarLenFeature or RaggedFeature of tf.io",
                        received=spec,
                    )
                )
            if form is parsing.FixedLenSequenceFeature and getattr(spec, "default_value", None) is not None:
                raise ValueError(
                    message(
                        f"The list '{key}' has a default value.",
                        expected="None: shorter lists are filled up with zeros",
                        received=spec,
                    )
                )
    return parsing._checked(context or {}), parsing._checked(sequences or {})


def _renamed(found: Mapping[str, Any], features: Mapping[str, Any] | None) -> dict[str, Any]:
    """The results by the names of the features; ragged ones are read under the name of their values."""
    return {key: found[getattr(spec, "value_key", None) or key] for key, spec in (features or {}).items()}


def _rows(key: str, one: Any, features: Mapping[str, list[Values]]) -> list[np.ndarray]:
    """The values of each item of a list."""
    varying = isinstance(one.spec, parsing._VARYING)
    given = features.get(key)
    if given is None:
        if not varying and not one.spec.allow_missing:
            raise ValueError(parsing._missing(key, one.spec))
        return []
    return [parsing._shaped(key, one._replace(sequence=varying), values) for values in given]


def _alone(rows: list[np.ndarray], one: Any) -> Any:
    if not isinstance(one.spec, parsing._VARYING):
        return parsing._tensor(np.stack(rows) if rows else np.zeros((0, *one.shape), one.dtype))
    return parsing._batch(rows, one)


def _batch(examples: list[list[np.ndarray]], one: Any) -> Any:
    if not isinstance(one.spec, parsing._VARYING):
        arrays = [np.stack(rows) if rows else np.zeros((0, *one.shape), one.dtype) for rows in examples]
        return parsing._tensor(parsing._stacked(arrays, one))
    flat = [row for rows in examples for row in rows]
    values = parsing._tensor(np.concatenate(flat) if flat else np.zeros(0, one.dtype))
    lengths = [[len(rows) for rows in examples], [len(row) for row in flat]]
    ragged = RaggedTensor.from_nested_row_lengths(values, lengths)
    return ragged.to_sparse() if isinstance(one.spec, parsing.VarLenFeature) else ragged


__all__ = ["parse_sequence_example", "parse_single_sequence_example"]
