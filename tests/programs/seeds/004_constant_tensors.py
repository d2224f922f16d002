"""Seed 004, "Constant tensors and variables": tensors of ones, zeros and random values, and how they print."""

import re

import numpy as np
import tensorflow as tf

# Equivalent to np.ones((2, 2))
t_ones = tf.ones(shape=(2, 2))
# Equivalent to np.zeros((2, 1))
t_zeros = tf.zeros(shape=(2, 1))
# Equivalent to np.random.normal(size=(3, 1), loc=0., scale=1)
t_random_normal = tf.random.normal(shape=(3, 1), mean=0.0, stddev=1.0)
# Equivalent to np.random.uniform(size=(1, 3), low=0., high=1.)
t_random_uniform = tf.random.uniform(shape=(1, 3), minval=0.0, maxval=1.0)

print(t_ones)
print(t_zeros)
print(t_random_normal)
print(t_random_uniform)

assert str(t_ones) == "tf.Tensor(\n[[1. 1.]\n [1. 1.]], shape=(2, 2), dtype=float32)"
assert str(t_zeros) == "tf.Tensor(\n[[0.]\n [0.]], shape=(2, 1), dtype=float32)"
assert re.fullmatch(
    r"tf\.Tensor\(\n\[\[.*\]\n \[.*\]\n \[.*\]\], shape=\(3, 1\), dtype=float32\)", str(t_random_normal)
)
assert str(t_random_uniform).endswith("shape=(1, 3), dtype=float32)")
assert repr(t_ones) == (
    "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1., 1.],\n       [1., 1.]], dtype=float32)>"
)
assert repr(tf.constant(6.0)) == "<tf.Tensor: shape=(), dtype=float32, numpy=6.0>"
assert repr(tf.constant([1, 2])) == "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>"
assert str(tf.constant(4.0)) == "tf.Tensor(4.0, shape=(), dtype=float32)"
assert repr(t_ones.shape) == "TensorShape([2, 2])"
assert str(t_ones.shape) == "(2, 2)"
assert t_ones.dtype == tf.float32 and repr(t_ones.dtype) == "tf.float32"

np.testing.assert_array_equal(t_ones.numpy(), np.ones((2, 2), "float32"))
np.testing.assert_array_equal(t_zeros, np.zeros((2, 1)))
assert isinstance(t_ones.numpy(), np.ndarray) and t_ones.numpy().dtype == np.float32
assert t_ones.dtype == tf.float32 and t_ones.dtype == "float32" and t_ones.dtype == np.float32
assert np.all((t_random_uniform.numpy() >= 0) & (t_random_uniform.numpy() < 1))

# The statistics are those that were asked for.
tf.random.set_seed(42)
many = tf.random.normal((20000,), mean=3.0, stddev=2.0)
assert abs(float(tf.reduce_mean(many)) - 3.0) < 0.1
assert abs(float(tf.math.reduce_std(many)) - 2.0) < 0.1
spread = tf.random.uniform((20000,), minval=-1.0, maxval=3.0)
assert -1.0 <= float(tf.reduce_min(spread)) < -0.9 and 2.9 < float(tf.reduce_max(spread)) < 3.0

# The same seed gives the same values, and two calls give different ones.
tf.random.set_seed(42)
again = tf.random.normal((20000,), mean=3.0, stddev=2.0)
np.testing.assert_array_equal(again.numpy(), many.numpy())
assert not np.array_equal(tf.random.normal((8,)).numpy(), tf.random.normal((8,)).numpy())

# tf.constant
c = tf.constant([[1, 2], [3, 4]], dtype=tf.float32)
assert c.shape == (2, 2) and c.dtype == tf.float32
assert tf.constant(3).dtype == tf.int32 and tf.constant(3.5).dtype == tf.float32
assert tf.constant(True).dtype == tf.bool and tf.constant("text").dtype == tf.string
assert tf.constant("text").numpy() == b"text"
np.testing.assert_array_equal(tf.fill((2, 2), 7.0).numpy(), np.full((2, 2), 7.0))

# Operations
square, root, product = tf.square(c), tf.sqrt(c), tf.matmul(c, c) + c * c
np.testing.assert_allclose(root.numpy() ** 2, c.numpy(), rtol=1e-6, atol=1e-6)
np.testing.assert_allclose(product.numpy(), c.numpy() @ c.numpy() + square.numpy())
np.testing.assert_allclose((c @ t_ones).numpy(), [[3, 3], [7, 7]])
assert f"{tf.reduce_sum(c):.1f}" == "10.0"
assert c[0, 1].numpy() == 2.0 and c[:, tf.newaxis, 0].shape == (2, 1)
assert [float(row[0]) for row in c] == [1.0, 3.0]
