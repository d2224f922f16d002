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
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor, ordered
from addax.tf._scan_example import Values, values_of
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


class VarLenFeature(NamedTuple):
    """A feature of any number of values, given as a sparse tensor.

    Attributes:
        dtype: `tf.int64`, `tf.float32` or `tf.string`.
    """

    dtype: Any


class RaggedFeature(NamedTuple):
    """A feature of any number of values, given as a ragged tensor.

    Attributes:
        dtype: `tf.int64`, `tf.float32` or `tf.string`.
        value_key: The feature that has the values, if it is not that of the result's name.
    """

    dtype: Any
    value_key: str | None = None


class SparseFeature(NamedTuple):
    """A sparse vector in two features: where its values are, and which.

    Attributes:
        index_key: The feature that has the places, or a list of them, one for each axis.
        value_key: The feature that has the values.
        dtype: The dtype of the values: `tf.int64`, `tf.float32` or `tf.string`.
        size: The length of the vector, or a list of sizes.
        already_sorted: Accepted for TensorFlow's sake: places are sorted anyway.
    """

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


_VARYING = (VarLenFeature, RaggedFeature)
_LISTS = {"int64": "int64_list", "float32": "float_list", "string": "bytes_list"}


def parse_single_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """The tensors of one example.

    Args:
        serialized: A scalar string, a `tf.train.Example` message.
        features: By name, what is wanted: `FixedLenFeature`, `FixedLenSequenceFeature`, `VarLenFeature`,
            `RaggedFeature` or `SparseFeature`.
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
    wanted = _checked(features)
    given = values_of(data, wanted)
    found = {key: _single(_array(key, one, given), one) for key, one in wanted.items()}
    return _with_sparse(found, features, single=True)


def parse_example(
    serialized: Any, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Tensor]:
    """The tensors of a batch of examples.

    Args:
        serialized: A tensor of n strings.
        features: By name, what is wanted: `FixedLenFeature`, `FixedLenSequenceFeature`, `VarLenFeature`,
            `RaggedFeature` or `SparseFeature`.
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
    wanted = _checked(features)
    examples = [values_of(data, wanted) for data in np.ravel(_bytes(serialized)).tolist()]
    found = {key: _batch([_array(key, one, given) for given in examples], one) for key, one in wanted.items()}
    return _with_sparse(found, features, single=False)


class _Wanted(NamedTuple):
    spec: Any
    kind: str  # of its values in an example
    dtype: Any  # NumPy's
    shape: tuple[int, ...]
    sequence: bool


def _checked(features: Mapping[str, Any]) -> dict[str, _Wanted]:
    found = {}
    for key, spec in _parts(features).items():
        if not isinstance(spec, (FixedLenFeature, FixedLenSequenceFeature, *_VARYING)):
            raise ValueError(
                message(
                    f"Feature '{key}' is not described.",
                    expected="FixedLenFeature, FixedLenSequenceFeature, VarLenFeature, RaggedFeature or SparseFeature "
                    "of tf.io",
                    received=spec,
                )
            )
        name = dtypes.standardize(spec.dtype).name
        if name not in _LISTS:
            raise ValueError(
                message(
                    f"Feature '{key}' has a dtype that examples do not hold.",
                    expected="tf.int64, tf.float32 or tf.string",
                    received=spec.dtype,
                    hint="Cast it after parsing.",
                )
            )
        sequence = not isinstance(spec, FixedLenFeature)
        shape = () if isinstance(spec, _VARYING) else _shape(spec)
        found[key] = _Wanted(spec, _LISTS[name], _numpy(name), shape, sequence)
    return found


def _parts(features: Mapping[str, Any]) -> dict[str, Any]:
    """The features that are read: sparse ones are read as two, ragged ones under the name of their values."""
    found: dict[str, Any] = {}
    for key, spec in features.items():
        if isinstance(spec, SparseFeature):
            for part in _keys(spec.index_key):
                found[part] = RaggedFeature("int64")
            found[spec.value_key] = RaggedFeature(spec.dtype)
        elif isinstance(spec, RaggedFeature):
            found[spec.value_key or key] = spec
        else:
            found[key] = spec
    return found


