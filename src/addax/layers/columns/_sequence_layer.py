"""`SequenceFeatures`: feature columns of sequences as a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.layers.columns._dense import EmbeddingColumn, IndicatorColumn
from addax.layers.columns._layer import _READY, ColumnsLayer, Prepared
from addax.layers.columns._sequence import SequenceCategoricalColumn, SequenceNumericColumn
from addax.layers.preprocess._host import known


class PreparedSequence(Prepared):
    """The ids or numbers of the steps, and how many there are."""

    _public_name = "SequenceFeatures"

    def _add(self, column: Any, features: Mapping[str, Any], found: dict[str, Any]) -> None:
        if isinstance(column, SequenceNumericColumn):
            found[f"number:{column.name}"], lengths = column.steps(features)
        else:
            categories = column.categorical_column
            found[f"ids:{categories.name}"] = categories.ids(features)
            lengths = categories.lengths(features)
        lengths = ops.convert_to_tensor(lengths, "int32")
        first = found.setdefault("lengths", lengths)
        expected, received = known(first), known(lengths)
        if expected is not None and received is not None and not np.array_equal(expected, received):
            raise ValueError(
                message(
                    "The features of a sequence differ in length.",
                    where=self.path,
                    expected=f"lengths {expected.tolist()}, as '{self._columns[0].name}' has",
                    received=f"lengths {received.tolist()} of '{column.name}'",
                )
            )


class SequenceFeatures(ColumnsLayer):
    """Feature columns of sequences as one dense tensor, for a recurrent layer; columns are sorted by name.

    Args:
        feature_columns: `sequence_numeric_column`s, and embedding and indicator columns of
            `sequence_categorical_column_with_...`.
        trainable: Whether embeddings are trained.
        name: The name.
        **kwargs: Arguments of `Layer`.

    Call arguments:
        features: A dict from the features' names to sparse or ragged tensors of shape `(batch, steps)`; those of
            categories may be dense, with empty texts or -1 behind the last step.

    Returns:
        The numbers, a float32 tensor of shape `(batch, steps, size)`, and the number of steps of each sequence, an
        int32 tensor of shape `(batch,)`, which `tf.sequence_mask` makes a mask of.

    Raises:
        ValueError: If a column is none of sequences, two have the same name, or sequences differ in length.

    Source: `tf.keras.experimental.SequenceFeatures`.

    Example:
        >>> import addax.tf as tf
        >>> words = tf.feature_column.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"])
        >>> layer = tf.keras.experimental.SequenceFeatures([tf.feature_column.indicator_column(words)])
        >>> steps, lengths = layer({"words": tf.ragged.constant([["b"], ["a", "b"]])})
        >>> steps.numpy().tolist(), lengths.numpy().tolist()
        ([[[0.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]], [1, 2])
    """

    _prepared_class = PreparedSequence

    def _check(self, column: Any) -> None:
        wraps = isinstance(column, (EmbeddingColumn, IndicatorColumn)) and isinstance(
            column.categorical_column, SequenceCategoricalColumn
        )
        if not wraps and not isinstance(column, SequenceNumericColumn):
            raise ValueError(
                message(
                    "SequenceFeatures takes columns of sequences.",
                    expected="sequence_numeric_column, or embedding_column or indicator_column of a "
                    "sequence_categorical_column_with_...",
                    received=column,
                )
            )

    def call(self, features: Mapping[str, Any]) -> tuple[Any, Any]:
        """The columns side by side, and the lengths."""
        found = features[_READY]
        return ops.concatenate([self._column(column, found) for column in self._columns], axis=-1), found[
            "lengths"
        ]

    def _column(self, column: Any, found: Mapping[str, Any]) -> Any:
        if isinstance(column, SequenceNumericColumn):
            return found[f"number:{column.name}"]
        ids = found[f"ids:{column.categorical_column.name}"]
        batch, steps, values = ids.shape
        flat = self._vectors(column, ops.reshape(ids, (-1, values)))
        return ops.reshape(flat, (batch, steps, flat.shape[-1]))
