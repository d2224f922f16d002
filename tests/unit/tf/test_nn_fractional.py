"""Fractional pooling and `with_space_to_batch`. The values are those of TensorFlow 2.21 for the sequences it drew."""

import numpy as np
import pytest

import addax.tf as tf
from addax.tf._nn_fractional import _even, _pooled

IMAGE = np.arange(1, 43, dtype="float32").reshape(1, 7, 6, 1)
ROWS, COLUMNS = np.array([0, 1, 3, 5, 7]), np.array([0, 2, 3, 4, 6])


@pytest.mark.parametrize(
    ("overlapping", "average", "values"),
    [
        (False, False, [2, 3, 4, 6, 14, 15, 16, 18, 26, 27, 28, 30, 38, 39, 40, 42]),
        (False, True, [1.5, 3, 4, 5.5, 10.5, 12, 13, 14.5, 22.5, 24, 25, 26.5, 34.5, 36, 37, 38.5]),
        (True, False, [9, 10, 11, 12, 21, 22, 23, 24, 33, 34, 35, 36, 39, 40, 41, 42]),
        (True, True, [5, 6.5, 7.5, 8.5, 14, 15.5, 16.5, 17.5, 26, 27.5, 28.5, 29.5, 35, 36.5, 37.5, 38.5]),
    ],
)
def test_the_values_for_given_sequences(overlapping, average, values):
    width = 2 + overlapping
    found = _pooled(IMAGE, ROWS, COLUMNS, widths=(width, width), overlapping=overlapping, average=average)
    assert found.numpy().ravel().tolist() == values


def test_means_of_integers_are_cut_off():
    found = _pooled(
        IMAGE.astype("int32"), ROWS, np.array([0, 2, 4, 6]), widths=(3, 3), overlapping=True, average=True
    )
    assert found.numpy().ravel().tolist() == [5, 7, 8, 14, 16, 17, 26, 28, 29, 35, 37, 38]


def test_of_equal_elements_the_first_has_the_gradient():
    x = tf.constant([[[[1.0], [3.0], [3.0], [2.0], [1.0]]] * 5])
    ends = np.array([0, 1, 3, 5])
    with tf.GradientTape() as tape:
        tape.watch(x)
        found = _pooled(x, ends, ends, widths=(3, 3), overlapping=True)
    row, none = [0, 2, 0, 1, 0], [0] * 5
    assert tape.gradient(found, x).numpy()[0, ..., 0].tolist() == [row, row, none, row, none]


@pytest.mark.parametrize("pseudo", [False, True])
@pytest.mark.parametrize("ratio", [1.3, 1.9, 3.4])
def test_steps_are_those_beside_the_ratio(pseudo, ratio):
    for seed in (0, 1, 2):
        found = tf.nn.fractional_avg_pool(tf.zeros((1, 20, 13, 1)), ratio, pseudo, seed=seed)
        for size, starts in zip((20, 13), found[1:], strict=True):
            count = int(size / ratio)
            steps = np.diff(starts.numpy()).tolist()
            assert len(steps) == count and starts.numpy()[0] == 0 and sum(steps) == size
            assert set(steps) <= {size // count, size // count + 1}


def test_evenly_spread_windows_of_all_sizes():
    for size, count in ((7, 7), (8, 4), (9, 8), (50, 7), (31, 30), (5, 1)):
        for seed in range(1, 4):
            steps = np.diff(_even(size, count, seed).numpy()).tolist()
            assert len(steps) == count and sum(steps) == size
            assert set(steps) <= {size // count, size // count + 1}


def test_a_seed_repeats_and_none_does_not():
    def rows(seed):
        return tuple(tf.nn.fractional_max_pool(tf.zeros((1, 90, 90, 1)), 1.5, seed=seed)[1].numpy().tolist())

    assert rows(3) == rows(3) != rows(4)
    assert len({rows(0) for _ in range(3)}) == 3
    tf.random.set_seed(5)
    first = rows(0)
    tf.random.set_seed(5)
    assert rows(0) == first


def test_compiled_code_draws_at_each_call():
    pool = tf.function(lambda x: tf.nn.fractional_max_pool(x, 1.5))
    assert len({tuple(pool(tf.zeros((1, 90, 90, 1)))[1].numpy().tolist()) for _ in range(3)}) == 3


@pytest.mark.parametrize("ratio", [0.5, [1.4, 1.4], [2.0, 1.5, 1.5, 1.0], [1, 0.9, 1.5, 1], 9.0])
def test_wrong_ratios(ratio):
    with pytest.raises(ValueError, match="ratio"):
        tf.nn.fractional_max_pool(IMAGE, ratio)


def test_wrong_shapes():
    with pytest.raises(ValueError, match="known size"):
        tf.nn.fractional_avg_pool(IMAGE[0], 1.4)
    with pytest.raises(ValueError, match="known size"):
        tf.nn.fractional_avg_pool(tf.keras.Input((None, 4, 1)), 1.4)


def test_dilation_by_space_to_batch_is_that_of_a_convolution():
    x, kernel = np.random.default_rng(0).random((2, 6, 8, 1), "float32"), tf.ones((3, 3, 1, 1))

    def convolve(x, num_spatial_dims, padding):
        return tf.nn.conv2d(x, kernel, 1, padding)

    for padding in ("SAME", "VALID"):
        found = tf.nn.with_space_to_batch(x, [2, 2], padding, convolve, filter_shape=[3, 3])
        wanted = tf.nn.conv2d(x, kernel, 1, padding, dilations=2)
        np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (([0, 2], "VALID"), "positive"),
        (([[2, 2]], "VALID"), "positive"),
        (([2, 2], "FULL"), "padding"),
        (([2, 2], "SAME"), "filter_shape"),
        (([2, 2, 2, 2], "VALID"), "axes"),
    ],
)
def test_wrong_arguments_of_with_space_to_batch(arguments, what):
    with pytest.raises(ValueError, match=what):
        tf.nn.with_space_to_batch(IMAGE, *arguments, lambda x, n, p: x)


@pytest.mark.parametrize("axes", [[2, 1], [0, 1], [1], [1, 4]])
def test_wrong_axes(axes):
    with pytest.raises(ValueError, match="axes"):
        tf.nn.with_space_to_batch(IMAGE, [2, 2], "VALID", lambda x, n, p: x, spatial_dims=axes)
