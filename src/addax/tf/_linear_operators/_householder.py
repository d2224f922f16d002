"""Reflections."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, parameter


class LinearOperatorHouseholder(LinearOperator):
    """Reflections at the plane to which a vector is normal: `I - 2 v v^H` for v of length 1.

    Args:
        reflection_axis: The vectors v, a tensor of shape `(..., n)`; their lengths do not count.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint, which can only be True.
        is_positive_definite: A hint, which can only be False.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If `reflection_axis` has no axes, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorHouseholder([2.0, 0.0]).matvec([1.0, 5.0]).numpy().tolist()
        [-1.0, 5.0]
    """

    _ranks = {"reflection_axis": 1}  # noqa: RUF012

    def __init__(
        self,
        reflection_axis: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorHouseholder",
    ) -> None:
        owner = "LinearOperatorHouseholder"
        hints = {
            "is_self_adjoint": (is_self_adjoint, True),
            "is_positive_definite": (is_positive_definite, False),
            "is_square": (is_square, True),
        }
        fixed(owner, "A reflection is square, self-adjoint and never positive definite.", hints)
        self._reflection_axis = parameter(reflection_axis, owner, "reflection_axis", 1, "inexact")
        super().__init__(
            self._reflection_axis.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=True,
            is_positive_definite=False,
            is_square=True,
            name=name,
        )

    @property
    def reflection_axis(self) -> Any:
        """The vectors as they were given."""
        return self._reflection_axis

    def _shape(self) -> Any:
        return (*self._reflection_axis.shape, self._reflection_axis.shape[-1])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _reflected(self._reflection_axis, arrays.turned(x, adjoint_arg))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint_arg=adjoint_arg)

    def _diag_part(self) -> Any:
        return _diagonal(self._reflection_axis)

    def _trace(self) -> Any:
        return self._everywhere(self.shape[-1] - 2)

    def _determinant(self) -> Any:
        return self._everywhere(-1)

    def _log_abs_determinant(self) -> Any:
        return self._everywhere(0)

    def _cond(self) -> Any:
        return self._everywhere(1)

    def _everywhere(self, value: float) -> Any:
        return ops.full(tuple(self.batch_shape), value, dtype=self.dtype)

    def _eigvals(self) -> Any:
        ones = ops.ones(tuple(self.shape[:-1]), dtype=self.dtype)
        return _first_reversed(ones)

    def _assert_non_singular(self) -> None: ...

    def _assert_positive_definite(self) -> None:
        self._demand(np.False_, "is a reflection, so never positive definite")

    def _assert_self_adjoint(self) -> None: ...

    def _linop_inverse(self) -> LinearOperator:
        return self


def _unit(v: Any) -> Any:
    v = jnp.asarray(v)
    return v / jnp.linalg.norm(v, axis=-1, keepdims=True)


@op(name="reflect")
def _reflected(axis: Any, x: Any) -> Any:
    v = _unit(axis)[..., None]
    return x - 2 * v * jnp.sum(jnp.conj(v) * x, axis=-2, keepdims=True)


@op(name="reflection_diagonal")
def _diagonal(axis: Any) -> Any:
    v = _unit(axis)
    return 1 - 2 * v * jnp.conj(v)


@op(name="first_reversed")
def _first_reversed(ones: Any) -> Any:
    return ones.at[..., 0].set(-1)
