"""Matrices with the same elements along each diagonal."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp
from addax.tf._linear_operators import _arrays as arrays
from addax.tf._linear_operators._base import LinearOperator
from addax.tf._linear_operators._checks import broadcast_shapes, check_same_dtype, fixed, parameter

_OWNER = "LinearOperatorToeplitz"


class LinearOperatorToeplitz(LinearOperator):
    """Square matrices with the same elements along each diagonal; products are made by Fourier transforms.

    Args:
        col: The first columns, a tensor of shape `(..., n)`.
        row: The first rows, a tensor of shape `(..., n)`, whose first elements do not count.
        is_non_singular: A hint, see `LinearOperator`.
        is_self_adjoint: A hint.
        is_positive_definite: A hint.
        is_square: A hint, which can only be True.
        name: A name.

    Raises:
        TypeError: If the dtypes differ.
        ValueError: If the sizes differ, or a hint cannot be true.

    Example:
        >>> import addax.tf as tf
        >>> tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0, 3.0]).to_dense().numpy().tolist()
        [[1.0, 3.0], [2.0, 1.0]]
    """

    _ranks = {"col": 1, "row": 1}  # noqa: RUF012

    def __init__(
        self,
        col: Any,
        row: Any,
        is_non_singular: bool | None = None,
        is_self_adjoint: bool | None = None,
        is_positive_definite: bool | None = None,
        is_square: bool | None = None,
        name: str = "LinearOperatorToeplitz",
    ) -> None:
        fixed(_OWNER, "It is square.", {"is_square": (is_square, True)})
        self._col, self._row = parameter(col, _OWNER, "col", 1), parameter(row, _OWNER, "row", 1)
        dtype = check_same_dtype(_OWNER, (self._col, self._row))
        if self._col.shape[-1] != self._row.shape[-1]:
            raise ValueError(
                message(
                    f"`col` and `row` of {_OWNER} are those of a square matrix.",
                    expected="the same size",
                    received=f"shapes {tuple(self._col.shape)} and {tuple(self._row.shape)}",
                )
            )
        super().__init__(
            dtype,
            is_non_singular=is_non_singular,
            is_self_adjoint=is_self_adjoint,
            is_positive_definite=is_positive_definite,
            is_square=True,
            name=name,
        )

    @property
    def col(self) -> Any:
        """The first columns."""
        return self._col

    @property
    def row(self) -> Any:
        """The first rows."""
        return self._row

    def _shape(self) -> Any:
        size = self._col.shape[-1]
        return (*broadcast_shapes(_OWNER, self._col.shape[:-1], self._row.shape[:-1]), size, size)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return _product(self._col, self._row, arrays.turned(x, adjoint_arg), adjoint=adjoint)

    def _to_dense(self) -> Any:
        return _dense(self._col, self._row)

    def _diag_part(self) -> Any:
        first = ops.convert_to_tensor(self._col)[..., :1]
        return arrays.spread_over(first, tuple(self.shape[:-1]))

    def _trace(self) -> Any:
        first = ops.convert_to_tensor(self._col)[..., 0]
        return arrays.spread_over(operators.multiply(first, self.shape[-1]), tuple(self.batch_shape))


def _cycle(col: Any, row: Any) -> Any:
    """The column, then the row backwards without its first element: the kernel of a circulant of twice the size."""
    return jnp.concatenate([col, row[..., :0:-1]], axis=-1)


@op(name="toeplitz_product")
def _product(col: Any, row: Any, x: Any, adjoint: bool = False) -> Any:
    (col, row), x = arrays.together(jnp.asarray(col), jnp.asarray(row), 1), jnp.asarray(x)
    if adjoint:  # the element on the diagonal is that of the column
        col, row = jnp.concatenate([col[..., :1], row[..., 1:]], -1).conj(), col.conj()
    size, dtype = col.shape[-1], jnp.result_type(col, x)
    if not size:  # which has no Fourier transform
        return jnp.broadcast_to(
            x, (*jnp.broadcast_shapes(col.shape[:-1], row.shape[:-1], x.shape[:-2]), *x.shape[-2:])
        )
    spectrum = jnp.fft.fft(_cycle(col, row), axis=-1)[..., None]
    product = jnp.fft.ifft(spectrum * jnp.fft.fft(x, n=2 * size - 1, axis=-2), axis=-2)[..., :size, :]
    if jnp.issubdtype(dtype, jnp.complexfloating):
        return product.astype(dtype)
    exact = jnp.issubdtype(dtype, jnp.integer)
    return (jnp.round(product.real) if exact else product.real).astype(dtype)


@op(name="toeplitz_matrix")
def _dense(col: Any, row: Any) -> Any:
    col, row = arrays.together(jnp.asarray(col), jnp.asarray(row), 1)
    size = col.shape[-1]
    cycle, n = _cycle(col, row), jnp.arange(size)
    return cycle[..., (n[:, None] - n) % (2 * size - 1)]
