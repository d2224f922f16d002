"""`addax.applications.mobilenet_v3`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from addax import layers
from addax.applications._mobile import known_width, published_size
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    axis,
    check_activation,
    check_weights,
    correct_pad,
    finish,
    image_input,
    pooled,
    published,
    rounded,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]

_HASHES = {
    "large_224_0.75": ("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
    "large_224_1.0": ("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
    "large_minimalistic_224_1.0": ("675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"),
    "small_224_0.75": ("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
    "small_224_1.0": ("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
    "small_minimalistic_224_1.0": ("99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"),
}


class _Block(NamedTuple):
    """A row of the paper's table; what is `minimalistic` has 3x3 kernels, rectifiers and no squeeze."""

    expansion: float
    filters: int
    kernel: int
    stride: int
    squeeze: bool
    hard: bool


_LARGE = (
    _Block(1, 16, 3, 1, False, False),
    _Block(4, 24, 3, 2, False, False),
    _Block(3, 24, 3, 1, False, False),
    _Block(3, 40, 5, 2, True, False),
    _Block(3, 40, 5, 1, True, False),
    _Block(3, 40, 5, 1, True, False),
    _Block(6, 80, 3, 2, False, True),
    _Block(2.5, 80, 3, 1, False, True),
    _Block(2.3, 80, 3, 1, False, True),
    _Block(2.3, 80, 3, 1, False, True),
    _Block(6, 112, 3, 1, True, True),
    _Block(6, 112, 3, 1, True, True),
    _Block(6, 160, 5, 2, True, True),
    _Block(6, 160, 5, 1, True, True),
    _Block(6, 160, 5, 1, True, True),
)
_SMALL = (
    _Block(1, 16, 3, 2, True, False),
    _Block(72 / 16, 24, 3, 2, False, False),
    _Block(88 / 24, 24, 3, 1, False, False),
    _Block(4, 40, 5, 2, True, True),
    _Block(6, 40, 5, 1, True, True),
    _Block(6, 40, 5, 1, True, True),
    _Block(3, 48, 5, 1, True, True),
    _Block(3, 48, 5, 1, True, True),
    _Block(6, 96, 5, 2, True, True),
    _Block(6, 96, 5, 1, True, True),
    _Block(6, 96, 5, 1, True, True),
)


def _activate(x: Any, hard: bool) -> Any:
    return layers.Activation("hard_swish")(x) if hard else layers.ReLU()(x)


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(axis=axis(-1), epsilon=1e-3, momentum=0.999, name=name)(x)


def _conv(x: Any, filters: int, name: str) -> Any:
    """A 1x1 convolution and its normalization."""
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=name)(x)
    return _norm(x, f"{name}_bn")


def _squeeze(x: Any, filters: int, name: str) -> Any:
    """Weigh the channels by what the whole map holds."""
    s = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_avg_pool")(x)
    s = layers.Conv2D(rounded(filters / 4), 1, padding="same", name=f"{name}_conv")(s)
    s = layers.ReLU(name=f"{name}_relu")(s)
    s = layers.Conv2D(filters, 1, padding="same", name=f"{name}_conv_1")(s)
    s = layers.ReLU(6.0)(s + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=f"{name}_mul")([x, s])


def _apply(x: Any, block: _Block, number: int) -> Any:
    shortcut, channels = x, x.shape[axis(-1)]
    name = f"expanded_conv_{number}" if number else "expanded_conv"
    wide = rounded(channels * block.expansion)
    if number:
        x = _activate(_conv(x, wide, f"{name}_expand"), block.hard)
    if block.stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, block.kernel), name=f"{name}_depthwise_pad")(x)
    x = layers.DepthwiseConv2D(
        block.kernel,
        strides=block.stride,
        padding="same" if block.stride == 1 else "valid",
        use_bias=False,
        name=f"{name}_depthwise",
    )(x)
    x = _activate(_norm(x, f"{name}_depthwise_bn"), block.hard)
    if block.squeeze:
        x = _squeeze(x, wide, f"{name}_squeeze_excite")
    x = _conv(x, block.filters, f"{name}_project")
    if block.stride == 1 and channels == block.filters:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _blocks(table: tuple[_Block, ...], alpha: float, minimalistic: bool) -> list[_Block]:
    rows = [row._replace(filters=rounded(row.filters * alpha)) for row in table]
    if minimalistic:
        rows = [row._replace(kernel=3, squeeze=False, hard=False) for row in rows]
    return rows


def _head(request: Request, x: Any, width: int, dropout: float, hard: bool) -> Any:
    if not request.include_top:
        return pooled(request, x)
    check_activation(request)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(width, 1, padding="same", name="conv_2")(x)
    x = _activate(x, hard)
    if dropout > 0:
        x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(request.classes, 1, padding="same", name="logits")(x)
    x = layers.Flatten()(x)
    return layers.Activation(request.classifier_activation, name="predictions")(x)


def _start(request: Request) -> Any:
    """The input; this classifier is convolutional, so it takes images of any size, known or not."""
    check_weights(request)
    return image_input(request._replace(include_top=False), 224)


def _build(
    request: Request, kind: str, alpha: float, minimalistic: bool, dropout: float, scale: bool
) -> Functional:
    known_width(request, alpha, (1.0,) if minimalistic else (0.75, 1.0))
    start = _start(request)
    if request.pretrained:
        published_size(request, (224,), start.shape[1:])
    table, width = (_LARGE, 1280) if kind == "large" else (_SMALL, 1024)
    hard = not minimalistic
    x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(start) if scale else start
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _activate(_norm(x, "conv_bn"), hard)
    for number, block in enumerate(_blocks(table, alpha, minimalistic)):
        x = _apply(x, block, number)
    x = _activate(_conv(x, rounded(x.shape[axis(-1)] * 6), "conv_1"), hard)
    x = _head(request, x, rounded(width * max(alpha, 1.0)), dropout, hard)
    key = f"{kind}{'_minimalistic' if minimalistic else ''}_224_{alpha}"
    top, bare = _HASHES.get(key, (None, None))
    stem = f"{KERAS_FILES}mobilenet_v3/weights_mobilenet_v3_{key}_float"
    return finish(request, start, x, (File(f"{stem}.h5", top), File(f"{stem}_no_top_v2.h5", bare)))


def _member(name: str, kind: str) -> Callable[..., Functional]:
    default = name

    def architecture(
        input_shape: Any = None,
        alpha: float = 1.0,
        minimalistic: bool = False,
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        classes: int = 1000,
        pooling: str | None = None,
        dropout_rate: float = 0.2,
        classifier_activation: Any = "softmax",
        include_preprocessing: bool = True,
        name: str = default,
    ) -> Functional:
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        return _build(request, kind, alpha, minimalistic, dropout_rate, include_preprocessing)

    return published(architecture, __name__, name, "Howard et al., 2019")


MobileNetV3Large = _member("MobileNetV3Large", "large")
MobileNetV3Small = _member("MobileNetV3Small", "small")
preprocess_input = preprocessor(__name__, None)
