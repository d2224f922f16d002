"""`tf.lookup`: tables from keys to values. Those of strings live on the host, those of integers may be compiled."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, op
from addax.engine._jax import jnp
from addax.engine._unknown_texts import over_texts
from addax.formats import fingerprint64
from addax.ops._ragged import RaggedTensor


class TextFileIndex:
    """What of a line a `TextFileInitializer` takes, besides the number of a column.

    Example:
        >>> import addax.tf as tf
        >>> tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        (-2, -1)
    """

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class KeyValueTensorInitializer:
    """The content of a table, from two tensors.

    Args:
        keys: A tensor of strings or integers.
        values: A tensor of as many strings or numbers.
        key_dtype: The dtype of the keys; that of `keys` if None.
        value_dtype: The dtype of the values; that of `values` if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If they are not equally many.

    Example:
        >>> import addax.tf as tf
        >>> content = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        >>> content.key_dtype, content.value_dtype
        (tf.string, tf.int32)
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self._keys, self.key_dtype = _flat(keys, key_dtype)
        self._values, self.value_dtype = _flat(values, value_dtype)
        if len(self._keys) != len(self._values):
            raise ValueError(
                message(
                    "A table has a value for each key.",
                    expected=f"{len(self._keys)} values",
                    received=f"{len(self._values)}",
                )
            )


class TextFileInitializer(KeyValueTensorInitializer):
    r"""The content of a table, from the lines of a text file.

    Args:
        filename: The file.
        key_dtype: The dtype of the keys.
        key_index: What the key is: the number of a column, or of `TextFileIndex`.
        value_dtype: The dtype of the values.
        value_index: What the value is.
        vocab_size: How many lines count; all if None.
        delimiter: What is between columns.
        name: Accepted for TensorFlow's sake.
        value_index_offset: Added to values that are line numbers.

    Raises:
        ValueError: If a line has too few columns, or holds no number where one is wanted.

    Example:
        >>> import tempfile
        >>> import addax.tf as tf
        >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        ...     _ = file.write("red\ngreen\n")
        ...     file.flush()
        ...     lines = tf.lookup.TextFileIndex
        ...     content = tf.lookup.TextFileInitializer(
        ...         file.name, tf.string, lines.WHOLE_LINE, tf.int64, lines.LINE_NUMBER
        ...     )
        >>> tf.lookup.StaticHashTable(content, -1).lookup(tf.constant(["green", "blue"])).numpy().tolist()
        [1, -1]
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        with open(filename, "rb") as file:
            lines = file.read().splitlines()[:vocab_size]
        parts = [
            (
                _column(line, number, key_index, delimiter, 0),
                _column(line, number, value_index, delimiter, value_index_offset),
            )
            for number, line in enumerate(lines)
        ]
        keys, values = zip(*parts, strict=True) if parts else ((), ())
        super().__init__(_typed(keys, key_dtype, filename), _typed(values, value_dtype, filename))


def _column(line: bytes, number: int, index: int, delimiter: str, offset: int) -> Any:
    if index == TextFileIndex.LINE_NUMBER:
        return number + offset
    if index == TextFileIndex.WHOLE_LINE:
        return line
    columns = line.split(delimiter.encode())
    if not 0 <= index < len(columns):
        raise ValueError(
            message(
                f"Line {number + 1} has too few columns.",
                expected=f"column {index}",
                received=f"{len(columns)}",
            )
        )
    return columns[index]


def _typed(column: Any, dtype: Any, filename: Any) -> Any:
    name = dtypes.standardize(dtype).name
    found = np.empty(len(column), object)
    found[:] = column
    if name == "string":
        if any(not isinstance(x, bytes) for x in column):
            found[:] = [str(x).encode() for x in column]
        return Tensor(found)
    try:
        return np.asarray([float(x) if "float" in name else int(x) for x in column], dtypes.narrow(name))
    except (ValueError, OverflowError) as error:
        raise ValueError(
            message("A line holds no number.", expected=name, received=str(error), where=str(filename))
        ) from error


def _flat(value: Any, dtype: Any) -> tuple[np.ndarray, Any]:
    tensor = ops.convert_to_tensor(value, dtype)
    return np.asarray(tensor).reshape(-1), tensor.dtype


class StaticHashTable:
    """A table that does not change.

    Args:
        initializer: Its content: a `KeyValueTensorInitializer` or `TextFileInitializer`.
        default_value: The value of other keys.
        name: A name.
        experimental_is_anonymous: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a key has two values.

    Example:
        >>> import addax.tf as tf
        >>> table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([3, 5], [30, 50]), -1)
        >>> table.lookup(tf.constant([[5], [4]])).numpy().tolist()
        [[50], [-1]]
        >>> int(table.size())
        2
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer,
        default_value: Any,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self.name = name or "hash_table"
        self.key_dtype, self.value_dtype = initializer.key_dtype, initializer.value_dtype
        self._known: dict[Any, Any] = {}
        for key, value in zip(initializer._keys.tolist(), initializer._values.tolist(), strict=True):
            if self._known.setdefault(key, value) != value:
                raise ValueError(
                    message(f"Key {key!r} has two values.", received=f"{self._known[key]!r} and {value!r}")
                )
        default = np.asarray(ops.convert_to_tensor(default_value, self.value_dtype))
        self.default_value = Tensor(default) if default.dtype == object else ops.convert_to_tensor(default)
        self._default = default.item() if default.dtype != object else default[()]
        order = np.argsort(initializer._keys, kind="stable") if self.key_dtype != "string" else []
        self._sorted = initializer._keys[order], initializer._values[order]

    @over_texts
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys.

        Args:
            keys: A tensor of any shape, or a ragged one. In compiled code it holds integers, and the values numbers.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of the shape of `keys`.

        Raises:
            TypeError: If the keys have another dtype.
        """
        if isinstance(keys, RaggedTensor):
            return keys.with_flat_values(self.lookup(keys.flat_values))
        keys = ops.convert_to_tensor(keys)
        if (keys.dtype == "string") != (self.key_dtype == "string") or keys.dtype.is_floating:
            raise TypeError(
                message(
                    f"The keys of table '{self.name}' have another dtype.",
                    expected=str(self.key_dtype),
                    received=str(keys.dtype),
                )
            )
        if self.key_dtype != "string" and self.value_dtype != "string" and self._known:
            return _search(keys, *self._sorted, default=self._default)
        return _of_objects(np.asarray(keys), self._value, self.value_dtype)

    def _value(self, key: Any) -> Any:
        return self._known.get(key, self._default)

    def __getitem__(self, keys: Any) -> Tensor:
        return self.lookup(keys)

    def size(self, name: str | None = None) -> Tensor:
        """The number of keys, a scalar."""
        return ops.convert_to_tensor(len(self._known), "int64")

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys, and their values, as two tensors of rank 1."""
        return (
            _of_objects(_objects(self._known), lambda key: key, self.key_dtype),
            _of_objects(_objects(self._known), self._value, self.value_dtype),
        )


