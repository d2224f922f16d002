"""The functions of tf.keras's backend for arithmetic, comparisons and reductions, over `addax.ops`."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import config, dtypes


def _numbers(x: Any) -> Any:
    """A tensor, bools as floats."""
    x = ops.convert_to_tensor(x)
    return ops.cast(x, config.floatx()) if x.dtype == "bool" else x


def abs(x: Any) -> Any:
    """Element-wise absolute value."""
    return ops.abs(x)


def exp(x: Any) -> Any:
    """Element-wise exponential."""
    return ops.exp(x)


def log(x: Any) -> Any:
    """Element-wise natural logarithm."""
    return ops.log(x)


def sqrt(x: Any) -> Any:
    """Element-wise square root; of negative elements, zero.

    Example:
        >>> sqrt([4.0, -1.0]).numpy()
        array([2., 0.], dtype=float32)
    """
    return ops.sqrt(ops.maximum(x, 0.0))


def square(x: Any) -> Any:
    """Element-wise square."""
    return ops.square(x)


def pow(x: Any, a: Any) -> Any:
    """Element-wise power `x**a`."""
    return ops.power(x, a)


def round(x: Any) -> Any:
    """Element-wise rounding, halves to the even neighbour."""
    return ops.round(x)


def sign(x: Any) -> Any:
    """Element-wise sign: -1, 0 or 1."""
    return ops.sign(x)


def sin(x: Any) -> Any:
    """Element-wise sine."""
    return ops.sin(x)


def cos(x: Any) -> Any:
    """Element-wise cosine."""
    return ops.cos(x)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """Element-wise limitation to a range.

    Args:
        x: A tensor.
        min_value: The least value; no limit if None.
        max_value: The greatest value, no less than `min_value`; no limit if None.
    """
    known = isinstance(min_value, (int, float)) and isinstance(max_value, (int, float))
    return ops.clip(x, min_value, min_value if known and max_value < min_value else max_value)


def maximum(x: Any, y: Any) -> Any:
    """Element-wise larger one of two tensors."""
    return ops.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """Element-wise smaller one of two tensors."""
    return ops.minimum(x, y)


def equal(x: Any, y: Any) -> Any:
    """Element-wise `x == y`."""
    return ops.equal(x, y)


def not_equal(x: Any, y: Any) -> Any:
    """Element-wise `x != y`."""
    return ops.not_equal(x, y)


def greater(x: Any, y: Any) -> Any:
    """Element-wise `x > y`."""
    return ops.greater(x, y)


def greater_equal(x: Any, y: Any) -> Any:
    """Element-wise `x >= y`."""
    return ops.greater_equal(x, y)


def less(x: Any, y: Any) -> Any:
    """Element-wise `x < y`."""
    return ops.less(x, y)


def less_equal(x: Any, y: Any) -> Any:
    """Element-wise `x <= y`."""
    return ops.less_equal(x, y)


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum over axes."""
    return ops.sum(x, axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product over axes."""
    return ops.prod(x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean over axes; that of bools is the part that is true.

    Example:
        >>> float(mean([True, False, True, True]))
        0.75
    """
    return ops.mean(_numbers(x), axis=axis, keepdims=keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance over axes, divided by the number of elements."""
    return ops.var(_numbers(x), axis=axis, keepdims=keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation over axes."""
    return ops.std(_numbers(x), axis=axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element over axes."""
    return ops.max(x, axis=axis, keepdims=keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element over axes."""
    return ops.min(x, axis=axis, keepdims=keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether some element over axes is true."""
    return ops.any(ops.cast(x, "bool"), axis=axis, keepdims=keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all elements over axes are true."""
    return ops.all(ops.cast(x, "bool"), axis=axis, keepdims=keepdims)


def argmax(x: Any, axis: Any = -1) -> Any:
    """The position of the largest element along an axis."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: Any = -1) -> Any:
    """The position of the smallest element along an axis."""
    return ops.argmin(x, axis=axis)


def cumsum(x: Any, axis: Any = 0) -> Any:
    """Sums up to each place along an axis."""
    return ops.cumsum(x, axis=axis)


def cumprod(x: Any, axis: Any = 0) -> Any:
    """Products up to each place along an axis."""
    return ops.cumprod(x, axis=axis)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The logarithm of the sum of exponentials over axes."""
    return ops.logsumexp(x, axis=axis, keepdims=keepdims)


def dot(x: Any, y: Any) -> Any:
    """The product over the last axis of `x` and the last but one of `y` (its only one, if it is a vector).

    Example:
        >>> from addax import ops
        >>> dot(ops.ones((2, 3)), ops.ones((4, 3, 5))).shape
        TensorShape([2, 4, 5])
    """
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """The product over one axis of each, for each element of the batch.

    Args:
        x: Tensor of shape `(batch, ...)`.
        y: Tensor of shape `(batch, ...)`.
        axes: The axis of both, or the pair of axes; the last one of `x` and the last but one of `y` (its last
            one, if it has two), if None.

    Returns:
        The axes of `x` that are left, then those of `y`; `(batch, 1)` if none is.

    Example:
        >>> from addax import ops
        >>> batch_dot(ops.ones((7, 2, 3)), ops.ones((7, 3, 5))).shape
        TensorShape([7, 2, 5])
    """
    from addax.layers import Dot

    if axes is None:
        axes = (len(x.shape) - 1, len(y.shape) - (1 if len(y.shape) == 2 else 2))
    return Dot(axes=axes if isinstance(axes, int) else tuple(axes), dtype=dtypes.standardize(x.dtype).name)(
        [x, y]
    )


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """`x` divided by its Euclidean length over axes."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-12))


def moving_average_update(x: Any, value: Any, momentum: Any) -> Any:
    """Move a variable towards a value: `x * momentum + value * (1 - momentum)`.

    Args:
        x: A variable.
        value: The value.
        momentum: The part of the old value that stays.

    Returns:
        The variable.
    """
    return x.assign(x * momentum + ops.cast(value, x.dtype) * (1 - momentum))
