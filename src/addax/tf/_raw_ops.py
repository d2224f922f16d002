"""The kernels of `tf.raw_ops`, which take their arguments by name alone."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from addax import ops, tf
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jax, jnp
from addax.tf._raw_table import TABLE


def _kernel(name: str, target: str, arguments: list[str]) -> Callable:
    """The function of another name as a kernel."""
    parts = [argument.partition("=") for argument in arguments]
    names: dict[str, str] = {theirs: ours or theirs for theirs, _, ours in parts}

    def kernel(**kwargs: Any) -> Any:
        kwargs.pop("name", None)
        unknown = sorted(set(kwargs) - set(names))
        if unknown:
            raise TypeError(
                message(
                    f"tf.raw_ops.{name}() does not take {', '.join(unknown)}.",
                    expected=", ".join(names),
                    hint=f"Use tf.{target}().",
                )
            )
        return attrgetter(target)(tf)(**{names[key]: value for key, value in kwargs.items()})

    kernel.__name__ = kernel.__qualname__ = name
    kernel.__doc__ = f"`tf.{target}` under the name of its kernel; takes {', '.join(names)}, by name alone."
    return kernel


for _line in TABLE.strip().splitlines():
    for _entry in _line.split("|"):
        _name, _target, *_arguments = map(str, _entry.split())
        globals()[_name] = _kernel(_name, _target, _arguments)


# Gradients -----------------------------------------------------------------------------------------------
def ReluGrad(*, gradients: Any, features: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Relu`: `gradients` where `features` are above 0, else 0."""
    return ops.where(operators.greater(features, 0), gradients, ops.zeros_like(gradients))


