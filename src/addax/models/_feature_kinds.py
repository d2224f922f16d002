"""What a `FeatureSpace` consists of: features with their preprocessing, and crosses of features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax import layers
from addax.core.errors import message, suggest
from addax.core.names import unique_name
from addax.core.serial import deserialize


def _check_mode(mode: str, known: tuple[str, ...]) -> str:
    if mode not in known:
        raise ValueError(
            message("Unknown `output_mode`.", expected=" or ".join(map(repr, known)), received=mode)
        )
    return mode


class Cross:
    """Two or more features seen as one, whose combinations are hashed.

    Args:
        feature_names: The features.
        crossing_dim: How many numbers the combinations are hashed to.
        output_mode: `"one_hot"` or `"int"`.
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        self.output_mode = _check_mode(output_mode, ("int", "one_hot"))
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim

    @property
    def name(self) -> str:
        """The names of the features, joined by `_X_`."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross from `get_config`."""
        return cls(**config)


class Feature:
    """One feature: its dtype, the layer that prepares it, and how it is encoded.

    Args:
        dtype: The dtype of the input.
        preprocessor: A layer, or the config of one.
        output_mode: `"one_hot"`, `"int"` or `"float"`.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.output_mode = _check_mode(output_mode, ("int", "one_hot", "float"))
        self.dtype = dtype
        self.preprocessor = deserialize(preprocessor) if isinstance(preprocessor, dict) else preprocessor

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"dtype": self.dtype, "preprocessor": self.preprocessor, "output_mode": self.output_mode}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        """A feature from `get_config`."""
        return cls(**config)


class TFDIdentity(layers.Layer):
    """Gives its input back; the name is that of Keras's files."""

    def call(self, x: Any) -> Any:
        """The input."""
        return x


def plain_float(name: str | None = None) -> Feature:
    """Numbers as they are.

    Args:
        name: The beginning of the name of the preprocessing layer.
    """
    return Feature("float32", TFDIdentity(dtype="float32", name=_named(name, "float")), "float")


def float_rescaled(scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
    """Numbers times `scale` plus `offset`.

    Args:
        scale: The factor.
        offset: What is added after it.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.Rescaling(scale=scale, offset=offset, name=_named(name, "float_rescaled"))
    return Feature("float32", layer, "float")


def float_normalized(name: str | None = None) -> Feature:
    """Numbers with mean 0 and variance 1 over the data that `adapt` sees.

    Args:
        name: The beginning of the name of the preprocessing layer.
    """
    return Feature("float32", layers.Normalization(axis=-1, name=_named(name, "float_normalized")), "float")


def float_discretized(
    num_bins: int | None, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Numbers by the bin they fall in.

    Args:
        num_bins: The number of bins, which `adapt` chooses to hold equally much.
        bin_boundaries: The boundaries, in place of `num_bins`.
        output_mode: `"one_hot"` or `"int"`.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.Discretization(
        num_bins=num_bins, bin_boundaries=bin_boundaries, name=_named(name, "float_discretized")
    )
    return Feature("float32", layer, output_mode)


def integer_categorical(
    max_tokens: int | None = None,
    num_oov_indices: int = 1,
    output_mode: str = "one_hot",
    name: str | None = None,
) -> Feature:
    """Integers that stand for categories, which `adapt` collects.

    Args:
        max_tokens: At most how many categories there are; all if None.
        num_oov_indices: How many numbers unknown ones share.
        output_mode: `"one_hot"` or `"int"`.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.IntegerLookup(
        max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_named(name, "integer_categorical")
    )
    return Feature("int32", layer, output_mode)


def string_categorical(
    max_tokens: int | None = None,
    num_oov_indices: int = 1,
    output_mode: str = "one_hot",
    name: str | None = None,
) -> Feature:
    """Texts that stand for categories, which `adapt` collects.

    Args:
        max_tokens: At most how many categories there are; all if None.
        num_oov_indices: How many numbers unknown ones share.
        output_mode: `"one_hot"` or `"int"`.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.StringLookup(
        max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_named(name, "string_categorical")
    )
    return Feature("string", layer, output_mode)


def string_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Texts that stand for categories, hashed to `num_bins` numbers.

    Args:
        num_bins: How many numbers there are.
        output_mode: `"one_hot"` or `"int"`.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.Hashing(num_bins=num_bins, name=_named(name, "string_hashed"))
    return Feature("string", layer, output_mode)


def integer_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Integers that stand for categories, hashed to `num_bins` numbers.

    Args:
        num_bins: How many numbers there are.
        output_mode: `"one_hot"` or `"int"`.
        name: The beginning of the name of the preprocessing layer.
    """
    layer = layers.Hashing(num_bins=num_bins, name=_named(name, "integer_hashed"))
    return Feature("int32", layer, output_mode)


def _named(name: str | None, kind: str) -> str:
    return f"{name or unique_name(kind)}_preprocessor"


_KINDS: dict[str, Callable[..., Feature]] = {
    "float": plain_float,
    "float_discretized": float_discretized,
    "float_normalized": float_normalized,
    "float_rescaled": float_rescaled,
    "integer_categorical": integer_categorical,
    "integer_hashed": integer_hashed,
    "string_categorical": string_categorical,
    "string_hashed": string_hashed,
}


def feature_from(name: str, given: Any, hashing_dim: int, num_discretization_bins: int) -> Feature:
    """A feature from what the user gave for it: a `Feature`, its config, or the name of a kind.

    Raises:
        ValueError: If there is no such kind.
    """
    if isinstance(given, Feature):
        return given
    if isinstance(given, dict):
        return deserialize(given)
    if given not in _KINDS:
        raise ValueError(
            message(
                f"Unknown kind of feature for '{name}'.",
                expected=f"one of {', '.join(_KINDS)}, or what FeatureSpace.{given or 'float'}() and its like make",
                received=repr(given),
                hint=suggest(str(given), _KINDS) or None,
            )
        )
    if given == "float_discretized":
        return float_discretized(num_discretization_bins, name=name)
    if given.endswith("_hashed"):
        return _KINDS[given](hashing_dim, name=name)
    return _KINDS[given](name=name)


def categories(layer: Any, name: str) -> int:
    """How many different numbers a preprocessing layer gives.

    Raises:
        ValueError: If that is not known.
    """
    if isinstance(layer, (layers.IntegerLookup, layers.StringLookup)):
        return layer.vocabulary_size()
    if isinstance(layer, layers.CategoryEncoding):
        return layer.num_tokens  # type: ignore[return-value]
    if isinstance(layer, layers.Discretization) and layer.num_bins is None:
        return len(layer.bin_boundaries or ()) + 1
    if isinstance(layer, (layers.Discretization, layers.Hashing, layers.HashedCrossing)):
        return layer.num_bins  # type: ignore[return-value]
    raise ValueError(
        message(
            f"How many categories feature '{name}' has is not known, so it cannot be one-hot.",
            received=f"a {type(layer).__name__}",
            hint='Use output_mode="int", or encode it in the preprocessor and use output_mode="float".',
        )
    )


def needs_data(layer: Any) -> bool:
    """Whether a preprocessing layer learns from data, and was not given what it would learn."""
    if isinstance(layer, layers.Normalization):
        return layer.input_mean is None
    if isinstance(layer, layers.Discretization):
        return layer.num_bins is not None
    return hasattr(layer, "adapt") and not getattr(layer, "_has_input_vocabulary", False)
