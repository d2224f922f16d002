"""Dense arithmetic under the operators, each piece one operation; batches broadcast."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from addax.engine import op
from addax.engine._jax import jnp, lax


def turned(x: Any, adjoint: bool = True) -> Any:
    """The conjugate transpose of matrices, or the matrices themselves."""
    return _turned(x) if adjoint else x


@op(name="adjoint")
def _turned(x: Any) -> Any:
    return flipped(jnp.asarray(x))


def flipped(x: Any) -> Any:
    """The conjugate transpose of raw arrays."""
    return jnp.conj(jnp.swapaxes(x, -1, -2))


def together(a: Any, b: Any, inner: int = 2) -> tuple[Any, Any]:
    """Raw arrays with the same batch, which is all but the last axes."""
    batch = jnp.broadcast_shapes(a.shape[:-inner], b.shape[:-inner])
    return jnp.broadcast_to(a, (*batch, *a.shape[-inner:])), jnp.broadcast_to(b, (*batch, *b.shape[-inner:]))


def in_single(fn: Callable) -> Callable:
    """A function of raw arrays that computes in float32 for half precision, which LAPACK does not know."""

    @functools.wraps(fn)
    def run(*values: Any, **options: Any) -> Any:
        values = tuple(jnp.asarray(x) for x in values)
        halves = [x.dtype for x in values if x.dtype in (jnp.float16, jnp.bfloat16)]
        if not halves:
            return fn(*values, **options)
        return fn(*[x.astype(jnp.float32) for x in values], **options).astype(halves[0])

    return run


@op(name="dense_matmul")
def product(matrix: Any, x: Any, adjoint: bool = False) -> Any:
    """The product with matrices, or with their adjoints."""
    matrix = jnp.asarray(matrix)
    return jnp.matmul(flipped(matrix) if adjoint else matrix, x)


@op(name="dense_solve")
@in_single
def solution(matrix: Any, rhs: Any, adjoint: bool = False, definite: bool = False) -> Any:
    """The solution of a system; positive definite matrices are factored by Cholesky's method."""
    matrix, rhs = together(jnp.asarray(matrix), jnp.asarray(rhs))
    if definite:
        factor = lax.linalg.cholesky(matrix)
        half = lax.linalg.triangular_solve(factor, rhs, left_side=True, lower=True)
        return lax.linalg.triangular_solve(
            factor, half, left_side=True, lower=True, transpose_a=True, conjugate_a=True
        )
    return jnp.linalg.solve(flipped(matrix) if adjoint else matrix, rhs)


@op(name="triangular_solve")
@in_single
def triangular_solution(matrix: Any, rhs: Any, adjoint: bool = False) -> Any:
    """The solution of a system with lower triangular matrices."""
    matrix, rhs = together(jnp.asarray(matrix), jnp.asarray(rhs))
    return lax.linalg.triangular_solve(
        matrix, rhs, left_side=True, lower=True, transpose_a=adjoint, conjugate_a=adjoint
    )


@op(name="dense_log_abs_determinant")
@in_single
def log_abs_determinant(matrix: Any, definite: bool = False) -> Any:
    """The logarithm of the absolute determinant, in the dtype of the matrices."""
    matrix = jnp.asarray(matrix)
    if definite:
        diagonal = jnp.diagonal(lax.linalg.cholesky(matrix), axis1=-2, axis2=-1)
        return 2 * jnp.sum(jnp.log(jnp.real(diagonal)), axis=-1).astype(matrix.dtype)
    return jnp.linalg.slogdet(matrix)[1].astype(matrix.dtype)


@op(name="self_adjoint_eigenvalues")
@in_single
def eigenvalues(matrix: Any) -> Any:
    """The eigenvalues of self-adjoint matrices, in their dtype."""
    matrix = jnp.asarray(matrix)
    return jnp.linalg.eigvalsh(matrix).astype(matrix.dtype)


@op(name="condition_number")
@in_single
def condition(matrix: Any) -> Any:
    """The largest singular value by the smallest."""
    values = jnp.linalg.svd(jnp.asarray(matrix), compute_uv=False)
    return spread(values)


