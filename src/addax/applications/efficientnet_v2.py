"""`addax.applications.efficientnet_v2`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from addax import layers
from addax.applications import _mbconv
from addax.applications._model import KERAS_FILES, File, Request, axis, finish, head, image_input, published
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.models import Functional

__all__ = [
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "decode_predictions",
    "preprocess_input",
]

_HASHES = {
    "b0": ("21ecbf6da12460d5c40bb2f29ceb2188", "893217f2bb855e2983157299931e43ff"),
    "b1": ("069f0534ff22adf035c89e2d9547a9dc", "0e80663031ca32d657f9caa404b6ec37"),
    "b2": ("424e49f28180edbde1e94797771950a7", "1dfe2e7a5d45b6632553a8961ea609eb"),
    "b3": ("1f1fc43bd98a6e4fd8fdfd551e02c7a0", "f6abf7b5849ac99a89b50dd3fd532856"),
    "s": ("e1d88a8495beba45748fedd0cecbe016", "af0682fb74e8c54910f2d4393339c070"),
    "m": ("a3bf6aa3276309f4fc6a34aa114c95cd", "1b8dc055df72dde80d614482840fe342"),
    "l": ("27e6d408b53c7ebc868fefa357689935", "b0b66b5c863aef5b46e8608fe1711615"),
}
# (fused, blocks, stride of the first, expansion, filters) of each stage; those that are not fused have
# squeeze-and-excite. Before them the filters of the first convolution.
_STAGES: dict[str, tuple[int, tuple]] = {
    "b": (32, (
        (True, 1, 1, 1, 16), (True, 2, 2, 4, 32), (True, 2, 2, 4, 48),
        (False, 3, 2, 4, 96), (False, 5, 1, 6, 112), (False, 8, 2, 6, 192),
    )),
    "s": (24, (
        (True, 2, 1, 1, 24), (True, 4, 2, 4, 48), (True, 4, 2, 4, 64),
        (False, 6, 2, 4, 128), (False, 9, 1, 6, 160), (False, 15, 2, 6, 256),
    )),
    "m": (24, (
        (True, 3, 1, 1, 24), (True, 5, 2, 4, 48), (True, 5, 2, 4, 80),
        (False, 7, 2, 4, 160), (False, 14, 1, 6, 176), (False, 18, 2, 6, 304), (False, 5, 1, 6, 512),
    )),
    "l": (32, (
        (True, 4, 1, 1, 32), (True, 7, 2, 4, 64), (True, 7, 2, 4, 96),
        (False, 10, 2, 4, 192), (False, 19, 1, 6, 224), (False, 25, 2, 6, 384), (False, 7, 1, 6, 640),
    )),
}  # fmt: skip
_DROP = 0.2  # of the last block's shortcut; earlier ones less
_MOMENTUM = 0.9


class _Scale(NamedTuple):
    """A member: which table, how much wider and deeper, the size of images."""

    key: str
    width: float
    depth: float
    image: int


def _width(filters: int, scale: float) -> int:
    """The multiple of 8 next to a scaled number of filters."""
    return max(8, int(filters * scale + 4) // 8 * 8)


def _fused(x: Any, filters: int, expansion: int, stride: int, name: str) -> Any:
    """A block whose widening convolution is the 3x3 one."""
    channels = x.shape[axis()]
    if expansion == 1:
        x = _mbconv.conv(x, filters, 3, f"{name}project_conv", stride)
        return _mbconv.norm(x, f"{name}project_bn", _MOMENTUM, f"{name}project_activation")
    x = _mbconv.conv(x, channels * expansion, 3, f"{name}expand_conv", stride)
    x = _mbconv.norm(x, f"{name}expand_bn", _MOMENTUM, f"{name}expand_activation")
    x = _mbconv.conv(x, filters, 1, f"{name}project_conv")
    return _mbconv.norm(x, f"{name}project_bn", _MOMENTUM)


def _separate(x: Any, filters: int, expansion: int, stride: int, name: str) -> Any:
    channels = x.shape[axis()]
    x = _mbconv.conv(x, channels * expansion, 1, f"{name}expand_conv")
    x = _mbconv.norm(x, f"{name}expand_bn", _MOMENTUM, f"{name}expand_activation")
    x = _mbconv.depthwise(x, 3, f"{name}dwconv2", stride)
    x = _mbconv.norm(x, f"{name}bn", _MOMENTUM, f"{name}activation")
    x = _mbconv.squeeze(x, max(1, channels // 4), name)
    x = _mbconv.conv(x, filters, 1, f"{name}project_conv")
    return _mbconv.norm(x, f"{name}project_bn", _MOMENTUM)


def _scaled(x: Any, key: str) -> Any:
    """Pixels as the published weights saw them."""
    if key.startswith("b") and x.shape[axis()] == 3:
        x = layers.Rescaling(1.0 / 255)(x)
        mean, deviation = [0.485, 0.456, 0.406], (0.229, 0.224, 0.225)
        return layers.Normalization(mean=mean, variance=[d**2 for d in deviation], axis=axis())(x)
    return layers.Rescaling(1.0 / 128.0, offset=-1)(x)


def _build(request: Request, scale: _Scale, preprocess: bool) -> Functional:
    start = image_input(request, scale.image)
    x = _scaled(start, scale.key) if preprocess else start
    first, stages = _STAGES[scale.key[0]]
    x = _mbconv.conv(x, _width(first, scale.width), 3, "stem_conv", 2)
    x = _mbconv.norm(x, "stem_bn", _MOMENTUM, "stem_activation")
    total = sum(blocks for _, blocks, *_ in stages)  # before scaling, as in the reference
    done = 0
    for stage, (fused, blocks, stride, expansion, filters) in enumerate(stages, 1):
        for i in range(math.ceil(scale.depth * blocks)):
            name, before = f"block{stage}{chr(ord('a') + i)}_", x
            strides = stride if i == 0 else 1
            block = _fused if fused else _separate
            x = block(x, _width(filters, scale.width), expansion, strides, name)
            if strides == 1 and before.shape[axis()] == x.shape[axis()]:
                x = _mbconv.shortcut(x, before, _DROP * done / total, name)
            done += 1
    x = _mbconv.conv(x, _width(1280, scale.width), 1, "top_conv")
    x = _mbconv.norm(x, "top_bn", _MOMENTUM, "top_activation")
    x = head(request, x, dropout=0.2, initializer=_mbconv.CLASSIFIER)
    top, bare = _HASHES[scale.key]
    stem = f"{KERAS_FILES}efficientnet_v2/efficientnetv2-{scale.key}"
    return finish(request, start, x, (File(f"{stem}.h5", top), File(f"{stem}_notop.h5", bare)))


def _member(key: str, width: float, depth: float, image: int) -> Callable[..., Functional]:
    scale = _Scale(key, width, depth, image)

    def architecture(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        include_preprocessing: bool = True,
        name: str = f"efficientnetv2-{key}",
    ) -> Functional:
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        return _build(request, scale, include_preprocessing)

    return published(architecture, __name__, f"EfficientNetV2{key.upper()}", "Tan and Le, 2021")


EfficientNetV2B0 = _member("b0", 1.0, 1.0, 224)
EfficientNetV2B1 = _member("b1", 1.0, 1.1, 240)
EfficientNetV2B2 = _member("b2", 1.1, 1.2, 260)
EfficientNetV2B3 = _member("b3", 1.2, 1.4, 300)
EfficientNetV2S = _member("s", 1.0, 1.0, 384)
EfficientNetV2M = _member("m", 1.0, 1.0, 480)
EfficientNetV2L = _member("l", 1.0, 1.0, 480)
preprocess_input = preprocessor(__name__, None)
