"""`tf.linalg`: matrices, in the last two axes of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.tf._create import eye as eye
from addax.tf._linear_operators._dispatch import is_operator
from addax.tf._reduce import global_norm as global_norm


def matrix_transpose(a: Any, name: str = "", conjugate: bool = False) -> Any:
    """The last two axes swapped.

    Args:
        a: A tensor of shape `(..., m, n)`.
        name: Accepted for TensorFlow's sake.
        conjugate: Whether to conjugate complex numbers besides.
    """
    a = ops.conj(a) if conjugate else a
    return ops.swapaxes(a, -1, -2)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """The conjugate transpose.

    Args:
        matrix: A tensor of shape `(..., m, n)`, or a `tf.linalg.LinearOperator`.
        name: Accepted for TensorFlow's sake.
    """
    if is_operator(matrix):
        return matrix.adjoint()
    return matrix_transpose(matrix, conjugate=True)


def det(input: Any, name: str | None = None) -> Any:
    """The determinant."""
    return input.determinant() if is_operator(input) else ops.det(input)


def logdet(matrix: Any, name: str | None = None) -> Any:
    """The logarithm of the determinant of a positive definite matrix.

    Args:
        matrix: Positive definite matrices, shape `(..., n, n)`.
        name: Accepted for TensorFlow's sake.
    """
    return matrix.log_abs_determinant() if is_operator(matrix) else ops.logdet(matrix)


def slogdet(input: Any, name: str | None = None) -> tuple[Any, Any]:
    """Sign and logarithm of the absolute value of the determinant."""
    return tuple(ops.slogdet(input))  # type: ignore[return-value]


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The inverse.

    Args:
        input: Matrices of shape `(..., n, n)`.
        adjoint: Whether to give the conjugate transpose of the inverse.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy().tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    if is_operator(input):
        return input.inverse().adjoint() if adjoint else input.inverse()
    found = ops.inv(input)
    return matrix_transpose(found, conjugate=True) if adjoint else found


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The pseudo-inverse.

    Args:
        a: Matrices of shape `(..., m, n)`.
        rcond: Singular values up to this share of the largest one count as 0; if None, 10 times the precision of the
            dtype times the larger one of m and n.
        validate_args: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.
    """
    return ops.pinv(a, rcond=rcond)


def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """`x` with `matrix @ x = rhs`.

    Args:
        matrix: Matrices of shape `(..., n, n)` that have an inverse.
        rhs: The right sides, shape `(..., n, k)`.
        adjoint: Whether to solve for the conjugate transpose of `matrix` instead.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy().tolist()
        [[1.0], [0.5]]
    """
    if is_operator(matrix):
        return matrix.solve(rhs, adjoint=adjoint)
    return ops.solve(matrix_transpose(matrix, conjugate=True) if adjoint else matrix, rhs)


def triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """`x` with `matrix @ x = rhs` for a triangular matrix.

    Args:
        matrix: Matrices of shape `(..., n, n)`, of which only one triangle is read.
        rhs: The right sides, shape `(..., n, k)`.
        lower: Whether it is the lower triangle of `matrix`.
        adjoint: Whether to solve for the conjugate transpose of `matrix` instead.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.triangular_solve([[2.0, 0.0], [1.0, 1.0]], [[2.0], [3.0]]).numpy().tolist()
        [[1.0], [2.0]]
    """
    if adjoint:
        return ops.solve_triangular(matrix_transpose(matrix, conjugate=True), rhs, lower=not lower)
    return ops.solve_triangular(matrix, rhs, lower=lower)


def cholesky(input: Any, name: str | None = None) -> Any:
    """The lower triangular factor of a positive definite matrix."""
    return input.cholesky() if is_operator(input) else ops.cholesky(input)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """`x` with `chol @ adjoint(chol) @ x = rhs`.

    Args:
        chol: Lower triangular factors, as `cholesky` gives them, shape `(..., n, n)`.
        rhs: The right sides, shape `(..., n, k)`.
        name: Accepted for TensorFlow's sake.
    """
    return triangular_solve(chol, triangular_solve(chol, rhs), adjoint=True)


