"""Feature columns, as `tf.feature_column` has them, and the layer that makes dense tensors of them."""

from addax.layers.columns._base import Column, ParseSpec
from addax.layers.columns._dense import embedding_column, indicator_column, shared_embeddings
from addax.layers.columns._layer import DenseFeatures
from addax.layers.columns._make_categorical import (
    categorical_column_with_hash_bucket,
    categorical_column_with_identity,
    categorical_column_with_vocabulary_file,
    categorical_column_with_vocabulary_list,
    crossed_column,
    weighted_categorical_column,
)
from addax.layers.columns._numeric import bucketized_column, numeric_column
from addax.layers.columns._sequence import (
    sequence_categorical_column_with_hash_bucket,
    sequence_categorical_column_with_identity,
    sequence_categorical_column_with_vocabulary_file,
    sequence_categorical_column_with_vocabulary_list,
    sequence_numeric_column,
)
from addax.layers.columns._sequence_layer import SequenceFeatures

__all__ = [
    "Column",
    "DenseFeatures",
    "ParseSpec",
    "SequenceFeatures",
    "bucketized_column",
    "categorical_column_with_hash_bucket",
    "categorical_column_with_identity",
    "categorical_column_with_vocabulary_file",
    "categorical_column_with_vocabulary_list",
    "crossed_column",
    "embedding_column",
    "indicator_column",
    "numeric_column",
    "sequence_categorical_column_with_hash_bucket",
    "sequence_categorical_column_with_identity",
    "sequence_categorical_column_with_vocabulary_file",
    "sequence_categorical_column_with_vocabulary_list",
    "sequence_numeric_column",
    "shared_embeddings",
    "weighted_categorical_column",
]
