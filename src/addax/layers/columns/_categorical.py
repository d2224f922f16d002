"""Feature columns of categories: each gives ids, with -1 in place of what is missing."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes
from addax.core.errors import message
from addax.engine import PaddedRows
from addax.formats import fingerprint64, join_fingerprints
from addax.layers.columns._base import (
    MISSING,
    Column,
    ParseSpec,
    dense_feature,
    feature,
    filled_up,
    is_missing,
    on_host,
    side_by_side,
)
from addax.layers.columns._numeric import BucketizedColumn
from addax.layers.preprocess._hash import buckets
from addax.layers.preprocess._host import is_probing
from addax.ops._sparse import SparseTensor

_KEY = 0xDECAFCAFFE  # what TensorFlow begins with


@dataclasses.dataclass(frozen=True)
class CategoricalColumn(Column):
    """Categories of one feature, as ids from 0 to `num_buckets`."""

    key: str

    num_buckets = 0
    dtype = "int64"

    @property
    def name(self) -> str:
        return self.key

    def keys(self) -> list[str]:
        return [self.key]

    def parse_spec(self) -> dict[str, ParseSpec]:
        return {self.key: ParseSpec(self.dtype)}

    def ids(self, features: Mapping[str, Any]) -> Any:
        """The ids of a batch, an int32 tensor of shape `(batch, values)`."""
        x = feature(features, self.key)
        if isinstance(x, SparseTensor):
            return side_by_side(x, self.ids_of_elements(x), MISSING)
        return self.ids_of_dense(x)

    def ids_of_dense(self, x: Any) -> Any:
        """The ids of a dense tensor, or of a ragged one in compiled code, of shape `(batch, values)`."""
        if isinstance(x, PaddedRows):
            x = filled_up(x, MISSING)
        self._check(x)
        return on_host(self._ids, [x], int(np.prod(x.shape[1:])))

    def ids_of_elements(self, x: SparseTensor) -> Any:
        """The ids of the elements of a sparse tensor, an int32 tensor of shape `(count,)`; none of them is missing."""
        self._check(x)
        return ops.reshape(on_host(self._ids_of_column, [ops.reshape(x.values, (-1, 1))], 1), (-1,))

    def _ids_of_column(self, values: np.ndarray) -> np.ndarray:
        return self.ids_of(values.reshape(-1, 1))

    def _check(self, x: Any) -> None:
        if is_probing():  # a file tells the shapes that a model was built with, and no dtypes
            return
        if (x.dtype == "string") != (self.dtype == "string") or x.dtype.is_floating:
            raise ValueError(
                message(
                    f"Feature '{self.key}' has another dtype than its column.",
                    expected="texts" if self.dtype == "string" else "integers",
                    received=f"dtype {x.dtype}",
                )
            )

    def _ids(self, values: np.ndarray) -> np.ndarray:
        """The ids of an array of any shape, missing values marked."""
        values = values.reshape(len(values), -1)
        return np.where(is_missing(values), MISSING, self.ids_of(values))

    def ids_of(self, values: np.ndarray) -> np.ndarray:
        """The ids of values, none of which is missing."""
        raise AssertionError("a column defines this")  # pragma: no cover


@dataclasses.dataclass(frozen=True)
class VocabularyColumn(CategoricalColumn):
    """Categories by their place in a vocabulary. See `categorical_column_with_vocabulary_list`."""

    vocabulary_list: tuple
    dtype: str = "string"
    default_value: int = -1
    num_oov_buckets: int = 0

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        """The number of ids."""
        return len(self.vocabulary_list) + self.num_oov_buckets

    def ids_of(self, values: np.ndarray) -> np.ndarray:
        size = len(self.vocabulary_list)
        places = {_plain(word): i for i, word in enumerate(self.vocabulary_list)}
        flat = values.ravel().tolist()
        found = np.array([places.get(value, size) for value in flat], "int64").reshape(values.shape)
        other = self.default_value
        if self.num_oov_buckets:
            return np.where(found < size, found, size + buckets(values, self.num_oov_buckets))
        return np.where(found < size, found, other)


def _plain(word: Any) -> Any:
    return word.encode() if isinstance(word, str) else word.item() if isinstance(word, np.generic) else word


@dataclasses.dataclass(frozen=True)
class IdentityColumn(CategoricalColumn):
    """Integers that are ids already. See `categorical_column_with_identity`."""

    number_buckets: int
    default_value: int | None = None

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        """The number of ids."""
        return self.number_buckets

    def ids_of(self, values: np.ndarray) -> np.ndarray:
        outside = (values < 0) | (values >= self.number_buckets)
        if self.default_value is not None:
            return np.where(outside, self.default_value, values)
        wrong = values[outside & ~is_missing(values)]
        if wrong.size:
            raise ValueError(
                message(
                    f"Feature '{self.key}' has values that are no ids.",
                    expected=f"integers from 0 to {self.number_buckets - 1}",
                    received=wrong.ravel()[:5].tolist(),
                    hint="Give the column a default_value, or more buckets.",
                )
            )
        return values


@dataclasses.dataclass(frozen=True)
class HashedColumn(CategoricalColumn):
    """Categories by a hash. See `categorical_column_with_hash_bucket`."""

    hash_bucket_size: int
    dtype: str = "string"

    @property
    def num_buckets(self) -> int:  # type: ignore[override]
        """The number of ids."""
        return self.hash_bucket_size

    def ids_of(self, values: np.ndarray) -> np.ndarray:
        return buckets(values, self.hash_bucket_size)


@dataclasses.dataclass(frozen=True)
class CrossedColumn(Column):
    """Combinations of categories by a hash. See `crossed_column`."""

    crossed: tuple
    hash_bucket_size: int
    hash_key: int | None = None

    @property
    def name(self) -> str:
        return "_X_".join(sorted(part if isinstance(part, str) else part.name for part in self.leaves()))

    def leaves(self) -> list:
        """What is crossed, with the parts of crosses in their places; columns before names, as TensorFlow hashes."""
        found: list = []
        for part in self.crossed:
            found.extend(part.leaves() if isinstance(part, CrossedColumn) else [part])
        return sorted(found, key=lambda part: isinstance(part, str))

    def keys(self) -> list[str]:
        return [key for part in self.leaves() for key in ([part] if isinstance(part, str) else part.keys())]

    def parse_spec(self) -> dict[str, ParseSpec]:
        found: dict[str, ParseSpec] = {}
        for part in self.leaves():
            found.update({part: ParseSpec("string")} if isinstance(part, str) else part.parse_spec())
        return found

    @property
    def num_buckets(self) -> int:
        """The number of ids."""
        return self.hash_bucket_size

    def ids(self, features: Mapping[str, Any]) -> Any:
        """The ids of all combinations of a sample's values, an int32 tensor of shape `(batch, combinations)`."""
        parts = [self._part(part, features) for part in self.leaves()]
        wrong = [str(x.dtype) for x in parts if x.dtype.is_floating]
        if wrong and not is_probing():
            raise ValueError(
                message(
                    f"Column '{self.name}' crosses texts and integers.",
                    received=f"dtypes {wrong}",
                    hint="Give it a bucketized_column in place of the key of a feature of floats.",
                )
            )
        return on_host(self._cross, parts, int(np.prod([int(np.prod(x.shape[1:])) for x in parts])))

    @staticmethod
    def _part(part: Any, features: Mapping[str, Any]) -> Any:
        if isinstance(part, str):
            return dense_feature(features, part, "crossed_column")
        if isinstance(part, BucketizedColumn):
            return part.ids(dense_feature(features, part.source_column.key, "bucketized_column"))
        return part.ids(features)

    def _cross(self, *parts: np.ndarray) -> np.ndarray:
        rows = []
        numbered = [isinstance(part, str) for part in self.leaves()]
        prints = [
            [_fingerprints(row, keep) for row in x.reshape(len(x), -1)]
            for x, keep in zip(parts, numbered, strict=True)
        ]
        for row in zip(*prints, strict=True):
            rows.append([self._bucket(combination) for combination in itertools.product(*row)])
        return np.array(rows, "int64").reshape(len(parts[0]), -1)

    def _bucket(self, combination: tuple) -> int:
        if None in combination:
            return MISSING
        joined = _KEY if self.hash_key is None else self.hash_key
        for one in combination:
            joined = join_fingerprints(joined, one)
        return joined % self.hash_bucket_size


