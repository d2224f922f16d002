"""`addax.applications.mobilenet`."""

from __future__ import annotations

from typing import Any

from addax import layers
from addax.applications._mobile import default_size, known_width, published_size, rows_and_columns
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    axis,
    check_activation,
    finish,
    image_input,
    pooled,
    published,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.core.errors import message
from addax.models import Functional

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

# (filters, stride) of each separable block.
_BLOCKS = (
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1),
)  # fmt: skip
_WIDTHS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}
_SIZES = (128, 160, 192, 224)


def _norm(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(axis=axis(-1), name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _block(x: Any, filters: int, multiplier: int, stride: int, number: int) -> Any:
    if stride > 1:
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=stride,
        padding="same" if stride == 1 else "valid",
        depth_multiplier=multiplier,
        use_bias=False,
        name=f"conv_dw_{number}",
    )(x)
    x = _norm(x, f"conv_dw_{number}")
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{number}")(x)
    return _norm(x, f"conv_pw_{number}")


def _head(request: Request, x: Any, dropout: float) -> Any:
    if not request.include_top:
        return pooled(request, x, named=False)
    check_activation(request)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(request.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((request.classes,), name="reshape_2")(x)
    return layers.Activation(request.classifier_activation, name="predictions")(x)


def MobileNet(
    input_shape: Any = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 0.001,
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
    if request.pretrained and depth_multiplier != 1:
        raise ValueError(
            message(
                "The published weights are for a multiplier of 1.",
                received=f"depth_multiplier={depth_multiplier}",
                hint="Pass weights=None.",
            )
        )
    start = image_input(request, default_size(_SIZES, input_shape))
    size = published_size(request, _SIZES, start.shape[1:])
    if name is None:
        rows = size if request.pretrained else rows_and_columns(start.shape[1:])[0]
        request = request._replace(name=f"mobilenet_{alpha:0.2f}_{rows}")
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(start)
    x = _norm(x, "conv1")
    for number, (filters, stride) in enumerate(_BLOCKS, 1):
        x = _block(x, int(filters * alpha), depth_multiplier, stride, number)
    stem = f"{KERAS_FILES}mobilenet/mobilenet_{_WIDTHS.get(alpha)}_{size}_tf"
    return finish(request, start, _head(request, x, dropout), (File(f"{stem}.h5"), File(f"{stem}_no_top.h5")))


published(MobileNet, __name__, "MobileNet", "Howard et al., 2017")
preprocess_input = preprocessor(__name__, "tf")
