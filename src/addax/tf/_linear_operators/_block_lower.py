"""Operators in the lower triangle of a larger one."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message
from addax.engine import _operators as operators_of_python
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._block_diag import derived, product_of, sum_of
from addax.tf._linear_operators._checks import broadcast_shapes, check_operators, check_same_dtype
from addax.tf._linear_operators._dense import LinearOperatorFullMatrix

_OWNER = "LinearOperatorBlockLowerTriangular"


class LinearOperatorBlockLowerTriangular(LinearOperator):
    """Operators on and below the diagonal, and zeros above it; systems are solved block by block.

    What it is applied to may be a list of tensors, one for each block; then the result is such a list.

    Args:
        operators: A list of rows: the first one has one operator, the second one two, and so on.
        is_non_singular: A hint, see `LinearOperator`; if those on the diagonal have inverses, it has one.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint.
        name: A name.

    Raises:
        TypeError: If the dtypes differ, or something is no operator.
        ValueError: If there is none, the rows have other lengths, the sizes do not fit, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> one, full = tf.linalg.LinearOperatorIdentity(1), tf.linalg.LinearOperatorFullMatrix([[3.0]])
        >>> operator = tf.linalg.LinearOperatorBlockLowerTriangular([[one], [full, one]])
        >>> operator.to_dense().numpy().tolist(), operator.solvevec([1.0, 5.0]).numpy().tolist()
        ([[1.0, 0.0], [3.0, 1.0]], [1.0, 2.0])
    """

    def __init__(
        self,
        operators: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorBlockLowerTriangular",
    ) -> None:
        self._operators = _checked(operators)
        hints = derived(_OWNER, self._diagonal(), {"is_non_singular": is_non_singular})
        super().__init__(
            check_same_dtype(_OWNER, [x for row in self._operators for x in row]),
            **hints,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=is_square,
            name=name,
        )

    @property
    def operators(self) -> list:
        """The rows of operators."""
        return [list(row) for row in self._operators]

    def _diagonal(self) -> list:
        return [row[-1] for row in self._operators]

    def _shape(self) -> Any:
        rows, columns = self._blocks()
        batch = broadcast_shapes(_OWNER, *[x.batch_shape for row in self._operators for x in row])
        return (*batch, sum(rows), sum(columns))

    def _blocks(self) -> tuple[list, list]:
        diagonal = self._diagonal()
        return [x.range_dimension for x in diagonal], [x.domain_dimension for x in diagonal]

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        sizes = self._blocks()[0 if adjoint else 1]
        parts = self._split(arrays.turned(x, adjoint_arg), sizes, -2)
        count = len(parts)
        found = []
        for i in range(count):
            if adjoint:
                terms = [self._operators[k][i].matmul(parts[k], adjoint=True) for k in range(i, count)]
            else:
                terms = [self._operators[i][k].matmul(parts[k]) for k in range(i + 1)]
            found.append(sum_of(terms))
        return arrays.joined(found, axis=-2)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if not self._all_square():
            return super()._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        parts = self._split(arrays.turned(rhs, adjoint_arg), self._blocks()[0], -2)
        count = len(parts)
        found: list = [None] * count
        for i in reversed(range(count)) if adjoint else range(count):
            rest = parts[i]
            for k in range(i + 1, count) if adjoint else range(i):
                block = self._operators[k][i] if adjoint else self._operators[i][k]
                rest = operators_of_python.subtract(rest, block.matmul(found[k], adjoint=adjoint))
            found[i] = self._operators[i][i].solve(rest, adjoint=adjoint)
        return arrays.joined(found, axis=-2)

    def _all_square(self) -> bool:
        return all(x.is_square for x in self._diagonal())

    def _diag_part(self) -> Any:
        if not self._all_square():
            return super()._diag_part()
        return arrays.spread_over(
            arrays.joined([x.diag_part() for x in self._diagonal()], axis=-1), tuple(self.shape[:-1])
        )

    def _trace(self) -> Any:
        return (
            self._over_batch(sum_of([x.trace() for x in self._diagonal()]))
            if self._all_square()
            else (super()._trace())
        )

    def _determinant(self) -> Any:
        if not self._all_square():
            return super()._determinant()
        return self._over_batch(product_of([x.determinant() for x in self._diagonal()]))

    def _log_abs_determinant(self) -> Any:
        if not self._all_square():
            return super()._log_abs_determinant()
        return self._over_batch(sum_of([x.log_abs_determinant() for x in self._diagonal()]))

    def _over_batch(self, x: Any) -> Any:
        return arrays.spread_over(x, tuple(self.batch_shape))

    def _assert_non_singular(self) -> None:
        if not self._all_square():
            return super()._assert_non_singular()
        for one in self._diagonal():
            one.assert_non_singular()

    def _linop_inverse(self) -> LinearOperator:
        """Those on the diagonal are inverted; what is below it is worked out, column by column."""
        if not self._all_square():
            return super()._linop_inverse()
        count = len(self._operators)
        inverses = [x.inverse() for x in self._diagonal()]
        rows: list[list] = [[] for _ in range(count)]
        for i in range(count):
            for j in range(i):
                terms = [self._operators[i][k].matmul(rows[k][j].to_dense()) for k in range(j, i)]
                block = operators_of_python.negative(self._operators[i][i].solve(sum_of(terms)))
                rows[i].append(LinearOperatorFullMatrix(block))
            rows[i].append(inverses[i])
        return LinearOperatorBlockLowerTriangular(
            rows, is_non_singular=True if self.is_non_singular else None
        )


def _checked(rows: Any) -> list[list]:
    found = [check_operators(_OWNER, row) for row in rows]
    if not found:
        raise ValueError(message(f"{_OWNER} is made of operators.", expected="one or more", received="none"))
    for i, row in enumerate(found):
        if len(row) != i + 1:
            raise ValueError(
                message(
                    f"{_OWNER}: a row has the wrong length.",
                    expected=f"{i + 1} operators in row {i}",
                    received=f"{len(row)}",
                )
            )
        for j, block in enumerate(row):
            sizes = (row[-1].range_dimension, found[j][-1].domain_dimension)
            if tuple(block.shape[-2:]) != sizes:
                raise ValueError(
                    message(
                        f"{_OWNER}: the operator in row {i} and column {j} has the wrong size.",
                        expected=f"{sizes[0]} rows and {sizes[1]} columns, as those on the diagonal say",
                        received=f"shape {tuple(block.shape)}",
                    )
                )
    return found
