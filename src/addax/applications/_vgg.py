"""VGG: blocks of 3x3 convolutions and two wide dense layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from addax import layers
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    check_activation,
    finish,
    image_input,
    pooled,
    standard,
)
from addax.models import Functional

_FILTERS = (64, 128, 256, 512, 512)
_HASHES = {
    "vgg16": ("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"),
    "vgg19": ("cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6"),
}


def _build(request: Request, key: str, depths: tuple[int, ...]) -> Functional:
    x = start = image_input(request, 224)
    for block, (filters, depth) in enumerate(zip(_FILTERS, depths, strict=True), 1):
        for i in range(1, depth + 1):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"block{block}_conv{i}")(x)
        x = layers.MaxPooling2D(2, 2, name=f"block{block}_pool")(x)
    if request.include_top:
        check_activation(request)
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(4096, activation="relu", name="fc1")(x)
        x = layers.Dense(4096, activation="relu", name="fc2")(x)
        x = layers.Dense(request.classes, activation=request.classifier_activation, name="predictions")(x)
    else:
        x = pooled(request, x, named=False)
    stem = f"{KERAS_FILES}{key}/{key}_weights_tf_dim_ordering_tf_kernels"
    top, bare = _HASHES[key]
    return finish(request, start, x, (File(f"{stem}.h5", top), File(f"{stem}_notop.h5", bare)))


def member(name: str, *depths: int) -> Callable[..., Functional]:
    """The VGG with so many convolutions in each block."""
    key = name.lower()
    return standard(
        f"addax.applications.{key}",
        name,
        key,
        "Simonyan and Zisserman, 2014",
        partial(_build, key=key, depths=depths),
    )
