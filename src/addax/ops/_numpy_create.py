"""Tensors from nothing: zeros, ones, ranges, windows, grids; made by NumPy where that saves a compilation."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax, jnp
from addax.engine._op import op
from addax.engine._operators import cast, known_ints
from addax.ops._core import convert_to_tensor
from addax.ops._dtypes import array_dtype, is_tracer, on_host


def array(x: Any, dtype: Any = None) -> Any:
    """A tensor of any array-like value.

    Args:
        x: Numbers, nested lists, a NumPy or JAX array, a tensor or a variable.
        dtype: The dtype; if None, that of `x` (the float dtype of the settings for Python floats).

    Example:
        >>> import addax as keras
        >>> keras.ops.array([[1, 2], [3, 4]]).shape
        TensorShape([2, 2])
    """
    if hasattr(x, "aval"):  # a raw array stays one, as in every op
        return copy(x) if dtype is None else cast(x, dtype)
    return convert_to_tensor(x, dtype)


@op
def copy(x: Any) -> Any:
    """A tensor with the same elements."""
    return jnp.array(x)


def _known_shape(shape: Any) -> tuple:
    shape = known_ints(shape, "shape")
    return shape if isinstance(shape, tuple) else (shape,)


def _filled(shape: tuple, value: Any, dtype: np.dtype) -> Any:
    """An array with one value everywhere: NumPy's where that is cheaper."""
    fixed = all(isinstance(size, int) for size in shape)  # an export may leave sizes open
    if fixed and on_host(int(np.prod(shape))):
        return np.full(shape, value, dtype)
    return jnp.full(shape, value, dtype)


@op(static=("shape",), compilable=False)
def zeros(shape: Any, dtype: Any = None) -> Any:
    """A tensor of zeros.

    Args:
        shape: The shape, integers or a tensor of them.
        dtype: The dtype; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> keras.ops.zeros((2,)).numpy()
        array([0., 0.], dtype=float32)
    """
    return _filled(_known_shape(shape), 0, array_dtype(dtype))


@op(static=("shape",), compilable=False)
def ones(shape: Any, dtype: Any = None) -> Any:
    """A tensor of ones.

    Args:
        shape: The shape, integers or a tensor of them.
        dtype: The dtype; the float dtype of the settings if None.
    """
    return _filled(_known_shape(shape), 1, array_dtype(dtype))


@op(static=("shape",), compilable=False)
def empty(shape: Any, dtype: Any = None) -> Any:
    """A tensor whose values do not matter (they are zeros).

    Args:
        shape: The shape, integers or a tensor of them.
        dtype: The dtype; the float dtype of the settings if None.
    """
    return _filled(_known_shape(shape), 0, array_dtype(dtype))


@op(static=("shape",), compilable=False)
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """A tensor filled with one value.

    Args:
        shape: The shape, integers or a tensor of them.
        fill_value: A number, or a tensor that broadcasts to `shape`.
        dtype: The dtype; the float dtype of the settings if None.

    Example:
        >>> import addax as keras
        >>> keras.ops.full((2,), 7, dtype="int32").numpy()
        array([7, 7], dtype=int32)
    """
    shape, target = _known_shape(shape), array_dtype(dtype)
    if isinstance(fill_value, jax.Array):
        return jnp.full(shape, fill_value, target)
    return _filled(shape, fill_value, target)


def _like(x: Any, value: Any, dtype: Any) -> Any:
    target = (
        array_dtype(dtype) if dtype is not None else x.dtype if hasattr(x, "dtype") else jnp.asarray(x).dtype
    )
    made = _filled(np.shape(x), value, array_dtype(target))
    return jax.device_put(made) if isinstance(x, jax.Array) and isinstance(made, np.ndarray) else made


@op(compilable=False)
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros in the shape (and dtype, if None is given) of `x`."""
    return _like(x, 0, dtype)


@op(compilable=False)
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones in the shape (and dtype, if None is given) of `x`."""
    return _like(x, 1, dtype)