def _fingerprints(row: np.ndarray, keep: bool) -> list:
    """Texts by their hash, integers by themselves; None for missing ids, unless the value itself is crossed."""
    if row.dtype.kind == "O":
        return [fingerprint64(value) for value in row.tolist()]
    return [None if value == MISSING and not keep else int(value) & (1 << 64) - 1 for value in row.tolist()]


@dataclasses.dataclass(frozen=True)
class WeightedColumn(Column):
    """Categories with a weight for each. See `weighted_categorical_column`."""

    categorical_column: Any
    weight_feature_key: str
    dtype: str = "float32"

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_weighted_by_{self.weight_feature_key}"

    def keys(self) -> list[str]:
        return [*self.categorical_column.keys(), self.weight_feature_key]

    def parse_spec(self) -> dict[str, ParseSpec]:
        return {**self.categorical_column.parse_spec(), self.weight_feature_key: ParseSpec(self.dtype)}

    @property
    def num_buckets(self) -> int:
        """The number of ids."""
        return self.categorical_column.num_buckets

    def ids(self, features: Mapping[str, Any]) -> Any:
        """The ids of the categories."""
        return self.categorical_column.ids(features)

    def weights(self, features: Mapping[str, Any], shape: Any) -> Any:
        """The weights of the ids, a float32 tensor of their shape; 0 where there is none."""
        x = feature(features, self.weight_feature_key)
        if isinstance(x, SparseTensor):
            return side_by_side(x, ops.cast(x.values, "float32"), 0.0)
        x = filled_up(x, 0.0) if isinstance(x, PaddedRows) else x
        weights = ops.cast(x, "float32")
        more = shape[1] - weights.shape[1] if len(weights.shape) == 2 else 0
        if more > 0:  # the ids come from a sparse tensor
            weights = ops.pad(weights, [(0, 0), (0, more)])
        return ops.reshape(weights, shape)


def integer_or_text(dtype: Any, where: str) -> str:
    """The name of a dtype of categories.

    Raises:
        ValueError: If it is neither that of texts nor one of integers.
    """
    name = dtypes.standardize(dtype).name
    if name != "string" and not dtypes.is_int(name):
        raise ValueError(
            message(
                "`dtype` is wrong.", where=where, expected="tf.string or an integer dtype", received=dtype
            )
        )
    return name
