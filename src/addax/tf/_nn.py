"""`tf.nn`: activations, convolutions, pooling, normalisation, losses and embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.engine import op
from addax.engine._jax import jnp, lax
from addax.tf._arrays import gather
from addax.tf._reduce import _axis


# Activations ---------------------------------------------------------------------------------------------
def relu(features: Any, name: str | None = None) -> Any:
    """Element-wise `max(x, 0)`."""
    return ops.relu(features)


def relu6(features: Any, name: str | None = None) -> Any:
    """Element-wise `min(max(x, 0), 6)`."""
    return ops.relu6(features)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Element-wise `x`, or `alpha * x` where it is negative."""
    return ops.leaky_relu(features, negative_slope=alpha)


def crelu(features: Any, axis: int = -1, name: str | None = None) -> Any:
    """`relu(x)` and `relu(-x)` joined along an axis."""
    return ops.concatenate([ops.relu(features), ops.relu(operators.negative(features))], axis=axis)


def elu(features: Any, name: str | None = None) -> Any:
    """Element-wise `x`, or `exp(x) - 1` where it is negative."""
    return ops.elu(features)


def selu(features: Any, name: str | None = None) -> Any:
    """Element-wise scaled `elu`."""
    return ops.selu(features)


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """Element-wise `x * P(X <= x)` for a standard normal X."""
    return ops.gelu(features, approximate=approximate)


def silu(features: Any, beta: float = 1.0) -> Any:
    """Element-wise `x * sigmoid(beta * x)`."""
    if beta == 1.0:
        return ops.silu(features)
    return operators.multiply(features, ops.sigmoid(operators.multiply(features, beta)))


swish = silu


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """Probabilities `exp(x) / sum(exp(x))` along an axis (the last one if None)."""
    return ops.softmax(logits, axis=-1 if axis is None else _axis(axis))


def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """The logarithm of `softmax`."""
    return ops.log_softmax(logits, axis=-1 if axis is None else _axis(axis))


def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """Set a share `rate` of the elements to 0 and scale the others by `1 / (1 - rate)`."""
    from addax.tf._random import op_seed

    if isinstance(rate, (int, float)) and not 0 <= rate < 1:
        raise ValueError(message("The rate must be at least 0 and below 1.", received=str(rate)))
    return random.dropout(x, rate, noise_shape=noise_shape, seed=op_seed(seed))


# Convolutions and pooling --------------------------------------------------------------------------------
def _spatial(value: Any, rank: int, channels_first: bool) -> tuple[int, ...]:
    """The spatial part of strides or sizes, given as one number, one for each axis, or for batch and channels too."""
    if isinstance(value, (int, np.integer)):
        return (int(value),) * rank
    value = [int(v) for v in value]
    if len(value) == rank + 2:
        return tuple(value[2:] if channels_first else value[1:-1])
    if len(value) == 1:
        return tuple(value * rank)
    if len(value) != rank:
        raise ValueError(
            message("Wrong number of sizes.", expected=f"1, {rank} or {rank + 2}", received=str(value))
        )
    return tuple(value)


def _layout(data_format: str | None) -> str:
    first = data_format is not None and data_format.upper().startswith("NC") and len(data_format) > 2
    return "channels_first" if first else "channels_last"


def _padded(x: Any, padding: Any, rank: int, layout: str) -> tuple[Any, str]:
    """The input padded by hand if the padding is given as numbers."""
    if isinstance(padding, str):
        return x, padding.lower()
    pairs = [tuple(int(v) for v in pair) for pair in padding]
    if len(pairs) == rank:
        outer = [(0, 0)]
        pairs = [*outer, *outer, *pairs] if layout == "channels_first" else [*outer, *pairs, *outer]
    return ops.pad(x, tuple(pairs)), "valid"


