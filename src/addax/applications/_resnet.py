"""ResNet, with activations after the convolutions (version 1) or before them (version 2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from addax import layers
from addax.applications._model import KERAS_FILES, File, Request, axis, finish, head, image_input, standard
from addax.models import Functional

_HASHES = {
    "resnet50": ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
    "resnet101": ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
    "resnet152": ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
    "resnet50v2": ("3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"),
    "resnet101v2": ("6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"),
    "resnet152v2": ("a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"),
}
_PAPERS = ("He et al., 2015", "He et al., 2016, Identity mappings in deep residual networks")


def _norm(x: Any, name: str, relu: str | None = None) -> Any:
    """Batch normalization and, if it is given a name, a rectifier."""
    x = layers.BatchNormalization(axis=axis(), epsilon=1.001e-5, name=name)(x)
    return x if relu is None else layers.Activation("relu", name=relu)(x)


def _block(x: Any, filters: int, stride: int, first: bool, name: str) -> Any:
    """A bottleneck, activations last; the first of a stage projects its shortcut."""
    shortcut = x
    if first:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
        shortcut = _norm(shortcut, f"{name}_0_bn")
    x = layers.Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(x)
    x = _norm(x, f"{name}_1_bn", f"{name}_1_relu")
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = _norm(x, f"{name}_2_bn", f"{name}_2_relu")
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = layers.Add(name=f"{name}_add")([shortcut, _norm(x, f"{name}_3_bn")])
    return layers.Activation("relu", name=f"{name}_out")(x)


def _block_v2(x: Any, filters: int, stride: int, first: bool, name: str) -> Any:
    """A bottleneck, activations first; the last of a stage has the stride."""
    ready = _norm(x, f"{name}_preact_bn", f"{name}_preact_relu")
    shortcut = x
    if first:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(ready)
    elif stride > 1:
        shortcut = layers.MaxPooling2D(1, strides=stride)(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(ready)
    x = _norm(x, f"{name}_1_bn", f"{name}_1_relu")
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(x)
    x = _norm(x, f"{name}_2_bn", f"{name}_2_relu")
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _build(request: Request, key: str, depths: tuple[int, ...], version: int) -> Functional:
    start = image_input(request, 224)
    x = layers.ZeroPadding2D(3, name="conv1_pad")(start)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    if version == 1:
        x = _norm(x, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    block, strides = (_block, (1, 2, 2, 2)) if version == 1 else (_block_v2, (2, 2, 2, 1))
    for stage, depth in enumerate(depths):
        strided = 1 if version == 1 else depth
        for i in range(1, depth + 1):
            stride = strides[stage] if i == strided else 1
            x = block(x, 64 << stage, stride, i == 1, f"conv{stage + 2}_block{i}")
    if version == 2:
        x = _norm(x, "post_bn", "post_relu")
    stem = f"{KERAS_FILES}resnet/{key}_weights_tf_dim_ordering_tf_kernels"
    top, bare = _HASHES[key]
    return finish(request, start, head(request, x), (File(f"{stem}.h5", top), File(f"{stem}_notop.h5", bare)))


def member(name: str, *depths: int) -> Callable[..., Functional]:
    """The ResNet with so many blocks in each stage."""
    key, version = name.lower(), 2 if name.endswith("V2") else 1
    return standard(
        "addax.applications.resnet_v2" if version == 2 else "addax.applications.resnet",
        name,
        key,
        _PAPERS[version - 1],
        partial(_build, key=key, depths=depths, version=version),
    )
