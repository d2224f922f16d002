"""Diagonal matrices."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, is_complex, parameter


class LinearOperatorDiag(LinearOperator):
    """Square matrices with zeros off the diagonal.

    Args:
        diag: The diagonals, a tensor of shape `(..., n)`.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; real diagonals always are.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        ValueError: If `diag` has no axes, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> operator = tf.linalg.LinearOperatorDiag([1.0, 4.0])
        >>> (operator @ operator).diag.numpy().tolist(), operator.inverse().diag.numpy().tolist()
        ([1.0, 16.0], [1.0, 0.25])
    """

    _ranks = {"diag": 1}  # noqa: RUF012

    def __init__(
        self,
        diag: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorDiag",
    ) -> None:
        fixed("LinearOperatorDiag", "It is square.", {"is_square": (is_square, True)})
        self._diag = parameter(diag, "LinearOperatorDiag", "diag", 1)
        if not is_complex(self._diag.dtype):
            law = "A real diagonal matrix is self-adjoint."
            fixed("LinearOperatorDiag", law, {"is_self_adjoint": (is_self_adjoint, True)})
            is_self_adjoint = True
        super().__init__(
            self._diag.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def diag(self) -> Any:
        """The diagonals."""
        return self._diag

    def _shape(self) -> Any:
        return (*self._diag.shape, self._diag.shape[-1])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return arrays.scaled_rows(self._diag, arrays.turned(x, adjoint_arg), conjugate=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rhs = arrays.turned(rhs, adjoint_arg)
        return arrays.scaled_rows(self._diag, rhs, conjugate=adjoint, inverse=True)

    def _to_dense(self) -> Any:
        return arrays.diagonal_matrix(self._diag)

    def _add_to_tensor(self, x: Any) -> Any:
        return arrays.added_to_diagonal(self._diag, x)

    def _diag_part(self) -> Any:
        return ops.convert_to_tensor(self._diag)

    def _determinant(self) -> Any:
        return ops.prod(self._diag, axis=-1)

    def _log_abs_determinant(self) -> Any:
        return arrays.sum_of_logs(self._diag)

    def _eigvals(self) -> Any:
        return ops.convert_to_tensor(self._diag)

    def _cond(self) -> Any:
        return arrays.spread_of(self._diag)

    def _assert_non_singular(self) -> None:
        self._demand(ops.all(ops.not_equal(self._diag, 0)), "has a zero on its diagonal, so no inverse")

    def _assert_positive_definite(self) -> None:
        positive = ops.all(operators.greater(ops.real(self._diag), 0))
        self._demand(positive, "has a diagonal that is not above 0, so is not positive definite")

    def _assert_self_adjoint(self) -> None:
        if is_complex(self.dtype):
            self._demand(
                ops.all(operators.equal(ops.imag(self._diag), 0)), "has an imaginary part on its diagonal"
            )

    def _linop_adjoint(self) -> LinearOperator:
        return self._with(ops.conj(self._diag))

    def _linop_inverse(self) -> LinearOperator:
        return self._with(operators.divide(1, self._diag))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorDiag(
            ops.sqrt(self._diag), is_non_singular=True, is_self_adjoint=True, is_positive_definite=True
        )

    def _with(self, diag: Any) -> LinearOperator:
        """Another diagonal of which the same is known."""
        return LinearOperatorDiag(
            diag,
            is_non_singular=self.is_non_singular,
            is_self_adjoint=self.is_self_adjoint,
            is_positive_definite=self.is_positive_definite,
        )
