"""`addax.applications.densenet`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from addax import layers
from addax.applications._model import KERAS_FILES, File, Request, finish, head, image_input, standard
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

_GROWTH = 32
_HASHES = {
    "densenet121": ("9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738"),
    "densenet169": ("d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b"),
    "densenet201": ("1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1"),
}


def _ready(x: Any, bn: str, relu: str) -> Any:
    x = layers.BatchNormalization(axis=3, epsilon=1.001e-5, name=bn)(x)
    return layers.Activation("relu", name=relu)(x)


def _grow(x: Any, name: str) -> Any:
    """A bottleneck whose output is put beside its input."""
    new = _ready(x, f"{name}_0_bn", f"{name}_0_relu")
    new = layers.Conv2D(4 * _GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(new)
    new = _ready(new, f"{name}_1_bn", f"{name}_1_relu")
    new = layers.Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(new)
    return layers.Concatenate(axis=3, name=f"{name}_concat")([x, new])


def _shrink(x: Any, name: str) -> Any:
    """Half the channels, half the size."""
    x = _ready(x, f"{name}_bn", f"{name}_relu")
    x = layers.Conv2D(x.shape[3] // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _build(request: Request, key: str, depths: tuple[int, ...]) -> Functional:
    start = image_input(request, 224, channels_first=False)
    x = layers.ZeroPadding2D(3)(start)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = _ready(x, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stage, depth in enumerate(depths, 2):
        for i in range(1, depth + 1):
            x = _grow(x, f"conv{stage}_block{i}")
        if stage < 5:
            x = _shrink(x, f"pool{stage}")
    x = _ready(x, "bn", "relu")
    stem = f"{KERAS_FILES}densenet/{key}_weights_tf_dim_ordering_tf_kernels"
    top, bare = _HASHES[key]
    return finish(request, start, head(request, x), (File(f"{stem}.h5", top), File(f"{stem}_notop.h5", bare)))


def _member(name: str, *depths: int) -> Callable[..., Functional]:
    key = name.lower()
    return standard(__name__, name, key, "Huang et al., 2016", partial(_build, key=key, depths=depths))


DenseNet121 = _member("DenseNet121", 6, 12, 24, 16)
DenseNet169 = _member("DenseNet169", 6, 12, 32, 32)
DenseNet201 = _member("DenseNet201", 6, 12, 48, 32)
preprocess_input = preprocessor(__name__, "torch")
