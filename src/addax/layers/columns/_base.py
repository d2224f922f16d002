"""What all feature columns share: names, the features they read, and how values reach the host."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jax, jnp
from addax.layers.preprocess._host import known, narrow, tensors_of

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
    """A feature as a tensor of shape `(batch, values)` at least.

    Raises:
        ValueError: If it is not there.
    """
    if key not in features:
        raise ValueError(
            message(
                f"Feature '{key}' is missing.", expected=f"a dict with key '{key}'", received=sorted(features)
            )
        )
    x = tensors_of(features[key])
    if hasattr(x, "aval"):
        x = Tensor(x)
    if len(x.shape) != 1:
        return x
    return Tensor(x._value[:, None])


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
