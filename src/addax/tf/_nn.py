"""`tf.nn`: activations, convolutions, pooling, normalisation, losses and embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import _operators as operators
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
