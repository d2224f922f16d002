"""Classes drawn for losses that look at some classes only."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops, random
from addax.core.errors import message
from addax.engine import _operators as operators
from addax.tf._random import op_seed, uniform_candidate_sampler


def all_candidate_sampler(
    true_classes: Any,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: Any = None,
    name: str | None = None,
) -> tuple[Any, Any, Any]:
    """All classes, in the form of a sample of them.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        num_sampled: The number of classes.
        unique: Accepted for TensorFlow's sake: they are all different.
        seed: Accepted for TensorFlow's sake: nothing is drawn.
        name: Accepted for TensorFlow's sake.

    Returns:
        The numbers from 0 on, and that each of the true and of the drawn ones is to be expected once.
    """
    count, true_classes = int(num_sampled), ops.convert_to_tensor(true_classes)
    return ops.arange(count), ops.ones(true_classes.shape), ops.ones((count,))


def fixed_unigram_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0, unigrams: Any = (),
    seed: Any = None, name: str | None = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Classes drawn as often as they are told to occur.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        num_sampled: How many classes are drawn.
        unique: Whether all of them are different.
        range_max: The number of classes.
        vocab_file: A CSV file whose last column has how often each class occurs; empty for `unigrams`.
        distortion: The exponent of the counts: 1 leaves them, 0 makes them equal.
        num_reserved_ids: How many classes, from 0 on, are put before those counted, and never drawn.
        num_shards: Only every so many class is drawn, beginning with number `shard`.
        shard: See `num_shards`.
        unigrams: How often each class occurs.
        seed: An integer repeats the draws from run to run; None follows the global seed.
        name: Accepted for TensorFlow's sake.

    Returns:
        The drawn classes, int32 of shape `(num_sampled,)`; how often each true class is to be expected among them; and
        the same for the drawn ones.

    Raises:
        ValueError: If there are not as many counts as classes, or too few classes to draw different ones.

    Example:
        >>> import addax.tf as tf
        >>> drawn, _, _ = tf.random.fixed_unigram_candidate_sampler(
        ...     [[0]], 1, 2, True, 3, unigrams=[0.0, 5.0, 1.0]
        ... )
        >>> sorted(drawn.numpy().tolist())
        [1, 2]
    """
    counts = _counts(vocab_file, unigrams, int(num_reserved_ids), int(range_max)) ** distortion
    counts[: int(num_reserved_ids)] = 0
    counts[np.arange(range_max) % num_shards != shard] = 0
    if unique and np.count_nonzero(counts) < num_sampled:
        raise ValueError(
            message(
                "There are too few classes to draw different ones.",
                expected=f"num_sampled of at most {np.count_nonzero(counts)}",
                received=num_sampled,
            )
        )
    share = (counts / counts.sum()).astype(np.float32)
    with np.errstate(divide="ignore"):
        logits = np.log(share)
    if unique:  # the largest of independent Gumbel numbers are draws without replacement
        noise = random.uniform((int(range_max),), 1e-20, 1.0, seed=op_seed(seed))
        gumbel = operators.negative(ops.log(operators.negative(ops.log(noise))))
        sampled = ops.top_k(operators.add(gumbel, logits), int(num_sampled))[1]
        expected = -np.expm1(num_sampled * np.log1p(-np.minimum(share, 1 - 1e-7)))
    else:
        sampled = random.categorical(logits[None], int(num_sampled), dtype="int32", seed=op_seed(seed))[0]
        expected = share * num_sampled
    expected = expected.astype(np.float32)
    return sampled, ops.take(expected, true_classes, axis=0), ops.take(expected, sampled, axis=0)


def _counts(vocab_file: str, unigrams: Any, reserved: int, size: int) -> np.ndarray:
    if vocab_file:
        with open(vocab_file, encoding="utf-8") as lines:
            unigrams = [float(line.rsplit(",", 1)[-1]) for line in lines if line.strip()]
    counts = np.concatenate([np.ones(reserved), np.asarray(unigrams, float)])
    if len(counts) != size:
        raise ValueError(
            message(
                "Each class needs a count.",
                expected=f"{size - reserved} of them: range_max less num_reserved_ids",
                received=len(counts) - reserved,
            )
        )
    return counts


def learned_unigram_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None,
    name: str | None = None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Classes drawn as often as a sampler has met them, which at its first call has met each once.

    TensorFlow's sampler belongs to a node of a graph and learns from call to call; a call of the function is always the
    first one, so the draws are those of `uniform_candidate_sampler`.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        num_sampled: How many classes are drawn.
        unique: Whether all of them are different.
        range_max: The number of classes.
        seed: An integer repeats the draws from run to run; None follows the global seed.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are too few classes to draw different ones.
    """
    return uniform_candidate_sampler(true_classes, num_true, num_sampled, unique, range_max, seed)


def compute_accidental_hits(
    true_classes: Any, sampled_candidates: Any, num_true: int, seed: Any = None, name: str | None = None
) -> tuple[Any, Any, Any]:
    """Where drawn classes are true ones.

    Args:
        true_classes: The true classes, integers of shape `(batch, num_true)`, with known values.
        sampled_candidates: The drawn ones, with known values.
        num_true: Accepted for TensorFlow's sake; the shape of `true_classes` says it.
        seed: Accepted for TensorFlow's sake.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(rows, places, weights)`: the row of the true class and the place of the drawn one, for each hit, and the
        lowest float32, which added to a logit takes it out.
    """
    true, drawn = np.asarray(true_classes), np.asarray(sampled_candidates)
    hits = np.argwhere(true[:, :, None] == drawn)
    weights = np.full(len(hits), np.finfo(np.float32).min, np.float32)
    found = (hits[:, 0].astype(np.int32), hits[:, 2].astype(np.int32), weights)
    return tuple(ops.convert_to_tensor(x) for x in found)  # type: ignore[return-value]


__all__ = [
    "all_candidate_sampler",
    "compute_accidental_hits",
    "fixed_unigram_candidate_sampler",
    "learned_unigram_candidate_sampler",
]
