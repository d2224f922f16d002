"""`TensorArray`: a list of tensors that loops over tensors can write to."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import _operators
from addax.engine._control import Undefined
from addax.engine._errors import ShapeNeedsValue
from addax.engine._jax import jnp
from addax.engine._op import op
from addax.engine._pack import Composite
from addax.engine._shape import TensorShape
from addax.engine._staging import staged
from addax.engine._tensor import Tensor


@op(name="tensor_array_write")
def _set_rows(x: Any, index: Any, value: Any) -> Any:
    """`x` with the rows at `index` replaced by `value`."""
    return jnp.asarray(x).at[index].set(value)


@op(lists=("x",), name="tensor_array_concat")
def _concat(x: Any) -> Any:
    """Tensors joined along their first axis."""
    return jnp.concatenate([jnp.asarray(v) for v in x])


class TensorArray(Composite):
    """A list of tensors of one dtype, to be filled by position and stacked.

    Every method that changes it returns the changed array, which is the one to go on with.

    Args:
        dtype: The dtype of the elements.
        size: The number of elements.
        dynamic_size: Whether writing behind the end makes it longer; not in compiled loops, whose arrays have
            a fixed size (a `function` that needs it runs op by op).
        clear_after_read: Accepted for TensorFlow's sake.
        tensor_array_name: Accepted for TensorFlow's sake.
        handle: Accepted for TensorFlow's sake.
        flow: Accepted for TensorFlow's sake.
        infer_shape: Whether all elements must have one shape.
        element_shape: The shape of the elements, if it is known beforehand.
        colocate_with_first_write_call: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> ta = tf.TensorArray(tf.float32, size=3)
        >>> for i in range(3):
        ...     ta = ta.write(i, float(i) ** 2)
        >>> ta.stack().numpy()
        array([0., 1., 4.], dtype=float32)
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self.dtype = dtypes.standardize(dtype)
        self.dynamic_size = bool(dynamic_size)
        self._infer_shape = infer_shape
        self._element_shape = None if element_shape is None else TensorShape(element_shape)
        if staged(size):
            raise ShapeNeedsValue("The size of a TensorArray must be known when the function is compiled.")
        self._items: list | None = [None] * int(size or 0)
        self._rows: Any = None  # all elements as one tensor, once something was written at a traced position

    # As a part of the state of a loop
    def _parts(self) -> tuple[tuple, Any]:
        rows = self._rows if self._items is None else self._stacked()
        shape = None if self._element_shape is None else tuple(self._element_shape)
        return (rows,), (self.dtype, self.dynamic_size, self._infer_shape, shape, len(self))

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> TensorArray:
        dtype, dynamic, infer, shape, size = rest
        new = cls(dtype, size, dynamic, infer_shape=infer, element_shape=shape)
        if not isinstance(parts[0], Undefined):
            new._items, new._rows = None, parts[0]
        return new

    def _stacked(self) -> Any:
        items = self._items
        assert items is not None
        known = next((x for x in items if x is not None), None)
        shape = None if known is None else tuple(known.shape)
        if known is None and self._element_shape is not None and self._element_shape.is_fully_defined():
            shape = tuple(self._element_shape)
        if shape is None or not items:
            return Undefined("an element of a TensorArray", "is read before it is written")
        empty = np.zeros(shape, dtypes.numpy_dtype(dtypes.narrow(self.dtype.name)))
        return _operators.stack([empty if x is None else x for x in items])

    def _changed(self, items: list | None, rows: Any = None) -> TensorArray:
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new._items, new._rows = items, rows
        return new

    # Writing
    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with `value` at position `index`.

        Raises:
            ValueError: If the position is behind the end of an array of fixed size, or the shape does not fit.
        """
        value = self._element(value)
        if not staged(index) and self._items is not None:
            return self._changed(self._written(int(index), value))
        if self.dynamic_size:
            raise ShapeNeedsValue("A TensorArray with dynamic_size=True cannot grow inside compiled code.")
        rows = self._rows if self._items is None else self._stacked()
        if isinstance(rows, Undefined):
            rows = np.zeros((len(self), *value.shape), dtypes.numpy_dtype(value.dtype))
        return self._changed(None, _set_rows(rows, index, value))

    def _element(self, value: Any) -> Any:
        value = _operators.cast(value, self.dtype)
        if self._element_shape is not None and not self._element_shape.is_compatible_with(value.shape):
            raise ValueError(
                message(
                    "The value has another shape than the elements of this TensorArray.",
                    expected=str(self._element_shape),
                    received=str(value.shape),
                )
            )
        return value

    def _written(self, index: int, value: Any) -> list:
        items = list(self._items or [])
        if index >= len(items):
            if not self.dynamic_size:
                raise ValueError(
                    f"Tried to write to index {index} but array is not resizeable and size is: {len(items)}"
                )
            items.extend([None] * (index + 1 - len(items)))
        known = next((x for x in items if x is not None), None)
        if self._infer_shape and known is not None and tuple(known.shape) != tuple(value.shape):
            raise ValueError(
                message(
                    "The value has another shape than the elements written before.",
                    expected=str(known.shape),
                    received=str(value.shape),
                )
            )
        items[index] = value
        return items

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` as its elements."""
        value = _operators.cast(value, self.dtype)
        return self._changed(None, value)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` at the positions `indices`."""
        value = _operators.cast(value, self.dtype)
        if staged(indices) or self._items is None:
            rows = self._rows if self._items is None else self._stacked()
            if isinstance(rows, Undefined):
                rows = np.zeros((len(self), *value.shape[1:]), dtypes.numpy_dtype(value.dtype))
            return self._changed(None, _set_rows(rows, indices, value))
        new = self
        for row, index in enumerate(np.asarray(indices).tolist()):
            new = new.write(index, value[row])
        return new

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array with pieces of `value`, of `lengths` along its first axis, as its elements."""
        value = _operators.cast(value, self.dtype)
        ends = np.cumsum(np.asarray(lengths)).tolist()
        items = [
            value[end - length : end] for end, length in zip(ends, np.asarray(lengths).tolist(), strict=True)
        ]
        return self._changed(items)

    # Reading
    def read(self, index: Any, name: str | None = None) -> Any:
        """The element at `index`.

        Raises:
            ValueError: If nothing was written there.
        """
        if self._items is None or staged(index):
            rows = self._rows if self._items is None else self._stacked()
            if isinstance(rows, Undefined):
                raise rows.error()
            return rows[index]
        position = int(index)
        if position >= len(self._items):
            raise ValueError(f"Tried to read from index {position} but array size is: {len(self._items)}")
        item = self._items[position]
        if item is None:
            raise ValueError(f"Could not read index {position} twice or before it was written.")
        return item

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor; what was never written is zero."""
        rows = self._rows if self._items is None else self._stacked()
        if not isinstance(rows, Undefined):
            return rows
        shape = () if self._element_shape is None else tuple(d or 0 for d in self._element_shape)
        return Tensor(np.zeros((len(self), *shape), dtypes.numpy_dtype(dtypes.narrow(self.dtype.name))))

    def concat(self, name: str | None = None) -> Any:
        """All elements joined along their first axis."""
        return _concat([self.read(i) for i in range(len(self))])

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The elements at some positions as one tensor."""
        return self.stack()[indices if isinstance(indices, Tensor) else np.asarray(indices)]

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, a scalar of dtype int32."""
        return Tensor(np.asarray(len(self), np.int32))

    def identity(self) -> TensorArray:
        """The array itself."""
        return self

    def mark_used(self) -> None:
        """Does nothing: elements that are not used are no error."""

    def close(self, name: str | None = None) -> None:
        """Does nothing: memory is freed by itself."""

    @property
    def element_shape(self) -> TensorShape | None:
        """The shape of the elements, None if it is not known yet."""
        if self._element_shape is not None:
            return self._element_shape
        rows = self._rows if self._items is None else self._stacked()
        return None if isinstance(rows, Undefined) else TensorShape(rows.shape[1:])

    def __len__(self) -> int:
        return len(self._items) if self._items is not None else self._rows.shape[0]

    def __repr__(self) -> str:
        return (
            f"<tf.TensorArray size={len(self)}, dtype={self.dtype.name}, element_shape={self.element_shape}>"
        )
