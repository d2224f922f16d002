"""`tf.io.parse_example` and its kin: tensors from `tf.train.Example` messages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor
from addax.tf._example import Example, Feature, Features, SequenceExample
from addax.tf._strings import _bytes


class FixedLenFeature(NamedTuple):
    """A feature that has as many values in each example.

    Attributes:
        shape: The shape of its tensor, `[]` for a single value.
        dtype: `tf.int64`, `tf.float32` or `tf.string`.
        default_value: What an example without it has; None if each must have it.
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature of any number of items, each of one shape.

    Attributes:
        shape: The shape of an item.
        dtype: `tf.int64`, `tf.float32` or `tf.string`.
        allow_missing: Whether an example may lack it; it has no items then.
        default_value: What shorter sequences of a batch are filled up with; zero or the empty string if None.
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


_LISTS = {"int64": "int64_list", "float32": "float_list", "string": "bytes_list"}


def parse_single_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """The tensors of one example.

    Args:
        serialized: A scalar string, a `tf.train.Example` message.
        features: By name, what is wanted: `FixedLenFeature` or `FixedLenSequenceFeature`.
        example_names: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        Tensors by name, of the shapes that the features say.

    Raises:
        ValueError: If the string is no such message, or a feature is missing, of another kind or another length.

    Example:
        >>> import addax.tf as tf
        >>> example = tf.train.Example()
        >>> example.features.feature["x"].float_list.value.extend([1.0, 2.0])
        >>> wanted = {"x": tf.io.FixedLenFeature([2], tf.float32)}
        >>> tf.io.parse_single_example(example.SerializeToString(), wanted)["x"].numpy()
        array([1., 2.], dtype=float32)
    """
    data: Any = _bytes(serialized)[()]
    example = Example.FromString(data)
    return {
        key: _tensor(_array(key, spec, example.features), spec) for key, spec in _checked(features).items()
    }


def parse_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """The tensors of a batch of examples.

    Args:
        serialized: A tensor of n strings.
        features: By name, what is wanted: `FixedLenFeature` or `FixedLenSequenceFeature`.
        example_names: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        Tensors by name, of shape `(n, ...)`. Sequences are filled up to the longest.

    Raises:
        ValueError: As `parse_single_example` raises it.

    Example:
        >>> import addax.tf as tf
        >>> examples = [tf.train.Example() for _ in range(2)]
        >>> for i, example in enumerate(examples):
        ...     example.features.feature["x"].int64_list.value.extend(range(i + 1))
        >>> wanted = {"x": tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True, default_value=-1)}
        >>> tf.io.parse_example([e.SerializeToString() for e in examples], wanted)["x"].numpy().tolist()
        [[0, -1], [0, 1]]
    """
    examples = [Example.FromString(data).features for data in np.ravel(_bytes(serialized))]
    found = {}
    for key, spec in _checked(features).items():
        rows = [_array(key, spec, example) for example in examples]
        found[key] = _tensor(_stacked(rows, spec), spec)
    return found


