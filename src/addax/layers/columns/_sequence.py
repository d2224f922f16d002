"""Feature columns of sequences: their steps stay apart, for a recurrent layer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.engine import PaddedRows
from addax.layers.columns import _make_categorical as make
from addax.layers.columns._base import (
    MISSING,
    Column,
    ParseSpec,
    feature,
    filled_up,
    in_place,
    is_missing,
    on_host,
)
from addax.layers.columns._numeric import NumericColumn, numeric_column
from addax.ops._sparse import SparseTensor


@dataclasses.dataclass(frozen=True)
class SequenceCategoricalColumn(Column):
    """Categories of the steps of a sequence. See `sequence_categorical_column_with_identity`."""

    categorical_column: Any

    @property
    def name(self) -> str:
        return self.categorical_column.name

    def keys(self) -> list[str]:
        return self.categorical_column.keys()

    def parse_spec(self) -> dict[str, ParseSpec]:
        return self.categorical_column.parse_spec()

    @property
    def num_buckets(self) -> int:
        """The number of ids."""
        return self.categorical_column.num_buckets

    def ids(self, features: Mapping[str, Any]) -> Any:
        """The ids of the steps, an int32 tensor of shape `(batch, steps, values)`, -1 where there is none."""
        column = self.categorical_column
        x = feature(features, column.key)
        if isinstance(x, SparseTensor):
            found = in_place(x, column.ids_of_elements(x), MISSING)
        else:
            shape = tuple((x.padded if isinstance(x, PaddedRows) else x).shape)
            found = ops.reshape(column.ids_of_dense(x), shape)
        return found if len(found.shape) > 2 else ops.expand_dims(found, -1)

    def lengths(self, features: Mapping[str, Any]) -> Any:
        """The number of steps of each sequence, an int32 tensor of shape `(batch,)`."""
        x = feature(features, self.categorical_column.key)
        if isinstance(x, SparseTensor):
            return _last_places(x)
        if isinstance(x, PaddedRows):
            return x.lengths
        return on_host(_dense_lengths, [x], 1)[:, 0]


def _dense_lengths(values: np.ndarray) -> np.ndarray:
    """The place behind the last value that is not missing, for each row."""
    there: Any = np.logical_not(is_missing(values))
    there = there.reshape(*there.shape[:2], -1).any(-1)
    last = there.shape[1] - np.argmax(there[:, ::-1], axis=1)
    return np.where(there.any(1), last, 0)[:, None]


def _last_places(x: SparseTensor) -> np.ndarray:
    lengths = np.zeros(int(x._shape[0]), np.int32)
    np.maximum.at(lengths, x._places[:, 0], x._places[:, 1] + 1)
    return lengths


@dataclasses.dataclass(frozen=True)
class SequenceNumericColumn(Column):
    """Numbers of the steps of a sequence. See `sequence_numeric_column`."""

    source_column: NumericColumn

    @property
    def name(self) -> str:
        return self.source_column.name

    def keys(self) -> list[str]:
        return self.source_column.keys()

    def parse_spec(self) -> dict[str, ParseSpec]:
        return {self.source_column.key: ParseSpec(self.source_column.dtype)}

    def steps(self, features: Mapping[str, Any]) -> tuple[Any, Any]:
        """The numbers, float32 of shape `(batch, steps, size)`, and the number of steps of each sequence."""
        column = self.source_column
        x = feature(features, column.key)
        if isinstance(x, PaddedRows):
            values = ops.cast(x, "float32")
            if column.normalizer_fn is not None:
                values = ops.cast(column.normalizer_fn(values), "float32")
            return self._grouped(filled_up(values, column.default_value), x.lengths)
        if not isinstance(x, SparseTensor):
            raise ValueError(
                message(
                    f"Feature '{column.key}' of a sequence must be sparse or ragged, so that it says where it ends.",
                    expected="a tf.SparseTensor (tf.io.VarLenFeature) or a tf.RaggedTensor",
                    received=f"a tensor of shape {tuple(x.shape)}",
                )
            )
        values = ops.cast(x.values, "float32")
        if column.normalizer_fn is not None:
            values = ops.cast(column.normalizer_fn(values), "float32")
        return self._grouped(in_place(x, values, column.default_value), _last_places(x))

    def _grouped(self, dense: Any, lengths: Any) -> tuple[Any, Any]:
        """The numbers of each step together."""
        column, size = self.source_column, self.source_column.size
        if len(dense.shape) == 2 and dense.shape[1] % size:
            raise ValueError(
                message(
                    f"Feature '{column.key}' has not {size} numbers for each step.",
                    expected=f"a multiple of {size}, the product of the column's shape {column.shape}",
                    received=f"shape {tuple(dense.shape)}",
                )
            )
        if len(dense.shape) == 2 and size > 1:
            lengths = (lengths + (size - 1)) // size
        return ops.reshape(dense, (dense.shape[0], -1, size)), lengths


def sequence_numeric_column(
    key: str, shape: Any = (1,), default_value: float = 0.0, dtype: Any = "float32", normalizer_fn: Any = None
) -> SequenceNumericColumn:
    """A column of the numbers of a sequence, for `tf.keras.experimental.SequenceFeatures`.

    Args:
        key: The feature's name; the feature is sparse or ragged, of shape `(batch, steps)`.
        shape: How many numbers a step has: an integer or a tuple.
        default_value: What fills up shorter sequences.
        dtype: The dtype in which it is read from an `Example`.
        normalizer_fn: A function of the numbers, or None.

    Raises:
        ValueError: If the shape or the dtype is wrong.
        TypeError: If the normalizer cannot be called.

    Source: `tf.feature_column.sequence_numeric_column`.
    """
    return SequenceNumericColumn(numeric_column(key, shape, float(default_value), dtype, normalizer_fn))


def sequence_categorical_column_with_identity(
    key: str, num_buckets: int, default_value: int | None = None
) -> SequenceCategoricalColumn:
    """A column of the categories of a sequence, which are ids already, for `tf.keras.experimental.SequenceFeatures`.

    Wrap it in `embedding_column` or `indicator_column`.

    Args:
        key: The feature's name.
        num_buckets: Ids are smaller than this.
        default_value: The id of other values; if None they are an error.

    Source: `tf.feature_column.sequence_categorical_column_with_identity`.
    """
    return SequenceCategoricalColumn(make.categorical_column_with_identity(key, num_buckets, default_value))


def sequence_categorical_column_with_hash_bucket(
    key: str, hash_bucket_size: int, dtype: Any = "string"
) -> SequenceCategoricalColumn:
    """A column of the categories of a sequence, by a hash. See `sequence_categorical_column_with_identity`.

    Args:
        key: The feature's name.
        hash_bucket_size: The number of ids.
        dtype: The dtype of the feature: texts or integers.

    Source: `tf.feature_column.sequence_categorical_column_with_hash_bucket`.
    """
    return SequenceCategoricalColumn(make.categorical_column_with_hash_bucket(key, hash_bucket_size, dtype))


def sequence_categorical_column_with_vocabulary_list(
    key: str, vocabulary_list: Any, dtype: Any = None, default_value: int = -1, num_oov_buckets: int = 0
) -> SequenceCategoricalColumn:
    """A column of the categories of a sequence, from a list. See `sequence_categorical_column_with_identity`.

    Args:
        key: The feature's name.
        vocabulary_list: Texts or integers, none of them twice.
        dtype: The dtype of the feature; that of the list if None.
        default_value: The id of what is not in the list; -1 leaves it out.
        num_oov_buckets: Instead of that, so many ids behind the list, which such values share by a hash.

    Source: `tf.feature_column.sequence_categorical_column_with_vocabulary_list`.
    """
    return SequenceCategoricalColumn(
        make.categorical_column_with_vocabulary_list(
            key, vocabulary_list, dtype, default_value, num_oov_buckets
        )
    )


def sequence_categorical_column_with_vocabulary_file(
    key: str,
    vocabulary_file: str,
    vocabulary_size: int | None = None,
    num_oov_buckets: int = 0,
    default_value: int | None = None,
    dtype: Any = "string",
) -> SequenceCategoricalColumn:
    """A column of the categories of a sequence, from a file. See `sequence_categorical_column_with_identity`.

    Args:
        key: The feature's name.
        vocabulary_file: The name of a text file, a category in each line.
        vocabulary_size: How many lines count; all if None.
        num_oov_buckets: So many ids behind those of the file, for what is not in it.
        default_value: Instead of that, the id of what is not in the file; left out if None.
        dtype: The dtype of the feature.

    Source: `tf.feature_column.sequence_categorical_column_with_vocabulary_file`.
    """
    return SequenceCategoricalColumn(
        make.categorical_column_with_vocabulary_file(
            key, vocabulary_file, vocabulary_size, dtype, default_value, num_oov_buckets
        )
    )
