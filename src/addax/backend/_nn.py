"""The functions of tf.keras's backend for networks: activations, losses, convolutions, pooling, CTC."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax import random as _random
from addax.core import config
from addax.core.errors import message


# Activations --------------------------------------------------------------------------------------------------
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """`x` above `threshold`, at most `max_value`; below it, `alpha` times `x - threshold`."""
    from addax.activations import relu as activation

    return activation(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """`x` where it is positive, `alpha` times `exp(x) - 1` elsewhere."""
    return ops.elu(x, alpha)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))`."""
    return ops.sigmoid(x)


def hard_sigmoid(x: Any) -> Any:
    """`0.2 * x + 0.5`, limited to the range from 0 to 1, as tf.keras has it.

    Example:
        >>> hard_sigmoid([-3.0, 1.0]).numpy()
        array([0. , 0.7], dtype=float32)
    """
    return ops.clip(ops.convert_to_tensor(x) * 0.2 + 0.5, 0.0, 1.0)


def tanh(x: Any) -> Any:
    """Element-wise hyperbolic tangent."""
    return ops.tanh(x)


def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities along an axis, proportional to `exp(x)`."""
    return ops.softmax(x, axis=axis)


def softplus(x: Any) -> Any:
    """`log(exp(x) + 1)`."""
    return ops.softplus(x)


def softsign(x: Any) -> Any:
    """`x / (abs(x) + 1)`."""
    return ops.softsign(x)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """The tensor with a random part of its elements set to zero, and the others enlarged to make up for it.

    Args:
        x: A tensor.
        level: The part that is dropped.
        noise_shape: The shape of the random choice; that of the tensor if None.
        seed: Makes it repeatable.
    """
    return _random.dropout(x, level, noise_shape=noise_shape, seed=seed)


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """`(x - mean) / sqrt(var + epsilon) * gamma + beta`.

    Args:
        x: A tensor.
        mean: The means along `axis`.
        var: The variances.
        beta: What is added; None for nothing.
        gamma: The factors; None for one.
        axis: The axis of the channels.
        epsilon: Keeps the division finite.
    """
    shape = [1] * len(x.shape)
    shape[axis] = -1
    mean, var, beta, gamma = (
        v if v is None or len(getattr(v, "shape", ())) != 1 else ops.reshape(v, shape)
        for v in (mean, var, beta, gamma)
    )
    out = (x - mean) * ops.rsqrt(var + epsilon)
    out = out if gamma is None else out * gamma
    return out if beta is None else out + beta


# Losses -------------------------------------------------------------------------------------------------------
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Cross-entropy of each element.

    Args:
        target: Labels from 0 to 1.
        output: Probabilities, or logits.
        from_logits: Whether `output` holds logits.
    """
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Cross-entropy of distributions.

    Args:
        target: Distributions along `axis`.
        output: Probabilities, or logits.
        from_logits: Whether `output` holds logits.
        axis: The axis of the classes.
    """
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1, ignore_class: int | None = None
) -> Any:
    """Cross-entropy for labels by number.

    Args:
        target: Integers.
        output: Probabilities, or logits.
        from_logits: Whether `output` holds logits.
        axis: The axis of the classes.
        ignore_class: A label that costs nothing.
    """
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)
    counts = ops.not_equal(target, ignore_class)
    some = ops.where(counts, target, ops.zeros_like(target))
    losses = ops.sparse_categorical_crossentropy(some, output, from_logits=from_logits, axis=axis)
    return ops.where(counts, losses, ops.zeros_like(losses))


def binary_focal_crossentropy(
    target: Any,
    output: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
) -> Any:
    """Cross-entropy of each element in which easy ones count less, by `(1 - p_t)**gamma`.

    Args:
        target: Labels 0 and 1.
        output: Probabilities, or logits.
        apply_class_balancing: Whether label 1 is weighted by `alpha` and label 0 by `1 - alpha`.
        alpha: The weight of label 1.
        gamma: The focusing exponent.
        from_logits: Whether `output` holds logits.
    """
    p = ops.sigmoid(output) if from_logits else output
    losses = ops.binary_crossentropy(target, p)
    losses = losses * ops.power(1 - (target * p + (1 - target) * (1 - p)), gamma)
    return losses * (target * alpha + (1 - target) * (1 - alpha)) if apply_class_balancing else losses


def categorical_focal_crossentropy(
    target: Any,
    output: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    axis: int = -1,
) -> Any:
    """Cross-entropy of distributions in which easy classes count less, by `alpha * (1 - p)**gamma`.

    Args:
        target: Distributions along `axis`.
        output: Probabilities, or logits.
        alpha: The weight, or the weights of the classes.
        gamma: The focusing exponent.
        from_logits: Whether `output` holds logits.
        axis: The axis of the classes.
    """
    p = ops.softmax(output, axis=axis) if from_logits else output
    p = p / ops.sum(p, axis=axis, keepdims=True)
    p = ops.clip(p, config.epsilon(), 1 - config.epsilon())
    return ops.sum(alpha * ops.power(1 - p, gamma) * -target * ops.log(p), axis=axis)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether each target is among the `k` best predictions.

    Args:
        predictions: Scores of shape `(batch, classes)`.
        targets: Integers of shape `(batch,)`.
        k: How many.
    """
    return ops.in_top_k(targets, predictions, k)


