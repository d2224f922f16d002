"""`addax.applications.efficientnet`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from addax import layers
from addax.applications import _mbconv
from addax.applications._model import (
    File,
    Request,
    axis,
    correct_pad,
    finish,
    head,
    image_input,
    rounded,
    standard,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = [
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "decode_predictions",
    "preprocess_input",
]

_URL = "https://storage.googleapis.com/keras-applications/"
_HASHES = (
    ("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d"),
    ("1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432"),
    ("b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39"),
    ("ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226"),
    ("18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba"),
    ("ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f"),
    ("165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743"),
    ("8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a"),
)
# (kernel, blocks, filters, expansion, stride of the first) of each stage of B0.
_STAGES = (
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
_DROP = 0.2  # of the last block's shortcut; earlier ones less
_MOMENTUM = 0.99
_DEVIATION = (0.229, 0.224, 0.225)  # of ImageNet's pixels


class _Scale(NamedTuple):
    """How a member is scaled from B0: width, depth, the size of images, dropout."""

    number: int
    width: float
    depth: float
    image: int
    dropout: float


def _block(x: Any, filters: int, kernel: int, expansion: int, stride: int, drop: float, name: str) -> Any:
    before, channels = x, x.shape[axis()]
    if expansion != 1:
        x = _mbconv.conv(x, channels * expansion, 1, f"{name}expand_conv")
        x = _mbconv.norm(x, f"{name}expand_bn", _MOMENTUM, f"{name}expand_activation")
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, kernel), name=f"{name}dwconv_pad")(x)
    x = _mbconv.depthwise(x, kernel, f"{name}dwconv", stride, "same" if stride == 1 else "valid")
    x = _mbconv.norm(x, f"{name}bn", _MOMENTUM, f"{name}activation")
    x = _mbconv.squeeze(x, max(1, channels // 4), name)
    x = _mbconv.conv(x, filters, 1, f"{name}project_conv")
    x = _mbconv.norm(x, f"{name}project_bn", _MOMENTUM)
    if stride == 1 and channels == filters:
        x = _mbconv.shortcut(x, before, drop, name)
    return x


def _scaled(x: Any, request: Request) -> Any:
    x = layers.Rescaling(1.0 / 255.0)(x)
    x = layers.Normalization(axis=axis())(x)
    if request.pretrained:  # the published weights were trained on pixels divided by the variance
        x = layers.Rescaling([1.0 / math.sqrt(d) for d in _DEVIATION])(x)
    return x


def _build(request: Request, scale: _Scale) -> Functional:
    start = image_input(request, scale.image)
    x = _scaled(start, request)
    x = layers.ZeroPadding2D(correct_pad(x, 3), name="stem_conv_pad")(x)
    x = _mbconv.conv(x, rounded(32 * scale.width), 3, "stem_conv", 2, "valid")
    x = _mbconv.norm(x, "stem_bn", _MOMENTUM, "stem_activation")
    depths = [math.ceil(scale.depth * blocks) for _, blocks, *_ in _STAGES]
    done = 0
    for stage, (kernel, _, filters, expansion, stride) in enumerate(_STAGES):
        for i in range(depths[stage]):
            name = f"block{stage + 1}{chr(ord('a') + i)}_"
            drop = _DROP * done / sum(depths)
            width = rounded(filters * scale.width)
            x = _block(x, width, kernel, expansion, stride if i == 0 else 1, drop, name)
            done += 1
    x = _mbconv.conv(x, rounded(1280 * scale.width), 1, "top_conv")
    x = _mbconv.norm(x, "top_bn", _MOMENTUM, "top_activation")
    x = head(request, x, dropout=scale.dropout, initializer=_mbconv.CLASSIFIER)
    top, bare = _HASHES[scale.number]
    stem = f"{_URL}efficientnetb{scale.number}"
    return finish(request, start, x, (File(f"{stem}.h5", top), File(f"{stem}_notop.h5", bare)))


def _member(*scale: Any) -> Callable[..., Functional]:
    size = _Scale(*scale)
    name = f"EfficientNetB{size.number}"
    return standard(__name__, name, name.lower(), "Tan and Le, 2019", lambda request: _build(request, size))


EfficientNetB0 = _member(0, 1.0, 1.0, 224, 0.2)
EfficientNetB1 = _member(1, 1.0, 1.1, 240, 0.2)
EfficientNetB2 = _member(2, 1.1, 1.2, 260, 0.3)
EfficientNetB3 = _member(3, 1.2, 1.4, 300, 0.3)
EfficientNetB4 = _member(4, 1.4, 1.8, 380, 0.4)
EfficientNetB5 = _member(5, 1.6, 2.2, 456, 0.4)
EfficientNetB6 = _member(6, 1.8, 2.6, 528, 0.5)
EfficientNetB7 = _member(7, 2.0, 3.1, 600, 0.5)
preprocess_input = preprocessor(__name__, None)
