"""`addax.applications.xception`."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._model import KERAS_FILES, File, Request, axis, finish, head, image_input, standard
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

_STEM = f"{KERAS_FILES}xception/xception_weights_tf_dim_ordering_tf_kernels"
_FILES = (
    File(f"{_STEM}.h5", "0a58e3b7378bc2990ea3b43d5981f1f6"),
    File(f"{_STEM}_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"),
)


def _norm(x: Any, name: str | None = None) -> Any:
    return layers.BatchNormalization(axis=axis(-1), name=name)(x)


def _conv(x: Any, filters: int, strides: int, name: str) -> Any:
    x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=name)(x)
    return layers.Activation("relu", name=f"{name}_act")(_norm(x, f"{name}_bn"))


def _separable(x: Any, filters: int, name: str, relu: str | None = None) -> Any:
    """A separable convolution, and a rectifier before it (`"pre"`), after it (`"post"`), or none."""
    if relu == "pre":
        x = layers.Activation("relu", name=f"{name}_act")(x)
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    x = _norm(x, f"{name}_bn")
    return layers.Activation("relu", name=f"{name}_act")(x) if relu == "post" else x


def _halve(x: Any, block: int, first: int, second: int) -> Any:
    """Two separable convolutions and a pooling beside a strided shortcut."""
    shortcut = layers.Conv2D(second, 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = _norm(shortcut)
    x = _separable(x, first, f"block{block}_sepconv1", "pre" if block > 2 else None)
    x = _separable(x, second, f"block{block}_sepconv2", "pre")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
    return layers.Add()([x, shortcut])


def _build(request: Request) -> Functional:
    start = image_input(request, 299, 71)
    x = _conv(_conv(start, 32, 2, "block1_conv1"), 64, 1, "block1_conv2")
    for block, filters in enumerate((128, 256, 728), 2):
        x = _halve(x, block, filters, filters)
    for block in range(5, 13):
        shortcut = x
        for i in range(1, 4):
            x = _separable(x, 728, f"block{block}_sepconv{i}", "pre")
        x = layers.Add()([x, shortcut])
    x = _halve(x, 13, 728, 1024)
    x = _separable(x, 1536, "block14_sepconv1", "post")
    x = _separable(x, 2048, "block14_sepconv2", "post")
    return finish(request, start, head(request, x, named=False), _FILES)


Xception = standard(__name__, "Xception", "xception", "Chollet, 2016", _build)
preprocess_input = preprocessor(__name__, "tf")
