"""`addax.applications.convnext`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from addax import initializers, layers
from addax.applications._model import (
    KERAS_FILES,
    File,
    Request,
    check_activation,
    finish,
    image_input,
    pooled,
    published,
)
from addax.applications._preprocess import preprocessor
from addax.applications.imagenet_utils import decode_predictions
from addax.layers import Layer
from addax.models import Functional, Sequential

__all__ = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "decode_predictions",
    "preprocess_input",
]
_LOADABLE = ("LayerScale",)  # what files of these models name

_EPSILON = 1e-6
_SCALE = 1e-6  # of the residual branches, to begin with
# ImageNet's pixels from 0 to 1: mean and deviation.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class _Size(NamedTuple):
    """A member: filters of the first stage (doubled in each next one), blocks of the stages, file hashes."""

    filters: int
    depths: tuple[int, int, int, int]
    top: str
    bare: str


class LayerScale(Layer):
    """A learned factor for each channel.

    Args:
        init_values: The factors to begin with.
        projection_dim: How many channels there are.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape: Any) -> None:
        """Make the factors."""
        self.gamma = self.add_weight(
            shape=(self.projection_dim,), initializer=initializers.Constant(self.init_values)
        )

    def call(self, inputs: Any) -> Any:
        """Scale a tensor."""
        return inputs * self.gamma


def _norm(name: str | None = None) -> Layer:
    return layers.LayerNormalization(epsilon=_EPSILON, name=name)


def _block(x: Any, name: str) -> Any:
    filters = x.shape[-1]
    y = layers.Conv2D(filters, 7, padding="same", groups=filters, name=f"{name}_depthwise_conv")(x)
    y = _norm(f"{name}_layernorm")(y)
    y = layers.Dense(4 * filters, name=f"{name}_pointwise_conv_1")(y)
    y = layers.Activation("gelu", name=f"{name}_gelu")(y)
    y = layers.Dense(filters, name=f"{name}_pointwise_conv_2")(y)
    y = LayerScale(_SCALE, filters, name=f"{name}_layer_scale")(y)
    return x + layers.Activation("linear", name=f"{name}_identity")(y)


def _shrinkers(filters: int, name: str) -> list[Sequential]:
    """What stands before each stage: the stem, then halvings."""
    stem = [
        layers.Conv2D(filters, 4, strides=4, name=f"{name}_stem_conv"),
        _norm(f"{name}_stem_layernorm"),
    ]
    found = [Sequential(stem, name=f"{name}_stem")]
    for i in range(3):
        halve = [
            _norm(f"{name}_downsampling_layernorm_{i}"),
            layers.Conv2D(filters << (i + 1), 2, strides=2, name=f"{name}_downsampling_conv_{i}"),
        ]
        found.append(Sequential(halve, name=f"{name}_downsampling_block_{i}"))
    return found


def _head(request: Request, x: Any) -> Any:
    if not request.include_top:
        return _norm()(pooled(request, x, named=False))
    check_activation(request)
    x = layers.GlobalAveragePooling2D(name=f"{request.name}_head_gap")(x)
    x = _norm(f"{request.name}_head_layernorm")(x)
    return layers.Dense(
        request.classes, activation=request.classifier_activation, name=f"{request.name}_head_dense"
    )(x)


def _build(request: Request, size: _Size, key: str, preprocess: bool) -> Functional:
    name = str(request.name)
    x = start = image_input(request, 224, channels_first=False)
    if preprocess and x.shape[-1] == 3:
        x = layers.Normalization(
            mean=[m * 255 for m in _MEAN],
            variance=[(d * 255) ** 2 for d in _DEVIATION],
            name=f"{name}_prestem_normalization",
        )(x)
    shrinkers = _shrinkers(size.filters, name)
    for stage, depth in enumerate(size.depths):
        x = shrinkers[stage](x)
        for i in range(depth):
            x = _block(x, f"{name}_stage_{stage}_block_{i}")
    stem = f"{KERAS_FILES}convnext/{key}"
    files = (File(f"{stem}.h5", size.top), File(f"{stem}_notop.h5", size.bare))
    return finish(request, start, _head(request, x), files)


def _member(name: str, size: _Size) -> Callable[..., Functional]:
    key = name.lower().replace("convnext", "convnext_")

    def architecture(
        include_top: bool = True,
        include_preprocessing: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = key,
    ) -> Functional:
        request = Request(
            include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )
        return _build(request, size, key, include_preprocessing)

    return published(architecture, __name__, name, "Liu et al., 2022")


ConvNeXtTiny = _member(
    "ConvNeXtTiny",
    _Size(
        96,
        (3, 3, 9, 3),
        "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
        "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    ),
)
ConvNeXtSmall = _member(
    "ConvNeXtSmall",
    _Size(
        96,
        (3, 3, 27, 3),
        "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
        "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
    ),
)
ConvNeXtBase = _member(
    "ConvNeXtBase",
    _Size(
        128,
        (3, 3, 27, 3),
        "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
        "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
    ),
)
ConvNeXtLarge = _member(
    "ConvNeXtLarge",
    _Size(
        192,
        (3, 3, 27, 3),
        "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6",
        "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
    ),
)
ConvNeXtXLarge = _member(
    "ConvNeXtXLarge",
    _Size(
        256,
        (3, 3, 27, 3),
        "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee",
        "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
    ),
)
preprocess_input = preprocessor(__name__, None)
