"""Linear algebra over the last two axes: norms, factorisations, solutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax, jnp
from addax.engine._op import op
from addax.engine._tensor import Tensor, is_concrete
from addax.ops._dtypes import known_axis, to_float


@op
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """Norm of vectors or matrices.

    Args:
        x: A tensor.
        ord: A number, `"fro"` or `"nuc"` (see `numpy.linalg.norm`); Euclidean if None.
        axis: One axis for vectors, a pair for matrices; the flat tensor if None.
        keepdims: Whether reduced axes stay, with size 1.

    Example:
        >>> import addax as keras
        >>> keras.ops.norm([3.0, 4.0])
        <tf.Tensor: shape=(), dtype=float32, numpy=5.0>
    """
    return jnp.linalg.norm(to_float(x), ord=ord, axis=known_axis(axis), keepdims=keepdims)


def _matrices(x: Any, name: str, square: bool = True) -> Any:
    """An array of matrices (square ones) in a float dtype."""
    x = to_float(x)
    if x.ndim < 2 or (square and x.shape[-1] != x.shape[-2]):
        raise ValueError(
            message(
                f"{name}() works on {'square ' * square}matrices.",
                expected=f"shape {'(..., n, n)' if square else '(..., m, n)'}",
                received=f"shape {tuple(x.shape)}",
            )
        )
    return x


# Properties of square matrices


@op
def det(x: Any) -> Any:
    """Determinants of square matrices, a tensor of shape `x.shape[:-2]`."""
    return jnp.linalg.det(_matrices(x, "det"))


@op
def slogdet(x: Any) -> Any:
    """The signs and the logarithms of the absolute values of determinants, a tuple of two tensors."""
    return tuple(jnp.linalg.slogdet(_matrices(x, "slogdet")))


@op
def inv(x: Any) -> Any:
    """Inverses of square matrices.

    Example:
        >>> import addax as keras
        >>> keras.ops.inv([[2.0, 0.0], [0.0, 4.0]]).numpy().tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    return jnp.linalg.inv(_matrices(x, "inv"))


@op
def eig(x: Any) -> Any:
    """Eigenvalues and eigenvectors (columns) of square matrices: a tuple of two complex tensors. CPU only."""
    return tuple(jnp.linalg.eig(_matrices(x, "eig")))


@op
def eigh(x: Any) -> Any:
    """Eigenvalues, rising, and eigenvectors (columns) of symmetric matrices: a tuple of two tensors."""
    return tuple(jnp.linalg.eigh(_matrices(x, "eigh")))


@op(dynamic=("tol",))
def matrix_rank(x: Any, tol: Any = None) -> Any:
    """The number of singular values above `tol`, as int32.

    Args:
        x: A tensor of shape `(..., m, n)`.
        tol: The threshold, as a share of the largest singular value; from the precision of the dtype if None.
    """
    return jnp.linalg.matrix_rank(_matrices(x, "matrix_rank", square=False), rtol=tol).astype(jnp.int32)


# Factorisations


@op(name="cholesky")
def _cholesky(x: Any, upper: bool = False) -> Any:
    return jnp.linalg.cholesky(_matrices(x, "cholesky"), upper=upper)


def cholesky(x: Any, upper: bool = False) -> Any:
    """Factors `L` of positive definite matrices `L @ L.T`.

    Args:
        x: A tensor of shape `(..., n, n)`.
        upper: Whether to give the upper factor `L.T`.

    Raises:
        ValueError: If a matrix is not positive definite (inside a compiled function the factor holds NaN).

    Example:
        >>> import addax as keras
        >>> keras.ops.cholesky([[4.0, 2.0], [2.0, 2.0]]).numpy().tolist()
        [[2.0, 0.0], [1.0, 1.0]]
    """
    out = _cholesky(x, upper)
    raw = out._value if isinstance(out, Tensor) else out
    if is_concrete(raw) and np.isnan(np.asarray(raw)).any():
        raise ValueError(
            message("The Cholesky factor does not exist.", expected="positive definite matrices", received=x)
        )
    return out


@op
def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose Cholesky factor is given.

    Args:
        x: Triangular matrices, of shape `(..., n, n)`.
        upper: Whether they are upper triangular.
    """
    x = _matrices(x, "cholesky_inverse")
    identity = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
    inverse = jax.scipy.linalg.solve_triangular(x, identity, lower=not upper)
    transposed = jnp.swapaxes(inverse, -1, -2)
    return inverse @ transposed if upper else transposed @ inverse


@op
def lu_factor(x: Any) -> Any:
    """Factorisation of matrices into lower and upper triangles.

    Args:
        x: A tensor of shape `(..., m, n)`.

    Returns:
        A tuple of both triangles in one tensor, and the int32 row exchanges.
    """
    return tuple(jax.scipy.linalg.lu_factor(_matrices(x, "lu_factor", square=False)))


@op
def qr(x: Any, mode: str = "reduced") -> Any:
    """Factorisation of matrices into orthonormal columns and an upper triangle.

    Args:
        x: A tensor of shape `(..., m, n)`.
        mode: `"reduced"` for `min(m, n)` columns, `"complete"` for `m`.

    Returns:
        A tuple of two tensors.

    Raises:
        ValueError: For another mode.
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(message("Unknown mode of qr().", expected='"reduced" or "complete"', received=mode))
    return tuple(jnp.linalg.qr(_matrices(x, "qr", square=False), mode=mode))


@op
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular value decomposition `u @ diag(s) @ vh`.

    Args:
        x: A tensor of shape `(..., m, n)`.
        full_matrices: Whether `u` and `vh` are square; else they have `min(m, n)` columns and rows.
        compute_uv: Whether to give `u` and `vh` at all.

    Returns:
        A tuple `(u, s, vh)`, or `s` alone.
    """
    x = _matrices(x, "svd", square=False)
    if not compute_uv:
        return jnp.linalg.svd(x, full_matrices=full_matrices, compute_uv=False)
    return tuple(jnp.linalg.svd(x, full_matrices=full_matrices))


# Solutions


@op
def solve(a: Any, b: Any) -> Any:
    """The solution `x` of `a @ x = b`.

    Args:
        a: Square matrices, of shape `(..., n, n)`.
        b: A tensor of shape `(n,)` or `(..., n, k)`.

    Example:
        >>> import addax as keras
        >>> keras.ops.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).numpy()
        array([1. , 0.5], dtype=float32)
    """
    return jnp.linalg.solve(_matrices(a, "solve"), to_float(b))


@op
def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The solution `x` of `a @ x = b` for upper (if `lower`, lower) triangular `a`; shapes as for `solve`."""
    return jax.scipy.linalg.solve_triangular(_matrices(a, "solve_triangular"), to_float(b), lower=lower)


@op
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The `x` that makes `a @ x - b` smallest.

    Args:
        a: A matrix of shape `(m, n)`.
        b: A tensor of shape `(m,)` or `(m, k)`.
        rcond: Singular values below this share of the largest count as 0; from the dtype if None.
    """
    return jnp.linalg.lstsq(_matrices(a, "lstsq", square=False), to_float(b), rcond=rcond)[0]


@op
def pinv(x: Any, rcond: float | None = None) -> Any:
    """Pseudo-inverses of matrices.

    Args:
        x: A tensor of shape `(..., m, n)`.
        rcond: Singular values below this share of the largest count as 0; from the dtype if None.

    Returns:
        A tensor of shape `(..., n, m)`.
    """
    return jnp.linalg.pinv(_matrices(x, "pinv", square=False), rtol=rcond)
