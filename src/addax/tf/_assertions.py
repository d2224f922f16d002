"""`tf.debugging`: assertions on values and shapes, also in compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.engine import SymbolicTensor, Tensor
from addax.engine import _operators as operators
from addax.engine._checks import check
from addax.engine._control import scalar_bool
from addax.engine._staging import staged


def _require(holds: Any, text: Callable[[], str]) -> None:
    """Raise ValueError unless all elements hold; for traced values, when the compiled code has run."""
    if isinstance(holds, SymbolicTensor):
        return
    if staged(holds):
        check(scalar_bool(ops.all(holds)), ValueError, text())
    elif not bool(np.all(np.asarray(holds))):
        raise ValueError(text())


def _first(x: Any, summarize: int | None) -> str:
    if staged(x):
        return "(known when it runs)"
    flat = np.asarray(ops.convert_to_tensor(x)).ravel()
    flat = flat if (summarize or 3) < 0 else flat[: summarize or 3]
    return f"{len(flat)} first elements: {flat.tolist()}"


def _compared(
    x: Any, y: Any, relation: str, compare: Callable, text: str | None, summarize: int | None
) -> None:
    def explain() -> str:
        lines = [text] if text else []
        lines += [
            f"Condition x {relation} y did not hold.",
            f"x: {_first(x, summarize)}",
            f"y: {_first(y, summarize)}",
        ]
        return "\n".join(lines)

    _require(compare(x, y), explain)


def assert_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x == y` for all elements.

    Args:
        x: A tensor of numbers, bools or strings.
        y: A tensor that broadcasts with it.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, "==", operators.equal, message, summarize)


def assert_none_equal(
    x: Any, y: Any, summarize: int | None = None, message: str | None = None, name: Any = None
) -> None:
    """Require `x != y` for all elements.

    Args:
        x: A tensor of numbers, bools or strings.
        y: A tensor that broadcasts with it.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, "!=", operators.not_equal, message, summarize)


def assert_less(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x < y` for all elements.

    Args:
        x: A tensor of numbers.
        y: A tensor that broadcasts with it.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, "<", operators.less, message, summarize)


def assert_less_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x <= y` for all elements.

    Args:
        x: A tensor of numbers.
        y: A tensor that broadcasts with it.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, "<=", operators.less_equal, message, summarize)


def assert_greater(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x > y` for all elements.

    Args:
        x: A tensor of numbers.
        y: A tensor that broadcasts with it.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, ">", operators.greater, message, summarize)


def assert_greater_equal(
    x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x >= y` for all elements.

    Args:
        x: A tensor of numbers.
        y: A tensor that broadcasts with it.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, y, ">=", operators.greater_equal, message, summarize)


def assert_positive(
    x: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x > 0` for all elements.

    Args:
        x: A tensor of numbers.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, 0, ">", operators.greater, message, summarize)


def assert_negative(
    x: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x < 0` for all elements.

    Args:
        x: A tensor of numbers.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, 0, "<", operators.less, message, summarize)