# Convolutions and pooling -------------------------------------------------------------------------------------
def conv1d(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolution over one dimension.

    Args:
        x: Tensor of shape `(batch, *space, channels)`, or channels first.
        kernel: Tensor of shape `(*window, channels, filters)`.
        strides: Steps of the window.
        padding: `"valid"` or `"same"`; in one dimension `"causal"` too.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window.
    """
    if padding == "causal":
        before = _first(dilation_rate) * (kernel.shape[0] - 1)
        first = config.standardize_data_format(data_format) == "channels_first"
        x = ops.pad(x, [(0, 0), (0, 0), (before, 0)] if first else [(0, 0), (before, 0), (0, 0)])
        padding = "valid"
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def _first(value: Any) -> int:
    return value[0] if isinstance(value, (list, tuple)) else value


def conv2d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolution over two dimensions. See `conv1d`.

    Example:
        >>> from addax import ops
        >>> conv2d(ops.ones((1, 5, 5, 3)), ops.ones((3, 3, 3, 8))).shape
        TensorShape([1, 3, 3, 8])
    """
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv3d(
    x: Any,
    kernel: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1, 1),
) -> Any:
    """Convolution over three dimensions. See `conv1d`."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """The gradient of a convolution by its input.

    Args:
        x: Tensor of shape `(batch, height, width, channels)`, or channels first.
        kernel: Tensor of shape `(*window, filters, channels)`.
        output_shape: The shape of the result; its batch and channels follow from the others.
        strides: How far the input's elements are spread.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        dilation_rate: Distance of neighbours in a window.

    Example:
        >>> from addax import ops
        >>> x, kernel = ops.ones((1, 2, 2, 3)), ops.ones((3, 3, 8, 3))
        >>> conv2d_transpose(x, kernel, (1, 4, 4, 8), strides=(2, 2), padding="same").shape
        TensorShape([1, 4, 4, 8])
    """
    start = 2 if config.standardize_data_format(data_format) == "channels_first" else 1
    strides, dilation = _pair(strides), _pair(dilation_rate)
    extra = [
        _extra(x.shape[start + i], output_shape[start + i], kernel.shape[i], strides[i], dilation[i], padding)
        for i in range(2)
    ]
    output_padding = None if None in extra else tuple(extra)
    return ops.conv_transpose(x, kernel, strides, padding, output_padding, data_format, dilation)


def _pair(value: Any) -> tuple:
    return (value, value) if isinstance(value, int) else tuple(value)


def _extra(size: Any, wanted: Any, window: int, stride: int, dilation: int, padding: str) -> int | None:
    """By how much the result is larger than it must be; None if a size is unknown."""
    if size is None or wanted is None:
        return None
    window = (window - 1) * dilation + 1
    least = (size - 1) * stride + window - (2 * (window // 2) if padding == "same" else 0)
    return int(wanted) - least


def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolution of each channel by itself, with `depthwise_kernel` of `(*window, channels, multiplier)`.

    The other arguments are described as for `conv1d`.
    """
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """`depthwise_conv2d` with `depthwise_kernel`, then a 1 by 1 convolution with `pointwise_kernel`.

    The other arguments are described as for `conv1d`.
    """
    return ops.separable_conv(
        x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
    )


