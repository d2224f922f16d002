"""`tf.nn`: activations, convolutions, pooling, normalisation, losses and embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.ops._ragged import RaggedTensor
from addax.tf._gather import gather
from addax.tf._reduce import _axis


# Activations ---------------------------------------------------------------------------------------------
def relu(features: Any, name: str | None = None) -> Any:
    """Element-wise `max(x, 0)`."""
    return ops.relu(features)


def relu6(features: Any, name: str | None = None) -> Any:
    """Element-wise `min(max(x, 0), 6)`."""
    return ops.relu6(features)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Element-wise `x`, or `alpha * x` where it is negative.

    Args:
        features: A float tensor.
        alpha: The slope for negative numbers.
        name: Accepted for TensorFlow's sake.
    """
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
    """Element-wise `x * P(X <= x)` for a standard normal X.

    Args:
        features: A float tensor.
        approximate: Whether to use a formula with `tanh` instead of the error function.
        name: Accepted for TensorFlow's sake.
    """
    return ops.gelu(features, approximate=approximate)


def silu(features: Any, beta: float = 1.0) -> Any:
    """Element-wise `x * sigmoid(beta * x)`.

    Args:
        features: A float tensor.
        beta: How steep the sigmoid is.
    """
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
    """Set a share `rate` of the elements to 0 and scale the others by `1 / (1 - rate)`.

    Args:
        x: A float tensor.
        rate: The chance of an element to become 0, a number or a scalar tensor.
        noise_shape: The shape of the mask, which is broadcast to that of `x`; an own draw for each element if None.
        seed: An integer repeats the draws from run to run; None follows the global seed.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If `rate` is a number below 0, or not below 1.
    """
    from addax.tf._random import op_seed

    if isinstance(rate, (int, float)) and not 0 <= rate < 1:
        raise ValueError(message("The rate must be at least 0 and below 1.", received=str(rate)))
    return random.dropout(x, rate, noise_shape=noise_shape, seed=op_seed(seed))


def stateless_dropout(
    x: Any, rate: Any, seed: Any, rng_alg: Any = None, noise_shape: Any = None, name: str | None = None
) -> Any:
    """`dropout` by a seed of two integers.

    Args:
        x: A float tensor.
        rate: The share of elements that become 0, at least 0 and below 1.
        seed: Two integers; the same ones give the same draw.
        rng_alg: Accepted for TensorFlow's sake; the numbers are those of JAX's Threefry.
        noise_shape: As in `dropout`.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the rate is out of range, or the seed is not of two integers.
    """
    from addax.tf._random import _stateless

    return dropout(x, rate, noise_shape, _stateless(seed))


def general_dropout(
    x: Any, rate: Any, uniform_sampler: Any, noise_shape: Any = None, name: str | None = None
) -> Any:
    """`dropout` by numbers that a function draws.

    Args:
        x: A float tensor.
        rate: The share of elements that become 0, at least 0 and below 1.
        uniform_sampler: A function `(shape=..., dtype=...)` that draws from [0, 1).
        noise_shape: The shape of what is drawn, which broadcasts to that of `x`; that of `x` if None.
        name: Accepted for TensorFlow's sake.
    """
    x = ops.convert_to_tensor(x)
    shape = tuple(x.shape) if noise_shape is None else tuple(noise_shape)
    kept = operators.greater_equal(uniform_sampler(shape=shape, dtype=x.dtype), rate)
    return ops.where(kept, operators.divide(x, 1 - rate), ops.zeros_like(x))