def spread(values: Any) -> Any:
    """The largest absolute value by the smallest, along the last axis of raw arrays."""
    sizes = jnp.abs(values)
    return jnp.max(sizes, axis=-1) / jnp.min(sizes, axis=-1)


spread_of = op(name="spread")(spread)


@op(name="scale_rows")
def scaled_rows(factors: Any, x: Any, conjugate: bool = False, inverse: bool = False) -> Any:
    """Each row of matrices times, or by, a factor."""
    factors = jnp.asarray(factors)[..., None]
    factors = jnp.conj(factors) if conjugate else factors
    return x / factors if inverse else x * factors


@op(name="sum_of_logarithms")
def sum_of_logs(values: Any) -> Any:
    """The sum of the logarithms of absolute values along the last axis, in their dtype."""
    values = jnp.asarray(values)
    return jnp.sum(jnp.log(jnp.abs(values)), axis=-1).astype(values.dtype)


@op(name="add_to_diagonal")
def added_to_diagonal(diagonal: Any, x: Any) -> Any:
    """Matrices with something added to their diagonals."""
    diagonal, x = jnp.asarray(diagonal), jnp.asarray(x)
    batch = jnp.broadcast_shapes(diagonal.shape[:-1], x.shape[:-2])
    n = jnp.arange(diagonal.shape[-1])
    return jnp.broadcast_to(x, (*batch, *x.shape[-2:])).at[..., n, n].add(diagonal)


@op(name="broadcast_batch", static=("shape",))
def spread_over(x: Any, shape: Any) -> Any:
    """An array repeated over a batch: broadcast to a shape, unless it is as large already."""
    x = jnp.asarray(x)
    return jnp.broadcast_to(x, jnp.broadcast_shapes(x.shape, shape))


@op(name="diagonal_matrix")
def diagonal_matrix(diagonal: Any) -> Any:
    """Matrices with a diagonal and zeros."""
    diagonal = jnp.asarray(diagonal)
    return diagonal[..., None] * jnp.eye(diagonal.shape[-1], dtype=diagonal.dtype)


@op(name="kronecker_vector")
def kronecker_vector(a: Any, b: Any) -> Any:
    """All products of the elements of two vectors, those of the second one closest together."""
    a, b = together(jnp.asarray(a), jnp.asarray(b), 1)
    return (a[..., :, None] * b[..., None, :]).reshape(*a.shape[:-1], -1)


@op(name="kronecker_matrix")
def kronecker_matrix(a: Any, b: Any) -> Any:
    """Matrices whose blocks are the second one times the elements of the first one."""
    a, b = together(jnp.asarray(a), jnp.asarray(b))
    blocks = a[..., :, None, :, None] * b[..., None, :, None, :]
    return blocks.reshape(*a.shape[:-2], a.shape[-2] * b.shape[-2], a.shape[-1] * b.shape[-1])


@op(name="joined", lists=("parts",))
def joined(parts: Any, axis: int = -1) -> Any:
    """Arrays one after the other; their batches broadcast."""
    parts = [jnp.asarray(part) for part in parts]
    batch = jnp.broadcast_shapes(*[part.shape[:axis] for part in parts])
    return jnp.concatenate(
        [jnp.broadcast_to(part, (*batch, *part.shape[axis:])) for part in parts], axis=axis
    )


@op(name="block_diagonal", lists=("blocks",))
def block_diagonal(blocks: Any) -> Any:
    """Matrices with other matrices along the diagonal and zeros elsewhere."""
    blocks = [jnp.asarray(block) for block in blocks]
    batch = jnp.broadcast_shapes(*[block.shape[:-2] for block in blocks])
    width, at, rows = sum(block.shape[-1] for block in blocks), 0, []
    for block in blocks:
        block = jnp.broadcast_to(block, (*batch, *block.shape[-2:]))
        sides = (at, width - at - block.shape[-1])
        rows.append(jnp.pad(block, (*[(0, 0)] * (block.ndim - 1), sides)))
        at += block.shape[-1]
    return jnp.concatenate(rows, axis=-2)