def lstsq(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Any:
    """`x` with the smallest `|matrix @ x - rhs|^2 + l2_regularizer * |x|^2`.

    Of several such `x` it is the one with the smallest norm.

    Args:
        matrix: Matrices of shape `(..., m, n)`.
        rhs: The right sides, shape `(..., m, k)`.
        l2_regularizer: The weight of the norm of `x`, at least 0; it counts only if `fast` is True, as in TensorFlow.
        fast: Whether to solve the normal equations, for which the matrix needs full rank unless there is a
            regularizer; otherwise the pseudo-inverse is used.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(..., n, k)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.lstsq([[1.0], [1.0]], [[2.0], [4.0]]).numpy().tolist()
        [[3.0]]
    """
    if not fast:
        return operators.matmul(ops.pinv(matrix), rhs)
    matrix = ops.convert_to_tensor(matrix)
    turned = matrix_transpose(matrix, conjugate=True)
    wide = matrix.shape[-2] < matrix.shape[-1]
    gram = operators.matmul(matrix, turned) if wide else operators.matmul(turned, matrix)
    if l2_regularizer:
        gram = operators.add(
            gram, operators.multiply(ops.eye(gram.shape[-1], dtype=gram.dtype), l2_regularizer)
        )
    # Of the smaller one of the two products, which alone has an inverse where there is no regularizer.
    if wide:
        return operators.matmul(turned, ops.solve(gram, rhs))
    return ops.solve(gram, operators.matmul(turned, rhs))


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> tuple[Any, Any]:
    """An orthogonal and an upper triangular factor.

    Args:
        input: Matrices of shape `(..., m, n)`.
        full_matrices: Whether the factors have shapes `(..., m, m)` and `(..., m, n)`; if False, `(..., m, p)` and
            `(..., p, n)`, where p is the smaller one of m and n.
        name: Accepted for TensorFlow's sake.
    """
    return tuple(ops.qr(input, mode="complete" if full_matrices else "reduced"))  # type: ignore[return-value]


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values `s`, and `u`, `v` with `tensor = u @ diag(s) @ adjoint(v)`.

    Args:
        tensor: Matrices of shape `(..., m, n)`.
        full_matrices: Whether `u` and `v` have m and n columns; if False, both have p, the smaller one of m and n.
        compute_uv: Whether to give `u` and `v`, too.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(s, u, v)`, or `s` alone; the values of `s` descend, shape `(..., p)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.svd([[0.0, 2.0], [1.0, 0.0]], compute_uv=False).numpy().tolist()
        [2.0, 1.0]
    """
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
    """The packed triangular factors and the permutation of rows.

    Args:
        input: Matrices of shape `(..., n, n)`.
        output_idx_type: The dtype of the permutation (int64 is int32 here).
        name: Accepted for TensorFlow's sake.

    Returns:
        `(packed, order)`: the upper factor, below its diagonal the lower one (its own diagonal is 1), and for each row
        of their product the row of `input` that it is, shape `(..., n)`.
    """
    packed, _, order = _lu(input)
    return packed, ops.cast(order, output_idx_type)


@op(name="lu_decomposition")
def _lu(x: Any) -> Any:
    return tuple(jax.lax.linalg.lu(jnp.asarray(x)))


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The number of singular values above a tolerance.

    Args:
        a: Matrices of shape `(..., m, n)`.
        tol: The tolerance; if None, the largest singular value times the precision of the dtype times the larger
            one of m and n.
        validate_args: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        int32 numbers of shape `(...)`.
    """
    return ops.matrix_rank(a, tol=tol)


def trace(x: Any, name: str | None = None) -> Any:
    """The sum of the diagonal."""
    return x.trace() if is_operator(x) else ops.trace(x, axis1=-2, axis2=-1)


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Any:
    """Matrices with zeros outside of a band around the diagonal.

    Args:
        input: Matrices of shape `(..., m, n)`.
        num_lower: How many diagonals under the main one stay; all if negative.
        num_upper: How many diagonals right of the main one stay; all if negative.
        name: Accepted for TensorFlow's sake.

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
    """A tensor of twice the rank with the values on its diagonal and zeros elsewhere.

    Args:
        diagonal: A tensor of any shape.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(*diagonal.shape, *diagonal.shape)`.
    """
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
    """The square root of a matrix without negative real eigenvalues."""
    return _sqrtm(input)


matrix_square_root = sqrtm


@op(name="matrix_square_root")
def _sqrtm(x: Any) -> Any:
    x = jnp.asarray(x)
    adjoint = jnp.swapaxes(x.conj(), -1, -2)

    def symmetric(x: Any) -> Any:
        values, vectors = jnp.linalg.eigh(x)
        roots = jnp.sqrt(jnp.maximum(values, 0))[..., None, :]
        return (vectors * roots) @ jnp.swapaxes(vectors.conj(), -1, -2)

    def general(x: Any) -> Any:
        """The iteration of Denman and Beavers, which converges quadratically."""

        def step(_: Any, pair: Any) -> Any:
            y, z = pair
            return (y + jnp.linalg.inv(z)) / 2, (z + jnp.linalg.inv(y)) / 2

        start = x, jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=x.dtype), x.shape)
        return jax.lax.fori_loop(0, 20, step, start)[0]

    return jax.lax.cond(jnp.allclose(x, adjoint, rtol=1e-6), symmetric, general, x)


def logm(input: Any, name: str | None = None) -> Any:
    """The logarithm of complex matrices that can be diagonalised."""
    values, vectors = ops.eig(input)
    scaled = operators.multiply(vectors, ops.expand_dims(ops.log(values), -2))
    return operators.matmul(scaled, ops.inv(vectors))


def lu_reconstruct(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The matrix whose factors `lu` gave.

    Args:
        lower_upper: The packed factors, shape `(..., n, n)`.
        perm: The order of rows, shape `(..., n)`.
        validate_args: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.
    """
    return _lu_product(lower_upper, perm)


@op(name="lu_reconstruct")
def _lu_product(packed: Any, order: Any) -> Any:
    packed, order = jnp.asarray(packed), jnp.asarray(order)
    lower = jnp.tril(packed, -1) + jnp.eye(packed.shape[-1], dtype=packed.dtype)
    return jnp.take_along_axis(lower @ jnp.triu(packed), jnp.argsort(order, -1)[..., None], -2)


def lu_solve(
    lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None
) -> Any:
    """The solution x of `A x = rhs` by the factors of A.

    Args:
        lower_upper: The packed factors that `lu` gave, shape `(..., n, n)`.
        perm: The order of rows that it gave, shape `(..., n)`.
        rhs: A tensor of shape `(..., n, k)`.
        validate_args: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.lu_solve(*tf.linalg.lu([[2.0, 0.0], [0.0, 4.0]]), [[1.0], [2.0]]).numpy().tolist()
        [[0.5], [0.5]]
    """
    return _lu_solution(lower_upper, perm, rhs)


@op(name="lu_solve")
def _lu_solution(packed: Any, order: Any, rhs: Any) -> Any:
    packed, order, rhs = jnp.asarray(packed), jnp.asarray(order), jnp.asarray(rhs)
    batch = jnp.broadcast_shapes(packed.shape[:-2], rhs.shape[:-2])
    packed = jnp.broadcast_to(packed, (*batch, *packed.shape[-2:]))
    rhs = jnp.broadcast_to(rhs, (*batch, *rhs.shape[-2:]))
    rhs = jnp.take_along_axis(rhs, jnp.broadcast_to(order, (*batch, order.shape[-1]))[..., None], -2)
    solve = jax.lax.linalg.triangular_solve
    rhs = solve(packed, rhs, left_side=True, lower=True, unit_diagonal=True)
    return solve(packed, rhs, left_side=True, lower=False)


def lu_matrix_inverse(
    lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None
) -> Any:
    """The inverse of the matrix whose factors `lu` gave; arguments as for `lu_reconstruct`."""
    packed = ops.convert_to_tensor(lower_upper)
    return lu_solve(packed, perm, ops.eye(packed.shape[-1], dtype=packed.dtype))
