"""The identity, and what is a number times it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import fixed, is_complex, parameter


def size_of(value: Any, owner: str, what: str) -> int:
    """A number of rows or columns as an integer.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is negative, or not a single number.
    """
    if np.ndim(value):
        raise ValueError(message(f"`{what}` of {owner} is one number.", received=value))
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            message(f"`{what}` of {owner} is a size.", expected="an integer", received=value)
        ) from None
    if number < 0:
        raise ValueError(
            message(f"`{what}` of {owner} is a size.", expected="0 or more", received=str(number))
        )
    return number


def batch_of(value: Any, owner: str) -> tuple[int, ...]:
    """A batch shape as a tuple; None is that of a single matrix."""
    if value is None:
        return ()
    if np.ndim(value) != 1:
        raise ValueError(
            message(f"`batch_shape` of {owner} is a shape.", expected="a list of integers", received=value)
        )
    return tuple(size_of(size, owner, "batch_shape") for size in np.asarray(value).tolist())


class BaseLinearOperatorIdentity(LinearOperator):
    """What the identity and its multiples share."""

    _num_rows: int

    def _shape(self) -> Any:
        return (*self._batch(), self._num_rows, self._num_rows)

    def _batch(self) -> tuple:
        raise TypeError(message(f"{type(self).__name__} must define _batch()."))

    def _repeated(self, value: Any) -> Any:
        """A number of each batch element, for each row."""
        return ops.multiply(
            ops.expand_dims(value, -1), ops.ones((self._num_rows,), dtype=self.dtype or "float32")
        )


class LinearOperatorIdentity(BaseLinearOperatorIdentity):
    """The identity: its product with anything is that thing.

    Args:
        num_rows: The number of rows and columns.
        batch_shape: The shape of the batch, a list of integers; a single matrix if None.
        dtype: The dtype; float32 if None.
        is_non_singular: A hint, which can only be True, as the following ones.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint.
        assert_proper_shapes: Accepted for TensorFlow's sake; sizes are always checked.
        name: A name.

    Raises:
        TypeError: If a size is no integer.
        ValueError: If a size is negative, or a hint is False.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorIdentity(2, batch_shape=[3]).determinant().numpy()
        array([1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        num_rows: Any,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool | None = True,
        is_self_adjoint: bool | None = True,
        is_positive_definite: bool | None = True,
        is_square: bool | None = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorIdentity",
    ) -> None:
        hints = {
            "is_non_singular": (is_non_singular, True),
            "is_self_adjoint": (is_self_adjoint, True),
            "is_positive_definite": (is_positive_definite, True),
            "is_square": (is_square, True),
        }
        fixed("LinearOperatorIdentity", "The identity is all of these.", hints)
        self._num_rows = size_of(num_rows, "LinearOperatorIdentity", "num_rows")
        self._batch_shape = batch_of(batch_shape, "LinearOperatorIdentity")
        super().__init__(
            dtype or "float32",
            is_non_singular=True,
            is_self_adjoint=True,
            is_positive_definite=True,
            is_square=True,
            name=name,
        )

    def _batch(self) -> tuple:
        return self._batch_shape

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = arrays.turned(x, adjoint_arg)
        shape = (*self._batch_shape, 1, 1)
        return arrays.spread_over(x, shape) if self._batch_shape else x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint_arg=adjoint_arg)

    def _ones(self) -> Any:
        return ops.ones((*self._batch_shape, self._num_rows), dtype=self.dtype)

    def _to_dense(self) -> Any:
        return arrays.spread_over(ops.eye(self._num_rows, dtype=self.dtype), tuple(self.shape))

    def _add_to_tensor(self, x: Any) -> Any:
        return arrays.added_to_diagonal(self._ones(), x)

    def _diag_part(self) -> Any:
        return self._ones()

    _eigvals = _diag_part

    def _trace(self) -> Any:
        return self._everywhere(self._num_rows)

    def _determinant(self) -> Any:
        return self._everywhere(1)

    def _log_abs_determinant(self) -> Any:
        return self._everywhere(0)

    def _cond(self) -> Any:
        return self._everywhere(1)

    def _everywhere(self, value: float) -> Any:
        return ops.full(self._batch_shape, value, dtype=self.dtype)

    def _assert_non_singular(self) -> None: ...

    def _assert_positive_definite(self) -> None: ...

    def _assert_self_adjoint(self) -> None: ...

    def _linop_inverse(self) -> LinearOperator:
        return self

    def _linop_cholesky(self) -> LinearOperator:
        return self


