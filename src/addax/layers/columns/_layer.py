"""`DenseFeatures`: feature columns as a layer. What needs the host is a layer of its own, inside of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._layer import Layer
from addax.layers.columns._base import Column, dense_feature, feature_tensor
from addax.layers.columns._categorical import WeightedColumn
from addax.layers.columns._config import columns_config, columns_from_config
from addax.layers.columns._dense import EmbeddingColumn, IndicatorColumn
from addax.layers.columns._numeric import BucketizedColumn, NumericColumn
from addax.layers.columns._sequence import SequenceCategoricalColumn
from addax.layers.preprocess._host import HostLayer

_READY = "feature_columns:ready"  # the key by which features are known that went through the host already


class Prepared(HostLayer):
    """Features as numbers, made on the host: a layer of its own in the graph of a model.

    Args:
        feature_columns: The columns.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, feature_columns: list[Column], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._columns = feature_columns
        self.trainable = False

    def call(self, features: Mapping[str, Any]) -> dict[str, Any]:
        """The numbers under names that the layer of the columns knows."""
        found: dict[str, Any] = {}
        for column in self._columns:
            self._add(column, features, found)
        return {_READY: found}

    def _add(self, column: Any, features: Mapping[str, Any], found: dict[str, Any]) -> None:
        raise AssertionError("a layer of columns defines this")  # pragma: no cover

    def get_config(self) -> dict[str, Any]:
        """The columns, and that it is the part of the layer that prepares them."""
        return {**_config(self, self._columns), "prepares": True}


class PreparedDense(Prepared):
    """Ids of categories, their weights, and the numeric features as they are."""

    _public_name = "DenseFeatures"  # the class that files name, whose config says that it is this part

    def _add(self, column: Any, features: Mapping[str, Any], found: dict[str, Any]) -> None:
        if isinstance(column, (NumericColumn, BucketizedColumn)):
            key = column.keys()[0]
            found[f"number:{key}"] = dense_feature(features, key, "a column of numbers")
            return
        categories = column.categorical_column
        if isinstance(categories, BucketizedColumn):
            ids = categories.ids(dense_feature(features, categories.source_column.key, "bucketized_column"))
        else:
            ids = categories.ids(features)
        found[f"ids:{categories.name}"] = ids
        if isinstance(categories, WeightedColumn):
            found[f"weights:{categories.name}"] = categories.weights(features, ids.shape)


class ColumnsLayer(Layer):
    """A layer of feature columns.

    Args:
        feature_columns: The columns.
        trainable: Whether embeddings are trained.
        name: The name.
        **kwargs: Arguments of `Layer`.
    """

    _prepared_class: type[Prepared] = Prepared

    def __init__(
        self, feature_columns: Any, trainable: bool = True, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, trainable=trainable, **kwargs)
        self._columns = self._sorted(feature_columns)
        self._prepared = self._prepared_class(self._columns, name=f"{self.name}_prepared")
        self._tables: dict[str, Any] = {}

    def _check(self, column: Any) -> None:
        """Raise unless the layer can use a column."""
        raise AssertionError("a layer of columns defines this")  # pragma: no cover

    def _sorted(self, columns: Any) -> list[Any]:
        """Columns by name.

        Raises:
            ValueError: If one cannot be used, or two have the same name.
        """
        single = not isinstance(columns, Iterable) or isinstance(columns, Column)
        columns = [columns] if single else list(columns)
        for column in columns:
            self._check(column)
        names = [column.name for column in columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(message("Feature columns have the same name.", received=twice))
        return sorted(columns, key=lambda column: column.name)

    def __call__(self, features: Any, *args: Any, **kwargs: Any) -> Any:
        """What the columns give for a dict of features."""
        if not isinstance(features, Mapping):
            raise ValueError(
                message(
                    f"{type(self).__name__} takes a dict of features.",
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
        return self._prepared({key: feature_tensor(features[key]) for key in self._keys(features)})

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

    def _vectors(self, column: Any, ids: Any, weights: Any = None) -> Any:
        """What a column of categories gives for ids of shape `(samples, values)`."""
        if isinstance(column, EmbeddingColumn):
            return column.vectors(ids, weights, self._tables[column.table])
        return column.vectors(ids, weights)

    def get_config(self) -> dict[str, Any]:
        """The columns as plain data, and the arguments of the base."""
        return _config(self, self._columns)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A layer like the one that gave `config`, or the part of one that prepares features."""
        config = dict(config)
        columns = columns_from_config(config.pop("feature_columns", None))
        return (cls._prepared_class if config.pop("prepares", False) else cls)(columns, **config)


def _config(layer: Layer, columns: list[Column]) -> dict[str, Any]:
    base = {"name": layer.name, "trainable": layer.trainable, "dtype": layer._dtype_config()}
    return {**base, "feature_columns": columns_config(columns)}


class DenseFeatures(ColumnsLayer):
    """Feature columns as one dense tensor: each column's numbers side by side, columns sorted by name.

    Args:
        feature_columns: Numeric, bucketized, indicator and embedding columns of `tf.feature_column`.
        trainable: Whether embeddings are trained.
        name: The name.
        **kwargs: Arguments of `Layer`.

    Call arguments:
        features: A dict from the features' names to tensors of shape `(batch,)` or `(batch, values)`. Empty texts and
            -1 count as missing. Features of categories may be sparse or ragged.

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

    _prepared_class = PreparedDense

    def _check(self, column: Any) -> None:
        dense = isinstance(column, (NumericColumn, BucketizedColumn, IndicatorColumn, EmbeddingColumn))
        if dense and not isinstance(getattr(column, "categorical_column", None), SequenceCategoricalColumn):
            return
        raise ValueError(
            message(
                "DenseFeatures takes columns that give dense tensors.",
                expected="numeric, bucketized, indicator and embedding columns",
                received=column,
                hint="Wrap a column of categories in indicator_column() or embedding_column(); sequences go into "
                "tf.keras.experimental.SequenceFeatures.",
            )
        )

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
        return self._vectors(column, found[f"ids:{name}"], found.get(f"weights:{name}"))
