"""Permutations of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import SymbolicTensor, op
from addax.engine._jax import jnp, lax
from addax.engine._staging import staged
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, parameter


class LinearOperatorPermutation(LinearOperator):
    """Matrices that put rows in another order: row i of the product is row `perm[i]` of what is multiplied.

    Args:
        perm: The order, integers of shape `(..., n)` in which each one from 0 to n - 1 is once.
        dtype: The dtype of the matrices.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        TypeError: If `perm` are no integers.
        ValueError: If `perm` is no permutation, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorPermutation([2, 0, 1]).matvec([1.0, 2.0, 3.0]).numpy().tolist()
        [3.0, 1.0, 2.0]
    """

    _ranks = {"perm": 1}  # noqa: RUF012

    def __init__(
        self,
        perm: Any,
        dtype: Any = "float32",
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorPermutation",
    ) -> None:
        owner = "LinearOperatorPermutation"
        fixed(owner, "A permutation is square.", {"is_square": (is_square, True)})
        self._perm = parameter(perm, owner, "perm", 1, "integer")
        _check_order(self._perm)
        super().__init__(
            dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def perm(self) -> Any:
        """The order of the rows."""
        return self._perm

    def _shape(self) -> Any:
        return (*self._perm.shape, self._perm.shape[-1])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _reordered(self._perm, arrays.turned(x, adjoint_arg), inverse=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _to_dense(self) -> Any:
        return ops.one_hot(self._perm, self.shape[-1], dtype=self.dtype)

    def _diag_part(self) -> Any:
        places = np.arange(self.shape[-1], dtype=np.int32)
        return ops.cast(ops.equal(self._perm, places), self.dtype)

    def _determinant(self) -> Any:
        return ops.cast(_sign(self._perm), self.dtype)

    def _log_abs_determinant(self) -> Any:
        return ops.zeros(tuple(self.batch_shape), dtype=self.dtype)

    def _cond(self) -> Any:
        return ops.ones(tuple(self.batch_shape), dtype=self.dtype)

    def _assert_non_singular(self) -> None: ...


def _check_order(perm: Any) -> None:
    if isinstance(perm, SymbolicTensor) or staged(perm):
        return
    values = np.asarray(perm)
    if not np.array_equal(np.sort(values, -1), np.broadcast_to(np.arange(values.shape[-1]), values.shape)):
        raise ValueError(
            message(
                "`perm` of LinearOperatorPermutation is no permutation.",
                expected=f"each integer from 0 to {values.shape[-1] - 1} once",
                received=f"{values.tolist()}",
            )
        )


@op(name="permute_rows")
def _reordered(perm: Any, x: Any, inverse: bool = False) -> Any:
    perm, x = jnp.asarray(perm), jnp.asarray(x)
    order = jnp.argsort(perm, axis=-1) if inverse else perm
    batch = jnp.broadcast_shapes(order.shape[:-1], x.shape[:-2])
    order = jnp.broadcast_to(order, (*batch, order.shape[-1]))
    x = jnp.broadcast_to(x, (*batch, *x.shape[-2:]))
    return jnp.take_along_axis(x, order[..., None], axis=-2)


@op(name="sign_of_permutation")
def _sign(perm: Any) -> Any:
    """1 or -1, by the number of cycles, each of which is counted at its smallest element.

    After each turn an element knows the smallest of twice as many of those that follow it in its cycle.
    """
    perm = jnp.asarray(perm)
    size = perm.shape[-1]
    places = jnp.broadcast_to(jnp.arange(size, dtype=perm.dtype), perm.shape)

    def turn(_: Any, carry: tuple) -> tuple:
        smallest, jump = carry
        after = jnp.take_along_axis(smallest, jump, axis=-1)
        return jnp.minimum(smallest, after), jnp.take_along_axis(jump, jump, axis=-1)

    # In a loop: written out, XLA joins all turns into one expression that looks each element up again and again.
    smallest, _ = lax.fori_loop(0, size.bit_length(), turn, (places, perm))
    cycles = jnp.sum(smallest == places, axis=-1)
    return 1 - 2 * ((size - cycles) % 2)
