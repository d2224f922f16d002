"""Initializers by name, from configs and to configs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import lookup, serial
from addax.core.errors import message
from addax.engine._tensor import TensorLike
from addax.initializers import _constant, _random
from addax.initializers._base import Initializer, as_shape, as_tensor

_CLASSES = {
    "constant": _constant.Constant,
    "glorot_normal": _random.GlorotNormal,
    "glorot_uniform": _random.GlorotUniform,
    "he_normal": _random.HeNormal,
    "he_uniform": _random.HeUniform,
    "identity": _constant.Identity,
    "initializer": Initializer,
    "lecun_normal": _random.LecunNormal,
    "lecun_uniform": _random.LecunUniform,
    "ones": _constant.Ones,
    "orthogonal": _random.Orthogonal,
    "random_normal": _random.RandomNormal,
    "random_uniform": _random.RandomUniform,
    "stft": _constant.STFT,
    "truncated_normal": _random.TruncatedNormal,
    "variance_scaling": _random.VarianceScaling,
    "zeros": _constant.Zeros,
}
NAMES: dict[str, type] = {
    **_CLASSES,
    **{cls.__name__: cls for cls in _CLASSES.values()},
    "IdentityInitializer": _constant.Identity,
    "OrthogonalInitializer": _random.Orthogonal,
    "STFTInitializer": _constant.STFT,
    "normal": _random.RandomNormal,
    "one": _constant.Ones,
    "uniform": _random.RandomUniform,
    "zero": _constant.Zeros,
}


def serialize(initializer: Any) -> Any:
    """The config of an initializer (module, class name, arguments) as plain data.

    Example:
        >>> import addax as keras
        >>> keras.initializers.serialize(keras.initializers.Zeros())["class_name"]
        'Zeros'
    """
    return serial.serialize(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """An initializer from what `serialize` gave."""
    return lookup.deserialize(config, NAMES, custom_objects)


def get(identifier: Any) -> Any:
    """The initializer that an argument stands for.

    Args:
        identifier: None (gives None), a name, a config, a class, an array, or a callable.

    Returns:
        A callable `(shape, dtype=None)`, or None.

    Raises:
        ValueError: If it is none of these.

    Example:
        >>> import addax as keras
        >>> keras.initializers.get("he_normal").get_config()["seed"]
    """
    if isinstance(identifier, (TensorLike, np.ndarray, np.generic)):
        return _from_array(identifier)
    return lookup.get(identifier, NAMES, "initializer")


def _from_array(value: Any) -> Callable:
    def initialize(shape: Any, dtype: Any = None) -> Any:
        if as_shape(shape) != tuple(value.shape):
            raise ValueError(
                message(
                    "The array given as an initializer has another shape than the weight.",
                    expected=f"shape {as_shape(shape)}",
                    received=f"shape {tuple(value.shape)}",
                )
            )
        return as_tensor(np.array(value), dtype)

    return initialize
