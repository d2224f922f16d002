"""What all architectures share: checking arguments, the input, the head, weights, and the docstring."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from addax import activations, layers
from addax.core import config
from addax.core.errors import message
from addax.engine import SymbolicTensor
from addax.models import Functional
from addax.saving._download import get_file

F = TypeVar("F", bound=Callable[..., Any])

KERAS_FILES = "https://storage.googleapis.com/tensorflow/keras-applications/"
_ARGUMENTS = {
    "include_top": "Whether the classifier is part of the model.",
    "weights": '`"imagenet"` for the weights that Keras publishes (got from the web once, then kept), the path of a\n'
    "        weights file, or None for random ones.",
    "input_tensor": "A symbolic tensor to build the network on, instead of a new input.",
    "input_shape": "The shape of one image, channels included. With the classifier and published weights it is fixed;\n"
    "        without the classifier height and width may be None.",
    "pooling": 'Without the classifier: `"avg"` or `"max"` for a vector for each image, None for the last map.',
    "classes": "The number of classes.",
    "classifier_activation": "The activation of the classifier; None for logits.",
    "include_preprocessing": "Whether the model itself scales pixels from 0 to 255.",
    "alpha": "The width: how many filters each layer has, relative to the paper.",
    "depth_multiplier": "The filters of each depthwise convolution for each channel.",
    "minimalistic": "Whether to leave out what is slow on some chips: squeeze-and-excite, hard swish, 5x5 kernels.",
    "dropout": "The rate of dropout before the classifier.",
    "dropout_rate": "The rate of dropout before the classifier.",
    "name": "The name of the model.",
}


class File(NamedTuple):
    """A published file of weights.

    Attributes:
        url: Where it is.
        digest: Its hash, if one is published.
        name: Its name in the cache; the last part of the URL if None.
    """

    url: str
    digest: str | None = None
    name: str | None = None


class Request(NamedTuple):
    """The arguments that every architecture takes; `describe` has their meaning."""

    include_top: bool
    weights: Any
    input_tensor: Any
    input_shape: Any
    pooling: Any
    classes: int
    classifier_activation: Any
    name: str | None

    @property
    def pretrained(self) -> bool:
        """Whether the published weights are wanted."""
        return isinstance(self.weights, str) and self.weights == "imagenet"


def axis(last: int = 3) -> int:
    """The axis of the channels of a batch of images; `last` is how to name the last one."""
    return 1 if config.image_data_format() == "channels_first" else last


def image_input(request: Request, size: int, least: int = 32, channels_first: bool = True) -> Any:
    """Check the arguments and make the tensor that the network starts from.

    Args:
        request: The arguments.
        size: The height and width of images if none are given.
        least: The smallest ones.
        channels_first: Whether the architecture can put channels first.

    Raises:
        ValueError: If an argument is wrong.
    """
    if not channels_first and config.image_data_format() == "channels_first":
        raise ValueError(
            message(
                f"{request.name} needs channels last.",
                received='image_data_format "channels_first"',
                hint='Call keras.config.set_image_data_format("channels_last").',
            )
        )
    check_weights(request)
    shape = image_shape(request, size, least)
    if request.input_tensor is None:
        return layers.Input(shape=shape)
    if not isinstance(request.input_tensor, SymbolicTensor):
        raise ValueError(
            message(
                "`input_tensor` is no symbolic tensor.",
                expected="what Input() or a layer called on it returns",
                received=request.input_tensor,
            )
        )
    return request.input_tensor


def check_weights(request: Request) -> None:
    """Raise ValueError if the weights are no file, or the published ones do not fit the number of classes."""
    weights = request.weights
    if weights is not None and not request.pretrained and not os.path.exists(weights):
        raise ValueError(
            message(
                "`weights` names no file.",
                expected='None, "imagenet", or the path of a .weights.h5, .h5 or .keras file',
                received=repr(weights),
            )
        )
    if request.pretrained and request.include_top and request.classes != 1000:
        raise ValueError(
            message(
                "The published classifier has 1000 classes.",
                received=f"classes={request.classes}",
                hint="Pass include_top=False and add a classifier of your own, or weights=None.",
            )
        )


def image_shape(request: Request, size: int, least: int) -> tuple[int | None, ...]:
    """The shape of one image, from the arguments and the default size."""
    first = config.image_data_format() == "channels_first"
    shape = request.input_shape
    shape = tuple(shape) if shape is not None else None
    if shape is not None and len(shape) != 3:
        raise ValueError(
            message(
                "`input_shape` is wrong.", expected="three numbers, channels included", received=str(shape)
            )
        )
    channels = 3
    if shape and not request.pretrained:
        channels = shape[0 if first else 2]
        if channels not in (1, 3):
            warnings.warn(f"The images have {channels} channels; 1 or 3 are usual.", stacklevel=4)
    default = (channels, size, size) if first else (size, size, channels)
    if request.pretrained and request.include_top:
        if shape not in (None, default):
            raise ValueError(
                message(
                    "The published classifier takes images of one shape.",
                    expected=f"input_shape={default}",
                    received=str(shape),
                    hint="Pass include_top=False.",
                )
            )
        return default
    if not shape:
        unknown = (3, None, None) if first else (None, None, 3)
        return default if request.include_top else unknown
    _check_size(request, shape, first, least)
    return shape


def _check_size(request: Request, shape: tuple, first: bool, least: int) -> None:
    sizes = shape[1:] if first else shape[:2]
    channels = shape[0] if first else shape[2]
    if request.pretrained and channels != 3:
        raise ValueError(
            message("The published weights are for images of 3 channels.", received=f"input_shape={shape}")
        )
    if any(n is not None and n < least for n in sizes):
        raise ValueError(
            message(
                "The images are too small.",
                expected=f"a height and width of at least {least}",
                received=f"input_shape={shape}",
            )
        )
    if request.include_top and None in shape:
        raise ValueError(
            message(
                "With the classifier the shape of the images has to be known.",
                received=f"input_shape={shape}",
                hint="Give height and width, or pass include_top=False.",
            )
        )


def check_activation(request: Request) -> None:
    """Raise ValueError if the classifier's activation is not one that loaded weights were trained for."""
    allowed = (activations.get("softmax"), activations.get(None))
    if request.weights is not None and activations.get(request.classifier_activation) not in allowed:
        raise ValueError(
            message(
                "A loaded classifier has `softmax` or no activation.",
                received=f"classifier_activation={request.classifier_activation!r}",
                hint="Pass classifier_activation=None and apply the activation afterwards.",
            )
        )


