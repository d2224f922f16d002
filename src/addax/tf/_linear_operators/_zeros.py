"""Matrices of zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import contradiction, fixed
from addax.tf._linear_operators._identity import batch_of, size_of


class LinearOperatorZeros(LinearOperator):
    """Matrices of zeros, which are not written out.

    Args:
        num_rows: The number of rows.
        num_columns: The number of columns; as many as rows if None.
        batch_shape: The shape of the batch, a list of integers; a single matrix if None.
        dtype: The dtype; float32 if None.
        is_non_singular: A hint, which can only be False.
        is_self_adjoint: A hint; True for square ones, and must be False for others.
        is_positive_definite: A hint, which can only be False.
        is_square: A hint; must be False if there are not as many rows as columns.
        assert_proper_shapes: Accepted for TensorFlow's sake; sizes are always checked.
        name: A name.

    Raises:
        TypeError: If a size is no integer.
        ValueError: If a size is negative, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> zeros = tf.linalg.LinearOperatorZeros(2, 3, is_square=False, is_self_adjoint=False)
        >>> zeros.matvec([1.0, 2.0, 3.0]).numpy().tolist()
        [0.0, 0.0]
    """

    def __init__(
        self,
        num_rows: Any,
        num_columns: Any = None,
        batch_shape: Any = None,
        dtype: Any = None,
        is_non_singular: bool | None = False,
        is_self_adjoint: bool | None = True,
        is_positive_definite: bool | None = False,
        is_square: bool | None = True,
        assert_proper_shapes: bool = False,
        name: str = "LinearOperatorZeros",
    ) -> None:
        owner = "LinearOperatorZeros"
        hints = {
            "is_non_singular": (is_non_singular, False),
            "is_positive_definite": (is_positive_definite, False),
        }
        fixed(owner, "Zeros are neither.", hints)
        self._num_rows = size_of(num_rows, owner, "num_rows")
        self._num_columns = (
            self._num_rows if num_columns is None else size_of(num_columns, owner, "num_columns")
        )
        self._batch_shape = batch_of(batch_shape, owner)
        if is_square and self._num_rows != self._num_columns:
            sizes = f"There are {self._num_rows} rows and {self._num_columns} columns."
            raise contradiction(owner, sizes, "is_square")
        super().__init__(
            dtype or "float32",
            is_non_singular=False,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=False,
            is_square=is_square,
            name=name,
        )

    def _shape(self) -> Any:
        return (*self._batch_shape, self._num_rows, self._num_columns)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = arrays.turned(x, adjoint_arg)
        rows = self._num_columns if adjoint else self._num_rows
        return _zeros_for(x, rows=rows, batch=self._batch_shape)

    def _to_dense(self) -> Any:
        return ops.zeros(tuple(self.shape), dtype=self.dtype)

    def _add_to_tensor(self, x: Any) -> Any:
        return arrays.spread_over(x, tuple(self.shape))

    def _diag_part(self) -> Any:
        size = min(self._num_rows, self._num_columns)
        return ops.zeros((*self._batch_shape, size), dtype=self.dtype)

    _eigvals = _diag_part

    def _everywhere(self, value: float) -> Any:
        return ops.full(self._batch_shape, value, dtype=self.dtype)

    def _trace(self) -> Any:
        return self._everywhere(0)

    def _determinant(self) -> Any:
        return self._everywhere(0)

    def _log_abs_determinant(self) -> Any:
        return self._everywhere(-np.inf)

    def _cond(self) -> Any:
        return ops.real(self._everywhere(np.nan))

    def _assert_non_singular(self) -> None:
        self._demand(np.False_, "is 0, so has no inverse")

    def _assert_positive_definite(self) -> None:
        self._demand(np.False_, "is 0, so is not positive definite")

    def _assert_self_adjoint(self) -> None:
        self._demand(np.bool_(self._num_rows == self._num_columns), "is not square, so not self-adjoint")

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorZeros(
            self._num_columns,
            self._num_rows,
            batch_shape=self._batch_shape,
            dtype=self.dtype,
            is_self_adjoint=self.is_self_adjoint,
            is_square=self.is_square,
        )


@op(name="zeros_for")
def _zeros_for(x: Any, rows: int = 0, batch: Any = ()) -> Any:
    shape = jnp.broadcast_shapes(batch, x.shape[:-2])
    return jnp.zeros((*shape, rows, x.shape[-1]), x.dtype)
