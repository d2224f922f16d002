"""What all feature columns share: names, the features they read, and how values reach the host."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor, op
from addax.engine._jax import jax, jnp
from addax.layers.preprocess._host import known, narrow, tensors_of
from addax.ops._ragged import RaggedTensor
from addax.ops._rows import width_for
from addax.ops._sparse import SparseTensor, ordered

MISSING = -1  # the id in place of a value that is missing


@dataclasses.dataclass(frozen=True)
class ParseSpec:
    """How a feature is read from an `Example`.

    Attributes:
        dtype: The dtype.
        shape: The shape of a feature of fixed length; None for one of any length.
        default: What stands for a missing one of fixed length; None if it must be there.
    """

    dtype: str
    shape: tuple[int, ...] | None = None
    default: Any = None


class Column:
    """A feature column: how raw features become what a model takes."""

    @property
    def name(self) -> str:
        """The name, by which `DenseFeatures` sorts columns."""
        raise AssertionError("a column defines this")  # pragma: no cover

    def keys(self) -> list[str]:
        """The features that it reads."""
        raise AssertionError("a column defines this")  # pragma: no cover

    def parse_spec(self) -> dict[str, ParseSpec]:
        """How these are read from an `Example`."""
        raise AssertionError("a column defines this")  # pragma: no cover


def feature(features: Mapping[str, Any], key: str) -> Any:
    """A feature as a tensor of shape `(batch, values)` at least, or as a sparse one.

    Raises:
        ValueError: If it is not there.
    """
    if key not in features:
        raise ValueError(
            message(
                f"Feature '{key}' is missing.", expected=f"a dict with key '{key}'", received=sorted(features)
            )
        )
    x = feature_tensor(features[key])
    if isinstance(x, (SparseTensor, PaddedRows)):
        return x
    if hasattr(x, "aval"):
        x = Tensor(x)
    if len(x.shape) != 1:
        return x
    return Tensor(x._value[:, None])


def feature_tensor(x: Any) -> Any:
    """A feature as a tensor; as a sparse one if it is sparse or ragged, but in compiled code."""
    if isinstance(x, PaddedRows):
        return x
    if isinstance(x, RaggedTensor):
        x = x.to_sparse()
    return ordered(x) if isinstance(x, SparseTensor) else tensors_of(x)


def dense_feature(features: Mapping[str, Any], key: str, what: str) -> Any:
    """A feature that has to be dense.

    Raises:
        ValueError: If it is sparse.
    """
    x = feature(features, key)
    if isinstance(x, (SparseTensor, PaddedRows)):
        raise ValueError(
            message(
                f"Feature '{key}' is sparse or ragged, and {what} takes dense ones.",
                expected="a tensor of shape (batch, values)",
                received=f"one of shape {x.shape}",
                hint="Parse it as tf.io.FixedLenFeature, or use tf.sparse.to_dense().",
            )
        )
    return x


def filled_up(x: PaddedRows, missing: Any) -> Any:
    """A ragged tensor in compiled code as a dense one, with `missing` behind the ends of rows."""
    if x.dtype == "string":  # whose values are known only while shapes are inferred, and do not matter
        return x.padded
    return x.to_tensor(default_value=missing, shape=[None, x.padded.shape[1]])  # type: ignore[attr-defined]


def side_by_side(x: SparseTensor, values: Any, missing: Any) -> Any:
    """The values of each row of a sparse tensor from the left on, in one of few widths.

    Args:
        x: The sparse tensor, ordered.
        values: Something for each of its elements, a tensor of shape `(count,)`.
        missing: What stands where a row has no more.

    Returns:
        A tensor of shape `(rows, width)`.
    """
    rows = x._places[:, 0]
    counts = np.bincount(rows, minlength=int(x._shape[0]))
    places = np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows]
    return _placed(values, missing, (len(counts), width_for(int(counts.max(initial=0)))), (rows, places))


def in_place(x: SparseTensor, values: Any, missing: Any) -> Any:
    """The values of a sparse tensor where they are in the dense one, with `missing` everywhere else."""
    return _placed(values, missing, tuple(x._shape.tolist()), tuple(x._places.T))


def _placed(values: Any, missing: Any, shape: tuple, places: tuple) -> Any:
    index = np.full(shape, len(places[0]), np.int32)
    index[places] = np.arange(len(places[0]))
    all_values = ops.concatenate([values, ops.cast([missing], values.dtype)], axis=0)
    return ops.take(all_values, index, axis=0)


def on_host(function: Callable[..., np.ndarray], tensors: list, width: int) -> Any:
    """Ids, an int32 tensor of shape `(batch, width)`, that a NumPy function computes.

    Args:
        function: Takes the arrays and gives an integer array; hashable.
        tensors: Tensors of texts or numbers.
        width: The second dimension of the result.
    """
    arrays = [known(x) for x in tensors]
    if all(array is not None for array in arrays):
        return narrow(function(*arrays).astype("int64"))
    rows = tensors[0].shape[0]
    if any(x.dtype == "string" for x in tensors):  # texts beside a tracer: only the shape is wanted
        return Tensor(jnp.zeros((rows, width), jnp.int32))
    return _call_back(list(tensors), function=function, width=width)


@op(static=("function", "width"), name="feature_ids")
def _call_back(tensors: Any, function: Any, width: int) -> Any:
    arrays = [jnp.asarray(x) for x in tensors]
    result = jax.ShapeDtypeStruct((arrays[0].shape[0], width), jnp.int32)
    return jax.pure_callback(lambda *a: function(*map(np.asarray, a)).astype("int32"), result, *arrays)


def is_missing(values: np.ndarray) -> np.ndarray:
    """Where an array of texts has empty ones, or one of integers has -1."""
    return values == (b"" if values.dtype.kind == "O" else MISSING)
