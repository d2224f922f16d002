"""`tf.autodiff.ForwardAccumulator` against finite differences and closed forms."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf


def test_a_model_in_a_direction_of_its_weights():
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(2, activation="tanh")
    x = tf.constant(np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
    dense.build((None, 3))
    direction = tf.ones((3, 2))
    with tf.autodiff.ForwardAccumulator(dense.kernel, direction) as acc:
        y = dense(x)
        loss = tf.reduce_mean(y**2)
    kernel = dense.kernel.numpy()
    around = []
    for step in (1e-2, -1e-2):
        dense.kernel.assign(kernel + step * direction.numpy())
        around.append(dense(x).numpy())
    np.testing.assert_allclose(acc.jvp(y), (around[0] - around[1]) / 2e-2, rtol=2e-3, atol=1e-4)
    assert acc.jvp(loss).shape == ()


def test_nests_and_what_does_not_depend():
    a, b = tf.constant(2.0), tf.constant(3.0)
    with tf.autodiff.ForwardAccumulator((a, b), (tf.constant(1.0), tf.constant(10.0))) as acc:
        results = {"product": a * b, "square": a * a}
        other = tf.constant(1.0) * 2
        assert float(acc.jvp(results["square"])) == 4.0
    assert {k: float(v) for k, v in acc.jvp(results).items()} == {"product": 23.0, "square": 4.0}
    assert acc.jvp(other) is None
    assert float(acc.jvp(other, unconnected_gradients=tf.UnconnectedGradients.ZERO)) == 0.0


def test_forward_over_forward_and_over_reverse():
    x = tf.constant([1.0, 2.0])
    one = tf.constant([1.0, 0.0])
    with tf.autodiff.ForwardAccumulator(x, one) as outer:
        with tf.autodiff.ForwardAccumulator(x, one) as inner:
            y = x**3
        first = inner.jvp(y)
    np.testing.assert_allclose(first, [3.0, 0.0])
    np.testing.assert_allclose(outer.jvp(first), [6.0, 0.0])
    with tf.autodiff.ForwardAccumulator(x, one) as acc:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(x) ** 3
        gradient = tape.gradient(loss, x)
    np.testing.assert_allclose(acc.jvp(gradient), [18.0, 18.0])


def test_compiled():
    @tf.function
    def directional(x, v):
        with tf.autodiff.ForwardAccumulator(x, v) as acc:
            y = tf.sin(x)
        return acc.jvp(y)

    found = directional(tf.constant([0.0, 1.0]), tf.constant([2.0, 1.0]))
    np.testing.assert_allclose(found, [2.0, np.cos(1)], rtol=1e-6)


def test_a_tape_opened_later_watches_the_way_back_of_another():
    @tf.function
    def second(x):
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(x)
            y = tf.reduce_sum(x**3)
        with tf.GradientTape() as outer:
            outer.watch(x)
            first = inner.gradient(y, x)
        return outer.gradient(first, x)

    np.testing.assert_allclose(second(tf.constant([1.0, 2.0])), [6.0, 12.0])


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="shape of its primal"):
        tf.autodiff.ForwardAccumulator(tf.ones(2), tf.ones(3))
