"""`tf.gradients` and `tf.hessians`: derivatives asked for after the fact, inside of a `tf.function`."""

import numpy as np
import pytest

import addax.tf as tf


def test_slopes_of_what_was_computed_before():
    v = tf.Variable(2.0)

    @tf.function
    def f(x):
        y = v * x**3
        return tf.gradients(y, [x, v]), tf.gradients(tf.gradients(y, x)[0], x)[0]

    (by_x, by_v), second = f(tf.constant(3.0))
    assert [float(g) for g in (by_x, by_v, second)] == [54.0, 27.0, 36.0]
    assert float(f(tf.constant(1.0))[1]) == 12.0  # the program that was traced once more is kept


def test_constants_loops_and_factors():
    @tf.function
    def f():
        c = tf.constant([1.0, 2.0])
        y = c
        for _ in tf.range(2):
            y = y * c
        return tf.gradients(y, c, grad_ys=[[1.0, 10.0]])[0], tf.gradients(y, tf.constant(1.0))[0] is None

    slope, unconnected = f()
    np.testing.assert_allclose(slope, [3.0, 120.0])
    assert unconnected


def test_hessians_are_those_of_two_tapes():
    w = tf.constant([[0.3, -1.0], [0.5, 0.2]])

    def loss(x):
        return tf.reduce_sum(tf.tanh(tf.linalg.matvec(w, x)) ** 2)

    x = tf.constant([0.4, -0.7])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = loss(x)
        slope = inner.gradient(y, x)
    found = tf.function(lambda x: tf.hessians(loss(x), x)[0])(x)
    np.testing.assert_allclose(found, outer.jacobian(slope, x), rtol=1e-4, atol=1e-5)


def test_a_function_within_another_asks_for_the_outer_trace():
    inner = tf.function(lambda x: tf.gradients(x * x, x)[0])
    assert float(tf.function(lambda x: inner(x) + 1.0)(tf.constant(3.0))) == 7.0


def test_an_inner_function_asks_about_the_outer_one():
    @tf.function
    def outer(x):
        y = x * x
        return tf.function(lambda z: tf.gradients(y, x)[0] * z)(tf.constant(2.0))

    assert float(outer(tf.constant(3.0))) == float(outer(tf.constant(3.0))) == 12.0


def test_slopes_are_exported(tmp_path):
    class Slope(tf.Module):
        def __init__(self):
            self.v = tf.Variable(2.0)

        @tf.function(input_signature=[tf.TensorSpec([None])])
        def at(self, x):
            return tf.gradients(tf.reduce_sum(self.v * x**3), x)[0]

    tf.saved_model.save(Slope(), str(tmp_path))
    np.testing.assert_allclose(tf.saved_model.load(str(tmp_path)).at(tf.constant([1.0, 2.0])), [6.0, 24.0])


def test_what_cannot_be_asked():
    with pytest.raises(RuntimeError, match="GradientTape"):
        tf.gradients(tf.constant(1.0), tf.constant(1.0))
    with pytest.raises(ValueError, match="do not depend"):
        tf.function(lambda x: tf.hessians(tf.constant(1.0) * 2.0, x))(tf.constant(1.0))
    with pytest.raises(ValueError, match="grad_ys"):
        tf.function(lambda x: tf.gradients(x * x, x, grad_ys=[x, x]))(tf.constant(1.0))
    with pytest.raises(ValueError, match="stop_gradient"):
        tf.gradients(1.0, 1.0, stop_gradients=[1.0])