def _conv(
    x: Any, filters: Any, strides: Any, padding: Any, data_format: Any, dilations: Any, rank: int
) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    x, padding = _padded(x, padding, rank, layout)
    dilation = 1 if dilations is None else _spatial(dilations, rank, first)
    return ops.conv(
        x,
        filters,
        strides=_spatial(strides, rank, first),
        padding=padding,
        data_format=layout,
        dilation_rate=dilation,
    )


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str = "NWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over one spatial axis: input `(n, w, in)`, filters `(k, in, out)`."""
    return _conv(input, filters, stride, padding, data_format, dilations, 1)


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over two spatial axes.

    Args:
        input: Images of shape `(n, h, w, in)`, or `(n, in, h, w)` for data format `"NCHW"`.
        filters: A tensor of shape `(kh, kw, in, out)`.
        strides: A number, two, or four with those of batch and channels.
        padding: `"SAME"`, `"VALID"`, or pairs of numbers.
        data_format: `"NHWC"` or `"NCHW"`.
        dilations: Like `strides`; none if None.
        name: Accepted for TensorFlow's sake.
    """
    return _conv(input, filters, strides, padding, data_format, dilations, 2)


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Convolution over three spatial axes: input `(n, d, h, w, in)`, filters `(kd, kh, kw, in, out)`."""
    return _conv(input, filters, strides, padding, data_format, dilations, 3)


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """Convolution over as many spatial axes as the filters have."""
    return _conv(
        input,
        filters,
        1 if strides is None else strides,
        padding,
        data_format,
        dilations,
        len(filters.shape) - 2,
    )


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: Any = None,
) -> Any:
    """Each channel convolved with its own filters: input `(n, h, w, c)`, filter `(kh, kw, c, multiplier)`."""
    layout = _layout(data_format)
    first = layout == "channels_first"
    x, padding = _padded(input, padding, 2, layout)
    dilation = 1 if dilations is None else _spatial(dilations, 2, first)
    return ops.depthwise_conv(
        x,
        filter,
        strides=_spatial(strides, 2, first),
        padding=padding,
        data_format=layout,
        dilation_rate=dilation,
    )


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A depthwise convolution followed by one of 1x1."""
    hidden = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return _conv(hidden, pointwise_filter, 1, "VALID", data_format, None, 2)


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv1d` by its input: filters `(k, out, in)`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 1)


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv2d` by its input: filters `(kh, kw, out, in)`, result of shape `output_shape`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 2)


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The gradient of `conv3d` by its input: filters `(kd, kh, kw, out, in)`."""
    return _conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations, 3)


def _conv_transpose(
    x: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: str,
    data_format: Any,
    dilations: Any,
    rank: int,
) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    shape = tuple(int(d) for d in np.asarray(output_shape).tolist())
    dilation = 1 if dilations is None else _spatial(dilations, rank, first)
    return _gradient_of_conv(
        x,
        filters,
        shape=shape,
        strides=_spatial(strides, rank, first),
        padding=padding.lower(),
        layout=layout,
        dilation=dilation if isinstance(dilation, tuple) else (dilation,) * rank,
    )


@op(name="conv_transpose_to_shape")
def _gradient_of_conv(
    x: Any,
    filters: Any,
    shape: Any = (),
    strides: Any = (),
    padding: str = "same",
    layout: str = "",
    dilation: Any = (),
) -> Any:
    from addax.engine._jax import jax

    x, filters = jnp.asarray(x), jnp.asarray(filters)
    shape = (x.shape[0], *shape[1:])
    letters = "DHW"[-len(strides) :]
    data = f"NC{letters}" if layout == "channels_first" else f"N{letters}C"

    def forward(image: Any) -> Any:
        return lax.conv_general_dilated(
            image,
            filters,
            strides,
            padding.upper(),
            rhs_dilation=dilation,
            dimension_numbers=(data, f"{letters}IO", data),
        )

    found = jax.eval_shape(forward, jax.ShapeDtypeStruct(shape, x.dtype))
    if tuple(found.shape) != tuple(x.shape):
        raise ValueError(
            message(
                "`output_shape` does not belong to the input of this transposed convolution.",
                expected=f"an input of shape {tuple(found.shape)}",
                received=f"shape {tuple(x.shape)}",
            )
        )
    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, x.dtype))(x)[0]


def _pool(kind: Any, x: Any, ksize: Any, strides: Any, padding: Any, data_format: Any, rank: int) -> Any:
    layout = _layout(data_format)
    first = layout == "channels_first"
    x, padding = _padded(x, padding, rank, layout)
    return kind(
        x,
        _spatial(ksize, rank, first),
        strides=_spatial(strides, rank, first),
        padding=padding,
        data_format=layout,
    )


def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: Any = None
) -> Any:
    """The largest value of each window of one spatial axis."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 1)


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The largest value of each window of two spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 2)


def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The largest value of each window of three spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, 3)


def max_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The largest value of each window of all spatial axes."""
    return _pool(ops.max_pool, input, ksize, strides, padding, data_format, len(input.shape) - 2)


def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: Any = None
) -> Any:
    """The mean of each window of one spatial axis."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 1)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None
) -> Any:
    """The mean of each window of two spatial axes."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 2)


