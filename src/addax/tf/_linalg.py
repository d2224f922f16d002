"""`tf.linalg`: matrices, in the last two axes of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.tf._create import eye as eye
from addax.tf._reduce import global_norm as global_norm


def matrix_transpose(a: Any, name: str = "", conjugate: bool = False) -> Any:
    """The last two axes swapped."""
    a = ops.conj(a) if conjugate else a
    return ops.swapaxes(a, -1, -2)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """The conjugate transpose."""
    return matrix_transpose(matrix, conjugate=True)


def det(input: Any, name: str | None = None) -> Any:
    """The determinant."""
    return ops.det(input)


def logdet(matrix: Any, name: str | None = None) -> Any:
    """The logarithm of the determinant of a positive definite matrix."""
    return ops.logdet(matrix)


def slogdet(input: Any, name: str | None = None) -> tuple[Any, Any]:
    """Sign and logarithm of the absolute value of the determinant."""
    return tuple(ops.slogdet(input))  # type: ignore[return-value]


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The inverse."""
    found = ops.inv(input)
    return matrix_transpose(found, conjugate=True) if adjoint else found


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The pseudo-inverse."""
    return ops.pinv(a, rcond=rcond)


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """`x` with `matrix @ x = rhs`."""
    return ops.solve(matrix_transpose(matrix, conjugate=True) if adjoint else matrix, rhs)


def triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """`x` with `matrix @ x = rhs` for a triangular matrix."""
    if adjoint:
        return ops.solve_triangular(matrix_transpose(matrix, conjugate=True), rhs, lower=not lower)
    return ops.solve_triangular(matrix, rhs, lower=lower)


def cholesky(input: Any, name: str | None = None) -> Any:
    """The lower triangular factor of a positive definite matrix."""
    return ops.cholesky(input)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """`x` with `chol @ chol.T @ x = rhs`."""
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def lstsq(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Any:
    """`x` with the smallest `|matrix @ x - rhs|^2 + l2_regularizer * |x|^2`."""
    turned = matrix_transpose(matrix, conjugate=True)
    gram = operators.matmul(turned, matrix)
    if l2_regularizer:
        gram = operators.add(
            gram, operators.multiply(ops.eye(gram.shape[-1], dtype=gram.dtype), l2_regularizer)
        )
    return ops.solve(gram, operators.matmul(turned, rhs)) if fast else operators.matmul(ops.pinv(matrix), rhs)


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Any, Any]:
    """An orthogonal and an upper triangular factor."""
    return tuple(ops.qr(input, mode="complete" if full_matrices else "reduced"))  # type: ignore[return-value]


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values `s`, and `u`, `v` with `tensor = u @ diag(s) @ adjoint(v)`."""
    if not compute_uv:
        return ops.svd(tensor, full_matrices=full_matrices, compute_uv=False)
    u, s, vh = ops.svd(tensor, full_matrices=full_matrices)
    return s, u, matrix_transpose(vh, conjugate=True)


def eigh(tensor: Any, name: str | None = None) -> tuple[Any, Any]:
    """Eigenvalues (ascending) and eigenvectors of a self-adjoint matrix."""
    return tuple(ops.eigh(tensor))  # type: ignore[return-value]


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues (ascending) of a self-adjoint matrix."""
    return ops.eigh(tensor)[0]


def eig(tensor: Any, name: str | None = None) -> tuple[Any, Any]:
    """Eigenvalues and eigenvectors."""
    return tuple(ops.eig(tensor))  # type: ignore[return-value]


def eigvals(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues."""
    return ops.eig(tensor)[0]


def lu(input: Any, output_idx_type: Any = "int32", name: str | None = None) -> tuple[Any, Any]:
    """The packed triangular factors and the permutation of rows."""
    packed, _, order = _lu(input)
    return packed, order


