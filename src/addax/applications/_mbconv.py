"""Parts of both EfficientNets: inverted residual blocks with squeeze-and-excite."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._model import axis

KERNEL = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_out", "distribution": "truncated_normal"},
}
CLASSIFIER = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1 / 3, "mode": "fan_out", "distribution": "uniform"},
}


def conv(x: Any, filters: int, size: int, name: str, strides: int = 1, padding: str = "same") -> Any:
    """A convolution without bias."""
    return layers.Conv2D(
        filters,
        size,
        strides=strides,
        padding=padding,
        use_bias=False,
        kernel_initializer=KERNEL,
        name=name,
    )(x)


def norm(x: Any, name: str, momentum: float, activation: str | None = None) -> Any:
    """Batch normalization and, if it is given a name, swish."""
    x = layers.BatchNormalization(axis=axis(), momentum=momentum, name=name)(x)
    return x if activation is None else layers.Activation("swish", name=activation)(x)


def depthwise(x: Any, size: int, name: str, strides: int = 1, padding: str = "same") -> Any:
    """A convolution of each channel by itself, without bias."""
    return layers.DepthwiseConv2D(
        size,
        strides=strides,
        padding=padding,
        use_bias=False,
        depthwise_initializer=KERNEL,
        name=name,
    )(x)


def squeeze(x: Any, narrow: int, name: str) -> Any:
    """Weigh the channels by what the whole map holds.

    Args:
        x: The map.
        narrow: Filters between the two convolutions.
        name: The beginning of the names of the layers.
    """
    filters = x.shape[axis()]
    s = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    s = layers.Reshape((filters, 1, 1) if axis() == 1 else (1, 1, filters), name=f"{name}se_reshape")(s)
    for part, width, activation in (("reduce", narrow, "swish"), ("expand", filters, "sigmoid")):
        s = layers.Conv2D(
            width,
            1,
            padding="same",
            activation=activation,
            kernel_initializer=KERNEL,
            name=f"{name}se_{part}",
        )(s)
    return layers.Multiply(name=f"{name}se_excite")([x, s])


def shortcut(x: Any, before: Any, drop: float, name: str) -> Any:
    """Add what the block got, after dropping whole images' blocks in training."""
    if drop:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return layers.Add(name=f"{name}add")([x, before])