def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: Any = None
) -> Any:
    """The mean of each window of three spatial axes."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, 3)


def avg_pool(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: Any = None, name: Any = None
) -> Any:
    """The mean of each window of all spatial axes."""
    return _pool(ops.average_pool, input, ksize, strides, padding, data_format, len(input.shape) - 2)


def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The largest value or the mean of each window (`"MAX"` or `"AVG"`)."""
    kind = ops.max_pool if pooling_type.upper() == "MAX" else ops.average_pool
    return _pool(
        kind,
        input,
        window_shape,
        1 if strides is None else strides,
        padding,
        data_format,
        len(input.shape) - 2,
    )


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """Add a vector to the channels."""
    if _layout(data_format) == "channels_first":
        bias = operators.reshape(bias, (1, -1, *(1,) * (len(value.shape) - 2)))
    return operators.add(value, bias)


# Normalisation -------------------------------------------------------------------------------------------
def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance over some axes."""
    return ops.moments(x, axes=_axis(axes), keepdims=keepdims)


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: float,
    name: str | None = None,
) -> Any:
    """`scale * (x - mean) / sqrt(variance + epsilon) + offset`; offset and scale may be None."""
    factor = ops.rsqrt(operators.add(variance, variance_epsilon))
    if scale is not None:
        factor = operators.multiply(factor, scale)
    shifted = operators.multiply(operators.subtract(x, mean), factor)
    return shifted if offset is None else operators.add(shifted, offset)


def local_response_normalization(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Any:
    """`x / (bias + alpha * sum of squares of the neighbouring channels) ** beta`."""
    squares = ops.pad(ops.square(input), ((0, 0), (0, 0), (0, 0), (depth_radius, depth_radius)))
    channels = input.shape[-1]
    total = squares[..., :channels]
    for i in range(1, 2 * depth_radius + 1):
        total = operators.add(total, squares[..., i : i + channels])
    return operators.divide(
        input, operators.power(operators.add(operators.multiply(total, alpha), bias), beta)
    )


lrn = local_response_normalization


# Losses --------------------------------------------------------------------------------------------------
def softmax_cross_entropy_with_logits(
    labels: Any, logits: Any, axis: int = -1, name: str | None = None
) -> Any:
    """Cross-entropy of each example, from probabilities and logits along an axis."""
    log_probabilities = ops.log_softmax(logits, axis=axis)
    labels = ops.cast(labels, log_probabilities.dtype)
    return operators.negative(ops.sum(operators.multiply(labels, log_probabilities), axis=axis))


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """Cross-entropy of each example, from class numbers of shape `(...)` and logits of shape `(..., classes)`.

    Raises:
        ValueError: If the shapes do not belong together.
    """
    labels = ops.cast(labels, "int32")
    logits = logits if hasattr(logits, "shape") else ops.convert_to_tensor(logits)
    if len(labels.shape) != len(logits.shape) - 1:
        raise ValueError(
            message(
                "Labels and logits do not belong together.",
                expected="labels of the rank of the logits minus 1",
                received=f"labels of shape {tuple(labels.shape)}, logits of shape {tuple(logits.shape)}",
            )
        )
    log_probabilities = ops.log_softmax(logits, axis=-1)
    picked = ops.take_along_axis(log_probabilities, ops.expand_dims(labels, -1), axis=-1)
    return operators.negative(ops.squeeze(picked, axis=-1))


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """Element-wise cross-entropy of probabilities and logits, each class for itself."""
    labels = ops.cast(labels, logits.dtype) if hasattr(logits, "dtype") else labels
    positive = ops.relu(logits)
    tail = ops.log1p(ops.exp(operators.negative(operators.absolute(logits))))
    return operators.add(operators.subtract(positive, operators.multiply(logits, labels)), tail)


def weighted_cross_entropy_with_logits(
    labels: Any, logits: Any, pos_weight: Any, name: str | None = None
) -> Any:
    """Like `sigmoid_cross_entropy_with_logits`, with a factor on the errors of positive examples."""
    weight = operators.add(1.0, operators.multiply(operators.subtract(pos_weight, 1.0), labels))
    tail = ops.softplus(operators.negative(operators.absolute(logits)))
    return operators.add(
        operators.multiply(operators.subtract(1.0, labels), logits),
        operators.multiply(weight, operators.add(tail, ops.relu(operators.negative(logits)))),
    )


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Any:
    """Element-wise `exp(x) - targets * x`; with Stirling's correction if it is to be the full loss."""
    found = operators.subtract(ops.exp(log_input), operators.multiply(log_input, targets))
    if not compute_full_loss:
        return found
    targets = ops.convert_to_tensor(targets)
    stirling = (
        targets * ops.log(ops.maximum(targets, 1.0))
        - targets
        + 0.5 * ops.log(2 * np.pi * ops.maximum(targets, 1.0))
    )
    return operators.add(found, ops.where(operators.greater(targets, 1), stirling, ops.zeros_like(targets)))


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of squares."""
    return operators.divide(ops.sum(ops.square(t)), 2.0)


def ctc_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Any:
    """Connectionist temporal classification loss of each example; the blank is class 0 if `blank_index` is None."""
    logits = operators.transpose(logits, axes=(1, 0, 2)) if logits_time_major else logits
    blank = 0 if blank_index is None else blank_index % logits.shape[-1]
    return ops.ctc_loss(labels, logits, label_length, logit_length, mask_index=blank)


# Embeddings ----------------------------------------------------------------------------------------------
def embedding_lookup(params: Any, ids: Any, max_norm: float | None = None, name: str | None = None) -> Any:
    """The rows of a table at some indices, scaled down to a norm of at most `max_norm` if that is given."""
    rows = gather(params, ids)
    if max_norm is None:
        return rows
    norms = ops.sqrt(ops.sum(ops.square(rows), axis=-1, keepdims=True))
    return operators.multiply(
        rows, ops.minimum(1.0, ops.divide_no_nan(ops.cast(max_norm, norms.dtype), norms))
    )


def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """Cross-entropy against the true class and a sample of `num_sampled` others, for many classes.

    The sample is log-uniform, as is right for classes in order of their frequency.
    """
    from addax.tf._random import log_uniform_candidates

    labels = operators.reshape(ops.cast(labels, "int32"), (-1, num_true))
    if sampled_values is None:
        sampled_values = log_uniform_candidates(labels, num_sampled, num_classes, seed)
    sampled, expected_true, expected_sampled = sampled_values
    true_logits = _class_logits(weights, biases, inputs, labels) - ops.log(expected_true)
    rows, offsets = gather(weights, sampled), gather(biases, sampled)
    others = operators.matmul(inputs, operators.transpose(rows)) + offsets - ops.log(expected_sampled)
    if remove_accidental_hits:
        hits = ops.any(operators.equal(labels[:, :, None], sampled[None, None, :]), axis=1)
        others = ops.where(hits, others - 1e9, others)
    logits = ops.concatenate([true_logits, others], axis=1)
    targets = ops.concatenate([ops.ones_like(true_logits) / num_true, ops.zeros_like(others)], axis=1)
    return softmax_cross_entropy_with_logits(targets, logits)


def _class_logits(weights: Any, biases: Any, inputs: Any, labels: Any) -> Any:
    return ops.sum(gather(weights, labels) * ops.expand_dims(inputs, 1), axis=-1) + gather(biases, labels)


def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    name: str | None = None,
) -> Any:
    """Noise-contrastive estimation: the true class against a log-uniform sample, each by itself."""
    from addax.tf._random import log_uniform_candidates

    labels = operators.reshape(ops.cast(labels, "int32"), (-1, num_true))
    if sampled_values is None:
        sampled_values = log_uniform_candidates(labels, num_sampled, num_classes, None)
    sampled, expected_true, expected_sampled = sampled_values
    true_logits = _class_logits(weights, biases, inputs, labels) - ops.log(expected_true)
    rows, offsets = gather(weights, sampled), gather(biases, sampled)
    others = operators.matmul(inputs, operators.transpose(rows)) + offsets - ops.log(expected_sampled)
    logits = ops.concatenate([true_logits, others], axis=1)
    targets = ops.concatenate([ops.ones_like(true_logits) / num_true, ops.zeros_like(others)], axis=1)
    return ops.sum(sigmoid_cross_entropy_with_logits(targets, logits), axis=1)


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Blocks of pixels moved into channels."""
    return ops.space_to_depth(input, block_size, data_format=_layout(data_format))


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Channels moved into blocks of pixels."""
    return ops.depth_to_space(input, block_size, data_format=_layout(data_format))


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Sequences without repeated labels, padded with 0, and their lengths."""
    rows, lengths = np.asarray(labels), np.asarray(seq_length)
    kept = [
        [v for i, v in enumerate(r[:n]) if i == 0 or v != r[i - 1]]
        for r, n in zip(rows, lengths, strict=True)
    ]
    width = max((len(k) for k in kept), default=0)
    out = np.zeros((len(kept), width), rows.dtype)
    for row, values in zip(out, kept, strict=True):
        row[: len(values)] = values
    return ops.convert_to_tensor(out), ops.convert_to_tensor(np.asarray([len(k) for k in kept], np.int32))
