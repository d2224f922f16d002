"""`LinearOperator`: the methods of all operators, with a dense way for what an operator does not do better."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine._jax import jnp
from addax.tf._assertions import _require
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._blocks import Blockwise
from addax.tf._linear_operators._checks import known_dtype, settled, unsupported
from addax.tf._linear_operators._parts import Taken
from addax.tf._linear_operators._sizes import Sized
from addax.tf._module import Module


class LinearOperator(Blockwise, Sized, Taken, Module):
    """A matrix, or a batch of them, known by what it does to vectors.

    A subclass defines `_shape()` and `_matmul(x, adjoint=False, adjoint_arg=False)`. It may define `_solve`,
    `_to_dense`, `_determinant`, `_log_abs_determinant`, `_diag_part`, `_trace`, `_cond`, `_eigvals` and the like where
    it knows better than the dense computation that stands for them otherwise.

    Hints are taken at their word. What follows from them is a hint, too: what is positive definite has an inverse.

    Args:
        dtype: The dtype of the matrices, and of what they are multiplied with.
        graph_parents: Accepted for TensorFlow's sake.
        is_non_singular: Whether it has an inverse; None if that is not known.
        is_self_adjoint: Whether it is its own conjugate transpose; None if that is not known.
        is_positive_definite: Whether the real part of `x^H A x` is above 0 for all x but 0; None if not known.
        is_square: Whether there are as many rows as columns; None to see it from the shape.
        name: A name; that of the class if None.
        parameters: The arguments of the constructor by name; as they were given if None.

    Raises:
        ValueError: If hints contradict each other.
        TypeError: If a subclass lacks `_shape` or `_matmul`.

    Example:
        >>> import addax.tf as tf
        >>> class Twice(tf.linalg.LinearOperator):
        ...     def _shape(self):
        ...         return tf.TensorShape([2, 2])
        ...
        ...     def _matmul(self, x, adjoint=False, adjoint_arg=False):
        ...         return 2 * (tf.linalg.adjoint(x) if adjoint_arg else x)
        >>> Twice(tf.float32).determinant().numpy()
        np.float32(4.0)
    """

    __array_ufunc__ = None  # so that `array @ operator` comes here
    __iter__ = None  # indexing, which is by batch, does not make it a sequence

    def __init__(
        self,
        dtype: Any,
        graph_parents: Any = None,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str | None = None,
        parameters: Any = None,
    ) -> None:
        super().__init__(name or type(self).__name__)
        for method in ("_shape", "_matmul"):
            if getattr(type(self), method) in (LinearOperator._matmul, Sized._shape):
                raise TypeError(
                    message(
                        f"{type(self).__name__} is no complete operator.",
                        expected="a class with the methods _shape and _matmul",
                        received=f"none called {method}",
                    )
                )
        self._dtype = known_dtype(dtype)
        self._parameters = parameters
        hints = settled(
            type(self).__name__, is_non_singular, is_self_adjoint, is_positive_definite, is_square
        )
        self._is_non_singular, self._is_self_adjoint, self._is_positive_definite, self._is_square = hints

    @property
    def dtype(self) -> Any:
        """The dtype of the matrices."""
        return self._dtype

    @property
    def graph_parents(self) -> list:
        """Empty: there is no graph that would depend on anything."""
        return []

    # What it does to tensors -----------------------------------------------------------------------------
    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """The product with matrices or with another operator.

        Args:
            x: A tensor of shape `(..., columns, n)`, another operator, or, for an operator of blocks, a list of
                tensors, one for each block of columns.
            adjoint: Whether to multiply with the conjugate transpose of this operator.
            adjoint_arg: Whether to take the conjugate transpose of `x`.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of shape `(..., rows, n)`, a list of them, one for each block of rows, or an operator.

        Raises:
            ValueError: If the sizes do not fit.
            TypeError: If `x` has another dtype.
        """
        if isinstance(x, LinearOperator):
            left, right = self.adjoint() if adjoint else self, x.adjoint() if adjoint_arg else x
            self._check_operator(left.domain_dimension, right, "matmul")
            return left._linop_matmul(left, right)
        rows, columns = self._block_sizes(adjoint)
        blocks = self._taken_blocks(x, columns, 2, adjoint_arg)
        if blocks is not None:
            whole = arrays.joined([arrays.turned(block, adjoint_arg) for block in blocks], axis=-2)
            return self._split(self.matmul(whole, adjoint=adjoint), rows, -2)
        x = self._taken(x, self.shape[-2 if adjoint else -1], "matmul", -1 if adjoint_arg else -2)
        return self._matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """The product with vectors.

        Args:
            x: A tensor of shape `(..., columns)`, or, for an operator of blocks, a list of tensors.
            adjoint: Whether to multiply with the conjugate transpose of this operator.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of shape `(..., rows)`, or a list of them.

        Raises:
            ValueError: If the sizes do not fit.
            TypeError: If `x` has another dtype.
        """
        rows, columns = self._block_sizes(adjoint)
        blocks = self._taken_blocks(x, columns, 1)
        if blocks is not None:
            return self._split(self.matvec(arrays.joined(blocks, axis=-1), adjoint), rows, -1)
        x = self._taken(x, self.shape[-2 if adjoint else -1], "matvec", None)
        return self._matvec(x, adjoint=adjoint)

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The solution x of `A x = rhs`, for an operator A that is square and has an inverse.

        Args:
            rhs: A tensor of shape `(..., rows, n)`, another operator, or, for an operator of blocks, a list of tensors.
            adjoint: Whether to solve for the conjugate transpose of A.
            adjoint_arg: Whether to take the conjugate transpose of `rhs`.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of shape `(..., columns, n)`, a list of them, or an operator.

        Raises:
            NotImplementedError: If A is not square, or known not to have an inverse.
            ValueError: If the sizes do not fit.
            TypeError: If `rhs` has another dtype.
        """
        self._check_solvable()
        if isinstance(rhs, LinearOperator):
            left, right = self.adjoint() if adjoint else self, rhs.adjoint() if adjoint_arg else rhs
            self._check_operator(left.range_dimension, right, "solve")
            return left._linop_solve(left, right)
        columns, rows = self._block_sizes(adjoint)
        blocks = self._taken_blocks(rhs, rows, 2, adjoint_arg)
        if blocks is not None:
            whole = arrays.joined([arrays.turned(block, adjoint_arg) for block in blocks], axis=-2)
            return self._split(self.solve(whole, adjoint=adjoint), columns, -2)
        rhs = self._taken(rhs, self.shape[-1 if adjoint else -2], "solve", -1 if adjoint_arg else -2)
        return self._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """The solution x of `A x = rhs` for vectors.

        Args:
            rhs: A tensor of shape `(..., rows)`, or, for an operator of blocks, a list of tensors.
            adjoint: Whether to solve for the conjugate transpose of A.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of shape `(..., columns)`, or a list of them.

        Raises:
            NotImplementedError: If A is not square, or known not to have an inverse.
            ValueError: If the sizes do not fit.
            TypeError: If `rhs` has another dtype.
        """
        self._check_solvable()
        columns, rows = self._block_sizes(adjoint)
        blocks = self._taken_blocks(rhs, rows, 1)
        if blocks is not None:
            return self._split(self.solvevec(arrays.joined(blocks, axis=-1), adjoint), columns, -1)
        rhs = self._taken(rhs, self.shape[-1 if adjoint else -2], "solvevec", None)
        return self._solvevec(rhs, adjoint=adjoint)

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Any:
        """The sum of this operator and matrices of shape `(..., rows, columns)`, as a tensor."""
        x = self._taken(x, self.shape[-2], "add_to_tensor", -2)
        if x.shape[-1] != self.shape[-1]:
            raise self._misfit("add_to_tensor", f"{self.shape[-1]} columns", x)
        return self._add_to_tensor(x)

    def to_dense(self, name: str = "to_dense") -> Any:
        """The matrices as a tensor of shape `(..., rows, columns)`."""
        return self._to_dense()

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def __rmatmul__(self, other: Any) -> Any:
        return arrays.turned(self.matmul(other, adjoint=True, adjoint_arg=True))

    # Numbers that describe it ----------------------------------------------------------------------------
    def determinant(self, name: str = "det") -> Any:
        """The determinants, of the shape of the batch.

        Raises:
            NotImplementedError: If the operator is not square.
        """
        self._check_square("determinant")
        return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Any:
        """The logarithms of the absolute values of the determinants, in the dtype of the operator.

        Raises:
            NotImplementedError: If the operator is not square.
        """
        self._check_square("log_abs_determinant")
        return self._log_abs_determinant()

    def trace(self, name: str = "trace") -> Any:
        """The sums of the diagonals, of the shape of the batch."""
        return self._trace()

    def diag_part(self, name: str = "diag_part") -> Any:
        """The diagonals, of shape `(..., smaller one of rows and columns)`."""
        return self._diag_part()

    def cond(self, name: str = "cond") -> Any:
        """The condition numbers: the largest singular value by the smallest."""
        return self._cond()

    def eigvals(self, name: str = "eigvals") -> Any:
        """The eigenvalues of a self-adjoint operator, of shape `(..., rows)`.

        Raises:
            NotImplementedError: If it has no hint that it is self-adjoint.
        """
        if not self.is_self_adjoint:
            raise unsupported(
                self,
                "eigvals",
                "Eigenvalues are computed for self-adjoint operators only.",
                "Give is_self_adjoint=True if it is, else use tf.linalg.eigvals(operator.to_dense()).",
            )
        return self._eigvals()

    # Other operators -------------------------------------------------------------------------------------
    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The conjugate transpose, an operator."""
        return self if self.is_self_adjoint is True else self._linop_adjoint()

    @property
    def H(self) -> LinearOperator:
        """The conjugate transpose, an operator."""
        return self.adjoint()

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The inverse, an operator.

        Raises:
            ValueError: If the operator is not square, or known to have no inverse.
        """
        if self.is_square is False or self.is_non_singular is False:
            raise ValueError(
                message(
                    f"{type(self).__name__} has no inverse.",
                    expected="a square operator that may have one",
                    received=f"shape {tuple(self.shape)}, is_non_singular={self.is_non_singular}",
                )
            )
        return self._linop_inverse()

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The lower triangular factor L of `A = L L^H`, an operator.

        Raises:
            ValueError: If the operator has no hints that it is self-adjoint and positive definite.
        """
        if not self._can_use_cholesky():
            raise ValueError(
                message(
                    f"{type(self).__name__} is not known to have a Cholesky factor.",
                    expected="is_self_adjoint=True and is_positive_definite=True",
                    received=f"{self.is_self_adjoint} and {self.is_positive_definite}",
                    hint="Give the two hints where the operator is made.",
                )
            )
        return self._linop_cholesky()

    # Assertions ------------------------------------------------------------------------------------------
    def assert_non_singular(self, name: str = "assert_non_singular") -> None:
        """Raise ValueError if the condition number says that there is no inverse."""
        self._assert_non_singular()

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> None:
        """Raise ValueError if the operator is not positive definite.

        Raises:
            NotImplementedError: If the operator has no hint that it is self-adjoint, and no way to see it otherwise.
        """
        self._assert_positive_definite()

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> None:
        """Raise ValueError if the operator is not its own conjugate transpose."""
        self._assert_self_adjoint()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} shape={tuple(self.shape)} dtype={getattr(self.dtype, 'name', None)}>"

    # The dense way ---------------------------------------------------------------------------------------
    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        raise TypeError(message(f"{type(self).__name__} must define _matmul()."))

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return ops.squeeze(self.matmul(ops.expand_dims(x, -1), adjoint=adjoint), -1)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rhs = arrays.turned(rhs, adjoint_arg)
        return arrays.solution(self._to_dense(), rhs, adjoint=adjoint, definite=self._can_use_cholesky())

    def _solvevec(self, rhs: Any, adjoint: bool = False) -> Any:
        return ops.squeeze(self.solve(ops.expand_dims(rhs, -1), adjoint=adjoint), -1)

    def _to_dense(self) -> Any:
        shape = tuple(self.shape)
        dense = self._matmul(ops.eye(shape[-1], dtype=self.dtype or "float32"))
        return dense if None in shape else arrays.spread_over(dense, shape)

    def _add_to_tensor(self, x: Any) -> Any:
        return operators.add(self._to_dense(), x)

    def _determinant(self) -> Any:
        if self._can_use_cholesky():
            return ops.exp(self._log_abs_determinant())
        return ops.det(self._to_dense())

    def _log_abs_determinant(self) -> Any:
        return arrays.log_abs_determinant(self._to_dense(), definite=self._can_use_cholesky())

    def _diag_part(self) -> Any:
        return ops.diagonal(self._to_dense(), axis1=-2, axis2=-1)

    def _trace(self) -> Any:
        return ops.sum(self.diag_part(), axis=-1)

    def _cond(self) -> Any:
        if self.is_self_adjoint:
            return arrays.spread_of(self.eigvals())
        return arrays.condition(self._to_dense())

    def _eigvals(self) -> Any:
        return arrays.eigenvalues(self._to_dense())

    def _assert_non_singular(self) -> None:
        number = ops.real(self.cond())
        limit = 1 / (max(self.shape[-2:]) * float(jnp.finfo(number.dtype.name).eps))
        self._demand(operators.less(number, limit), "has no inverse, as its condition number shows")

    def _assert_positive_definite(self) -> None:
        if not self.is_self_adjoint:
            raise unsupported(
                self,
                "assert_positive_definite",
                "That is seen from eigenvalues, which are computed for self-adjoint operators only.",
                "Give is_self_adjoint=True if it is.",
            )
        lowest = ops.min(ops.real(self.eigvals()), axis=-1)
        self._demand(operators.greater(lowest, 0.0), "is not positive definite")

    def _assert_self_adjoint(self) -> None:
        if self.is_square is False:
            self._demand(np.False_, "is not square, so not self-adjoint")
        dense = self._to_dense()
        gap = ops.max(operators.absolute(operators.subtract(dense, arrays.turned(dense))))
        size = ops.max(operators.absolute(dense))
        self._demand(operators.less_equal(gap, size * 1e-5), "is not self-adjoint")

    def _demand(self, holds: Any, otherwise: str) -> None:
        """Raise ValueError unless something holds; for traced values, when the compiled code has run."""
        _require(holds, lambda: f"{type(self).__name__} ({self.name}) {otherwise}.")

    # Rules for two operators -----------------------------------------------------------------------------
    def _linop_adjoint(self) -> LinearOperator:
        from addax.tf._linear_operators._wrapped import LinearOperatorAdjoint

        return LinearOperatorAdjoint(self)

    def _linop_inverse(self) -> LinearOperator:
        from addax.tf._linear_operators._wrapped import LinearOperatorInversion

        return LinearOperatorInversion(self)

    def _linop_cholesky(self) -> LinearOperator:
        from addax.tf._linear_operators._dense import LinearOperatorLowerTriangular

        dense = self._to_dense()
        half = self.dtype is not None and self.dtype.name in ("float16", "bfloat16")  # LAPACK knows neither
        factor = ops.cholesky(ops.cast(dense, "float32") if half else dense)
        factor = ops.cast(factor, self.dtype) if half else factor
        return LinearOperatorLowerTriangular(factor, is_non_singular=True, is_self_adjoint=False)

    def _linop_matmul(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        from addax.tf._linear_operators._algebra import product

        return product(left_operator, right_operator)

    def _linop_solve(self, left_operator: Any, right_operator: Any) -> LinearOperator:
        from addax.tf._linear_operators._algebra import quotient

        return quotient(left_operator, right_operator)

    def _check_solvable(self) -> None:
        if self.is_non_singular is False:
            raise unsupported(self, "solve", "The operator is known to have no inverse.")
        if self.is_square is False:
            raise unsupported(
                self,
                "solve",
                "The operator is not square.",
                "Use tf.linalg.lstsq(operator.to_dense(), rhs).",
            )

    def _check_square(self, method: str) -> None:
        if self.is_square is False:
            raise unsupported(self, method, "The operator is not square.")


__all__ = ["LinearOperator"]
