"""`addax.applications.inception_v3`."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._model import KERAS_FILES, File, Request, axis, finish, head, image_input, standard
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

_STEM = f"{KERAS_FILES}inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels"
_FILES = (
    File(f"{_STEM}.h5", "9a0d58056eeedaa3f26cb7ebd46da564"),
    File(f"{_STEM}_notop.h5", "bcbd6486424b2319ff4ef7d526e38f63"),
)


def _conv(x: Any, filters: int, size: Any, strides: int = 1, padding: str = "same") -> Any:
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(axis=axis(), scale=False)(x)
    return layers.Activation("relu")(x)


def _chain(x: Any, *steps: tuple[int, Any], down: bool = False) -> Any:
    """Convolutions (filters, size) after another; the last halves the map if `down`."""
    for i, (filters, size) in enumerate(steps, 1):
        halves = down and i == len(steps)
        x = _conv(x, filters, size, 2 if halves else 1, "valid" if halves else "same")
    return x


def _pooled(x: Any, filters: int) -> Any:
    return _conv(layers.AveragePooling2D(3, strides=1, padding="same")(x), filters, 1)


def _join(branches: list, name: str | None = None) -> Any:
    return layers.Concatenate(axis=axis(), name=name)(branches)


def _module_a(x: Any, filters: int, name: str) -> Any:
    branches = [
        _conv(x, 64, 1),
        _chain(x, (48, 1), (64, 5)),
        _chain(x, (64, 1), (96, 3), (96, 3)),
        _pooled(x, filters),
    ]
    return _join(branches, name)


def _module_b(x: Any, n: int, name: str) -> Any:
    """7x7 convolutions in two parts."""
    row, column = (1, 7), (7, 1)
    branches = [
        _conv(x, 192, 1),
        _chain(x, (n, 1), (n, row), (192, column)),
        _chain(x, (n, 1), (n, column), (n, row), (n, column), (192, row)),
        _pooled(x, 192),
    ]
    return _join(branches, name)


def _module_c(x: Any, number: int) -> Any:
    """3x3 convolutions in two parts side by side."""
    one = _conv(x, 320, 1)
    three = _conv(x, 384, 1)
    three = _join([_conv(three, 384, (1, 3)), _conv(three, 384, (3, 1))], f"mixed9_{number}")
    double = _chain(x, (448, 1), (384, 3))
    double = _join([_conv(double, 384, (1, 3)), _conv(double, 384, (3, 1))])
    return _join([one, three, double, _pooled(x, 192)], f"mixed{9 + number}")


def _build(request: Request) -> Functional:
    start = image_input(request, 299, 75)
    x = _conv(start, 32, 3, 2, "valid")
    x = _conv(_conv(x, 32, 3, padding="valid"), 64, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _conv(_conv(x, 80, 1, padding="valid"), 192, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for i, filters in enumerate((32, 64, 64)):
        x = _module_a(x, filters, f"mixed{i}")
    branches = [
        _chain(x, (384, 3), down=True),
        _chain(x, (64, 1), (96, 3), (96, 3), down=True),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    x = _join(branches, "mixed3")
    for i, filters in enumerate((128, 160, 160, 192), 4):
        x = _module_b(x, filters, f"mixed{i}")
    branches = [
        _chain(x, (192, 1), (320, 3), down=True),
        _chain(x, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3), down=True),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    x = _join(branches, "mixed8")
    for i in range(2):
        x = _module_c(x, i)
    return finish(request, start, head(request, x, named=False), _FILES)


InceptionV3 = standard(__name__, "InceptionV3", "inception_v3", "Szegedy et al., 2015", _build)
preprocess_input = preprocessor(__name__, "tf")
