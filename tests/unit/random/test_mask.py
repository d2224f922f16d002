"""Masks for dropout."""

from __future__ import annotations

import numpy as np

import addax as keras
import addax.tf as tf
from addax.random._mask import _MANY, keep_mask

KEYS = np.random.default_rng(0).integers(0, 2**32, (4, 2), dtype=np.uint32)
SHAPE = (64, 64, 64)
SIZE = 64**3


def deviations(rate: float) -> list[np.ndarray]:
    """Masks of several keys, each with a mean of zero and a variance of one."""
    scale = np.sqrt(rate * (1 - rate))
    return [(np.asarray(keep_mask(key, 1 - rate, SHAPE)).ravel() - (1 - rate)) / scale for key in KEYS]


def test_a_large_mask_keeps_the_right_part_independently():
    first, *others = deviations(0.2)
    bound = 4.5 / np.sqrt(SIZE)  # standard deviations of a mean
    assert all(abs(x.mean()) < bound for x in (first, *others))
    assert all(abs((first * other).mean()) < bound for other in others)
    assert all(abs((first[lag:] * first[:-lag]).mean()) < bound for lag in (1, 2, 3, 4, 8, 64, 65, 4096))
    assert abs(first.reshape(-1, 64).sum(1).var() / 64 - 1) < 4.5 * np.sqrt(2 / (SIZE / 64))


def test_keys_that_differ_by_one_bit_give_unrelated_masks():
    a, b = (np.asarray(keep_mask(np.uint32(key), 0.5, SHAPE)).ravel() - 0.5 for key in ([1, 2], [1, 3]))
    assert abs((a * b).mean()) / 0.25 < 4.5 / np.sqrt(SIZE)


def test_extreme_rates_keep_all_or_nothing():
    assert np.asarray(keep_mask(KEYS[0], 1.0, SHAPE)).all()
    assert not np.asarray(keep_mask(KEYS[0], 0.0, SHAPE)).any()


def test_dropout_of_a_large_tensor_repeats_with_its_seed_eager_and_compiled():
    x = np.ones((2, _MANY), "float32")
    eager = keras.random.dropout(x, 0.3, seed=5).numpy()
    compiled = tf.function(lambda v: keras.random.dropout(v, 0.3, seed=5))(x).numpy()
    np.testing.assert_array_equal(eager, compiled)
    assert set(np.unique(eager).tolist()) == {0.0, float(np.float32(1 / np.float32(0.7)))}
    assert (keras.random.dropout(x, 0.3, seed=6).numpy() != eager).mean() > 0.3