# Normalisation -------------------------------------------------------------------------------------------
def moments(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance over some axes.

    Args:
        x: A tensor.
        axes: An axis or several.
        shift: Accepted for TensorFlow's sake; it would not change the result.
        keepdims: Whether the axes stay, with length 1.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.nn.moments([[1.0, 2.0], [3.0, 6.0]], axes=[0])]
        [[2.0, 4.0], [1.0, 4.0]]
    """
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
    """`scale * (x - mean) / sqrt(variance + variance_epsilon) + offset`.

    Args:
        x: A float tensor.
        mean: Its mean; this and the next three broadcast against `x`.
        variance: Its variance.
        offset: What is added at the end; nothing if None.
        scale: The factor; 1 if None.
        variance_epsilon: A small number against division by zero.
        name: Accepted for TensorFlow's sake.
    """
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
    """`x / (bias + alpha * sum of squares of the neighbouring channels) ** beta`.

    Args:
        input: A float tensor of shape `(n, h, w, channels)`.
        depth_radius: How many channels on each side count as neighbours.
        bias: What keeps the base from being zero.
        alpha: The factor of the sum, in which the channel itself counts too.
        beta: The exponent.
        name: Accepted for TensorFlow's sake.
    """
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
    """Like `sigmoid_cross_entropy_with_logits`, with a factor on the errors of positive examples.

    Args:
        labels: Probabilities, floats of the shape of `logits`.
        logits: A float tensor.
        pos_weight: The factor, a number or a tensor that broadcasts; above 1 it costs more to miss a positive.
        name: Accepted for TensorFlow's sake.
    """
    weight = operators.add(1.0, operators.multiply(operators.subtract(pos_weight, 1.0), labels))
    tail = ops.softplus(operators.negative(operators.absolute(logits)))
    return operators.add(
        operators.multiply(operators.subtract(1.0, labels), logits),
        operators.multiply(weight, operators.add(tail, ops.relu(operators.negative(logits)))),
    )


def log_poisson_loss(
    targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None
) -> Any:
    """Element-wise `exp(x) - targets * x`.

    Args:
        targets: The counts, floats of the shape of `log_input`.
        log_input: The logarithm of the predicted rate.
        compute_full_loss: Whether to add, where a target is above 1, Stirling's formula for the logarithm of its
            factorial, which does not depend on the prediction.
        name: Accepted for TensorFlow's sake.
    """
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
    """Half the sum of squares.

    Args:
        t: A tensor of any shape; the result is a scalar.
        name: Accepted for TensorFlow's sake.
    """
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
    """Connectionist temporal classification loss of each example.

    Args:
        labels: Integers of shape `(batch, max_labels)`.
        logits: Floats of shape `(frames, batch, classes)`, or `(batch, frames, classes)` without time first.
        label_length: How many labels of each example count, of shape `(batch,)`.
        logit_length: How many frames of each example count, of shape `(batch,)`.
        logits_time_major: Whether the frames are the first axis of `logits`.
        unique: Accepted for TensorFlow's sake; it would not change the result.
        blank_index: The class of the blank, from the end if negative; 0 if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(batch,)`.
    """
    logits = operators.transpose(logits, axes=(1, 0, 2)) if logits_time_major else logits
    blank = 0 if blank_index is None else blank_index % logits.shape[-1]
    return ops.ctc_loss(labels, logits, label_length, logit_length, mask_index=blank)


# Embeddings ----------------------------------------------------------------------------------------------
def embedding_lookup(params: Any, ids: Any, max_norm: float | None = None, name: str | None = None) -> Any:
    """The rows of a table at some indices.

    Args:
        params: The table, of shape `(rows, dim)`.
        ids: Integers of any shape; those out of range give NaN.
        max_norm: The Euclidean length that longer rows are scaled down to; no limit if None.
        name: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `ids.shape + (dim,)`.

    Example:
        >>> import addax.tf as tf
        >>> tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1, 0, 1]).numpy().tolist()
        [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
    """
    rows = gather(params, ids)
    if max_norm is None:
        return rows
    norms = ops.sqrt(ops.sum(ops.square(rows), axis=-1, keepdims=True))
    return operators.multiply(
        rows, ops.minimum(1.0, ops.divide_no_nan(ops.cast(max_norm, norms.dtype), norms))
    )


def embedding_lookup_sparse(
    params: Any, sp_ids: Any, sp_weights: Any = None, combiner: str | None = None, max_norm: float | None = None,
    name: str | None = None, allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """For each row of a sparse tensor of ids, the rows of a table at these ids, combined.

    Args:
        params: The table, of shape `(rows, dim)`.
        sp_ids: A sparse tensor of rank 2, or a ragged one, of ids.
        sp_weights: Weights of the ids, of the same form; 1 if None.
        combiner: `"sum"`, `"mean"` (the default: the weighted sum by the sum of weights) or `"sqrtn"` (by the root of
            the sum of squared weights).
        max_norm: See `embedding_lookup`.
        name: Accepted for TensorFlow's sake.
        allow_fast_lookup: Accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(rows of sp_ids, dim)`, 0 where a row has no id.

    Raises:
        ValueError: For an unknown combiner.

    Example:
        >>> import addax.tf as tf
        >>> ids = tf.SparseTensor([[0, 0], [0, 1], [1, 0]], [0, 1, 1], [2, 2])
        >>> tf.nn.embedding_lookup_sparse([[1.0], [3.0]], ids, combiner="mean").numpy()
        array([[2.],
               [3.]], dtype=float32)
    """
    combiner = combiner or "mean"
    if combiner not in ("sum", "mean", "sqrtn"):
        raise ValueError(message("Unknown combiner.", expected='"sum", "mean" or "sqrtn"', received=combiner))
    ids = sp_ids.to_sparse() if isinstance(sp_ids, RaggedTensor) else sp_ids
    given = sp_weights.to_sparse() if isinstance(sp_weights, RaggedTensor) else sp_weights
    rows, count = ids._places[:, 0].astype(np.int32), int(ids._shape[0])
    found = embedding_lookup(params, ids.values, max_norm)
    if given is None:
        weights = ops.ones((len(rows), 1), found.dtype)
    else:
        weights = ops.reshape(ops.cast(given.values, found.dtype), (-1, 1))
    total = ops.segment_sum(operators.multiply(found, weights), rows, count)
    if combiner == "sum":
        return total
    squared = weights if combiner == "mean" else ops.square(weights)
    by = ops.segment_sum(squared, rows, count)
    return ops.divide_no_nan(total, by if combiner == "mean" else ops.sqrt(by))


def safe_embedding_lookup_sparse(
    embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str = "mean",
    default_id: int | None = None, max_norm: float | None = None, name: str | None = None,
    allow_fast_lookup: bool = False,
) -> Any:  # fmt: skip
    """`embedding_lookup_sparse` without ids below 0 and weights of 0 or less; rows of none take `default_id`.

    Args:
        embedding_weights: The table, of shape `(rows, dim)`.
        sparse_ids: A sparse tensor of ids, of rank 2 or more.
        sparse_weights: Weights of the ids; 1 if None.
        combiner: See `embedding_lookup_sparse`.
        default_id: The id of rows that have none; their result is 0 if None.
        max_norm: See `embedding_lookup`.
        name: Accepted for TensorFlow's sake.
        allow_fast_lookup: Accepted for TensorFlow's sake.
    """
    from addax.tf import sparse

    ids, weights = sparse_ids, sparse_weights
    kept = np.asarray(ids.values) >= 0
    if weights is not None:
        kept &= np.asarray(weights.values) > 0
        weights = sparse.retain(weights, kept)
    lead = ids._shape[:-1]
    ids = sparse.retain(ids, kept)
    flat = (int(np.prod(lead)), int(ids._shape[-1]))
    ids = sparse.reshape(ids, flat)
    weights = None if weights is None else sparse.reshape(weights, flat)
    if default_id is not None:
        ids, _ = sparse.fill_empty_rows(ids, default_id)
        weights = None if weights is None else sparse.fill_empty_rows(weights, 1.0)[0]
    found = embedding_lookup_sparse(embedding_weights, ids, weights, combiner, max_norm)
    return ops.reshape(found, (*lead.tolist(), found.shape[-1]))


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

    Args:
        weights: The table of the classes, of shape `(num_classes, dim)`.
        biases: What is added to the logits, of shape `(num_classes,)`.
        labels: The true classes, integers of shape `(batch, num_true)`.
        inputs: What the logits are computed from, of shape `(batch, dim)`.
        num_sampled: How many different classes are drawn, once for the whole batch.
        num_classes: The number of classes.
        num_true: How many classes of each example are true; each counts `1 / num_true`.
        sampled_values: What `tf.random.log_uniform_candidate_sampler` gives; drawn here if None.
        remove_accidental_hits: Whether a drawn class that is a true one of the example counts for nothing.
        seed: An integer repeats the draws from run to run; None follows the global seed.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(batch,)`.
    """
    from addax.tf._random import log_uniform_candidates

    labels = operators.reshape(ops.cast(labels, "int32"), (-1, num_true))
    if sampled_values is None:
        sampled_values = log_uniform_candidates(labels, num_sampled, num_classes, seed)
    logits, targets = _sampled(weights, biases, labels, inputs, sampled_values, remove_accidental_hits)
    return softmax_cross_entropy_with_logits(targets, logits)