def assert_non_negative(
    x: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x >= 0` for all elements.

    Args:
        x: A tensor of numbers.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, 0, ">=", operators.greater_equal, message, summarize)


def assert_non_positive(
    x: Any, message: str | None = None, summarize: int | None = None, name: Any = None
) -> None:
    """Require `x <= 0` for all elements.

    Args:
        x: A tensor of numbers.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    _compared(x, 0, "<=", operators.less_equal, message, summarize)


def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, message: str | None = None, summarize: int | None = None,
    name: str | None = None,
) -> None:  # fmt: skip
    """Require `|x - y| <= atol + rtol * |y|` for all elements.

    Args:
        x: A tensor of numbers.
        y: A tensor that broadcasts with it.
        rtol: The tolerance relative to `y`; 10 times the precision of the dtype of `x` if None (0 for integers).
        atol: The absolute tolerance; likewise.
        message: A text that the error begins with.
        summarize: How many elements of each tensor the error shows: 3 if None, all if negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not hold; in compiled code, when that has run.
    """
    dtype = ops.convert_to_tensor(x).dtype
    small = 10 * float(np.finfo(dtypes.numpy_dtype(dtype)).eps) if dtypes.is_float(dtype) else 0.0
    rtol, atol = (small if t is None else float(t) for t in (rtol, atol))

    def near(a: Any, b: Any) -> Any:
        gap = operators.absolute(operators.subtract(a, b))
        return operators.less_equal(gap, operators.add(atol, operators.multiply(rtol, operators.absolute(b))))

    _compared(x, y, "~=", near, message, summarize)


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> None:
    """Require a condition, showing some tensors if it does not hold.

    Args:
        condition: A bool tensor, all of whose elements have to be true.
        data: A list of tensors or other values for the error to show.
        summarize: How many elements of each tensor are shown; all if None or negative.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it does not; in compiled code, when that has run.

    Example:
        >>> import addax.tf as tf
        >>> x = tf.constant([1, 2])
        >>> tf.Assert(tf.reduce_all(x > 0), [x])
    """
    _require(condition, lambda: f"assertion failed: {[_shown(x, summarize) for x in data]}")


def _shown(value: Any, summarize: int | None) -> Any:
    if staged(value):
        return "(known when it runs)"
    if not isinstance(value, Tensor):
        return value
    array = np.asarray(value)
    return array.tolist() if summarize is None or summarize < 0 else array.ravel()[:summarize].tolist()


def check_numerics(tensor: Any, message: str, name: str | None = None) -> Any:
    """The tensor, which must have no NaN and nothing infinite.

    Args:
        tensor: A float tensor.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it has; in compiled code, when that has run.
    """
    _require(ops.isfinite(tensor), lambda: f"{message} : Tensor had NaN or Inf values")
    return ops.convert_to_tensor(tensor)


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    """The tensor, which must have no NaN and nothing infinite.

    Args:
        x: A float tensor.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it has; in compiled code, when that has run.
    """
    return check_numerics(x, message)


# Shapes and types ----------------------------------------------------------------------------------------
def _shape(x: Any) -> tuple:
    return tuple(x.shape if hasattr(x, "shape") else np.shape(x))


def _fail(text: str | None, problem: str) -> None:
    raise ValueError(f"{text} {problem}".strip() if text else problem)


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Require a rank.

    Args:
        x: A tensor.
        rank: The number of dimensions, an integer.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the tensor has another one.
    """
    if len(_shape(x)) != int(rank):
        _fail(
            message, f"Tensor must have rank {int(rank)}. Received rank {len(_shape(x))}, shape {_shape(x)}"
        )


def assert_rank_at_least(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> None:
    """Require at least a rank.

    Args:
        x: A tensor.
        rank: The smallest number of dimensions, an integer.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the tensor has fewer.
    """
    if len(_shape(x)) < int(rank):
        _fail(
            message,
            f"Tensor must have rank at least {int(rank)}. Received rank {len(_shape(x))}, shape {_shape(x)}",
        )


def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> None:
    """Require one of several ranks.

    Args:
        x: A tensor.
        ranks: Numbers of dimensions, integers.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the tensor has another one.
    """
    wanted = [int(r) for r in ranks]
    if len(_shape(x)) not in wanted:
        _fail(
            message, f"Tensor must have rank in {wanted}. Received rank {len(_shape(x))}, shape {_shape(x)}"
        )


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Any:
    """The tensor, which must be a scalar.

    Args:
        tensor: A tensor or a number.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it has dimensions.
    """
    if _shape(tensor) != ():
        _fail(message, f"Expected a scalar. Received shape {_shape(tensor)}")
    return tensor


def assert_shapes(
    shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: Any = None
) -> None:
    """Require shapes whose symbols (letters) stand for the same size wherever they occur.

    Args:
        shapes: Pairs of a tensor and its shape, as a list or a dict. A dimension is a size, a symbol, or, where any
            size will do, None, `"."` or `"*"`.
        data: Accepted for TensorFlow's sake: the error shows the shapes.
        summarize: Accepted for TensorFlow's sake; likewise.
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a shape does not fit.

    Example:
        >>> import addax.tf as tf
        >>> tf.debugging.assert_shapes([(tf.zeros((2, 3)), ("n", 3)), (tf.zeros((2,)), ("n",))])
    """
    known: dict[Any, int] = {}
    for tensor, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        found, wanted = _shape(tensor), tuple(wanted) if isinstance(wanted, (tuple, list)) else (wanted,)
        if len(found) != len(wanted):
            _fail(message, f"Expected a tensor of shape {wanted}. Received shape {found}")
        for size, symbol in zip(found, wanted, strict=True):
            if symbol in (None, ".", "*"):
                continue
            expected = symbol if isinstance(symbol, int) else known.setdefault(symbol, size)
            if size is not None and size != expected:
                _fail(
                    message,
                    f"Expected dimension {symbol!r} to be {expected}. Received shape {found} for {wanted}",
                )


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Require a dtype.

    Args:
        tensor: A tensor.
        tf_type: The dtype that it must have (int64 is not told from int32).
        message: A text that the error begins with.
        name: Accepted for TensorFlow's sake.

    Raises:
        TypeError: If it has another one.
    """
    found = ops.convert_to_tensor(tensor).dtype
    if dtypes.narrow(found.name) != dtypes.narrow(dtypes.standardize(tf_type).name):
        raise TypeError(
            f"{message or ''} tensor must be of type {dtypes.standardize(tf_type).name}, got {found.name}".strip()
        )


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The float dtype that all tensors have; raises ValueError if they differ or it is none."""
    found = {dtypes.standardize(t.dtype) for t in tensors or ()} | (
        {dtypes.standardize(dtype)} if dtype else set()
    )
    if len(found) > 1:
        raise ValueError(f"Tensors of several dtypes: {sorted(str(d) for d in found)}")
    result = found.pop() if found else dtypes.standardize("float32")
    if not result.is_floating:
        raise ValueError(f"Expected floating point type, got {result.name}.")
    return result


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> None:
    """Require an integer dtype.

    Args:
        x: A tensor.
        message: The text of the error, in place of the one that names the dtype.
        name: Accepted for TensorFlow's sake.

    Raises:
        TypeError: If it has another one.
    """
    if not ops.convert_to_tensor(x).dtype.is_integer:
        raise TypeError(message or f"Expected an integer tensor, got {ops.convert_to_tensor(x).dtype.name}")


def assert_proper_iterable(values: Any) -> None:
    """Require an iterable that is no tensor, array or string; raises TypeError otherwise."""
    if isinstance(values, (Tensor, np.ndarray, str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(f"Expected a list or tuple of tensors, got {type(values).__name__}")


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether it is a tensor of numbers."""
    return isinstance(tensor, (Tensor, SymbolicTensor)) and tensor.dtype not in ("string", "bool")


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Raise an error at the first NaN that an op gives.

    Args:
        stack_height_limit: Accepted for TensorFlow's sake: the error has Python's whole stack.
        path_length_limit: Accepted for TensorFlow's sake; likewise.
    """
    from addax.engine._jax import jax

    jax.config.update("jax_debug_nans", True)


def disable_check_numerics() -> None:
    """No longer look for NaN."""
    from addax.engine._jax import jax

    jax.config.update("jax_debug_nans", False)


def get_log_device_placement() -> bool:
    """False: placements are not logged."""
    return False


def set_log_device_placement(enabled: bool) -> None:
    """Accepted: placements are not logged."""