def Relu6Grad(*, gradients: Any, features: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Relu6`: `gradients` where `features` are between 0 and 6, else 0."""
    inside = ops.logical_and(operators.greater(features, 0), operators.less(features, 6))
    return ops.where(inside, gradients, ops.zeros_like(gradients))


def LeakyReluGrad(*, gradients: Any, features: Any, alpha: float = 0.2, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `LeakyRelu`: `gradients`, times `alpha` where `features` are not above 0."""
    return ops.where(operators.greater(features, 0), gradients, operators.multiply(gradients, alpha))


def EluGrad(*, gradients: Any, outputs: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Elu`: `gradients`, times one more than `outputs` where those are below 0."""
    return operators.multiply(gradients, ops.minimum(operators.add(outputs, 1.0), 1.0))


def SeluGrad(*, gradients: Any, outputs: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Selu`: `gradients` times a factor that follows from `outputs`."""
    scale, alpha = 1.0507009873554805, 1.7580993408473768  # the constants of SELU, and their product
    factor = ops.where(operators.less(outputs, 0), operators.add(outputs, alpha), scale)
    return operators.multiply(gradients, factor)


def SoftplusGrad(*, gradients: Any, features: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Softplus`: `gradients` times the sigmoid of `features`."""
    return operators.multiply(gradients, ops.sigmoid(features))


def SigmoidGrad(*, y: Any, dy: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Sigmoid` by its result `y` and the gradient `dy` of that."""
    return operators.multiply(dy, operators.multiply(y, operators.subtract(1.0, y)))


def TanhGrad(*, y: Any, dy: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Tanh` by its result `y` and the gradient `dy` of that."""
    return operators.multiply(dy, operators.subtract(1.0, ops.square(y)))


def SqrtGrad(*, y: Any, dy: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Sqrt` by its result `y` and the gradient `dy` of that."""
    return operators.divide(operators.multiply(dy, 0.5), y)


def RsqrtGrad(*, y: Any, dy: Any, name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `Rsqrt` by its result `y` and the gradient `dy` of that."""
    return operators.multiply(operators.multiply(dy, -0.5), operators.power(y, 3))


def BiasAddGrad(*, out_backprop: Any, data_format: str = "NHWC", name: str | None = None) -> Any:  # noqa: N802
    """The gradient of `BiasAdd` by its bias: `out_backprop`, summed over all but the channels of `data_format`."""
    x = ops.convert_to_tensor(out_backprop)
    channels = 1 if data_format.startswith("NC") else len(x.shape) - 1
    return ops.sum(x, axis=tuple(i for i in range(len(x.shape)) if i != channels))


def Conv2DBackpropInput(  # noqa: N802
    *, input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Any:  # fmt: skip
    """The gradient of `Conv2D` by its input.

    Args:
        input_sizes: The shape of the input.
        filter: Its filters.
        out_backprop: The gradient of its result.
        strides: Its steps.
        padding: Its padding.
        data_format: Its data format.
        dilations: Its dilations.
        name: Accepted for TensorFlow's sake.
    """
    return tf.nn.conv2d_transpose(
        out_backprop, filter, input_sizes, strides, padding, data_format, tuple(dilations)
    )


def Conv2DBackpropFilter(  # noqa: N802
    *, input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any, data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1), name: str | None = None,
) -> Any:  # fmt: skip
    """The gradient of `Conv2D` by its filters.

    Args:
        input: Its input.
        filter_sizes: The shape of the filters.
        out_backprop: The gradient of its result.
        strides: Its steps.
        padding: Its padding.
        data_format: Its data format.
        dilations: Its dilations.
        name: Accepted for TensorFlow's sake.
    """
    shape = tuple(int(s) for s in np.asarray(filter_sizes).tolist())
    steps = strides if isinstance(strides, int) else tuple(strides)
    return _by_filters(
        input, out_backprop, shape=shape, options=(steps, padding, data_format, tuple(dilations))
    )


@op(name="conv2d_filter_gradient")
def _by_filters(x: Any, gradient: Any, shape: Any = (), options: Any = ()) -> Any:
    x = jnp.asarray(x)
    start = jnp.zeros(shape, x.dtype)
    return jax.vjp(lambda w: tf.nn.conv2d(x, w, *options), start)[1](jnp.asarray(gradient))[0]


# Others --------------------------------------------------------------------------------------------------
def Einsum(*, inputs: Any, equation: str, name: str | None = None) -> Any:  # noqa: N802
    """`tf.einsum` of a list of `inputs` by an `equation`."""
    return tf.einsum(equation, *inputs)


def UpperBound(*, sorted_inputs: Any, values: Any, out_type: Any = "int32", name: str | None = None) -> Any:  # noqa: N802
    """Behind which of the `sorted_inputs` each of the `values` belongs, as `out_type`."""
    return tf.searchsorted(sorted_inputs, values, side="right", out_type=out_type)


def NoOp(*, name: str | None = None) -> None:  # noqa: N802
    """Nothing."""


def NonMaxSuppressionV5(  # noqa: N802
    *, boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any, score_threshold: Any,
    soft_nms_sigma: Any, pad_to_max_output_size: bool = False, name: str | None = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """`tf.image.non_max_suppression_with_scores`, and how many boxes are kept.

    Args:
        boxes: As there, as what follows.
        scores: See `boxes`.
        max_output_size: See `boxes`.
        iou_threshold: See `boxes`.
        score_threshold: See `boxes`.
        soft_nms_sigma: See `boxes`.
        pad_to_max_output_size: Whether results are filled up with zeros to `max_output_size`.
        name: Accepted for TensorFlow's sake.
    """
    from addax.tf._image_boxes import _cut, _suppressed

    found = _suppressed(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma)
    return found if pad_to_max_output_size else (*_cut(*found), found[2])


def SoftmaxCrossEntropyWithLogits(*, features: Any, labels: Any, name: str | None = None) -> tuple[Any, Any]:  # noqa: N802
    """The loss of logits (`features`) against `labels`, and its gradient by the logits."""
    loss = tf.nn.softmax_cross_entropy_with_logits(labels, features)
    return loss, operators.subtract(ops.softmax(features), labels)


def SparseSoftmaxCrossEntropyWithLogits(  # noqa: N802
    *, features: Any, labels: Any, name: str | None = None
) -> tuple[Any, Any]:
    """The loss of logits (`features`) against numbers of classes (`labels`), and its gradient by the logits."""
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, features)
    features = ops.convert_to_tensor(features)
    wanted = ops.one_hot(labels, features.shape[-1], dtype=features.dtype)
    return loss, operators.subtract(ops.softmax(features), wanted)


def FusedBatchNormV3(  # noqa: N802
    *, x: Any, scale: Any, offset: Any, mean: Any, variance: Any, epsilon: float = 1e-4,
    exponential_avg_factor: float = 1.0, data_format: str = "NHWC", is_training: bool = True,
    name: str | None = None,
) -> tuple[Any, ...]:  # fmt: skip
    """Batch normalization of images.

    Args:
        x: Floats of shape `(n, h, w, channels)`.
        scale: A factor for each channel.
        offset: What is added to each channel.
        mean: The mean of each channel so far.
        variance: Its variance so far.
        epsilon: A small number against division by zero.
        exponential_avg_factor: How much of the batch the new mean and variance have.
        data_format: `"NHWC"`, or `"NCHW"` with channels first.
        is_training: Whether to normalize by the moments of the batch rather than by those given.
        name: Accepted for TensorFlow's sake.

    Returns:
        The images, the new mean and variance, and for gradients the mean and (twice) the variance used.
    """
    first = data_format.startswith("NC")
    axes, shape = ((0, 2, 3), (1, -1, 1, 1)) if first else ((0, 1, 2), (1, 1, 1, -1))
    used, new = (mean, variance), (mean, variance)
    if is_training:
        used = ops.moments(x, axes=axes)
        count = float(np.prod([x.shape[a] for a in axes]))
        unbiased = operators.multiply(used[1], count / max(count - 1, 1))
        share = exponential_avg_factor
        new = (used[0], unbiased)
        if share != 1:
            old = (operators.multiply(part, 1 - share) for part in (mean, variance))
            new = tuple(operators.add(o, operators.multiply(n, share)) for o, n in zip(old, new, strict=True))
    parts = [operators.reshape(part, shape) for part in (*used, offset, scale)]
    return tf.nn.batch_normalization(x, *parts, epsilon), *new, *used, used[1]
