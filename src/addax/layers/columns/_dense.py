"""Feature columns that make vectors of categories: counts, and embeddings."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from addax import initializers, ops
from addax.core.errors import message
from addax.layers.columns._base import Column, ParseSpec
from addax.layers.columns._categorical import CategoricalColumn, CrossedColumn, WeightedColumn
from addax.layers.columns._numeric import BucketizedColumn
from addax.layers.columns._sequence import SequenceCategoricalColumn

_CATEGORIES = (
    CategoricalColumn,
    CrossedColumn,
    WeightedColumn,
    BucketizedColumn,
    SequenceCategoricalColumn,
)
_COMBINERS = ("mean", "sqrtn", "sum")


@dataclasses.dataclass(frozen=True)
class IndicatorColumn(Column):
    """How often each category occurs in a sample. See `indicator_column`."""

    categorical_column: Any

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_indicator"

    def keys(self) -> list[str]:
        return self.categorical_column.keys()

    def parse_spec(self) -> dict[str, ParseSpec]:
        return self.categorical_column.parse_spec()

    def vectors(self, ids: Any, weights: Any) -> Any:
        """Counts (sums of weights), a float32 tensor of shape `(batch, num_buckets)`."""
        hot = ops.one_hot(ids, self.categorical_column.num_buckets, dtype="float32")  # -1 gives zeros
        if weights is not None:
            hot = hot * ops.expand_dims(weights, -1)
        return ops.sum(hot, axis=1)


@dataclasses.dataclass(frozen=True)
class EmbeddingColumn(Column):
    """A trained vector for each category, those of a sample combined. See `embedding_column`."""

    categorical_column: Any
    dimension: int
    combiner: str
    initializer: Any
    max_norm: float | None
    trainable: bool
    shared_name: str | None = None
    shared_buckets: int | None = None

    @property
    def name(self) -> str:
        kind = "embedding" if self.shared_name is None else "shared_embedding"
        return f"{self.categorical_column.name}_{kind}"

    def keys(self) -> list[str]:
        return self.categorical_column.keys()

    def parse_spec(self) -> dict[str, ParseSpec]:
        return self.categorical_column.parse_spec()

    @property
    def table(self) -> str:
        """What the weights are called; columns of one name share them."""
        return self.shared_name or self.name

    @property
    def rows(self) -> int:
        """The number of vectors."""
        return self.shared_buckets or self.categorical_column.num_buckets

    def vectors(self, ids: Any, weights: Any, embeddings: Any) -> Any:
        """The combined vectors, a float32 tensor of shape `(batch, dimension)`; zeros where nothing is there."""
        there = ids >= 0
        factors = ops.cast(there, "float32")
        if weights is not None:
            factors = factors * weights
            if self.combiner != "sum":
                factors = ops.where(weights > 0, factors, 0.0)
        found = ops.take(embeddings, ops.where(there, ids, 0), axis=0)
        if self.max_norm is not None:
            norms = ops.sqrt(ops.maximum(ops.sum(ops.square(found), axis=-1, keepdims=True), 1e-24))
            found = found * ops.minimum(1.0, self.max_norm / norms)
        total = ops.sum(found * ops.expand_dims(factors, -1), axis=1)
        if self.combiner == "sum":
            return total
        size = ops.sum(factors, axis=1, keepdims=True)
        if self.combiner == "sqrtn":
            size = ops.sum(ops.square(factors), axis=1, keepdims=True)
        divisor = ops.where(size > 0, size, 1.0)
        return total / (ops.sqrt(divisor) if self.combiner == "sqrtn" else divisor)


def indicator_column(categorical_column: Any) -> IndicatorColumn:
    """A vector of how often each category occurs in a sample: one-hot, if it has one value.

    Args:
        categorical_column: A column of categories.

    Raises:
        ValueError: If it is none.

    Source: `tf.feature_column.indicator_column`.

    Example:
        >>> import addax.tf as tf
        >>> color = tf.feature_column.categorical_column_with_vocabulary_list("color", ["red", "green"])
        >>> layer = tf.keras.layers.DenseFeatures([tf.feature_column.indicator_column(color)])
        >>> layer({"color": ["green", "red", "blue"]}).numpy().tolist()
        [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    return IndicatorColumn(_categories(categorical_column))


def embedding_column(
    categorical_column: Any,
    dimension: int,
    combiner: str = "mean",
    initializer: Any = None,
    ckpt_to_load_from: str | None = None,
    tensor_name_in_ckpt: str | None = None,
    max_norm: float | None = None,
    trainable: bool = True,
    use_safe_embedding_lookup: bool = True,
) -> EmbeddingColumn:
    """A trained vector for each category; a sample gets those of its values, combined.

    Args:
        categorical_column: A column of categories.
        dimension: The length of a vector.
        combiner: `"mean"`, `"sum"`, or `"sqrtn"` (the sum divided by the root of the number of values).
        initializer: An initializer; a truncated normal of deviation `1 / sqrt(dimension)` if None.
        ckpt_to_load_from: A checkpoint of TensorFlow with the vectors.
        tensor_name_in_ckpt: The variable's name in it.
        max_norm: Longer vectors are scaled down to this length.
        trainable: Whether they are trained.
        use_safe_embedding_lookup: Accepted: a sample without values always gets zeros.

    Raises:
        ValueError: If an argument is wrong.

    Source: `tf.feature_column.embedding_column`.
    """
    column = _categories(categorical_column)
    start = _initializer(initializer, dimension, combiner)
    if (ckpt_to_load_from is None) != (tensor_name_in_ckpt is None):
        raise ValueError(
            message(
                "Vectors of a checkpoint need both its name and theirs.",
                hint="Pass ckpt_to_load_from= and tensor_name_in_ckpt=.",
            )
        )
    if ckpt_to_load_from is not None:
        start = Stored(ckpt_to_load_from, str(tensor_name_in_ckpt))
    return EmbeddingColumn(column, dimension, combiner, start, max_norm, trainable)


def shared_embeddings(
    categorical_columns: Any,
    dimension: int,
    combiner: str = "mean",
    initializer: Any = None,
    shared_embedding_collection_name: str | None = None,
    ckpt_to_load_from: str | None = None,
    tensor_name_in_ckpt: str | None = None,
    max_norm: float | None = None,
    trainable: bool = True,
    use_safe_embedding_lookup: bool = True,
) -> list[EmbeddingColumn]:
    """Embedding columns of several features that share their vectors.

    Args:
        categorical_columns: Columns of categories, with the same number of ids.
        dimension: As for `embedding_column`, like the rest.
        combiner: As for `embedding_column`.
        initializer: As for `embedding_column`.
        shared_embedding_collection_name: What the vectors are called; made of the columns' names if None.
        ckpt_to_load_from: As for `embedding_column`.
        tensor_name_in_ckpt: As for `embedding_column`.
        max_norm: As for `embedding_column`.
        trainable: As for `embedding_column`.
        use_safe_embedding_lookup: As for `embedding_column`.

    Returns:
        A column for each of the given ones, in their order.

    Raises:
        ValueError: If the numbers of ids differ, or an argument is wrong.

    Source: `tf.feature_column.shared_embeddings`.
    """
    columns = [
        embedding_column(
            c, dimension, combiner, initializer, ckpt_to_load_from, tensor_name_in_ckpt, max_norm, trainable
        )
        for c in categorical_columns
    ]
    sizes = {column.rows for column in columns}
    if len(sizes) != 1:
        raise ValueError(
            message(
                "Columns that share embeddings must have the same number of ids.",
                received={c.name: c.rows for c in columns},
            )
        )
    name = (
        shared_embedding_collection_name
        or "_".join(sorted(c.categorical_column.name for c in columns)) + "_shared_embedding"
    )
    return [
        dataclasses.replace(c, shared_name=name, shared_buckets=c.rows, initializer=columns[0].initializer)
        for c in columns
    ]


@dataclasses.dataclass(frozen=True)
class Stored:
    """Initial values from a checkpoint of TensorFlow."""

    path: str
    tensor: str

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        from addax.formats import BundleReader

        reader = BundleReader(self.path)
        suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
        return reader[self.tensor if self.tensor in list(reader) else self.tensor + suffix]


def _categories(column: Any) -> Any:
    if not isinstance(column, _CATEGORIES):
        raise ValueError(
            message(
                "`categorical_column` is wrong.",
                expected="a column of categories (categorical_column_..., crossed_column, bucketized_column)",
                received=column,
            )
        )
    return column


def _initializer(initializer: Any, dimension: Any, combiner: str) -> Any:
    if not isinstance(dimension, int) or dimension < 1:
        raise ValueError(message("`dimension` is wrong.", expected="a positive integer", received=dimension))
    if combiner not in _COMBINERS:
        raise ValueError(message("`combiner` is wrong.", expected=f"one of {_COMBINERS}", received=combiner))
    if initializer is None:
        return initializers.TruncatedNormal(mean=0.0, stddev=1 / math.sqrt(dimension))
    if isinstance(initializer, type) or not callable(initializer) and not isinstance(initializer, str):
        raise ValueError(message("`initializer` is wrong.", expected="an initializer", received=initializer))
    return initializers.get(initializer)
