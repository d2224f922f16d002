"""`addax.applications.mobilenet_v2`."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._mobile import default_size, known_width, published_size
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    axis,
    correct_pad,
    finish,
    head,
    image_input,
    published,
    rounded,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

# (filters, blocks, stride of the first) of each stage.
_STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
_EXPANSION = 6
_WIDTHS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
_SIZES = (96, 128, 160, 192, 224)


def _norm(x: Any, name: str, relu: str | None = None) -> Any:
    x = layers.BatchNormalization(axis=axis(-1), epsilon=1e-3, momentum=0.999, name=name)(x)
    return x if relu is None else layers.ReLU(6.0, name=relu)(x)


def _block(x: Any, filters: int, stride: int, number: int) -> Any:
    """Widen, convolve by channels, narrow; a shortcut where the shape stays."""
    shortcut, channels = x, x.shape[axis(-1)]
    name = f"block_{number}" if number else "expanded_conv"
    if number:
        x = layers.Conv2D(_EXPANSION * channels, 1, padding="same", use_bias=False, name=f"{name}_expand")(x)
        x = _norm(x, f"{name}_expand_BN", f"{name}_expand_relu")
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, 3), name=f"{name}_pad")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        name=f"{name}_depthwise",
    )(x)
    x = _norm(x, f"{name}_depthwise_BN", f"{name}_depthwise_relu")
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{name}_project")(x)
    x = _norm(x, f"{name}_project_BN")
    if stride == 1 and channels == filters:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def MobileNetV2(
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Functional:
    """Build the model; `published` writes the docstring that users see."""
    request = Request(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
    )
    known_width(request, alpha, _WIDTHS)
    start = image_input(request, default_size(_SIZES, input_shape))
    size = published_size(request, _SIZES, start.shape[1:])
    if name is None:
        rows = size if request.pretrained else start.shape[2 if axis() == 1 else 1]
        request = request._replace(name=f"mobilenetv2_{alpha:0.2f}_{rows}")
    x = layers.Conv2D(rounded(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(start)
    x = _norm(x, "bn_Conv1", "Conv1_relu")
    number = 0
    for filters, blocks, first in _STAGES:
        for i in range(blocks):
            x = _block(x, rounded(int(filters * alpha)), first if i == 0 else 1, number)
            number += 1
    # The paper widens the last convolution but never narrows it.
    x = layers.Conv2D(rounded(1280 * max(alpha, 1.0)), 1, use_bias=False, name="Conv_1")(x)
    x = _norm(x, "Conv_1_bn", "out_relu")
    stem = f"{KERAS_FILES}mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{size}"
    x = head(request, x, pool=None, named=False)
    return finish(request, start, x, (File(f"{stem}.h5"), File(f"{stem}_no_top.h5")))


published(MobileNetV2, __name__, "MobileNetV2", "Sandler et al., 2018")
preprocess_input = preprocessor(__name__, "tf")
