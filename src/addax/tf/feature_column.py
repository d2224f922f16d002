"""`tf.feature_column`: how raw features become what a model takes; `tf.keras.layers.DenseFeatures` uses them."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.layers.columns": """
            bucketized_column categorical_column_with_hash_bucket categorical_column_with_identity
            categorical_column_with_vocabulary_file categorical_column_with_vocabulary_list crossed_column
            embedding_column indicator_column numeric_column sequence_categorical_column_with_hash_bucket
            sequence_categorical_column_with_identity sequence_categorical_column_with_vocabulary_file
            sequence_categorical_column_with_vocabulary_list sequence_numeric_column shared_embeddings
            weighted_categorical_column
        """,
        "addax.tf._feature_spec": "make_parse_example_spec",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
