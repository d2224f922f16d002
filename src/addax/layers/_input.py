"""`Input` and `InputLayer`: where data enters a model."""

from __future__ import annotations

from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Node, SymbolicTensor, TensorShape
from addax.layers._layer import Layer


class InputLayer(Layer):
    """The start of a model: a place for data of a known shape.

    Args:
        shape: The shape without the batch dimension; None for unknown dimensions.
        batch_size: The batch size, None for any.
        dtype: The dtype of the data.
        sparse: Whether the data may be sparse.
        ragged: Whether the data may be ragged.
        batch_shape: The shape with the batch dimension, in place of `shape`.
        input_tensor: A symbolic tensor to wrap.
        optional: Whether None may be passed.
        name: A name; `input_layer` if None.
        **kwargs: `input_shape` and `batch_input_shape`, tf.keras's names.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name)
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        if kwargs:
            raise TypeError(f"InputLayer() got unknown arguments {sorted(kwargs)}.")
        if input_tensor is not None:
            if not isinstance(input_tensor, SymbolicTensor):
                raise ValueError(message("`input_tensor` must be symbolic.", received=input_tensor))
            batch_shape, dtype = input_tensor.shape, input_tensor.dtype
        self._batch_shape = _full_shape(shape, batch_shape, batch_size)
        self._input_dtype = dtypes.standardize(dtype)
        self.batch_size = self._batch_shape[0] if self._batch_shape else None
        self.sparse, self.ragged, self.optional = bool(sparse), bool(ragged), optional
        self.built = True
        tensor = SymbolicTensor(
            self._batch_shape, self._input_dtype, self.sparse, self.ragged, name=self.name
        )
        if input_tensor is not None:
            tensor = input_tensor
        Node(self, (), {}, tensor)

    def call(self) -> None:
        """Never called: data enters through the model."""
        return

    @property
    def batch_shape(self) -> TensorShape:
        """The shape with the batch dimension."""
        return self._batch_shape

    @property
    def dtype(self) -> Any:
        """The dtype of the data."""
        return self._input_dtype

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "batch_shape": list(self._batch_shape),
            "dtype": str(self._input_dtype),
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def _full_shape(shape: Any, batch_shape: Any, batch_size: int | None) -> TensorShape:
    if shape is not None and batch_shape is not None:
        raise ValueError("Give either `shape` (without the batch dimension) or `batch_shape`, not both.")
    if batch_shape is not None:
        return TensorShape(batch_shape)
    if shape is None:
        raise ValueError(
            message("An Input needs a shape.", expected="shape=(...) without the batch dimension")
        )
    if isinstance(shape, int):
        raise ValueError(
            message(
                "`shape` must be a tuple.", expected=f"shape=({shape},)", received=shape, hint="Add a comma."
            )
        )
    return TensorShape((batch_size, *shape))


def Input(  # noqa: N802
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
    **kwargs: Any,
) -> Any:
    """A symbolic tensor for the data that a model takes.

    Args:
        shape: The shape of one sample, `(32,)` for vectors of 32; None for unknown dimensions.
        batch_size: The batch size, None for any.
        dtype: The dtype, the float dtype of the settings if None; `"string"` for text.
        sparse: Whether the data may be sparse.
        ragged: Whether the data may be ragged.
        batch_shape: The shape with the batch dimension, in place of `shape`.
        name: A name, by which dict inputs find it.
        tensor: A symbolic tensor to use.
        optional: Whether None may be passed.
        **kwargs: `batch_input_shape`, tf.keras's name.

    Returns:
        A symbolic tensor of shape `(batch_size, *shape)`.

    Raises:
        ValueError: If there is no shape, or two.

    Example:
        >>> import addax as keras
        >>> keras.Input((28, 28, 1)).shape
        TensorShape([None, 28, 28, 1])
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
        **kwargs,
    )
    return layer.output
