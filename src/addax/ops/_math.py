"""Special functions and selections: erf, logsumexp, top_k, distances, complex views."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine._jax import jax, jnp, lax
from addax.engine._op import op
from addax.engine._operators import known_ints
from addax.ops._dtypes import known_axis, to_float


@op
def rsqrt(x: Any) -> Any:
    """Element-wise `1 / sqrt(x)`."""
    return lax.rsqrt(to_float(x))


@op
def erf(x: Any) -> Any:
    """Element-wise Gauss error function."""
    return lax.erf(to_float(x))


@op
def erfc(x: Any) -> Any:
    """Element-wise `1 - erf(x)`, accurate for large numbers."""
    return lax.erfc(to_float(x))


@op
def erfinv(x: Any) -> Any:
    """Element-wise inverse of `erf`, for numbers from -1 to 1."""
    return lax.erf_inv(to_float(x))


@op
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """`log(sum(exp(x)))` over axes, without overflow.

    Args:
        x: A tensor.
        axis: An axis or several; all if None.
        keepdims: Whether reduced axes stay, with size 1.
    """
    return jax.nn.logsumexp(to_float(x), axis=known_axis(axis), keepdims=keepdims)


@op(static=("k",))
def top_k(x: Any, k: int, sorted: bool = True) -> Any:
    """The `k` largest elements along the last axis.

    Args:
        x: A tensor.
        k: How many.
        sorted: Whether they must come in descending order (they do in any case).

    Returns:
        A tuple of the values and their int32 indices.

    Example:
        >>> import addax as keras
        >>> values, indices = keras.ops.top_k([1.0, 9.0, 5.0], k=2)
        >>> values.numpy(), indices.numpy()
        (array([9., 5.], dtype=float32), array([1, 2], dtype=int32))
    """
    values, indices = lax.top_k(jnp.asarray(x), known_ints(k, "k"))
    return values, indices


@op(static=("k",))
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether the score of the right class is among the `k` best, as bool.

    Args:
        targets: The right classes, integers of shape `(batch,)`.
        predictions: The scores, floats of shape `(batch, classes)`.
        k: How many of the best count; ties with the last of them count too.

    Example:
        >>> import addax as keras
        >>> keras.ops.in_top_k([0, 2], [[0.1, 0.9, 0.2], [0.1, 0.9, 0.2]], k=2).numpy()
        array([False,  True])
    """
    targets, predictions = jnp.asarray(targets), jnp.asarray(predictions)
    score = jnp.take_along_axis(predictions, targets[..., None], axis=-1)
    better = jnp.sum(predictions > jnp.where(jnp.isnan(score), -jnp.inf, score), axis=-1)
    return better < known_ints(k, "k")


@op
def cdist(x: Any, y: Any) -> Any:
    """Euclidean distances between all rows of two matrices.

    Args:
        x: A tensor of shape `(..., m, d)`.
        y: A tensor of shape `(..., n, d)`.

    Returns:
        A tensor of shape `(..., m, n)`.

    Raises:
        ValueError: If a rank is below 2, or the rows differ in length.
    """
    x, y = to_float(x), to_float(y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(
            message(
                "cdist() compares the rows of two matrices.",
                expected="shapes (..., m, d) and (..., n, d)",
                received=f"shapes {tuple(x.shape)} and {tuple(y.shape)}",
            )
        )
    return jnp.sqrt(jnp.sum(jnp.square(x[..., :, None, :] - y[..., None, :, :]), axis=-1))


@op
def logdet(x: Any) -> Any:
    """Logarithm of the determinant (of its absolute value) of the matrices in the last two axes."""
    return jnp.linalg.slogdet(to_float(x))[1]


@op
def view_as_complex(x: Any) -> Any:
    """Complex numbers of pairs of real and imaginary parts in the last axis, which vanishes.

    Raises:
        ValueError: If the size of the last axis is not 2.
    """
    x = jnp.asarray(x)
    if x.ndim < 1 or x.shape[-1] != 2:
        raise ValueError(
            message(
                "view_as_complex() joins pairs.",
                expected="a last axis of size 2",
                received=f"shape {tuple(x.shape)}",
            )
        )
    return lax.complex(x[..., 0].astype(jnp.float32), x[..., 1].astype(jnp.float32))


@op
def view_as_real(x: Any) -> Any:
    """The real and imaginary parts of complex numbers as pairs in a new last axis."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], axis=-1)