def parse_single_sequence_example(
    serialized: Any,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The tensors of one `tf.train.SequenceExample`.

    Args:
        serialized: A scalar string, the message.
        context_features: By name, what is wanted of the whole.
        sequence_features: By name, `FixedLenSequenceFeature` for what is wanted of the lists.
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
    data: Any = _bytes(serialized)[()]
    example = SequenceExample.FromString(data)
    whole = {
        key: _tensor(_array(key, spec, example.context), spec)
        for key, spec in _checked(context_features or {}).items()
    }
    lists = {}
    for key, spec in _checked(sequence_features or {}).items():
        if key not in example.feature_lists.feature_list and not getattr(spec, "allow_missing", False):
            raise ValueError(_missing(key, spec))
        items = example.feature_lists.feature_list[key].feature
        one = FixedLenFeature(spec.shape, spec.dtype)
        rows = [_shaped(key, one, item) for item in items]
        empty = np.zeros((0, *_shape(spec)), _numpy(spec))
        lists[key] = _tensor(np.stack(rows) if rows else empty, spec)
    return whole, lists


def _checked(features: Mapping[str, Any]) -> Mapping[str, Any]:
    for key, spec in features.items():
        if not isinstance(spec, (FixedLenFeature, FixedLenSequenceFeature)):
            raise ValueError(
                message(
                    f"Feature '{key}' is not described.",
                    expected="tf.io.FixedLenFeature or tf.io.FixedLenSequenceFeature",
                    received=spec,
                )
            )
        if dtypes.standardize(spec.dtype).name not in _LISTS:
            raise ValueError(
                message(
                    f"Feature '{key}' has a dtype that examples do not hold.",
                    expected="tf.int64, tf.float32 or tf.string",
                    received=spec.dtype,
                    hint="Cast it after parsing.",
                )
            )
    return features


def _array(key: str, spec: Any, features: Features) -> np.ndarray:
    """The values of one example."""
    given = features.feature.get(key)
    if given is None or given.WhichOneof() is None:
        if isinstance(spec, FixedLenSequenceFeature):
            if not spec.allow_missing:
                raise ValueError(_missing(key, spec))
            return np.zeros((0, *_shape(spec)), _numpy(spec))
        if spec.default_value is None:
            raise ValueError(_missing(key, spec))
        return np.broadcast_to(np.asarray(_plain(spec.default_value), _numpy(spec)), _shape(spec))
    return _shaped(key, spec, given)


def _shaped(key: str, spec: Any, given: Feature) -> np.ndarray:
    kind = _LISTS[dtypes.standardize(spec.dtype).name]
    if given.WhichOneof() not in (kind, None):
        raise ValueError(
            message(
                f"Feature '{key}' has values of another kind.", expected=kind, received=given.WhichOneof()
            )
        )
    values = np.empty(len(getattr(given, kind).value), _numpy(spec))
    values[:] = getattr(given, kind).value
    shape, items = _shape(spec), math.prod(_shape(spec))
    if isinstance(spec, FixedLenSequenceFeature):
        if items and len(values) % items == 0:
            return values.reshape(-1, *shape)
        expected = f"a multiple of {items}"
    elif len(values) == items:
        return values.reshape(shape)
    else:
        expected = f"{items} for shape {shape}"
    raise ValueError(
        message(
            f"Feature '{key}' has another number of values.", expected=expected, received=f"{len(values)}"
        )
    )


def _stacked(rows: list[np.ndarray], spec: Any) -> np.ndarray:
    if isinstance(spec, FixedLenSequenceFeature):
        longest = max((len(row) for row in rows), default=0)
        fill = _plain(spec.default_value)
        if fill is None:
            fill = b"" if _numpy(spec) is object else 0
        full = np.full((len(rows), longest, *_shape(spec)), fill, _numpy(spec))
        for i, row in enumerate(rows):
            full[i, : len(row)] = row
        return full
    return np.stack(rows) if rows else np.zeros((0, *_shape(spec)), _numpy(spec))


def _tensor(array: np.ndarray, spec: Any) -> Tensor:
    return Tensor(array) if array.dtype == object else ops.convert_to_tensor(array)


def _plain(value: Any) -> Any:
    value = value.numpy() if isinstance(value, Tensor) else value
    return value.encode() if isinstance(value, str) else value


def _shape(spec: Any) -> tuple[int, ...]:
    return tuple(int(d) for d in np.ravel(np.asarray(spec.shape, np.int64)))


def _numpy(spec: Any) -> Any:
    name = dtypes.standardize(spec.dtype).name
    return object if name == "string" else np.dtype(dtypes.narrow(name))


def _missing(key: str, spec: Any) -> str:
    return message(
        f"An example has no feature '{key}'.",
        expected=f"{spec.dtype} values",
        received="none",
        hint="Give FixedLenFeature a default_value=, or FixedLenSequenceFeature allow_missing=True.",
    )
