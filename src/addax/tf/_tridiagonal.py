"""`tf.linalg`: matrices that have little besides their diagonal, and systems solved step by step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp, lax


def _compact(diagonals: Any, form: str) -> Any:
    """`(..., 3, n)`: what is above, on and below the diagonal, with a filler at the end and at the beginning."""
    if form == "compact":
        return ops.convert_to_tensor(diagonals)
    if form == "sequence":
        above, middle, below = (ops.convert_to_tensor(part) for part in diagonals)
        size, rank = middle.shape[-1], len(middle.shape)
        none = ((0, 0),) * (rank - 1)
        above = above if above.shape[-1] == size else ops.pad(above, (*none, (0, 1)))
        below = below if below.shape[-1] == size else ops.pad(below, (*none, (1, 0)))
        return ops.stack([above, middle, below], axis=-2)
    if form == "matrix":
        matrix = ops.convert_to_tensor(diagonals)
        parts = [ops.diagonal(matrix, offset=k, axis1=-2, axis2=-1) for k in (1, 0, -1)]
        return _compact(parts, "sequence")
    raise ValueError(
        message("Unknown `diagonals_format`.", expected="compact, sequence or matrix", received=str(form))
    )


def tridiagonal_matmul(
    diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None
) -> Any:
    """The product of a tridiagonal matrix and another one.

    Args:
        diagonals: `"compact"`: a tensor of shape `(..., 3, n)` with the elements above, on and below the diagonal,
            where the last one above and the first one below do not count; `"sequence"`: a list of the three;
            `"matrix"`: a tensor of shape `(..., n, n)`.
        rhs: A tensor of shape `(..., n, k)`.
        diagonals_format: In which form the diagonals come.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the form is unknown.
    """
    return _tridiagonal_product(_compact(diagonals, diagonals_format), rhs)


@op(name="tridiagonal_matmul")
def _tridiagonal_product(parts: Any, x: Any) -> Any:
    parts, x = jnp.asarray(parts), jnp.asarray(x)
    above, middle, below = (parts[..., k, :, None] for k in range(3))
    none = [(0, 0)] * (x.ndim - 2)
    following = jnp.pad(x, (*none, (0, 1), (0, 0)))[..., 1:, :]
    before = jnp.pad(x, (*none, (1, 0), (0, 0)))[..., :-1, :]
    return above * following + middle * x + below * before


def tridiagonal_solve(
    diagonals: Any,
    rhs: Any,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Any:
    """The solution x of `A x = rhs` for a tridiagonal A.

    Args:
        diagonals: As in `tridiagonal_matmul`.
        rhs: A tensor of shape `(..., n)` or `(..., n, k)`.
        diagonals_format: As in `tridiagonal_matmul`.
        transpose_rhs: Whether the two last axes of `rhs` are swapped first.
        conjugate_rhs: Whether `rhs` is conjugated first.
        name: Accepted for TensorFlow's sake.
        partial_pivoting: Accepted for TensorFlow's sake.
        perturb_singular: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the form is unknown.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.tridiagonal_solve([[1.0, 0.0], [2.0, 2.0], [0.0, 1.0]], [3.0, 3.0]).numpy().tolist()
        [1.0, 1.0]
    """
    parts, rhs = _compact(diagonals, diagonals_format), ops.convert_to_tensor(rhs)
    rhs = ops.conj(rhs) if conjugate_rhs else rhs
    vector = len(rhs.shape) == len(parts.shape) - 1
    if vector:
        rhs = ops.expand_dims(rhs, -1)
    elif transpose_rhs:
        rhs = ops.swapaxes(rhs, -1, -2)
    found = _tridiagonal_solution(parts, rhs)
    return ops.squeeze(found, -1) if vector else found


@op(name="tridiagonal_solve")
def _tridiagonal_solution(parts: Any, rhs: Any) -> Any:
    parts, rhs = jnp.asarray(parts), jnp.asarray(rhs)
    above, middle, below = (parts[..., k, :] for k in range(3))
    size = middle.shape[-1]
    above, below = above.at[..., size - 1].set(0), below.at[..., 0].set(0)
    return lax.linalg.tridiagonal_solve(below, middle, above, rhs)


def banded_triangular_solve(
    bands: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """The solution x of `A x = rhs` for a triangular A with few diagonals.

    Args:
        bands: A tensor of shape `(..., diagonals, n)`: the main diagonal first and those below it after it, each
            aligned to the right, so that column j of A is column j shifted up; for an upper A the main one last.
        rhs: A tensor of shape `(..., n, k)`.
        lower: Whether A is a lower triangle.
        adjoint: Whether to solve for the conjugate transpose of A.
        name: Accepted for TensorFlow's sake.
    """
    return _banded_solution(bands, rhs, lower=bool(lower), adjoint=bool(adjoint))


@op(name="banded_triangular_solve")
def _banded_solution(bands: Any, rhs: Any, lower: bool = True, adjoint: bool = False) -> Any:
    bands, rhs = jnp.asarray(bands), jnp.asarray(rhs)
    count, size = bands.shape[-2:]
    matrix = jnp.zeros((*bands.shape[:-2], size, size), bands.dtype)
    for k in range(count):
        if lower:  # row i of the k-th band is the element (i, i - k)
            rows = np.arange(k, size)
            matrix = matrix.at[..., rows, rows - k].set(bands[..., k, k:])
        else:
            offset = count - 1 - k
            rows = np.arange(size - offset)
            matrix = matrix.at[..., rows, rows + offset].set(bands[..., k, : size - offset])
    batch = jnp.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    matrix, rhs = (jnp.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (matrix, rhs))
    return lax.linalg.triangular_solve(
        matrix, rhs, left_side=True, lower=lower, transpose_a=adjoint, conjugate_a=adjoint
    )


def eigh_tridiagonal(
    alpha: Any,
    beta: Any,
    eigvals_only: bool = True,
    select: str = "a",
    select_range: Any = None,
    tol: Any = None,
    name: str | None = None,
) -> Any:
    """Eigenvalues (ascending), and eigenvectors, of a self-adjoint tridiagonal matrix.

    Args:
        alpha: The diagonal, of shape `(n,)`.
        beta: What is above it, of shape `(n - 1,)`.
        eigvals_only: Whether to leave out the vectors.
        select: `"a"` for all, `"v"` for those in a range (low, high], `"i"` for those of a range of numbers.
        select_range: The range, `(first, last)`; for `"i"` the last one is included.
        tol: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        The eigenvalues, or `(values, vectors)`.

    Raises:
        ValueError: If `select` is unknown.
    """
    if select not in ("a", "v", "i"):
        raise ValueError(message("Unknown `select`.", expected='"a", "v" or "i"', received=str(select)))
    values, vectors = _eigh_tridiagonal(alpha, beta)
    if select == "i":
        chosen = slice(int(select_range[0]), int(select_range[1]) + 1)
        values, vectors = values[chosen], vectors[:, chosen]
    elif select == "v":
        known = np.asarray(values)
        inside = np.flatnonzero((known > select_range[0]) & (known <= select_range[1])).astype(np.int32)
        values, vectors = ops.take(values, inside), ops.take(vectors, inside, axis=1)
    return values if eigvals_only else (values, vectors)


@op(name="eigh_tridiagonal")
def _eigh_tridiagonal(alpha: Any, beta: Any) -> Any:
    alpha, beta = jnp.asarray(alpha), jnp.asarray(beta)
    matrix = jnp.diag(alpha.astype(beta.dtype)) + jnp.diag(beta, 1) + jnp.diag(beta.conj(), -1)
    return tuple(jnp.linalg.eigh(matrix))


class ConjugateGradient(NamedTuple):
    """Where conjugate gradients stand: the number of steps, the solution, what is left, the direction, its weight."""

    i: Any
    x: Any
    r: Any
    p: Any
    gamma: Any


def conjugate_gradient(
    operator: Any,
    rhs: Any,
    preconditioner: Any = None,
    x: Any = None,
    tol: float = 1e-5,
    max_iter: int = 20,
    name: str = "conjugate_gradient",
) -> ConjugateGradient:
    """The solution of `A x = rhs` for a self-adjoint positive definite A, by conjugate gradients.

    Args:
        operator: What has `shape` and `matvec(x)`, or the matrix A itself.
        rhs: A tensor of shape `(..., n)`.
        preconditioner: What is like `operator`, near the inverse of A; none if None.
        x: Where to begin; zeros if None.
        tol: It ends when what is left is shorter than this times `rhs`.
        max_iter: The number of steps at most.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(i, x, r, p, gamma)`.
    """
    rhs = ops.convert_to_tensor(rhs)
    start = ops.zeros_like(rhs) if x is None else ops.convert_to_tensor(x)
    times = _product(operator)
    nearly = (lambda v: v) if preconditioner is None else _product(preconditioner)

    def dot(a: Any, b: Any) -> Any:
        return ops.sum(operators.multiply(ops.conj(a), b), axis=-1)

    r = operators.subtract(rhs, times(start))
    p = nearly(r)
    state = ConjugateGradient(ops.convert_to_tensor(0), start, r, p, dot(r, p))
    limit = operators.multiply(ops.norm(rhs, axis=-1), tol)

    def go_on(*s: Any) -> Any:
        far = ops.any(operators.greater(ops.norm(s[2], axis=-1), limit))
        return ops.logical_and(operators.less(s[0], max_iter), far)

    def step(*s: Any) -> Any:
        i, x, r, p, gamma = s
        z = times(p)
        weight = ops.expand_dims(operators.divide(gamma, dot(p, z)), -1)
        x, r = operators.add(x, weight * p), operators.subtract(r, weight * z)
        q = nearly(r)
        new = dot(r, q)
        return operators.add(i, 1), x, r, q + ops.expand_dims(operators.divide(new, gamma), -1) * p, new

    return ConjugateGradient(*ops.while_loop(go_on, step, tuple(state)))


def _product(operator: Any) -> Any:
    if hasattr(operator, "matvec"):
        return operator.matvec
    matrix = ops.convert_to_tensor(operator)
    return lambda v: ops.squeeze(operators.matmul(matrix, ops.expand_dims(v, -1)), -1)


__all__ = [
    "banded_triangular_solve",
    "conjugate_gradient",
    "eigh_tridiagonal",
    "tridiagonal_matmul",
    "tridiagonal_solve",
]