@op(compilable=False)
def empty_like(x: Any, dtype: Any = None) -> Any:
    """A tensor in the shape (and dtype, if None is given) of `x` whose values do not matter."""
    return _like(x, 0, dtype)


@op(compilable=False)
def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """`fill_value` everywhere in the shape (and dtype, if None is given) of `x`."""
    if isinstance(fill_value, jax.Array):
        return jnp.full_like(jnp.asarray(x), fill_value, None if dtype is None else array_dtype(dtype))
    return _like(x, fill_value, dtype)


@op(static=("N",), compilable=False)
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix with ones on one diagonal and zeros elsewhere.

    Args:
        N: The number of rows.
        M: The number of columns; `N` if None.
        k: Which diagonal: 0 for the main one, positive above it, negative below.
        dtype: The dtype; the float dtype of the settings if None.
    """
    N, M, k = (known_ints(v, "the size") for v in (N, M, k))
    maker = np if on_host(N * (N if M is None else M)) else jnp
    return maker.eye(N, M, k, dtype=array_dtype(dtype))


@op(static=("n",), compilable=False)
def identity(n: int, dtype: Any = None) -> Any:
    """The identity matrix of shape `(n, n)`.

    Args:
        n: The number of rows and columns.
        dtype: The dtype; the float dtype of the settings if None.
    """
    n = known_ints(n, "n")
    return (np if on_host(n * n) else jnp).eye(n, dtype=array_dtype(dtype))


@op(static=("N",), compilable=False)
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """A matrix with ones at and below one diagonal and zeros above.

    Args:
        N: The number of rows.
        M: The number of columns; `N` if None.
        k: Which diagonal: 0 for the main one, positive above it, negative below.
        dtype: The dtype; the float dtype of the settings if None.
    """
    N, M, k = (known_ints(v, "the size") for v in (N, M, k))
    maker = np if on_host(N * (N if M is None else M)) else jnp
    return maker.tri(N, M, k, dtype=array_dtype(dtype))


def _number_dtype(values: list) -> Any:
    """The dtype of a range between numbers: theirs, the settings' float dtype if one is a Python float."""
    tensors = [v.dtype for v in values if hasattr(v, "dtype")]
    floats = any(isinstance(v, float) and not hasattr(v, "dtype") for v in values)
    if not tensors:
        return array_dtype(None if floats else "int32")
    found = np.dtype(jnp.result_type(*tensors))
    return array_dtype(None) if floats and not jnp.issubdtype(found, jnp.inexact) else array_dtype(found)


