"""`FeatureSpace`: rows of a table, with columns of every kind, as vectors for a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from addax import layers, ops
from addax.core.errors import message
from addax.data import Dataset
from addax.models import _feature_kinds as kinds
from addax.models._feature_kinds import Cross, Feature


class FeatureSpace(layers.Layer):
    """Encodes the columns of structured data, each in its way, and crosses of them.

    Args:
        features: Name -> kind (`"float"`, `"float_normalized"`, `"float_rescaled"`, `"float_discretized"`,
            `"integer_categorical"`, `"integer_hashed"`, `"string_categorical"`, `"string_hashed"`), or what the
            methods of these names make, or `feature(...)` around a layer of your own.
        output_mode: `"concat"` for one vector, `"dict"` for each encoded feature by its name.
        crosses: Lists of names of features, or what `cross(...)` makes.
        crossing_dim: How many numbers a cross that is given as a list is hashed to.
        hashing_dim: How many numbers a `"..._hashed"` feature has.
        num_discretization_bins: How many bins a `"float_discretized"` feature has.
        name: The name.

    Raises:
        ValueError: If there are no features, or an argument does not fit.

    Example:
        >>> import addax as keras
        >>> space = keras.utils.FeatureSpace({"age": "float_rescaled", "city": "string_categorical"})
        >>> space.adapt({"age": [30.0, 40.0], "city": ["Rome", "Oslo"]})
        >>> space({"age": [30.0], "city": ["Oslo"]}).shape
        TensorShape([1, 4])
    """

    feature = Feature
    float = staticmethod(kinds.plain_float)
    float_rescaled = staticmethod(kinds.float_rescaled)
    float_normalized = staticmethod(kinds.float_normalized)
    float_discretized = staticmethod(kinds.float_discretized)
    integer_categorical = staticmethod(kinds.integer_categorical)
    string_categorical = staticmethod(kinds.string_categorical)
    string_hashed = staticmethod(kinds.string_hashed)
    integer_hashed = staticmethod(kinds.integer_hashed)
    cross = Cross

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise ValueError(message("A FeatureSpace needs features.", received=features))
        if output_mode not in ("concat", "dict"):
            raise ValueError(
                message("Unknown `output_mode`.", expected='"concat" or "dict"', received=output_mode)
            )
        self.output_mode = output_mode
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {
            key: kinds.feature_from(key, value, hashing_dim, num_discretization_bins)
            for key, value in features.items()
        }
        self.crosses = [self._cross_from(given) for given in crosses or ()]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.inputs = {
            key: layers.Input(shape=(1,), dtype=feature.dtype, name=key)
            for key, feature in self.features.items()
        }
        self.preprocessors = {key: feature.preprocessor for key, feature in self.features.items()}
        self.crossers = {
            cross.name: layers.HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses
        }
        self.one_hot_encoders: dict[str, Any] = {}
        self.encoded_features: Any = None
        self._is_adapted = False

    def _cross_from(self, given: Any) -> Cross:
        if isinstance(given, dict):
            from addax.core.serial import deserialize

            given = deserialize(given)
        cross = given if isinstance(given, Cross) else Cross(given, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown:
            raise ValueError(
                message(
                    "A cross names features that are not there.",
                    expected=f"names among {list(self.features)}",
                    received=str(unknown),
                )
            )
        if not cross.crossing_dim:
            raise ValueError(
                message("A cross needs `crossing_dim`.", expected="a number of at least 1", received=given)
            )
        return cross

    # Learning --------------------------------------------------------------------------------------------
    def adapt(self, dataset: Any) -> None:
        """Learn vocabularies, means and bins.

        Args:
            dataset: A `Dataset` of dicts, single rows or batches, or a dict of arrays or lists.

        Raises:
            ValueError: If it is something else, or lacks a feature.
        """
        if isinstance(dataset, Mapping):
            dataset = Dataset.from_tensor_slices(dict(dataset))
        if not isinstance(dataset, Dataset) or not isinstance(dataset.element_spec, Mapping):
            raise ValueError(
                message(
                    "adapt() got something else than rows.",
                    expected="a Dataset whose elements are dicts, or a dict of arrays or lists",
                    received=dataset,
                    hint="Leave the labels out: dataset.map(lambda x, y: x).",
                )
            )
        spec = dataset.element_spec
        for key in self._to_adapt():
            if key not in spec:
                raise ValueError(
                    message(f"The data has no feature '{key}'.", received=f"the features {list(spec)}")
                )
            self.preprocessors[key].adapt(_column(dataset, key, len(spec[key].shape)))
        self._is_adapted = True
        self.encoded_features = None
        self.one_hot_encoders.clear()
        self.get_encoded_features()

    def _to_adapt(self) -> list[str]:
        return [key for key, layer in self.preprocessors.items() if kinds.needs_data(layer)]

    def _check_adapted(self) -> None:
        if not self._is_adapted and self._to_adapt():
            raise ValueError(
                message(
                    "The FeatureSpace has not seen data yet.",
                    expected=f"adapt(dataset), for {', '.join(self._to_adapt())}",
                )
            )
        self._is_adapted = True

    # Encoding --------------------------------------------------------------------------------------------
    def get_inputs(self) -> dict[str, Any]:
        """The symbolic inputs, by feature, of shape `(batch, 1)`: for a model that takes raw rows."""
        self._check_adapted()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """The symbolic output for `get_inputs()`: a tensor, or a dict of them."""
        self._check_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encode(self.inputs)
            self.built = True
        return self.encoded_features

    def __call__(self, data: Mapping[str, Any]) -> Any:
        """Encode rows.

        Args:
            data: A dict: feature -> values of shape `(batch,)` or `(batch, 1)`, or one value.

        Returns:
            A tensor of shape `(batch, dimensions)`, or a dict of such; without the batch for a single row.

        Raises:
            ValueError: If it is no dict, or lacks a feature.
        """
        self.get_encoded_features()
        missing = [key for key in self.features if not isinstance(data, Mapping) or key not in data]
        if missing:
            raise ValueError(
                message(
                    "A FeatureSpace is called on a dict with all of its features.",
                    expected=f"the keys {list(self.features)}",
                    received=f"a dict without {missing}" if isinstance(data, Mapping) else data,
                )
            )
        columns, single = {}, False
        for key, feature in self.features.items():
            value = data[key]
            if not ops.is_tensor(value):
                value = ops.convert_to_tensor(value, dtype=feature.dtype)
            rank = len(value.shape)
            single = single or rank == 0
            columns[key] = ops.reshape(value, (1, 1)) if rank == 0 else value[:, None] if rank == 1 else value
        encoded = self._encode(columns)
        if not single:
            return encoded
        if self.output_mode == "concat":
            return encoded[0]
        return {key: value[0] if value.shape[0] == 1 else value for key, value in encoded.items()}

    def _encode(self, columns: Mapping[str, Any]) -> Any:
        prepared = {key: self.preprocessors[key](value) for key, value in columns.items()}
        crossed = {
            cross.name: self.crossers[cross.name]([prepared[name] for name in cross.feature_names])
            for cross in self.crosses
        }
        encoded = {key: self._encode_one(key, prepared[key], self.features[key]) for key in sorted(prepared)}
        for key in sorted(crossed):
            encoded[key] = self._encode_one(key, crossed[key], self.crosses_by_name[key])
        return encoded if self.output_mode == "dict" else ops.concatenate(list(encoded.values()), axis=-1)

    def _encode_one(self, key: str, value: Any, spec: Feature | Cross) -> Any:
        dtype = str(getattr(value, "dtype", "a nest"))
        if spec.output_mode == "one_hot":
            if not dtype.startswith("int"):
                raise ValueError(
                    message(
                        f"Feature '{key}' cannot be one-hot.",
                        expected="a preprocessor that gives integers",
                        received=f"{dtype} from {type(self.preprocessors.get(key)).__name__}",
                    )
                )
            if key not in self.one_hot_encoders:
                count = kinds.categories(self.preprocessors.get(key) or self.crossers.get(key), key)
                self.one_hot_encoders[key] = layers.CategoryEncoding(count, output_mode="multi_hot")
            return self.one_hot_encoders[key](value)
        if self.output_mode == "concat" and (dtype.startswith("int") or dtype == "string"):
            raise ValueError(
                message(
                    f"Feature '{key}' is not encoded, so it cannot be part of one vector.",
                    received=dtype,
                    hint='Use output_mode="dict" for the space, or output_mode="one_hot" for the feature.',
                )
            )
        return value

    # Files -----------------------------------------------------------------------------------------------
    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "features": self.features,
            "output_mode": self.output_mode,
            "crosses": self.crosses,
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    def get_build_config(self) -> dict[str, Any]:
        """What the preprocessing layers were built with."""
        return {key: layer.get_build_config() for key, layer in self.preprocessors.items()}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build the preprocessing layers, which are adapted then by what the file has for them."""
        for key, found in config.items():
            layer = self.preprocessors.get(key)
            if layer is not None and found and not layer.built:
                layer.build_from_config(found)
        self._is_adapted = True

    def save(self, filepath: Any) -> None:
        """Save as a `.keras` file, for `keras.models.load_model`.

        Args:
            filepath: A path that ends in `.keras`.
        """
        from addax.saving import save_model

        save_model(self, filepath)

    def save_own_variables(self, store: Any) -> None:
        """Nothing: the layers inside save what they learned."""

    def load_own_variables(self, store: Any) -> None:
        """Nothing: the layers inside load what they learned."""


def _column(dataset: Dataset, key: str, rank: int) -> Dataset:
    """One feature of the rows in batches of shape `(batch, 1)`."""
    column = dataset.map(lambda row: row[key])
    if rank == 0:
        column = column.batch(32)
    return column.map(lambda value: value[:, None]) if rank < 2 else column