def _pool(x: Any, size: Any, strides: Any, padding: str, data_format: Any, mode: str) -> Any:
    pools = {"max": ops.max_pool, "avg": ops.average_pool}
    if mode not in pools:
        raise ValueError(message("Unknown pool_mode.", expected='"max" or "avg"', received=mode))
    return pools[mode](x, size, strides, padding, data_format)


def pool2d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    """The largest value, or the mean, of each window.

    Args:
        x: Tensor of shape `(batch, *space, channels)`, or channels first.
        pool_size: The size of the window.
        strides: Its steps.
        padding: `"valid"` or `"same"`.
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.
        pool_mode: `"max"` or `"avg"`.

    Raises:
        ValueError: For another `pool_mode`.
    """
    return _pool(x, pool_size, strides, padding, data_format, pool_mode)


def pool3d(
    x: Any,
    pool_size: Any,
    strides: Any = (1, 1, 1),
    padding: str = "valid",
    data_format: Any = None,
    pool_mode: str = "max",
) -> Any:
    """The largest value, or the mean, of each window of volumes. See `pool2d`."""
    return _pool(x, pool_size, strides, padding, data_format, pool_mode)


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """Add a bias for each channel, or for each place of a sample.

    Args:
        x: A tensor.
        bias: Of rank 1, or of the rank of a sample (channels last).
        data_format: `"channels_last"` or `"channels_first"`; the setting if None.

    Raises:
        ValueError: If the bias has another rank.
    """
    rank, bias_rank = len(x.shape), len(bias.shape)
    if bias_rank not in (1, rank - 1):
        raise ValueError(
            message("The bias has another rank.", expected=f"1 or {rank - 1}", received=f"{bias_rank}")
        )
    if config.standardize_data_format(data_format) == "channels_last":
        return x + bias
    if bias_rank == 1:
        return x + ops.reshape(bias, (1, -1, *[1] * (rank - 2)))
    return x + ops.expand_dims(ops.moveaxis(bias, -1, 0), 0)


# CTC ----------------------------------------------------------------------------------------------------------
def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """The CTC loss of each sample (Graves et al., 2006), as Keras's OCR example uses it.

    Args:
        y_true: Labels of shape `(batch, max_labels)`.
        y_pred: Probabilities of shape `(batch, frames, classes)`; the last class stands for no label.
        input_length: How many frames count, of shape `(batch, 1)`.
        label_length: How many labels count, of shape `(batch, 1)`.

    Returns:
        Losses of shape `(batch, 1)`.
    """
    lengths = [ops.cast(ops.reshape(n, (-1,)), "int32") for n in (label_length, input_length)]
    logits = ops.log(ops.convert_to_tensor(y_pred) + config.epsilon())
    losses = ops.ctc_loss(ops.cast(y_true, "int32"), logits, *lengths, mask_index=y_pred.shape[-1] - 1)
    return ops.expand_dims(losses, 1)


def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> tuple[list, Any]:
    """The likeliest labels.

    Args:
        y_pred: Probabilities of shape `(batch, frames, classes)`; the last class stands for no label.
        input_length: How many frames count, of shape `(batch,)`.
        greedy: Whether the best class of each frame is taken, rather than searching.
        beam_width: How many prefixes a search keeps.
        top_paths: How many sequences a search gives.

    Returns:
        A list of tensors of shape `(batch, frames)` with -1 after the end, and scores of shape
        `(batch, top_paths)`.

    Example:
        >>> from addax import ops
        >>> (labels,), _ = ctc_decode(ops.one_hot([[1, 1, 2, 0]], 3), [4])
        >>> labels.numpy()
        array([[ 1,  0, -1, -1]], dtype=int32)
    """
    scores = ops.log(ops.convert_to_tensor(y_pred) + config.epsilon())
    paths, found = ops.ctc_decode(
        scores,
        ops.cast(input_length, "int32"),
        strategy="greedy" if greedy else "beam_search",
        beam_width=beam_width,
        top_paths=top_paths,
        mask_index=None,
    )
    return [paths[i] for i in range(paths.shape[0])], found
