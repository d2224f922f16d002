"""`addax.applications.inception_resnet_v2`."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._model import KERAS_FILES, File, Request, axis, finish, head, image_input, standard
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.layers import Layer
from addax.models import Functional

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]
_LOADABLE = ("CustomScaleLayer",)  # what files of these models name

_STEM = f"{KERAS_FILES}inception_resnet_v2/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels"
_FILES = (
    File(f"{_STEM}.h5", "e693bd0210a403b3192acc6073ad2e96"),
    File(f"{_STEM}_notop.h5", "d19885ff4a710c122648d3b5c3b684e4"),
)
# (filters, size) of the convolutions in each branch of a block.
_BLOCKS: dict[str, tuple] = {
    "block35": (((32, 1),), ((32, 1), (32, 3)), ((32, 1), (48, 3), (64, 3))),
    "block17": (((192, 1),), ((128, 1), (160, (1, 7)), (192, (7, 1)))),
    "block8": (((192, 1),), ((192, 1), (224, (1, 3)), (256, (3, 1)))),
}
# A reduction ends each branch with a stride of 2.
_REDUCE_A = (((384, 3),), ((256, 1), (256, 3), (384, 3)))
_REDUCE_B = (((256, 1), (384, 3)), ((256, 1), (288, 3)), ((256, 1), (288, 3), (320, 3)))


class CustomScaleLayer(Layer):
    """The first tensor and a multiple of the second.

    Args:
        scale: The factor.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, scale: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Any:
        """`inputs[0] + scale * inputs[1]`."""
        return inputs[0] + inputs[1] * self.scale


def _conv(
    x: Any, filters: int, size: Any, strides: int = 1, padding: str = "same", name: str | None = None
) -> Any:
    x = layers.Conv2D(filters, size, strides=strides, padding=padding, use_bias=False, name=name)(x)
    x = layers.BatchNormalization(axis=axis(), scale=False, name=name and f"{name}_bn")(x)
    return layers.Activation("relu", name=name and f"{name}_ac")(x)


def _chain(x: Any, steps: Any) -> Any:
    for filters, size in steps:
        x = _conv(x, filters, size)
    return x


def _block(x: Any, kind: str, number: int, scale: float, relu: bool = True) -> Any:
    """A residual block: branches joined, brought to the width of the input, scaled, added."""
    name = f"{kind}_{number}"
    mixed = layers.Concatenate(axis=axis(), name=f"{name}_mixed")([_chain(x, b) for b in _BLOCKS[kind]])
    up = layers.Conv2D(x.shape[axis()], 1, padding="same", name=f"{name}_conv")(mixed)
    x = CustomScaleLayer(scale)([x, up])
    return layers.Activation("relu", name=f"{name}_ac")(x) if relu else x


def _reduce(x: Any, branches: Any, name: str) -> Any:
    ends = []
    for *steps, (filters, size) in branches:
        ends.append(_conv(_chain(x, steps), filters, size, 2, "valid"))
    ends.append(layers.MaxPooling2D(3, strides=2)(x))
    return layers.Concatenate(axis=axis(), name=name)(ends)


def _build(request: Request) -> Functional:
    start = image_input(request, 299, 75)
    x = _conv(start, 32, 3, 2, "valid")
    x = _conv(_conv(x, 32, 3, padding="valid"), 64, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _conv(_conv(x, 80, 1, padding="valid"), 192, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    branches = [
        _conv(x, 96, 1),
        _chain(x, ((48, 1), (64, 5))),
        _chain(x, ((64, 1), (96, 3), (96, 3))),
        _conv(layers.AveragePooling2D(3, strides=1, padding="same")(x), 64, 1),
    ]
    x = layers.Concatenate(axis=axis(), name="mixed_5b")(branches)
    for i in range(1, 11):
        x = _block(x, "block35", i, 0.17)
    x = _reduce(x, _REDUCE_A, "mixed_6a")
    for i in range(1, 21):
        x = _block(x, "block17", i, 0.1)
    x = _reduce(x, _REDUCE_B, "mixed_7a")
    for i in range(1, 10):
        x = _block(x, "block8", i, 0.2)
    x = _block(x, "block8", 10, 1.0, relu=False)
    x = _conv(x, 1536, 1, name="conv_7b")
    return finish(request, start, head(request, x, named=False), _FILES)


InceptionResNetV2 = standard(
    __name__, "InceptionResNetV2", "inception_resnet_v2", "Szegedy et al., 2016", _build
)
preprocess_input = preprocessor(__name__, "tf")
