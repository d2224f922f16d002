"""`tf.lookup.experimental`: tables that change. Their content is on the host; compiled code calls back to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, TensorSpec
from addax.tf._python import numpy_function


class MutableHashTable:
    """A table that keys are put into and taken out of.

    Args:
        key_dtype: The dtype of the keys: strings or integers.
        value_dtype: The dtype of the values.
        default_value: The value of keys that are not there; its shape is that of each value.
        name: A name.
        checkpoint: Accepted for TensorFlow's sake: checkpoints do not hold it. `export` gives what is to be saved.
        experimental_is_anonymous: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int32, default_value=-1)
        >>> table.insert(["a", "b"], [1, 2])
        >>> table.lookup(["b", "c"]).numpy().tolist(), int(table.size())
        ([2, -1], 2)
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self.key_dtype, self.value_dtype = dtypes.standardize(key_dtype), dtypes.standardize(value_dtype)
        self.name = name
        self._default = _array(default_value, self.value_dtype)
        self._values: dict[Any, Any] = {}

    def lookup(self, keys: Any, dynamic_default_values: Any = None, name: str | None = None) -> Tensor:
        """The values of keys.

        Args:
            keys: A tensor of any shape.
            dynamic_default_values: The values of those that are not there, one for each key, in place of the default.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of the shape of `keys`, and behind it that of a value.

        Raises:
            TypeError: If the keys have another dtype.
        """
        keys = self._keys(keys)
        shape = (*keys.shape, *self._default.shape)
        given = [] if dynamic_default_values is None else [self._as_values(dynamic_default_values)]
        return numpy_function(self._find, [keys, *given], TensorSpec(shape, self.value_dtype))

    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Put keys in, with their values; those that are there get new ones.

        Args:
            keys: A tensor of any shape.
            values: A tensor of the shape of `keys`, and behind it that of a value.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the keys have another dtype.
            ValueError: If the values have another shape.
        """
        keys, values = self._keys(keys), self._as_values(values)
        wanted = (*keys.shape, *self._default.shape)
        if tuple(values.shape) != wanted:
            raise ValueError(
                message(
                    f"The values of table '{self.name}' have another shape.",
                    expected=wanted,
                    received=tuple(values.shape),
                )
            )
        numpy_function(self._put, [keys, values], [])

    insert_or_assign = insert

    def remove(self, keys: Any, name: str | None = None) -> None:
        """Take keys out; those that are not there do not matter.

        Args:
            keys: A tensor of any shape.
            name: Accepted for TensorFlow's sake.

        Raises:
            TypeError: If the keys have another dtype.
        """
        numpy_function(self._drop, [self._keys(keys)], [])

    erase = remove

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, a scalar."""
        return numpy_function(lambda: np.asarray(len(self._values)), [], TensorSpec((), "int64"))

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values, as two tensors."""
        keys = _array(list(self._values), self.key_dtype)
        values = np.empty((len(keys), *self._default.shape), self._default.dtype)
        for i, value in enumerate(self._values.values()):
            values[i, ...] = value
        return Tensor(keys), Tensor(values)

    def __getitem__(self, keys: Any) -> Tensor:
        return self.lookup(keys)

    def __setitem__(self, keys: Any, values: Any) -> None:
        self.insert(keys, values)

    # On the host ------------------------------------------------------------------------------------------
    def _find(self, keys: np.ndarray, defaults: np.ndarray | None = None) -> np.ndarray:
        flat = keys.ravel().tolist()
        found = np.empty((len(flat), *self._default.shape), self._default.dtype)
        others = None if defaults is None else defaults.reshape(found.shape)
        for i, key in enumerate(flat):
            found[i, ...] = self._values.get(key, self._default if others is None else others[i])
        return found.reshape((*keys.shape, *self._default.shape))

    def _put(self, keys: np.ndarray, values: np.ndarray) -> None:
        rows = values.reshape((keys.size, *self._default.shape))
        self._values.update(zip(keys.ravel().tolist(), list(rows), strict=True))

    def _drop(self, keys: np.ndarray) -> None:
        for key in keys.ravel().tolist():
            self._values.pop(key, None)

    # Arguments -------------------------------------------------------------------------------------------
    def _keys(self, keys: Any) -> Tensor:
        found = ops.convert_to_tensor(keys)
        kinds = [dtypes.narrow(d.name) for d in (found.dtype, self.key_dtype)]
        if kinds[0] != kinds[1]:
            raise TypeError(
                message(
                    f"The keys of table '{self.name}' have another dtype.",
                    expected=str(self.key_dtype),
                    received=str(found.dtype),
                )
            )
        return found

    def _as_values(self, values: Any) -> Tensor:
        return ops.convert_to_tensor(values, dtypes.narrow(self.value_dtype.name))


class DenseHashTable(MutableHashTable):
    """A table that keys are put into and taken out of, but for two keys.

    Args:
        key_dtype: The dtype of the keys: strings or integers.
        value_dtype: The dtype of the values.
        default_value: The value of keys that are not there; its shape is that of each value.
        empty_key: A key that is never put in.
        deleted_key: Another one.
        initial_num_buckets: Accepted for TensorFlow's sake: the table grows with its content.
        name: A name.
        checkpoint: As for `MutableHashTable`.
        experimental_is_anonymous: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If both keys are the same.

    Example:
        >>> import addax.tf as tf
        >>> table = tf.lookup.experimental.DenseHashTable(tf.int32, tf.int32, -1, empty_key=0, deleted_key=-1)
        >>> table.insert([7], [70])
        >>> table[7].numpy().item()
        70
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: Any = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        super().__init__(key_dtype, value_dtype, default_value, name)
        self._never = {_array(key, self.key_dtype).item() for key in (empty_key, deleted_key)}
        if len(self._never) != 2:
            raise ValueError(
                message(
                    "The empty key and the deleted key are the same.",
                    received=f"{empty_key!r}, {deleted_key!r}",
                )
            )

    def _put(self, keys: np.ndarray, values: np.ndarray) -> None:
        wrong = self._never.intersection(keys.ravel().tolist())
        if wrong:
            raise ValueError(
                message(
                    f"This key cannot be put into table '{self.name}': it stands for empty or deleted places.",
                    received=wrong.pop(),
                    hint="Choose an empty_key and a deleted_key that do not occur.",
                )
            )
        super()._put(keys, values)


def _array(value: Any, dtype: Any) -> np.ndarray:
    if dtype == "string":
        return np.asarray(ops.convert_to_tensor(value, dtype) if np.size(value) else np.empty(0, object))
    return np.asarray(value, dtypes.numpy_dtype(dtypes.narrow(dtype.name)))