class StaticVocabularyTable:
    """Numbers for strings or integers: those of a table, and for others a bucket behind them, by a hash.

    Args:
        initializer: A content whose values are 0 to n - 1; None for buckets only.
        num_oov_buckets: How many buckets there are, 1 or more.
        lookup_key_dtype: The dtype of the keys; that of the content if None.
        name: A name.
        experimental_is_anonymous: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there is no bucket.

    Example:
        >>> import addax.tf as tf
        >>> words = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
        >>> table = tf.lookup.StaticVocabularyTable(words, num_oov_buckets=1)
        >>> table.lookup(tf.constant(["b", "x"])).numpy().tolist()
        [1, 2]
    """

    def __init__(
        self,
        initializer: KeyValueTensorInitializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError(
                message("The table needs buckets.", expected="num_oov_buckets >= 1", received=num_oov_buckets)
            )
        self.name = name or "vocabulary"
        self.key_dtype = dtypes.standardize(
            lookup_key_dtype or (initializer.key_dtype if initializer is not None else "string")
        )
        self._table = None if initializer is None else StaticHashTable(initializer, -1)
        self._buckets = int(num_oov_buckets)

    @over_texts
    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of keys.

        Args:
            keys: A tensor of any shape.
            name: Accepted for TensorFlow's sake.

        Returns:
            A tensor of integers of the shape of `keys`.
        """
        if isinstance(keys, RaggedTensor):
            return keys.with_flat_values(self.lookup(keys.flat_values))
        known = {} if self._table is None else self._table._known

        def number(key: Any) -> int:
            if key in known:
                return known[key]
            text = key if isinstance(key, bytes) else str(key).encode()
            return len(known) + fingerprint64(text) % self._buckets

        return _of_objects(np.asarray(ops.convert_to_tensor(keys)), number, dtypes.standardize("int64"))

    def __getitem__(self, keys: Any) -> Tensor:
        return self.lookup(keys)

    def size(self, name: str | None = None) -> Tensor:
        """The number of known keys and buckets, a scalar."""
        known = 0 if self._table is None else len(self._table._known)
        return ops.convert_to_tensor(known + self._buckets, "int64")


@op(name="table_lookup", dynamic=("default",))
def _search(keys: Any, known: Any, values: Any, default: Any = 0) -> Any:
    known, values = jnp.asarray(known), jnp.asarray(values)
    place = jnp.clip(jnp.searchsorted(known, keys), 0, known.shape[0] - 1)
    return jnp.where(known[place] == keys, values[place], jnp.asarray(default, values.dtype))


def _objects(keys: Any) -> np.ndarray:
    found = np.empty(len(keys), object)
    found[:] = list(keys)
    return found


def _of_objects(keys: np.ndarray, value: Any, dtype: Any) -> Tensor:
    """A function of each key, as a tensor."""
    name = dtypes.standardize(dtype).name
    found = np.empty(keys.shape, object if name == "string" else dtypes.narrow(name))
    found.ravel()[:] = [value(key) for key in keys.ravel().tolist()]
    return Tensor(found) if found.dtype == object else ops.convert_to_tensor(found)
