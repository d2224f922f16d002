"""Operators that keep all their elements: any matrices, and lower triangular ones."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, parameter


class LinearOperatorFullMatrix(LinearOperator):
    """Matrices that are given element by element.

    Args:
        matrix: A float or complex tensor of shape `(..., rows, columns)`.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint.
        is_positive_definite: A hint; with `is_self_adjoint`, systems are solved by Cholesky's method.
        is_square: A hint.
        name: A name.

    Raises:
        TypeError: If the matrices are neither float nor complex.
        ValueError: If they have less than two axes, or hints contradict each other.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [1.0, 4.0]])
        >>> operator.solvevec([2.0, 5.0]).numpy().tolist()
        [1.0, 1.0]
    """

    _ranks = {"matrix": 2}  # noqa: RUF012

    def __init__(
        self,
        matrix: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorFullMatrix",
    ) -> None:
        self._matrix = parameter(matrix, "LinearOperatorFullMatrix", "matrix", 2, "inexact")
        super().__init__(
            self._matrix.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=is_square,
            name=name,
        )

    @property
    def matrix(self) -> Any:
        """The matrices."""
        return self._matrix

    def _shape(self) -> Any:
        return self._matrix.shape

    def _to_dense(self) -> Any:
        return ops.convert_to_tensor(self._matrix)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return arrays.product(self._matrix, arrays.turned(x, adjoint_arg), adjoint=adjoint)


class LinearOperatorLowerTriangular(LinearOperator):
    """Square matrices with nothing above the diagonal, whose systems are solved by substitution.

    Args:
        tril: A tensor of shape `(..., n, n)`; what it has above the diagonal does not count.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If `tril` has less than two axes or is not square, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorLowerTriangular([[1.0, 9.0], [1.0, 2.0]])
        >>> operator.to_dense().numpy().tolist(), operator.solvevec([1.0, 3.0]).numpy().tolist()
        ([[1.0, 0.0], [1.0, 2.0]], [1.0, 1.0])
    """

    _ranks = {"tril": 2}  # noqa: RUF012

    def __init__(
        self,
        tril: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorLowerTriangular",
    ) -> None:
        fixed("LinearOperatorLowerTriangular", "It is square.", {"is_square": (is_square, True)})
        self._tril = parameter(tril, "LinearOperatorLowerTriangular", "tril", 2)
        require_square("LinearOperatorLowerTriangular", "tril", self._tril)
        super().__init__(
            self._tril.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def tril(self) -> Any:
        """The matrices as they were given."""
        return self._tril

    def _shape(self) -> Any:
        return self._tril.shape

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return arrays.product(_lower(self._tril), arrays.turned(x, adjoint_arg), adjoint=adjoint)

    def _to_dense(self) -> Any:
        return _lower(self._tril)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return arrays.triangular_solution(self._tril, arrays.turned(rhs, adjoint_arg), adjoint=adjoint)

    def _diag_part(self) -> Any:
        return ops.diagonal(self._tril, axis1=-2, axis2=-1)

    def _determinant(self) -> Any:
        return ops.prod(self._diag_part(), axis=-1)

    def _log_abs_determinant(self) -> Any:
        return ops.real(arrays.sum_of_logs(self._diag_part()))

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _assert_non_singular(self) -> None:
        self._demand(
            ops.all(ops.not_equal(self._diag_part(), 0)), "has a zero on its diagonal, so no inverse"
        )


@op(name="lower_triangle")
def _lower(x: Any) -> Any:
    return jnp.tril(x)


def require_square(owner: str, what: str, matrix: Any) -> None:
    """Raise ValueError unless matrices have as many rows as columns."""
    rows, columns = matrix.shape[-2:]
    if None not in (rows, columns) and rows != columns:
        raise ValueError(
            message(
                f"`{what}` of {owner} is not square.",
                expected="shape (..., n, n)",
                received=f"shape {tuple(matrix.shape)}",
            )
        )
