"""Kronecker products, which are not multiplied out."""

from __future__ import annotations

import math
from typing import Any

from addax import ops
from addax.engine import _operators as operators_of_python
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._block_diag import derived, product_of, sum_of
from addax.tf._linear_operators._checks import broadcast_shapes, check_operators, check_same_dtype

_OWNER = "LinearOperatorKronecker"


class LinearOperatorKronecker(LinearOperator):
    """The Kronecker product of operators: blocks that are the later ones, times each element of the first one.

    Args:
        operators: The operators, at least one.
        is_non_singular: A hint, see `LinearOperator`; what all operators are, it is.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint.
        name: A name; the names of the operators with `_x_` between them if None.

    Raises:
        TypeError: If the dtypes differ, or something is no operator.
        ValueError: If there is none, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> parts = [
        ...     tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0]]),
        ...     tf.linalg.LinearOperatorDiag([1.0, 10.0]),
        ... ]
        >>> tf.linalg.LinearOperatorKronecker(parts).to_dense().numpy().tolist()
        [[1.0, 0.0, 2.0, 0.0], [0.0, 10.0, 0.0, 20.0]]
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
        hints = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        super().__init__(
            check_same_dtype(_OWNER, self._operators),
            **derived(_OWNER, self._operators, hints),
            is_square=is_square,
            name="_x_".join(x.name for x in self._operators) if name is None else name,
        )

    @property
    def operators(self) -> list:
        """The operators."""
        return list(self._operators)

    def _shape(self) -> Any:
        batch = broadcast_shapes(_OWNER, *[x.batch_shape for x in self._operators])
        rows = math.prod(x.range_dimension for x in self._operators)
        return (*batch, rows, math.prod(x.domain_dimension for x in self._operators))

    def _through(self, method: str, x: Any, adjoint: bool, rows: list) -> Any:
        """Each operator along its own axis.

        The axis of the next operator is always the first one, all others are columns; what is done goes to the end. So
        the columns of `x` come round to be first, before all results.
        """
        columns, x = x.shape[-1], _first_axis(x, rows[0])
        for i, one in enumerate(self._operators):
            x = getattr(one, method)(x, adjoint=adjoint)
            x = _next_axis(x, rows[i + 1] if i + 1 < len(rows) else columns)
        return arrays.spread_over(_columns_last(x), (*self.batch_shape, 1, 1))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        sizes = [x.range_dimension if adjoint else x.domain_dimension for x in self._operators]
        return self._through("matmul", arrays.turned(x, adjoint_arg), adjoint, sizes)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        if not self._all_square():
            return super()._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)
        sizes = [x.range_dimension for x in self._operators]
        return self._through("solve", arrays.turned(rhs, adjoint_arg), adjoint, sizes)

    def _all_square(self) -> bool:
        return all(x.is_square for x in self._operators)

    def _to_dense(self) -> Any:
        found = self._operators[0].to_dense()
        for one in self._operators[1:]:
            found = arrays.kronecker_matrix(found, one.to_dense())
        return found

    def _diag_part(self) -> Any:
        if not self._all_square():
            return super()._diag_part()
        return self._vectors([x.diag_part() for x in self._operators])

    def _eigvals(self) -> Any:
        if not all(x.is_self_adjoint for x in self._operators):
            return super()._eigvals()
        return self._vectors([x.eigvals() for x in self._operators])

    def _vectors(self, parts: list) -> Any:
        found = parts[0]
        for part in parts[1:]:
            found = arrays.kronecker_vector(found, part)
        return found

    def _trace(self) -> Any:
        if not self._all_square():
            return super()._trace()
        return product_of([x.trace() for x in self._operators])

    def _determinant(self) -> Any:
        if not self._all_square():
            return super()._determinant()
        size = self.shape[-1]
        return product_of(
            [_power(x.determinant(), power=size // x.domain_dimension) for x in self._operators]
        )

    def _log_abs_determinant(self) -> Any:
        if not self._all_square():
            return super()._log_abs_determinant()
        size = self.shape[-1]
        return sum_of(
            [
                operators_of_python.multiply(x.log_abs_determinant(), float(size // x.domain_dimension))
                for x in self._operators
            ]
        )

    def _cond(self) -> Any:
        if not self._all_square():
            return super()._cond()
        return product_of([ops.real(x.cond()) for x in self._operators])

    def _assert_non_singular(self) -> None:
        if not self._all_square():
            return super()._assert_non_singular()
        for one in self._operators:
            one.assert_non_singular()

    def _made_of(self, operators: list, **hints: Any) -> LinearOperator:
        return LinearOperatorKronecker(operators, **hints)

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


@op(name="kronecker_first_axis")
def _first_axis(x: Any, rows: int = 1) -> Any:
    x = jnp.asarray(x)
    return x.reshape(*x.shape[:-2], rows, -1)


@op(name="kronecker_next_axis")
def _next_axis(x: Any, rows: int = 1) -> Any:
    """The first axis goes to the end, and the next one, of a size that is told, becomes the first one."""
    x = jnp.swapaxes(x, -1, -2)
    return x.reshape(*x.shape[:-2], rows, -1)


@op(name="kronecker_columns_last")
def _columns_last(x: Any) -> Any:
    return jnp.swapaxes(x, -1, -2)


@op(name="integer_power")
def _power(x: Any, power: int = 1) -> Any:
    return jnp.asarray(x) ** power
