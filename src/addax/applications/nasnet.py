"""`addax.applications.nasnet`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from addax import layers
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    correct_pad,
    finish,
    head,
    image_input,
    published,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.core import context
from addax.core.errors import message
from addax.models import Functional

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]


class _Size(NamedTuple):
    """A member of the family.

    Attributes:
        image: The size of images.
        filters: Of a normal cell in the first third.
        cells: Normal cells in each third.
        stem: Filters of the first convolution.
        skip: Whether cells after a reduction also see what came before it.
        files: The published weights.
    """

    image: int
    filters: int
    cells: int
    stem: int
    skip: bool
    files: tuple[File, File]


def _files(kind: str, top: str, bare: str) -> tuple[File, File]:
    stem = f"{KERAS_FILES}nasnet/NASNet-{kind}"
    return (
        File(f"{stem}.h5", top, f"nasnet_{kind}.h5"),
        File(f"{stem}-no-top.h5", bare, f"nasnet_{kind}_no_top.h5"),
    )


_MOBILE = _Size(
    224, 44, 4, 32, False,
    _files("mobile", "020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63"),
)  # fmt: skip
_LARGE = _Size(
    331, 168, 6, 96, True,
    _files("large", "11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5"),
)  # fmt: skip


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(axis=-1, momentum=0.9997, epsilon=1e-3, name=name)(x)


def _conv(x: Any, filters: int, name: str) -> Any:
    return layers.Conv2D(
        filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name
    )(x)


def _scope(*names: str) -> Any:
    """Put names in front of the paths of the weights that are made inside."""
    return context.entered(path=(*context.current().path, *names))


def _separable(x: Any, filters: int, size: int, name: str, stride: int = 1) -> Any:
    """Twice: rectifier, separable convolution, normalization."""
    x = layers.Activation("relu")(x)
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, size), name=f"separable_conv_1_pad_{name}")(x)
    x = layers.SeparableConv2D(
        filters,
        size,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        use_bias=False,
        name=f"separable_conv_1_{name}",
    )(x)
    x = layers.Activation("relu")(_norm(x, f"separable_conv_1_bn_{name}"))
    x = layers.SeparableConv2D(
        filters, size, padding="same", use_bias=False, name=f"separable_conv_2_{name}"
    )(x)
    return _norm(x, f"separable_conv_2_bn_{name}")


def _fitted(before: Any, x: Any, filters: int, name: str) -> Any:
    """The output of the cell before the last, in the size and width that the cell needs."""
    if before is None:
        return x
    if before.shape[-2] != x.shape[-2]:
        with _scope("adjust_block", f"adjust_reduction_block_{name}"):
            return _halved(layers.Activation("relu", name=f"adjust_relu_1_{name}")(before), filters, name)
    if before.shape[-1] != filters:
        with _scope("adjust_block", f"adjust_projection_block_{name}"):
            before = layers.Activation("relu")(before)
            return _norm(_conv(before, filters, f"adjust_conv_projection_{name}"), f"adjust_bn_{name}")
    return before


def _halved(x: Any, filters: int, name: str) -> Any:
    """Every other pixel, and beside it every other one from the second on."""
    even = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_1_{name}")(x)
    even = _conv(even, filters // 2, f"adjust_conv_1_{name}")
    odd = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    odd = layers.Cropping2D(((1, 0), (1, 0)))(odd)
    odd = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_2_{name}")(odd)
    odd = _conv(odd, filters // 2, f"adjust_conv_2_{name}")
    return _norm(layers.Concatenate(axis=-1)([even, odd]), f"adjust_bn_{name}")


def _entry(x: Any, before: Any, filters: int, kind: str, name: str) -> tuple[Any, Any]:
    """The two inputs of a cell."""
    before = _fitted(before, x, filters, name)
    x = _conv(layers.Activation("relu")(x), filters, f"{kind}_conv_1_{name}")
    return _norm(x, f"{kind}_bn_1_{name}"), before


def _normal(x: Any, before: Any, filters: int, name: str) -> Any:
    h, p = _entry(x, before, filters, "normal", name)

    def separable(tensor: Any, size: int, part: str) -> Any:
        part_name = f"normal_{part}_{name}"
        with _scope(f"block_{part[-1]}", f"separable_conv_block_{part_name}"):
            return _separable(tensor, filters, size, part_name)

    def average(tensor: Any, part: str) -> Any:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=f"normal_{part}_{name}")(tensor)

    def add(number: int, a: Any, b: Any) -> Any:
        return layers.Add(name=f"normal_add_{number}_{name}")([a, b])

    parts = [
        p,
        add(1, separable(h, 5, "left1"), separable(p, 3, "right1")),
        add(2, separable(p, 5, "left2"), separable(p, 3, "right2")),
        add(3, average(h, "left3"), p),
        add(4, average(p, "left4"), average(p, "right4")),
        add(5, separable(h, 3, "left5"), h),
    ]
    return layers.Concatenate(axis=-1, name=f"normal_concat_{name}")(parts)


def _reduction(x: Any, before: Any, filters: int, name: str) -> Any:
    h, p = _entry(x, before, filters, "reduction", name)
    padded = layers.ZeroPadding2D(correct_pad(h, 3), name=f"reduction_pad_1_{name}")(h)

    def separable(tensor: Any, size: int, part: str, block: int, stride: int = 2) -> Any:
        part_name = f"reduction_{part}_{name}"
        with _scope(f"block_{block}", f"separable_conv_block_{part_name}"):
            return _separable(tensor, filters, size, part_name, stride)

    def pool(layer: Any, part: str) -> Any:
        return layer(3, strides=2, name=f"reduction_{part}_{name}")(padded)

    def add(a: Any, b: Any, part: str | None) -> Any:
        return layers.Add(name=part and f"reduction_{part}_{name}")([a, b])

    one = add(separable(h, 5, "left1", 1), separable(p, 7, "right1", 1), "add_1")
    two = add(pool(layers.MaxPooling2D, "left2"), separable(p, 7, "right2", 2), "add_2")
    three = add(pool(layers.AveragePooling2D, "left3"), separable(p, 5, "right3", 3), "add3")
    four = layers.AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{name}")(one)
    four = add(two, four, None)
    five = add(separable(one, 3, "left4", 5, stride=1), pool(layers.MaxPooling2D, "right5"), "add4")
    return layers.Concatenate(axis=-1, name=f"reduction_concat_{name}")([two, three, four, five])


def _cell(kind: str, x: Any, before: Any, filters: int, name: str) -> Any:
    with _scope(f"{kind}_A_block_{name}"):
        return (_normal if kind == "normal" else _reduction)(x, before, filters, name)


def _build(request: Request, size: _Size) -> Functional:
    if request.pretrained and request.input_shape is not None and None in tuple(request.input_shape):
        raise ValueError(
            message("The published weights need a known size.", received=f"input_shape={request.input_shape}")
        )
    start = image_input(request, size.image, channels_first=False)
    x = layers.Conv2D(
        size.stem, 3, strides=2, use_bias=False, kernel_initializer="he_normal", name="stem_conv1"
    )(start)
    stem = _norm(x, "stem_bn1")
    before, x = stem, _cell("reduction", stem, None, size.filters // 4, "stem_1")
    before, x = x, _cell("reduction", x, before, size.filters // 2, "stem_2")
    number = 0
    for third in range(3):
        filters = size.filters << third
        if third:
            reduced = _cell("reduction", x, before, filters, f"reduce_{third * size.cells}")
            before, x = (before if size.skip else x), reduced
            number = third * size.cells + 1
        for i in range(size.cells):
            before, x = x, _cell("normal", x, before, filters, f"{number + i}")
    x = layers.Activation("relu")(x)
    return finish(request, start, head(request, x, pool=None, named=False), size.files)


def _member(name: str, default: str, size: _Size) -> Callable[..., Functional]:
    def architecture(
        input_shape: Any = None,
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = default,
    ) -> Functional:
        if not include_top and input_shape is None:
            input_shape = (size.image, size.image, 3)
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        return _build(request, size)

    return published(architecture, __name__, name, "Zoph et al., 2017")


NASNetLarge = _member("NASNetLarge", "nasnet_large", _LARGE)
NASNetMobile = _member("NASNetMobile", "nasnet_mobile", _MOBILE)
preprocess_input = preprocessor(__name__, "tf")
