"""Products of operators that are not multiplied out."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import (
    broadcast_shapes,
    check_operators,
    check_same_dtype,
    contradiction,
)

_OWNER = "LinearOperatorComposition"


class LinearOperatorComposition(LinearOperator):
    """The product of operators, which are applied one after the other, the last one first.

    Args:
        operators: The operators, at least one.
        is_non_singular: A hint, see `LinearOperator`; if all have an inverse, it has one.
        is_self_adjoint: A hint; `A A^H` always is.
        is_positive_definite: A hint.
        is_square: A hint.
        name: A name; the names of the operators with `_o_` between them if None.

    Raises:
        TypeError: If the dtypes differ, or something is no operator.
        ValueError: If there is none, the sizes do not fit, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> full = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [3.0, 4.0]])
        >>> tf.linalg.LinearOperatorComposition([full, full]).matvec([1.0, 0.0]).numpy().tolist()
        [7.0, 15.0]
    """

    def __init__(
        self,
        operators: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
    ) -> None:
        self._operators = check_operators(_OWNER, operators)
        _check_sizes(self._operators)
        if all(x.is_non_singular for x in self._operators):
            if is_non_singular is False:
                raise contradiction(_OWNER, "All its operators have an inverse.", "is_non_singular")
            is_non_singular = True
        elif all(x.is_square for x in self._operators) and any(
            x.is_non_singular is False for x in self._operators
        ):
            is_non_singular = False if is_non_singular is None else is_non_singular
        if is_self_adjoint is None and _is_square_of_one(self._operators):
            is_self_adjoint = True
            if is_positive_definite is None and self._operators[0].is_non_singular:
                is_positive_definite = True if len(self._operators) == 2 else None
        super().__init__(
            check_same_dtype(_OWNER, self._operators),
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=is_square,
            name="_o_".join(x.name for x in self._operators) if name is None else name,
        )

    @property
    def operators(self) -> list:
        """The operators, of which the last one is applied first."""
        return list(self._operators)

    def _shape(self) -> Any:
        batch = broadcast_shapes(_OWNER, *[x.batch_shape for x in self._operators])
        return (*batch, self._operators[0].range_dimension, self._operators[-1].domain_dimension)

    def _blocks(self) -> tuple[list, list] | None:
        rows, columns = self._operators[0]._blocks(), self._operators[-1]._blocks()
        return (rows[0], columns[1]) if rows and columns else None

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = arrays.turned(x, adjoint_arg)
        for one in self._operators if adjoint else reversed(self._operators):
            x = one.matmul(x, adjoint=adjoint)
        return x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if not all(x.is_square for x in self._operators):
            return super()._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        rhs = arrays.turned(rhs, adjoint_arg)
        for one in reversed(self._operators) if adjoint else self._operators:
            rhs = one.solve(rhs, adjoint=adjoint)
        return rhs

    def _determinant(self) -> Any:
        if not all(x.is_square for x in self._operators):
            return super()._determinant()
        found = self._operators[0].determinant()
        for one in self._operators[1:]:
            found = operators.multiply(found, one.determinant())
        return found

    def _log_abs_determinant(self) -> Any:
        if not all(x.is_square for x in self._operators):
            return super()._log_abs_determinant()
        found = self._operators[0].log_abs_determinant()
        for one in self._operators[1:]:
            found = operators.add(found, one.log_abs_determinant())
        return found


def _check_sizes(parts: list) -> None:
    for left, right in zip(parts, parts[1:], strict=False):
        inner = left.domain_dimension, right.range_dimension
        if None not in inner and inner[0] != inner[1]:
            raise ValueError(
                message(
                    f"{_OWNER}: the operators do not fit.",
                    expected=f"{inner[0]} rows after an operator of shape {tuple(left.shape)}",
                    received=f"shape {tuple(right.shape)}",
                )
            )


def _is_square_of_one(parts: list) -> bool:
    """Whether it is one operator times its adjoint, or a self-adjoint one alone."""
    if len(parts) == 1:
        return parts[0].is_self_adjoint is True
    if len(parts) != 2:
        return False
    left, right = parts
    if left is right:
        return left.is_self_adjoint is True
    adjoint = [getattr(x, "operator", None) if hasattr(x, "_is_adjoint") else None for x in parts]
    return adjoint[0] is right or adjoint[1] is left
