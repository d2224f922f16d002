"""What is known of an operator without computing anything: sizes, dtype, hints."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import TensorShape
from addax.tf._linear_operators._checks import contradiction


class Sized:
    """Sizes and hints of an operator; `_shape()` is what a subclass gives."""

    _is_non_singular: Any
    _is_self_adjoint: Any
    _is_positive_definite: Any
    _is_square: Any

    def _shape(self) -> Any:
        raise TypeError(message(f"{type(self).__name__} must define _shape()."))

    def _shape_tensor(self) -> Any:
        shape = tuple(self.shape)
        if None in shape:
            return ops.convert_to_tensor(ops.shape(self._to_dense()))  # type: ignore[attr-defined]
        return ops.convert_to_tensor(list(shape), "int32")

    @property
    def shape(self) -> TensorShape:
        """The shape of the matrices, `(..., rows, columns)`."""
        return TensorShape(self._shape())

    @property
    def batch_shape(self) -> TensorShape:
        """The shape without the last two axes."""
        return self.shape[:-2]

    @property
    def domain_dimension(self) -> Any:
        """The number of columns: the size of the vectors that it takes."""
        return self.shape[-1]

    @property
    def range_dimension(self) -> Any:
        """The number of rows: the size of the vectors that it gives."""
        return self.shape[-2]

    @property
    def tensor_rank(self) -> int:
        """The number of axes, 2 and those of the batch."""
        return len(self.shape)

    def shape_tensor(self, name: str = "shape_tensor") -> Any:
        """The shape as a tensor of int32."""
        return self._shape_tensor()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        """The shape without the last two axes, as a tensor of int32."""
        return self._shape_tensor()[:-2]

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Any:
        """The number of columns as a tensor of int32."""
        return self._shape_tensor()[-1]

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Any:
        """The number of rows as a tensor of int32."""
        return self._shape_tensor()[-2]

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Any:
        """The number of axes as a tensor of int32."""
        return ops.convert_to_tensor(self.tensor_rank, "int32")

    @property
    def is_non_singular(self) -> bool | None:
        """Whether it has an inverse, as far as is known."""
        return self._is_non_singular

    @property
    def is_self_adjoint(self) -> bool | None:
        """Whether it is its own conjugate transpose, as far as is known."""
        return self._is_self_adjoint

    @property
    def is_positive_definite(self) -> bool | None:
        """Whether the real part of `x^H A x` is above 0 for all x but 0, as far as is known."""
        return self._is_positive_definite

    @property
    def is_square(self) -> bool | None:
        """Whether there are as many rows as columns, from the shape or, if that is unknown, from the hint."""
        rows, columns = self.shape[-2:]
        if rows is None or columns is None:
            return self._is_square
        if rows == columns and self._is_square is False:
            raise contradiction(type(self).__name__, f"Its shape is {tuple(self.shape)}.", "is_square")
        return rows == columns if self._is_square is None else self._is_square

    def _can_use_cholesky(self) -> bool:
        return bool(self.is_self_adjoint and self.is_positive_definite)
