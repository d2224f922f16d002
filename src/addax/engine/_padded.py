"""`PaddedRows`: what a ragged tensor is inside of compiled code that must not be compiled anew for other rows."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine._jax import jnp
from addax.engine._pack import Composite
from addax.engine._shape import TensorShape
from addax.engine._tensor import Tensor


class PaddedRows(Composite):
    """Rows of unequal length, filled up to one width, and how long each of them is.

    Operations mean for it what they mean for the ragged tensor: what fills the rows up never counts. They are
    given their meaning by `ops/_padded_ops.py`.

    Args:
        padded: A tensor of shape `(rows, width, ...)`.
        lengths: An integer tensor of shape `(rows,)`, each at most `width`.
    """

    __array_priority__ = 200
    ragged_rank = 1
    _keras_mask: Any = None  # of shape (rows, width): what does not count although it belongs to its row

    def __init__(self, padded: Tensor, lengths: Tensor) -> None:
        self.padded, self.lengths = padded, lengths

    def _parts(self) -> tuple[tuple, Any]:
        return (self.padded, self.lengths), None

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> PaddedRows:
        return cls(*parts)

    def with_padded(self, padded: Tensor) -> PaddedRows:
        """The same rows of other values."""
        return PaddedRows(padded, self.lengths)

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the values."""
        return self.padded.dtype

    @property
    def shape(self) -> TensorShape:
        """The static shape: None for the rows' length."""
        rows, _, *rest = self.padded.shape
        return TensorShape([rows, None, *rest])

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.padded.shape)

    @property
    def valid(self) -> Tensor:
        """What belongs to a row, a boolean tensor of shape `(rows, width)`."""
        return Tensor(jnp.arange(self.padded.shape[1]) < jnp.asarray(self.lengths._value)[:, None])

    def get_shape(self) -> TensorShape:
        """The static shape."""
        return self.shape

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Tensor:
        """The lengths of the rows.

        Args:
            axis: 1, the ragged one.
            name: Accepted for TensorFlow's sake.
        """
        if axis != 1:
            raise ValueError(message("Only axis 1 has rows of unequal length here.", received=f"axis {axis}"))
        return self.lengths

    def nrows(self, out_type: Any = None, name: str | None = None) -> int:
        """The number of rows.

        Args:
            out_type: Accepted for TensorFlow's sake.
            name: Accepted for TensorFlow's sake.
        """
        return int(self.padded.shape[0])

    def __bool__(self) -> bool:
        raise TypeError(message("The truth of a ragged tensor is not defined.", hint="tf.reduce_any(rt)"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(
            message(
                f"A ragged tensor in compiled code has no '{name}': its rows are known only when the code runs.",
                received=f"shape {self.shape}",
                hint="Do this to the data, in the Dataset or before fit(); or compile(run_eagerly=True).",
            )
        )

    def __repr__(self) -> str:
        return f"<ragged tensor in compiled code, shape={self.shape}, dtype={self.dtype.name}>"

    __hash__ = object.__hash__