@op(dynamic=("stop", "step"), compilable=False)
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Evenly spaced numbers from `start` to (not including) `stop`.

    Args:
        start: The first number; the end, from 0, if `stop` is None.
        stop: The end.
        step: The distance, 1 if None.
        dtype: The dtype; that of the numbers if None: int32 for integers, floats else.

    Raises:
        TypeError: If the length depends on values that are not known while a function is traced.

    Example:
        >>> import addax as keras
        >>> keras.ops.arange(2, 8, 3).numpy()
        array([2, 5], dtype=int32)
    """
    values = [v for v in (start, stop, step) if v is not None]
    if any(map(is_tracer, values)):
        raise TypeError(
            message(
                "The length of arange() must be known when the function is compiled.",
                received="a bound that is computed inside the compiled function",
                hint="Take the bound from x.shape or tf.shape(x), whose values are known.",
            )
        )
    target = _number_dtype(values) if dtype is None else array_dtype(dtype)
    start, stop, step = (
        v if v is None or isinstance(v, (int, float)) else np.asarray(v)[()] for v in (start, stop, step)
    )
    if stop is None:
        start, stop = 0, start
    made = np.arange(start, stop, 1 if step is None else step)
    return made.astype(target) if on_host(made.size) else jnp.asarray(made, target)


def _spaced(maker: str, ends: list, num: Any, dtype: Any, axis: int, **options: Any) -> Any:
    """`linspace` and its kin, by NumPy if the ends depend on no tensor."""
    num, axis = known_ints(num, "num"), known_ints(axis, "axis")
    target = None if dtype is None else array_dtype(dtype)
    if any(isinstance(end, jax.Array) for end in ends) or not on_host(num):
        return getattr(jnp, maker)(*ends, num=num, dtype=target, axis=axis, **options)
    made = getattr(np, maker)(*ends, num=num, axis=axis, **options)
    target = target or array_dtype(None)
    return tuple(part.astype(target) for part in made) if isinstance(made, tuple) else made.astype(target)


@op(dynamic=("stop",), compilable=False)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers from `start` to `stop` at equal distances.

    Args:
        start: The first number, or a tensor of them.
        stop: The last number, or a tensor of them.
        num: How many.
        endpoint: Whether `stop` is one of them.
        retstep: Whether to return the distance too.
        dtype: The dtype; a float dtype if None.
        axis: The new axis of the result, if `start` and `stop` are tensors.

    Returns:
        A tensor, or with `retstep` a tuple of it and the distance.

    Example:
        >>> import addax as keras
        >>> keras.ops.linspace(0, 1, 3).numpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    return _spaced("linspace", [start, stop], num, dtype, axis, endpoint=endpoint, retstep=retstep)


@op(dynamic=("base",), compilable=False)
def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers from `base ** start` to `base ** stop` at equal ratios.

    Args:
        start: The exponent of the first number, or a tensor of them.
        stop: The exponent of the last number, or a tensor of them.
        num: How many.
        endpoint: Whether the last number is one of them.
        base: The base.
        dtype: The dtype; a float dtype if None.
        axis: The new axis of the result, if `start` and `stop` are tensors.
    """
    return _spaced("logspace", [start, stop], num, dtype, axis, endpoint=endpoint, base=base)


@op(compilable=False)
def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    """Numbers from `start` to `stop` at equal ratios.

    Args:
        start: The first number, or a tensor of them.
        stop: The last number, or a tensor of them.
        num: How many.
        endpoint: Whether `stop` is one of them.
        dtype: The dtype; a float dtype if None.
        axis: The new axis of the result, if `start` and `stop` are tensors.
    """
    return _spaced("geomspace", [start, stop], num, dtype, axis, endpoint=endpoint)


@op
def meshgrid(*x: Any, indexing: str = "xy") -> Any:
    """Coordinates of the points of a grid, from the coordinates along its axes.

    Args:
        *x: Tensors of rank 1.
        indexing: `"xy"`: the first tensor varies along the second axis; `"ij"`: along the first.

    Returns:
        A list of tensors, one for each axis, of the shape of the grid.
    """
    return list(jnp.meshgrid(*[jnp.asarray(v) for v in x], indexing=indexing))


@op
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of each element of a vector as a row, falling.

    Args:
        x: A vector.
        N: The number of powers; as many as elements if None.
        increasing: Whether the powers rise.
    """
    return jnp.vander(jnp.asarray(x), N=N, increasing=increasing)


# Windows for signals


def _window(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, array_dtype(None))


@op(static=("x",), compilable=False)
def bartlett(x: int) -> Any:
    """The triangular window of Bartlett with `x` points."""
    return _window(np.bartlett(known_ints(x, "x")))


@op(static=("x",), compilable=False)
def blackman(x: int) -> Any:
    """The window of Blackman with `x` points."""
    return _window(np.blackman(known_ints(x, "x")))


@op(static=("x",), compilable=False)
def hamming(x: int) -> Any:
    """The raised cosine window of Hamming with `x` points."""
    return _window(np.hamming(known_ints(x, "x")))


@op(static=("x",), compilable=False)
def hanning(x: int) -> Any:
    """The raised cosine window of von Hann with `x` points."""
    return _window(np.hanning(known_ints(x, "x")))


@op(static=("x",), compilable=False)
def kaiser(x: int, beta: Any) -> Any:
    """The window of Kaiser with `x` points; the greater `beta`, the narrower."""
    x = known_ints(x, "x")
    if isinstance(beta, jax.Array):
        return jnp.kaiser(x, beta).astype(array_dtype(None))
    return _window(np.kaiser(x, beta))
