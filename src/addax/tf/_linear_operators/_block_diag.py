"""Operators along the diagonal of a larger one."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators_of_python
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import (
    broadcast_shapes,
    check_operators,
    check_same_dtype,
    contradiction,
)

_OWNER = "LinearOperatorBlockDiag"


def derived(owner: str, parts: list, hints: dict[str, Any]) -> dict[str, Any]:
    """Hints of what is made of operators: what all of them are, it is.

    Raises:
        ValueError: If a hint says otherwise.
    """
    found = dict(hints)
    for hint, given in hints.items():
        if all(getattr(x, hint) for x in parts):
            if given is False:
                raise contradiction(owner, "It is what all operators in it are.", hint)
            found[hint] = True
    return found


class LinearOperatorBlockDiag(LinearOperator):
    """Operators along the diagonal, and zeros elsewhere.

    What it is applied to may be a list of tensors, one for each operator; then the result is such a list.

    Args:
        operators: The operators, at least one.
        is_non_singular: A hint, see `LinearOperator`; what all operators are, it is.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint; False if it is not square.
        name: A name; the names of the operators with `_ds_` between them if None.

    Raises:
        TypeError: If the dtypes differ, or something is no operator.
        ValueError: If there is none, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> parts = [tf.linalg.LinearOperatorDiag([2.0]), tf.linalg.LinearOperatorIdentity(2)]
        >>> operator = tf.linalg.LinearOperatorBlockDiag(parts)
        >>> operator.to_dense().numpy().tolist()
        [[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
        >>> [x.numpy().tolist() for x in operator.matvec([[1.0], [2.0, 3.0]])]
        [[2.0], [2.0, 3.0]]
    """

    def __init__(
        self,
        operators: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        name: str | None = None,
    ) -> None:
        self._operators = check_operators(_OWNER, operators)
        hints = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        rows, columns = self._blocks()
        square = sum(rows) == sum(columns)
        super().__init__(
            check_same_dtype(_OWNER, self._operators),
            **derived(_OWNER, self._operators, hints),
            is_square=is_square if square else False,
            name="_ds_".join(x.name for x in self._operators) if name is None else name,
        )

    @property
    def operators(self) -> list:
        """The operators along the diagonal."""
        return list(self._operators)

    def _shape(self) -> Any:
        rows, columns = self._blocks()
        batch = broadcast_shapes(_OWNER, *[x.batch_shape for x in self._operators])
        return (*batch, sum(rows), sum(columns))

    def _blocks(self) -> tuple[list, list]:
        return [x.range_dimension for x in self._operators], [x.domain_dimension for x in self._operators]

    def _each(self, method: str, x: Any, adjoint: bool, adjoint_arg: bool, sizes: list) -> Any:
        parts = self._split(arrays.turned(x, adjoint_arg), sizes, -2)
        found = [
            getattr(one, method)(part, adjoint=adjoint)
            for one, part in zip(self._operators, parts, strict=True)
        ]
        return arrays.joined(found, axis=-2)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._each("matmul", x, adjoint, adjoint_arg, self._blocks()[0 if adjoint else 1])

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if not self._all_square():
            return super()._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        return self._each("solve", rhs, adjoint, adjoint_arg, self._blocks()[0])

    def _all_square(self) -> bool:
        return all(x.is_square for x in self._operators)

    def _to_dense(self) -> Any:
        return arrays.block_diagonal([x.to_dense() for x in self._operators])

    def _diag_part(self) -> Any:
        if not self._all_square():
            return super()._diag_part()
        return arrays.joined([x.diag_part() for x in self._operators], axis=-1)

    def _eigvals(self) -> Any:
        if not all(x.is_self_adjoint for x in self._operators):
            return super()._eigvals()
        return arrays.joined([x.eigvals() for x in self._operators], axis=-1)

    def _determinant(self) -> Any:
        if not self._all_square():
            return super()._determinant()
        return product_of([x.determinant() for x in self._operators])

    def _log_abs_determinant(self) -> Any:
        if not self._all_square():
            return super()._log_abs_determinant()
        return sum_of([x.log_abs_determinant() for x in self._operators])

    def _trace(self) -> Any:
        if not self._all_square():
            return super()._trace()
        return sum_of([x.trace() for x in self._operators])

    def _assert_non_singular(self) -> None:
        if not self._all_square():
            return super()._assert_non_singular()
        for one in self._operators:
            one.assert_non_singular()

    def _assert_self_adjoint(self) -> None:
        if not self._all_square():
            return super()._assert_self_adjoint()
        for one in self._operators:
            one.assert_self_adjoint()

    def _assert_positive_definite(self) -> None:
        if not self._all_square():
            return super()._assert_positive_definite()
        for one in self._operators:
            one.assert_positive_definite()

    def _made_of(self, operators: list, **hints: Any) -> LinearOperator:
        return LinearOperatorBlockDiag(operators, is_square=self.is_square, **hints)

    def _linop_adjoint(self) -> LinearOperator:
        return self._made_of([x.adjoint() for x in self._operators], is_non_singular=self.is_non_singular)

    def _linop_inverse(self) -> LinearOperator:
        if not self._all_square():
            return super()._linop_inverse()
        hints = {
            "is_non_singular": self.is_non_singular,
            "is_self_adjoint": self.is_self_adjoint,
            "is_positive_definite": self.is_positive_definite,
        }
        return self._made_of([x.inverse() for x in self._operators], **hints)

    def _linop_cholesky(self) -> LinearOperator:
        if not all(x._can_use_cholesky() for x in self._operators):
            return super()._linop_cholesky()
        return self._made_of([x.cholesky() for x in self._operators], is_non_singular=True)


def product_of(values: list) -> Any:
    """The product of tensors."""
    found = values[0]
    for value in values[1:]:
        found = operators_of_python.multiply(found, value)
    return ops.convert_to_tensor(found)


def sum_of(values: list) -> Any:
    """The sum of tensors."""
    found = values[0]
    for value in values[1:]:
        found = operators_of_python.add(found, value)
    return ops.convert_to_tensor(found)