class LinearOperatorScaledIdentity(BaseLinearOperatorIdentity):
    """A number times the identity.

    Args:
        num_rows: The number of rows and columns.
        multiplier: The number, a tensor of the shape of the batch.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint; if the number is real, it always is.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        assert_proper_shapes: Accepted for TensorFlow's sake; sizes are always checked.
        name: A name.

    Raises:
        TypeError: If the number of rows is no integer.
        ValueError: If it is negative, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorScaledIdentity(2, multiplier=3.0).matvec([1.0, 2.0]).numpy().tolist()
        [3.0, 6.0]
    """

    _ranks = {"multiplier": 0}  # noqa: RUF012

    def __init__(
        self,
        num_rows: Any,
        multiplier: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:
        fixed("LinearOperatorScaledIdentity", "It is square.", {"is_square": (is_square, True)})
        self._num_rows = size_of(num_rows, "LinearOperatorScaledIdentity", "num_rows")
        self._multiplier = parameter(multiplier, "LinearOperatorScaledIdentity", "multiplier", 0)
        if not is_complex(self._multiplier.dtype):
            law = "A real multiple of the identity is self-adjoint."
            fixed("LinearOperatorScaledIdentity", law, {"is_self_adjoint": (is_self_adjoint, True)})
            is_self_adjoint = True
        super().__init__(
            self._multiplier.dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def multiplier(self) -> Any:
        """The number, for each element of the batch."""
        return self._multiplier

    def _batch(self) -> tuple:
        return tuple(self._multiplier.shape)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return arrays.scaled_rows(
            ops.expand_dims(self._multiplier, -1), arrays.turned(x, adjoint_arg), conjugate=adjoint
        )

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        factor, rhs = ops.expand_dims(self._multiplier, -1), arrays.turned(rhs, adjoint_arg)
        return arrays.scaled_rows(factor, rhs, conjugate=adjoint, inverse=True)

    def _to_dense(self) -> Any:
        return arrays.diagonal_matrix(self._diag_part())

    def _add_to_tensor(self, x: Any) -> Any:
        return arrays.added_to_diagonal(self._diag_part(), x)

    def _diag_part(self) -> Any:
        return self._repeated(self._multiplier)

    _eigvals = _diag_part

    def _trace(self) -> Any:
        return operators.multiply(self._multiplier, self._num_rows)

    def _determinant(self) -> Any:
        return operators.power(self._multiplier, self._num_rows)

    def _log_abs_determinant(self) -> Any:
        logs = ops.log(operators.absolute(self._multiplier))
        return operators.multiply(logs, float(self._num_rows))

    def _cond(self) -> Any:
        return ops.cast(arrays.spread_of(ops.expand_dims(self._multiplier, -1)), self.dtype)

    def _assert_non_singular(self) -> None:
        self._demand(ops.all(ops.not_equal(self._multiplier, 0)), "is 0, so has no inverse")

    def _assert_positive_definite(self) -> None:
        positive = ops.all(operators.greater(ops.real(self._multiplier), 0))
        self._demand(positive, "has a multiplier that is not above 0, so is not positive definite")

    def _assert_self_adjoint(self) -> None:
        if is_complex(self.dtype):
            real = ops.all(operators.equal(ops.imag(self._multiplier), 0))
            self._demand(real, "has a multiplier with an imaginary part")

    def _linop_adjoint(self) -> LinearOperator:
        return self._with(ops.conj(self._multiplier))

    def _linop_inverse(self) -> LinearOperator:
        return self._with(operators.divide(1, self._multiplier))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorScaledIdentity(
            self._num_rows,
            ops.sqrt(self._multiplier),
            is_non_singular=True,
            is_self_adjoint=True,
            is_positive_definite=True,
        )

    def _with(self, multiplier: Any) -> LinearOperator:
        """Another number of which the same is known."""
        return LinearOperatorScaledIdentity(
            self._num_rows,
            multiplier,
            is_non_singular=self.is_non_singular,
            is_self_adjoint=self.is_self_adjoint,
            is_positive_definite=self.is_positive_definite,
        )
