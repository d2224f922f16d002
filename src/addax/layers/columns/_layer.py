"""`DenseFeatures`: feature columns as a layer. What needs the host is a layer of its own, inside of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.columns._base import Column, feature
from addax.layers.columns._categorical import WeightedColumn
from addax.layers.columns._dense import EmbeddingColumn, IndicatorColumn
from addax.layers.columns._numeric import BucketizedColumn, NumericColumn
from addax.layers.preprocess._host import HostLayer, tensors_of

_READY = "feature_columns:ready"  # the key by which features are known that went through the host already
_DENSE = (NumericColumn, BucketizedColumn, IndicatorColumn, EmbeddingColumn)


class _Prepared(HostLayer):
    """Features as numbers: ids of categories, their weights, and the numeric features as they are."""

    def __init__(self, columns: list[Column], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._columns = columns
        self.trainable = False

    def call(self, features: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for column in self._columns:
            if isinstance(column, (NumericColumn, BucketizedColumn)):
                key = column.keys()[0]
                found[f"number:{key}"] = feature(features, key)
                continue
            categories = column.categorical_column  # type: ignore[attr-defined]
            if isinstance(categories, BucketizedColumn):
                ids = categories.ids(feature(features, categories.source_column.key))
            else:
                ids = categories.ids(features)
            found[f"ids:{categories.name}"] = ids
            if isinstance(categories, WeightedColumn):
                weights = ops.cast(feature(features, categories.weight_feature_key), "float32")
                found[f"weights:{categories.name}"] = ops.reshape(weights, ids.shape)
        return {_READY: found}


class DenseFeatures(Layer):
    """Feature columns as one dense tensor: each column's numbers side by side, columns sorted by name.

    Args:
        feature_columns: Numeric, bucketized, indicator and embedding columns of `tf.feature_column`.
        trainable: Whether embeddings are trained.
        name: The name.
        **kwargs: Arguments of `Layer`.

    Call arguments:
        features: A dict from the features' names to tensors of shape `(batch,)` or `(batch, values)`. Empty texts and
            -1 count as missing.

    Raises:
        ValueError: If a column gives no dense tensor, or two have the same name.

    Source: `tf.keras.layers.DenseFeatures`.

    Example:
        >>> import addax.tf as tf
        >>> age = tf.feature_column.numeric_column("age")
        >>> columns = [age, tf.feature_column.bucketized_column(age, [18, 65])]
        >>> tf.keras.layers.DenseFeatures(columns)({"age": [70, 7]}).numpy().tolist()
        [[70.0, 0.0, 0.0, 1.0], [7.0, 1.0, 0.0, 0.0]]
    """

    def __init__(
        self, feature_columns: Any, trainable: bool = True, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, trainable=trainable, **kwargs)
        self._columns = _sorted(feature_columns)
        self._prepared = _Prepared(self._columns, name=f"{self.name}_prepared")
        self._tables: dict[str, Any] = {}

    def __call__(self, features: Any, *args: Any, **kwargs: Any) -> Any:
        """The dense tensor of a dict of features."""
        if not isinstance(features, Mapping):
            raise ValueError(
                message(
                    "DenseFeatures takes a dict of features.",
                    expected="{name: tensor}",
                    received=type(features).__name__,
                )
            )
        return super().__call__(self.prepare(features), *args, **kwargs)

    def prepare(self, features: Mapping[str, Any]) -> dict[str, Any]:
        """What has to be done on the host: features as numbers, which the layer takes in place of the features."""
        features = dict(features)
        if _READY in features:
            return features
        return self._prepared({key: tensors_of(features[key]) for key in self._keys(features)})

    def _keys(self, features: Mapping[str, Any]) -> list[str]:
        wanted = dict.fromkeys(key for column in self._columns for key in column.keys())
        missing = [key for key in wanted if key not in features]
        if missing:
            raise ValueError(
                message(
                    "Features are missing.",
                    where=self.path,
                    expected=f"a dict with keys {sorted(wanted)}",
                    received=f"one without {missing}",
                )
            )
        return list(wanted)

    def build(self, input_shape: Any = None) -> None:
        """Make the embeddings."""
        for column in self._columns:
            if isinstance(column, EmbeddingColumn) and column.table not in self._tables:
                self._tables[column.table] = self.add_weight(
                    name=f"{column.table}/embedding_weights",
                    shape=(column.rows, column.dimension),
                    initializer=column.initializer,
                    trainable=column.trainable,
                )
        self.built = True

    def call(self, features: Mapping[str, Any]) -> Any:
        """The columns side by side."""
        found = features[_READY]
        return ops.concatenate([self._column(column, found) for column in self._columns], axis=-1)

    def _column(self, column: Any, found: Mapping[str, Any]) -> Any:
        if isinstance(column, NumericColumn):
            return column.transform(found[f"number:{column.key}"])
        if isinstance(column, BucketizedColumn):
            intervals = column.transform(found[f"number:{column.source_column.key}"])
            hot = ops.one_hot(intervals, column.depth, dtype="float32")
            return ops.reshape(hot, (-1, column.num_buckets))
        name = column.categorical_column.name
        ids, weights = found[f"ids:{name}"], found.get(f"weights:{name}")
        if isinstance(column, EmbeddingColumn):
            return column.vectors(ids, weights, self._tables[column.table])
        return column.vectors(ids, weights)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the base: columns are objects, which files do not hold."""
        raise ValueError(
            message(
                f"Layer '{self.path}' cannot be saved with its columns.",
                hint="Save the weights (save_weights), or export(); or use keras.utils.FeatureSpace.",
            )
        )


def _sorted(columns: Any) -> list[Any]:
    """Columns by name.

    Raises:
        ValueError: If one gives no dense tensor, or two have the same name.
    """
    columns = (
        list(columns) if isinstance(columns, Iterable) and not isinstance(columns, Column) else [columns]
    )
    for column in columns:
        if not isinstance(column, _DENSE):
            raise ValueError(
                message(
                    "DenseFeatures takes columns that give dense tensors.",
                    expected="numeric, bucketized, indicator and embedding columns",
                    received=column,
                    hint="Wrap a column of categories in indicator_column() or embedding_column().",
                )
            )
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(message("Feature columns have the same name.", received=twice))
    return sorted(columns, key=lambda column: column.name)
