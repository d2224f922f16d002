"""An operator and a correction of low rank, whose systems are solved by Woodbury's formula."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import (
    broadcast_shapes,
    check_operator,
    check_same_dtype,
    contradiction,
    parameter,
)
from addax.tf._linear_operators._diag import LinearOperatorDiag
from addax.tf._linear_operators._identity import LinearOperatorIdentity

_OWNER = "LinearOperatorLowRankUpdate"


class LinearOperatorLowRankUpdate(LinearOperator):
    """`L + U D V^H`: a base operator, and a correction of low rank.

    A system of it is one of the base operator and one as small as the rank (Woodbury's formula), and so is its
    determinant.

    Args:
        base_operator: The operator L, with m rows and n columns.
        u: The matrices U, a tensor of shape `(..., m, rank)`.
        diag_update: The diagonals of D, a tensor of shape `(..., rank)`; ones if None.
        v: The matrices V, a tensor of shape `(..., n, rank)`; U if None.
        is_diag_update_positive: Whether the elements of D are above 0; True if `diag_update` is None.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; true if L is and V is U.
        is_positive_definite: A hint; true if L is besides and the elements of D are above 0.
        is_square: A hint.
        name: A name.

    Raises:
        TypeError: If the dtypes differ.
        ValueError: If the sizes do not fit, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> base = tf.linalg.LinearOperatorDiag([1.0, 2.0], is_positive_definite=True)
        >>> operator = tf.linalg.LinearOperatorLowRankUpdate(base, u=[[1.0], [1.0]])
        >>> operator.to_dense().numpy().tolist(), operator.is_positive_definite
        ([[2.0, 1.0], [1.0, 3.0]], True)
    """

    _ranks = {"u": 2, "v": 2, "diag_update": 1}  # noqa: RUF012

    def __init__(
        self,
        base_operator: Any,
        u: Any,
        diag_update: Any = None,
        v: Any = None,
        is_diag_update_positive: bool | None = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowRankUpdate",
    ) -> None:
        self._base_operator = check_operator(_OWNER, base_operator)
        dtype = self._base_operator.dtype
        self._u = parameter(u, _OWNER, "u", 2, dtype=dtype)
        self._v = None if v is None else parameter(v, _OWNER, "v", 2, dtype=dtype)
        self._diag_update = (
            None if diag_update is None else parameter(diag_update, _OWNER, "diag_update", 1, dtype=dtype)
        )
        given = (self._u, self._v, self._diag_update)
        check_same_dtype(_OWNER, [base_operator, *[x for x in given if x is not None]])
        self._check_sizes()
        self._is_diag_update_positive = True if diag_update is None else is_diag_update_positive
        self._diag_operator = self._make_diag_operator()
        hints = self._derived(
            {
                "is_non_singular": is_non_singular,
                "is_self_adjoint": is_self_adjoint,
                "is_positive_definite": is_positive_definite,
            }
        )
        super().__init__(dtype, **hints, is_square=is_square, name=name)

    def _check_sizes(self) -> None:
        rows, columns = self._base_operator.shape[-2:]
        rank = self._u.shape[-1]
        sides = [("u", self._u, (rows, rank)), ("v", self._v, (columns, rank))]
        for what, given, sizes in [*sides, ("diag_update", self._diag_update, (rank,))]:
            if given is None:
                sizes = (columns, rank)
                given = self._u if what == "v" else None
            if given is not None and tuple(given.shape[-len(sizes) :]) != sizes:
                raise ValueError(
                    message(
                        f"`{what}` of {_OWNER} has the wrong size.",
                        expected=f"shape (..., {', '.join(map(str, sizes))})",
                        received=f"shape {tuple(given.shape)}",
                        hint="Give `v`, too, if the base operator is not square." if what == "v" else None,
                    )
                )

    def _make_diag_operator(self) -> LinearOperator:
        if self._diag_update is None:
            return LinearOperatorIdentity(self._u.shape[-1], dtype=self._u.dtype)
        positive = self._is_diag_update_positive
        return LinearOperatorDiag(
            self._diag_update,
            is_positive_definite=positive,
            is_self_adjoint=True if positive else None,
            is_non_singular=True if positive else None,
        )

    def _derived(self, hints: dict[str, Any]) -> dict[str, Any]:
        base, diag = self._base_operator, self._diag_operator
        if self._v is not None or not (base.is_self_adjoint and diag.is_self_adjoint):
            return hints
        known = ["is_self_adjoint"]
        if base.is_positive_definite and diag.is_positive_definite:
            known += ["is_positive_definite", "is_non_singular"]
        for hint in known:
            if hints[hint] is False:
                raise contradiction(_OWNER, "It follows from what it is made of.", hint)
            hints[hint] = True
        return hints

    @property
    def base_operator(self) -> Any:
        """The operator L."""
        return self._base_operator

    @property
    def u(self) -> Any:
        """The matrices U."""
        return self._u

    @property
    def v(self) -> Any:
        """The matrices V."""
        return self._u if self._v is None else self._v

    @property
    def diag_update(self) -> Any:
        """The diagonals of D, or None."""
        return self._diag_update

    @property
    def diag_operator(self) -> Any:
        """D as an operator."""
        return self._diag_operator

    @property
    def is_diag_update_positive(self) -> bool | None:
        """Whether the elements of D are above 0, as far as is known."""
        return self._is_diag_update_positive

    def _shape(self) -> Any:
        batches = [self._base_operator.batch_shape, self._u.shape[:-2], self.v.shape[:-2]]
        if self._diag_update is not None:
            batches.append(self._diag_update.shape[:-1])
        return (*broadcast_shapes(_OWNER, *batches), *self._base_operator.shape[-2:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = arrays.turned(x, adjoint_arg)
        left, right = (self.v, self._u) if adjoint else (self._u, self.v)
        inner = self._diag_operator.matmul(arrays.product(right, x, adjoint=True), adjoint=adjoint)
        return operators.add(self._base_operator.matmul(x, adjoint=adjoint), arrays.product(left, inner))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        base = self._base_operator
        if base.is_non_singular is False or base.is_square is False:
            return super()._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        rhs = arrays.turned(rhs, adjoint_arg)
        left, right = (self.v, self._u) if adjoint else (self._u, self.v)
        first = base.solve(rhs, adjoint=adjoint)
        small = arrays.product(right, first, adjoint=True)
        small = arrays.solution(
            self._capacitance(), small, adjoint=adjoint, definite=self._small_is_definite()
        )
        return operators.subtract(first, base.solve(arrays.product(left, small), adjoint=adjoint))

    def _capacitance(self) -> Any:
        """`D^-1 + V^H L^-1 U`, which is as small as the rank."""
        inner = arrays.product(self.v, self._base_operator.solve(self._u), adjoint=True)
        return self._diag_operator.inverse().add_to_tensor(inner)

    def _small_is_definite(self) -> bool:
        base, diag = self._base_operator, self._diag_operator
        return self._v is None and base._can_use_cholesky() and diag._can_use_cholesky()

    def _by_parts(self) -> bool:
        return self._base_operator.is_non_singular is not False and bool(self._base_operator.is_square)

    def _determinant(self) -> Any:
        if not self._by_parts():
            return super()._determinant()
        if self._small_is_definite():
            return ops.exp(self._log_abs_determinant())
        small = operators.multiply(ops.det(self._capacitance()), self._diag_operator.determinant())
        return operators.multiply(small, self._base_operator.determinant())

    def _log_abs_determinant(self) -> Any:
        if not self._by_parts():
            return super()._log_abs_determinant()
        small = arrays.log_abs_determinant(self._capacitance(), definite=self._small_is_definite())
        small = operators.add(small, self._diag_operator.log_abs_determinant())
        return operators.add(small, self._base_operator.log_abs_determinant())

    def _diag_part(self) -> Any:
        if not self.is_square:
            return super()._diag_part()
        scaled = operators.multiply(self._u, ops.expand_dims(self._diag_operator.diag_part(), -2))
        update = ops.sum(operators.multiply(scaled, ops.conj(self.v)), axis=-1)
        return operators.add(self._base_operator.diag_part(), update)
