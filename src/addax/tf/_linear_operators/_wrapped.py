"""The adjoint and the inverse of an operator, which are not worked out."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import check_operator, contradiction


class _Wrapped(LinearOperator):
    """What both share: hints that hold for one hold for the other."""

    _operator: LinearOperator

    def __init__(self, owner: str, operator: Any, hints: dict[str, Any], name: str) -> None:
        self._operator = operator
        for hint, given in hints.items():
            known = getattr(operator, hint)
            if known is not None and given is not None and bool(given) is not known:
                raise contradiction(owner, "It is what the operator in it is.", hint)
            hints[hint] = known if given is None else given
        super().__init__(operator.dtype, **hints, name=name)

    @property
    def operator(self) -> LinearOperator:
        """The operator that it is made of."""
        return self._operator

    def _blocks(self) -> tuple[list, list] | None:
        blocks = self._operator._blocks()
        return None if blocks is None else (blocks[1], blocks[0])

    def _shape(self) -> Any:
        shape = self._operator.shape
        return (*shape[:-2], shape[-1], shape[-2])

    def _cond(self) -> Any:
        return self._operator.cond()


class LinearOperatorAdjoint(_Wrapped):
    """The conjugate transpose of an operator.

    Args:
        operator: The operator.
        is_non_singular: A hint, see `LinearOperator`; as for the operator if None.
        is_self_adjoint: A hint; as for the operator if None.
        is_positive_definite: A hint; as for the operator if None.
        is_square: A hint; as for the operator if None.
        name: A name; that of the operator and `_adjoint` if None.

    Raises:
        TypeError: If it is no operator.
        ValueError: If a hint is not that of the operator.

    Example:
        >>> import addax.tf as tf
        >>> full = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
        >>> tf.linalg.LinearOperatorAdjoint(full).to_dense().numpy().tolist()
        [[1.0, 3.0], [2.0, 4.0]]
    """

    _is_adjoint = True

    def __init__(
        self,
        operator: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        check_operator("LinearOperatorAdjoint", operator)
        hints = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
            "is_square": is_square,
        }
        super().__init__("LinearOperatorAdjoint", operator, hints, name or f"{operator.name}_adjoint")

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.matmul(x, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.solve(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _to_dense(self) -> Any:
        return arrays.turned(self._operator.to_dense())

    def _diag_part(self) -> Any:
        return ops.conj(self._operator.diag_part())

    def _trace(self) -> Any:
        return ops.conj(self._operator.trace())

    def _determinant(self) -> Any:
        return ops.conj(self._operator.determinant())

    def _log_abs_determinant(self) -> Any:
        return self._operator.log_abs_determinant()

    def _eigvals(self) -> Any:
        return self._operator.eigvals()

    def _linop_adjoint(self) -> LinearOperator:
        return self._operator


class LinearOperatorInversion(_Wrapped):
    """The inverse of an operator: its product solves the system of the operator.

    Args:
        operator: The operator, square and not known to have no inverse.
        is_non_singular: A hint, see `LinearOperator`; as for the operator if None.
        is_self_adjoint: A hint; as for the operator if None.
        is_positive_definite: A hint; as for the operator if None.
        is_square: A hint; as for the operator if None.
        name: A name; that of the operator and `_inv` if None.

    Raises:
        TypeError: If it is no operator.
        ValueError: If the operator is not square or has no inverse, or a hint is not that of the operator.

    Example:
        >>> import addax.tf as tf
        >>> full = tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [0.0, 4.0]])
        >>> tf.linalg.LinearOperatorInversion(full).matvec([2.0, 2.0]).numpy().tolist()
        [1.0, 0.5]
    """

    def __init__(
        self,
        operator: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        owner = "LinearOperatorInversion"
        check_operator(owner, operator)
        hints = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
            "is_square": is_square,
        }
        if is_non_singular is False or operator.is_non_singular is False:
            raise contradiction(owner, "What is inverted has an inverse.", "is_non_singular")
        if is_square is False or operator.is_square is False:
            raise contradiction(
                owner, f"What is inverted is square, and not {tuple(operator.shape)}.", "is_square"
            )
        super().__init__(owner, operator, hints, name or f"{operator.name}_inv")

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.solve(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._operator.matmul(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Any:
        return operators.divide(1, self._operator.determinant())

    def _log_abs_determinant(self) -> Any:
        return operators.negative(self._operator.log_abs_determinant())

    def _eigvals(self) -> Any:
        return operators.divide(1, self._operator.eigvals())

    def _linop_inverse(self) -> LinearOperator:
        return self._operator