def head(
    request: Request,
    x: Any,
    pool: str | None = "avg_pool",
    named: bool = True,
    dropout: float = 0.0,
    initializer: Any = "glorot_uniform",
) -> Any:
    """The usual classifier, or what `pooling` wants.

    Args:
        request: The arguments.
        x: The last map.
        pool: The name of the pooling layer before the classifier.
        named: Whether the pooling layer without a classifier has a fixed name.
        dropout: The rate of dropout before the classifier.
        initializer: Of the classifier's kernel.
    """
    if not request.include_top:
        return pooled(request, x, named)
    check_activation(request)
    x = layers.GlobalAveragePooling2D(name=pool)(x)
    if dropout > 0:
        x = layers.Dropout(dropout, name="top_dropout")(x)
    return layers.Dense(
        request.classes,
        activation=request.classifier_activation,
        kernel_initializer=initializer,
        name="predictions",
    )(x)


def pooled(request: Request, x: Any, named: bool = True) -> Any:
    """The last map, pooled as `pooling` wants."""
    if request.pooling == "avg":
        return layers.GlobalAveragePooling2D(name="avg_pool" if named else None)(x)
    if request.pooling == "max":
        return layers.GlobalMaxPooling2D(name="max_pool" if named else None)(x)
    return x


def finish(request: Request, start: Any, x: Any, files: tuple[File, File] | None = None) -> Functional:
    """The model from where the network starts to where it ends, with its weights loaded.

    Args:
        request: The arguments.
        start: What `image_input` returned.
        x: The end of the network.
        files: The published files, with and without the classifier.

    Raises:
        Exception: If the published file is not in the cache and cannot be got; the message says where to put it.
    """
    inputs = _sources(start)
    model = Functional(inputs[0] if len(inputs) == 1 else inputs, x, name=request.name)
    if request.pretrained:
        assert files is not None
        file = files[0 if request.include_top else 1]
        path = get_file(file.name, file.url, cache_subdir="models", file_hash=file.digest)
        model.load_weights(path)
    elif request.weights is not None:
        model.load_weights(request.weights)
    return model


def _sources(tensor: Any) -> list:
    """The inputs that a symbolic tensor was computed from."""
    found, waiting, seen = [], [tensor], set()
    while waiting:
        x = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        before = list(x._node.inputs)
        if before:
            waiting.extend(reversed(before))
        else:
            found.append(x)
    return found


def correct_pad(x: Any, size: int) -> tuple:
    """Padding with which a valid convolution of stride 2 sees what TensorFlow's "same" of an odd size would."""
    sizes = x.shape[2:4] if axis() == 1 else x.shape[1:3]
    half = size // 2
    height, width = ((half - 1 + (n or 0) % 2, half) for n in sizes)
    return height, width


def rounded(count: float, step: int = 8) -> int:
    """The multiple of `step` next to a number of filters, and at least nine tenths of it."""
    near = max(step, int(count + step / 2) // step * step)
    return near + step if near < 0.9 * count else near


def standard(
    module: str, name: str, default: str, paper: str, build: Callable[[Request], Functional]
) -> Callable[..., Functional]:
    """The public function of an architecture with the usual arguments.

    Args:
        module: The module that it is published in.
        name: Its name.
        default: The default name of the model.
        paper: Where it is described.
        build: Makes the model.
    """

    def architecture(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = default,
    ) -> Functional:
        return build(
            Request(
                include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
            )
        )

    return published(architecture, module, name, paper)


def published(function: F, module: str, name: str, paper: str) -> F:
    """Name an architecture's function, and describe it and its arguments."""
    function.__module__, function.__name__, function.__qualname__ = module, name, name
    arguments = "\n".join(f"    {key}: {_ARGUMENTS[key]}" for key in inspect.signature(function).parameters)
    function.__doc__ = (
        f"{name}, a network for images ({paper}).\n\n"
        f"Images are made ready by `preprocess_input` of `{module.replace('addax', 'keras', 1)}`.\n\n"
        f"Args:\n{arguments}\n\n"
        "Returns:\n    A functional model, not compiled.\n\n"
        "Raises:\n    ValueError: If an argument is wrong, or weights do not fit.\n"
        "    Exception: If the published weights cannot be got; the message says where to put them by hand.\n"
    )
    return function
