"""`tf.math`: segments and confusion matrices. The numbers are those that TensorFlow 2.21 gives."""

import numpy as np
import pytest

import addax.tf as tf

FLOATS, INTS = np.finfo(np.float32), np.iinfo(np.int32)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("max", [[-3, 4], [0, 0], [7, 8]]),
        ("min", [[-5, -1], [0, 0], [7, 8]]),
        ("mean", [[-4, 1], [0, 0], [7, 8]]),
    ],
)
def test_segments_of_integers_with_a_number_that_does_not_occur(name, expected):
    found = getattr(tf.math, f"segment_{name}")([[-3, -1], [-5, 4], [7, 8]], [0, 0, 2])
    assert found.dtype == tf.int32 and found.numpy().tolist() == expected
    with pytest.raises(tf.errors.InvalidArgumentError, match="must not fall"):
        getattr(tf.math, f"segment_{name}")([1, 2, 3], [1, 0, 1])


def test_means_of_integer_segments_are_rounded_towards_zero():
    assert tf.math.segment_mean([-3, -4, 1], [0, 0, 1]).numpy().tolist() == [-3, 1]


@pytest.mark.parametrize(
    ("name", "scalars", "rows"),
    [
        ("sum", [2, 0, 4], [[3, 4], [13, 16]]),
        ("prod", [2, 1, 3], [[3, 4], [35, 96]]),
        ("mean", [2, 0, 2], [[3, 4], [13 / 3, 16 / 3]]),
        ("max", [2, INTS.min, 3], [[3, 4], [7, 8]]),
        ("min", [2, INTS.max, 1], [[3, 4], [1, 2]]),
    ],
)
def test_unsorted_segments_with_numbers_of_two_axes(name, scalars, rows):
    segments = getattr(tf.math, f"unsorted_segment_{name}")
    assert segments([[1, 2], [3, 4]], [[2, 0], [2, -1]], 3).numpy().tolist() == scalars
    data = np.arange(1.0, 9.0, dtype=np.float32).reshape(2, 2, 2)
    np.testing.assert_allclose(segments(data, [[1, 0], [1, 1]], 2), rows, rtol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("float32", FLOATS.min, FLOATS.max), ("float16", -65504, 65504)],
)
def test_absent_unsorted_segments_give_the_finite_ends_of_the_range(dtype, low, high):
    data = tf.constant([1, 2, 3], dtype)
    assert tf.math.unsorted_segment_max(data, [2, 0, 2], 3).numpy().tolist() == [2, low, 3]
    assert tf.math.unsorted_segment_min(data, [2, 0, 2], 3).numpy().tolist() == [2, high, 1]


@pytest.mark.parametrize(
    ("labels", "predictions", "problem"),
    [([0, 3], [0, 1], "labels"), ([0, 1], [0, 3], "predictions"), ([0, -1], [0, 1], "Negative")],
)
def test_confusion_matrix_refuses_classes_out_of_range(labels, predictions, problem):
    def matrix(labels, predictions):
        return tf.math.confusion_matrix(labels, predictions, num_classes=2)

    for run in (matrix, tf.function(matrix)):
        with pytest.raises(tf.errors.InvalidArgumentError, match=problem):
            run(tf.constant(labels), tf.constant(predictions))


def test_indices_outside_of_gather_nd() -> None:
    params, outside = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[0, 1], [1, 2]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = \[1, 2\]"):
        tf.gather_nd(params, outside, bad_indices_policy="ERROR")
    with pytest.raises(ValueError, match="bad_indices_policy"):
        tf.gather_nd(params, outside, bad_indices_policy="SKIP")
    compiled = tf.function(lambda i: tf.gather_nd(params, i, bad_indices_policy="IGNORE"))
    assert compiled(outside).numpy().tolist() == [2.0, 0.0]


def test_bands_that_do_not_fit() -> None:
    for call, words in (
        (lambda: tf.linalg.diag_part(tf.ones((2, 3)), k=(0, 3)), "do not have these diagonals"),
        (lambda: tf.linalg.diag_part(tf.ones((2, 3)), k=(1, 0)), "no diagonals"),
        (lambda: tf.linalg.diag_part(tf.ones((2, 3)), k=(0, 1), align="LEFT"), "align"),
        (lambda: tf.linalg.set_diag(tf.ones((2, 3)), tf.ones(3)), "wrong length"),
        (lambda: tf.linalg.set_diag(tf.ones((2, 3)), tf.ones((3, 2)), k=(0, 1)), "number of diagonals"),
        (lambda: tf.linalg.diag(tf.ones(3), num_rows=2), "do not fit"),
    ):
        with pytest.raises(ValueError, match=words):
            call()


def test_paddings_and_multiples_are_one_for_each_axis():
    for call in (lambda: tf.pad(tf.ones((2, 2)), [[1, 1]]), lambda: tf.tile(tf.ones(2), [1, 2])):
        with pytest.raises(ValueError, match="as the tensor has axes"):
            call()


def test_transforms_of_chosen_axes_are_numpys():
    x = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
    for norm in (None, "ortho", "forward"):
        options = {"axes": (0, 2), "norm": norm}
        half = np.fft.rfftn(x, (3, 6), **options)
        np.testing.assert_allclose(tf.signal.fftnd(x, **options), np.fft.fftn(x, **options), atol=1e-4)
        np.testing.assert_allclose(tf.signal.ifftnd(x, **options), np.fft.ifftn(x, **options), atol=1e-4)
        np.testing.assert_allclose(tf.signal.rfftnd(x, (3, 6), **options), half, atol=1e-4)
        back = tf.signal.irfftnd(half.astype("complex64"), (3, 6), **options)
        np.testing.assert_allclose(back[..., :5], x, atol=1e-4)


def test_the_smallest_values_are_found():
    values, places = tf.math.approx_min_k(tf.constant([3.0, 1.0, 4.0, 0.5]), 2)
    assert values.numpy().tolist() == [0.5, 1.0] and places.numpy().tolist() == [3, 1]


def test_roots_of_matrices_have_gradients():
    x = tf.constant([[4.0, 1.0], [0.5, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        root = tf.linalg.sqrtm(x)
    np.testing.assert_allclose(root @ root, x, atol=1e-5)
    assert np.isfinite(tape.gradient(root, x)).all()