def _keys(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _single(array: np.ndarray, one: _Wanted) -> Any:
    if isinstance(one.spec, VarLenFeature):
        return SparseTensor(np.arange(len(array))[:, None], _tensor(array), [len(array)])
    return _tensor(array)


def _batch(rows: list[np.ndarray], one: _Wanted) -> Any:
    if not isinstance(one.spec, _VARYING):
        return _tensor(_stacked(rows, one))
    flat = _tensor(np.concatenate(rows) if rows else np.zeros(0, one.dtype))
    ragged = RaggedTensor.from_row_lengths(flat, [len(row) for row in rows])
    return ragged.to_sparse() if isinstance(one.spec, VarLenFeature) else ragged


def _with_sparse(found: dict[str, Any], features: Mapping[str, Any], single: bool) -> dict[str, Any]:
    """The results by the names of the features, sparse ones put together."""
    results = {}
    for key, spec in features.items():
        if isinstance(spec, RaggedFeature):
            results[key] = found[spec.value_key or key]
        elif not isinstance(spec, SparseFeature):
            results[key] = found[key]
        else:
            parts = [found[part] for part in (*_keys(spec.index_key), spec.value_key)]
            parts = [RaggedTensor.from_row_lengths(p, [p.shape[0]]) for p in parts] if single else parts
            *places, values = parts
            own = np.asarray(places[0].value_rowids())[:, None]
            columns = [own, *(np.asarray(p.flat_values)[:, None] for p in places)]
            shape = [len(values), *np.atleast_1d(spec.size).tolist()]
            whole = ordered(SparseTensor(np.concatenate(columns, 1), values.flat_values, shape))
            results[key] = SparseTensor(whole._places[:, 1:], whole.values, shape[1:]) if single else whole
    return results


def _array(key: str, one: _Wanted, features: Mapping[str, Values]) -> np.ndarray:
    """The values of one example."""
    given, spec = features.get(key), one.spec
    if given is None or given.kind is None:
        if one.sequence:
            if not isinstance(spec, _VARYING) and not spec.allow_missing:
                raise ValueError(_missing(key, spec))
            return np.zeros((0, *one.shape), one.dtype)
        if spec.default_value is None:
            raise ValueError(_missing(key, spec))
        return np.broadcast_to(np.asarray(_plain(spec.default_value), one.dtype), one.shape)
    return _shaped(key, one, given)


def _shaped(key: str, one: _Wanted, given: Values) -> np.ndarray:
    if given.kind not in (one.kind, None):
        raise ValueError(
            message(f"Feature '{key}' has values of another kind.", expected=one.kind, received=given.kind)
        )
    values = np.empty(len(given.items), one.dtype)
    values[:] = given.items
    shape, items = one.shape, math.prod(one.shape)
    if one.sequence:
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


def _stacked(rows: list[np.ndarray], one: _Wanted) -> np.ndarray:
    if one.sequence:
        longest = max((len(row) for row in rows), default=0)
        fill = _plain(one.spec.default_value)
        if fill is None:
            fill = b"" if one.dtype is object else 0
        full = np.full((len(rows), longest, *one.shape), fill, one.dtype)
        for i, row in enumerate(rows):
            full[i, : len(row)] = row
        return full
    return np.stack(rows) if rows else np.zeros((0, *one.shape), one.dtype)


def _tensor(array: np.ndarray) -> Tensor:
    return Tensor(array) if array.dtype == object else ops.convert_to_tensor(array)


def _plain(value: Any) -> Any:
    value = value.numpy() if isinstance(value, Tensor) else value
    return value.encode() if isinstance(value, str) else value


def _shape(spec: Any) -> tuple[int, ...]:
    return tuple(int(d) for d in np.ravel(np.asarray(spec.shape, np.int64)))


def _numpy(name: str) -> Any:
    return object if name == "string" else np.dtype(dtypes.narrow(name))


def _missing(key: str, spec: Any) -> str:
    return message(
        f"An example has no feature '{key}'.",
        expected=f"{spec.dtype} values",
        received="none",
        hint="Give FixedLenFeature a default_value=, or FixedLenSequenceFeature allow_missing=True.",
    )