def _sampled(
    weights: Any, biases: Any, labels: Any, inputs: Any, sampled_values: Any, remove_hits: bool
) -> tuple[Any, Any]:
    """Logits of the true and of the drawn classes, less what their chance of being drawn adds, and the targets."""
    sampled, expected_true, expected_sampled = sampled_values
    true_logits = _class_logits(weights, biases, inputs, labels) - ops.log(expected_true)
    rows, offsets = gather(weights, sampled), gather(biases, sampled)
    others = operators.matmul(inputs, operators.transpose(rows)) + offsets - ops.log(expected_sampled)
    if remove_hits:
        hits = ops.any(operators.equal(labels[:, :, None], sampled[None, None, :]), axis=1)
        others = ops.where(hits, others - 1e9, others)
    shares = ops.ones_like(true_logits) / labels.shape[1]
    return (
        ops.concatenate([true_logits, others], axis=1),
        ops.concatenate([shares, ops.zeros_like(others)], axis=1),
    )


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
    """Noise-contrastive estimation: the true class against a log-uniform sample, each by itself.

    Args:
        weights: The table of the classes, of shape `(num_classes, dim)`.
        biases: What is added to the logits, of shape `(num_classes,)`.
        labels: The true classes, integers of shape `(batch, num_true)`.
        inputs: What the logits are computed from, of shape `(batch, dim)`.
        num_sampled: How many different classes are drawn, once for the whole batch.
        num_classes: The number of classes.
        num_true: How many classes of each example are true; each counts `1 / num_true`.
        sampled_values: What `tf.random.log_uniform_candidate_sampler` gives; drawn here if None.
        remove_accidental_hits: Whether a drawn class that is a true one of the example counts for nothing.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float tensor of shape `(batch,)`.
    """
    from addax.tf._random import log_uniform_candidates

    labels = operators.reshape(ops.cast(labels, "int32"), (-1, num_true))
    if sampled_values is None:
        sampled_values = log_uniform_candidates(labels, num_sampled, num_classes, None)
    logits, targets = _sampled(weights, biases, labels, inputs, sampled_values, remove_accidental_hits)
    return ops.sum(sigmoid_cross_entropy_with_logits(targets, logits), axis=1)


def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Any, Any]:
    """Sequences without repeated labels, padded with 0, and their lengths.

    Args:
        labels: Integers of shape `(batch, length)`, with known values.
        seq_length: How many labels of each row count, of shape `(batch,)`.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> [t.numpy().tolist() for t in tf.nn.collapse_repeated([[1, 1, 2, 2, 1], [3, 3, 3, 0, 0]], [5, 3])]
        [[[1, 2, 1], [3, 0, 0]], [3, 1]]
    """
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