@op(name="lu_decomposition")
def _lu(x: Any) -> Any:
    return tuple(jax.lax.linalg.lu(jnp.asarray(x)))


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The number of singular values above a tolerance."""
    return ops.matrix_rank(a, tol=tol)


def trace(x: Any, name: str | None = None) -> Any:
    """The sum of the diagonal."""
    return ops.trace(x, axis1=-2, axis2=-1)


def diag(
    diagonal: Any,
    name: str = "diag",
    k: int = 0,
    num_rows: int = -1,
    num_cols: int = -1,
    padding_value: Any = 0,
    align: str = "",
) -> Any:
    """Matrices with the last axis on their (k-th) diagonal."""
    return _diag(diagonal, k=int(k), rows=int(num_rows), columns=int(num_cols), padding=padding_value)


@op(name="matrix_diag")
def _diag(x: Any, k: int = 0, rows: int = -1, columns: int = -1, padding: Any = 0) -> Any:
    x = jnp.asarray(x)
    size = x.shape[-1] + abs(k)
    rows = size if rows < 0 else rows
    columns = size if columns < 0 else columns
    i = jnp.arange(x.shape[-1])
    out = jnp.full((*x.shape[:-1], rows, columns), padding, x.dtype)
    return out.at[..., i + max(-k, 0), i + max(k, 0)].set(x)


def diag_part(input: Any, name: str = "", k: int = 0, padding_value: Any = 0, align: str = "") -> Any:
    """The (k-th) diagonal of matrices."""
    return ops.diagonal(input, offset=int(k), axis1=-2, axis2=-1)


def set_diag(input: Any, diagonal: Any, name: str = "", k: int = 0, align: str = "") -> Any:
    """Matrices with another (k-th) diagonal."""
    return _set_diag(input, diagonal, k=int(k))


@op(name="matrix_set_diag")
def _set_diag(x: Any, diagonal: Any, k: int = 0) -> Any:
    x, diagonal = jnp.asarray(x), jnp.asarray(diagonal)
    i = jnp.arange(diagonal.shape[-1])
    return x.at[..., i + max(-k, 0), i + max(k, 0)].set(diagonal.astype(x.dtype))


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Any:
    """Matrices with zeros outside of a band around the diagonal; -1 keeps a whole triangle.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.band_part(tf.ones((2, 2)), -1, 0).numpy()
        array([[1., 0.],
               [1., 1.]], dtype=float32)
    """
    return _band(input, lower=int(num_lower), upper=int(num_upper))


@op(name="matrix_band_part")
def _band(x: Any, lower: int = -1, upper: int = -1) -> Any:
    x = jnp.asarray(x)
    i, j = jnp.arange(x.shape[-2])[:, None], jnp.arange(x.shape[-1])
    keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    return jnp.where(keep, x, jnp.zeros((), x.dtype))


def tensor_diag(diagonal: Any, name: str | None = None) -> Any:
    """A tensor of twice the rank with the values on its diagonal."""
    x = ops.convert_to_tensor(diagonal)
    size = int(np.prod(x.shape))
    return operators.reshape(ops.diag(operators.reshape(x, (size,))), (*x.shape, *x.shape))


def tensor_diag_part(input: Any, name: str | None = None) -> Any:
    """The diagonal of a tensor of even rank."""
    x = ops.convert_to_tensor(input)
    shape = tuple(x.shape[: len(x.shape) // 2])
    size = int(np.prod(shape))
    return operators.reshape(ops.diagonal(operators.reshape(x, (size, size))), shape)


def expm(input: Any, name: str | None = None) -> Any:
    """The matrix exponential."""
    return _expm(input)


@op(name="matrix_exponential")
def _expm(x: Any) -> Any:
    return jax.scipy.linalg.expm(jnp.asarray(x))


def sqrtm(input: Any, name: str | None = None) -> Any:
    """The matrix square root of a self-adjoint matrix without negative eigenvalues."""
    values, vectors = ops.eigh(input)
    scaled = operators.multiply(vectors, ops.expand_dims(ops.sqrt(ops.maximum(values, 0)), -2))
    return operators.matmul(scaled, matrix_transpose(vectors))
