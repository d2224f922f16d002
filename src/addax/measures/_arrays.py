"""What labels and predictions may be, and what a measure makes of them before it computes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from addax import ops
from addax.core import dtypes
from addax.engine import Tensor, TensorLike, raw_of

as_tensor = ops.convert_to_tensor


def is_raw(value: Any) -> bool:
    """Whether a value is an array or a tracer of JAX itself."""
    return hasattr(value, "aval") and not isinstance(value, TensorLike)


def all_raw(*values: Any) -> bool:
    """Whether JAX arrays go in and no tensor does, so that a JAX array should come out."""
    return any(is_raw(v) for v in values) and not any(isinstance(v, TensorLike) for v in values)


def unwrapped(result: Any, raw: bool) -> Any:
    """The result as the caller speaks: a JAX array if `raw`, else the tensor."""
    return raw_of(result) if raw and isinstance(result, Tensor) else result


def as_float(value: Any) -> Any:
    """A floating-point tensor: other dtypes become the float dtype of the settings."""
    tensor = as_tensor(value)
    return (
        tensor
        if tensor.dtype.is_floating or tensor.dtype.is_complex
        else ops.cast(tensor, dtypes.standardize(None))
    )


def compute_dtype(dtype: Any) -> dtypes.DType:
    """The dtype in which a loss or metric computes.

    Args:
        dtype: A dtype, a dtype policy, its name (`"mixed_float16"`) or its config; None is the float
            dtype of the settings.
    """
    if isinstance(dtype, Mapping):
        dtype = dtype.get("config", {}).get("name")
    dtype = getattr(dtype, "compute_dtype", dtype)
    if isinstance(dtype, str) and dtype.startswith("mixed_"):
        dtype = str(dtype).removeprefix("mixed_")
    return dtypes.standardize(dtype)


def measure(
    function: Callable | None = None, *, home: str = "addax.losses", takes_class_ids: bool = False
) -> Any:
    """Make a function of tensors `(y_true, y_pred, ...)` one of anything that converts to tensors.

    Predictions become floats, labels get their dtype (or stay integers), and if the caller works with JAX's
    own arrays, the result is one too.

    Args:
        function: The function over tensors.
        home: The package under whose name files refer to the function.
        takes_class_ids: Whether labels are class indices, which no float dtype may round.
    """
    if function is None:
        return functools.partial(measure, home=home, takes_class_ids=takes_class_ids)

    @functools.wraps(function)
    def call(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        raw = all_raw(y_true, y_pred)
        y_pred = as_float(y_pred)
        y_true = as_tensor(y_true) if takes_class_ids else as_tensor(y_true, y_pred.dtype)
        return unwrapped(function(y_true, y_pred, *args, **kwargs), raw)

    call.__module__ = home
    call.takes_class_ids = takes_class_ids  # type: ignore[attr-defined]
    return call
