"""`tf.nn`: losses, pooling and convolutions. The numbers are those that TensorFlow 2.21 gives."""

import numpy as np
import pytest

import addax.tf as tf


def test_nce_loss_leaves_out_drawn_classes_that_are_true():
    weights, inputs = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]]
    drawn = (tf.constant([1, 2]), tf.constant([[0.5], [0.25]]), tf.constant([0.5, 0.25]))
    for remove, expected in ((False, [7.222764, 13.101156]), (True, [4.464141, 13.101156])):
        found = tf.nn.nce_loss(
            tf.constant(weights), tf.zeros(3), [[1], [0]], tf.constant(inputs), 2, 3, 1, drawn, remove
        )
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("pool", "rank"),
    [(tf.nn.max_pool, 2), (tf.nn.max_pool1d, 1), (tf.nn.max_pool2d, 2), (tf.nn.max_pool3d, 3)],
)
def test_explicit_padding_is_never_the_largest(pool, rank):
    x = tf.reshape(tf.range(1, 2**rank + 1, dtype=tf.float32) * -1, (1, *(2,) * rank, 1))
    padding = [[0, 0], *[[1, 1]] * rank, [0, 0]]
    np.testing.assert_array_equal(pool(x, 2, 2, padding), x)  # one element and padding in each window


@pytest.mark.parametrize(
    ("shape", "stride", "padding", "expected"),
    [
        ((1, 2, 3, 1), 1, [[0, 0], [1, 0], [0, 0], [0, 0]], [[4, 10, 6], [3, 7, 4]]),
        ((1, 2, 2, 1), 2, [[0, 0], [1, 1], [1, 1], [0, 0]], [[1, 2], [3, 4]]),
        ((1, 2, 2, 1), 2, [[1, 1], [1, 1]], [[1, 2], [3, 4]]),
    ],
)
def test_transposed_convolution_with_explicit_padding(shape, stride, padding, expected):
    x = tf.reshape(tf.range(1.0, 5.0), (1, 2, 2, 1))
    found = tf.nn.conv2d_transpose(x, tf.ones((2, 2, 1, 1)), shape, stride, padding)
    assert found.numpy()[0, ..., 0].tolist() == expected


@pytest.mark.parametrize(
    ("kind", "dilations", "problem"), [("MEDIAN", None, "Unknown pooling"), ("MAX", 2, "gaps")]
)
def test_pool_refuses_what_it_cannot_do(kind, dilations, problem):
    with pytest.raises(ValueError, match=problem):
        tf.nn.pool(tf.ones((1, 4, 4, 1)), (2, 2), kind, dilations=dilations)
