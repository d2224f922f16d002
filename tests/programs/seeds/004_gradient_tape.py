"""Seed 004, "A second look at the Gradient Tape API": gradients by variables, by watched tensors, of second order."""

import numpy as np
import tensorflow as tf

input_var = tf.Variable(initial_value=3.0)
# Open a GradientTape context
with tf.GradientTape() as tape:
    # Manipulate the input tensor
    output = input_var * input_var

gradient = tape.gradient(output, input_var)
print(repr(gradient))
assert repr(gradient) == "<tf.Tensor: shape=(), dtype=float32, numpy=6.0>"

# It is possible for the input to be any arbitrary tensor, by calling tape.watch within the context.
arbitrary_tensor = tf.constant(value=2.0)
with tf.GradientTape() as tape:
    tape.watch(arbitrary_tensor)
    output = arbitrary_tensor * arbitrary_tensor

gradient = tape.gradient(output, arbitrary_tensor)
print(gradient)
assert str(gradient) == "tf.Tensor(4.0, shape=(), dtype=float32)"

# By default, only trainable variables are tracked.
frozen = tf.Variable(2.0, trainable=False)
with tf.GradientTape(persistent=True) as tape:
    output = arbitrary_tensor * frozen * input_var
assert tape.gradient(output, arbitrary_tensor) is None
assert tape.gradient(output, frozen) is None
assert float(tape.gradient(output, input_var)) == 4.0
del tape

# The gradient of a model's loss with respect to its weights
weights = [tf.Variable(tf.ones((3, 2))), tf.Variable(tf.zeros((2,)))]
x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.matmul(x, weights[0]) + weights[1]))
gradient = tape.gradient(loss, weights)
assert [g.shape for g in gradient] == [(3, 2), (2,)]
residual = x.numpy() @ np.ones((3, 2))
np.testing.assert_allclose(gradient[0].numpy(), 2 * x.numpy().T @ residual / 4, rtol=1e-5, atol=1e-6)
np.testing.assert_allclose(gradient[1].numpy(), 2 * residual.sum(axis=0) / 4, rtol=1e-5, atol=1e-6)

# A tape is spent after one use, unless it is persistent.
try:
    tape.gradient(loss, weights)
except RuntimeError as error:
    print("RuntimeError:", error)
    assert "persistent" in str(error)
else:
    raise AssertionError("a spent tape must say so")

# The second-order gradient of an object's position with respect to time is its acceleration.
time = tf.Variable(initial_value=0.0)
with tf.GradientTape() as outer_tape:
    with tf.GradientTape() as inner_tape:
        position = 4.9 * time**2
    speed = inner_tape.gradient(position, time)

acceleration = outer_tape.gradient(speed, time)
print(repr(acceleration))
assert repr(acceleration) == "<tf.Tensor: shape=(), dtype=float32, numpy=9.8>" or np.isclose(
    acceleration.numpy(), 9.8
)
assert float(speed) == 0.0

# Third order, and a gradient by several sources in a dictionary
t = tf.Variable(2.0)
with tf.GradientTape() as tape_3:
    with tf.GradientTape() as tape_2:
        with tf.GradientTape() as tape_1:
            y = t**4
        first = tape_1.gradient(y, t)
    second = tape_2.gradient(first, t)
third = tape_3.gradient(second, t)
np.testing.assert_allclose([float(first), float(second), float(third)], [32.0, 48.0, 48.0], rtol=1e-5)

a, b = tf.Variable(2.0), tf.Variable(5.0)
with tf.GradientTape() as tape:
    z = a * a * b
named = tape.gradient(z, {"a": a, "b": b})
assert float(named["a"]) == 20.0 and float(named["b"]) == 4.0


# Python control flow is recorded as it happened.
def power(base, exponent):
    result = tf.constant(1.0)
    for _ in range(exponent):
        result = result * base
    return result


with tf.GradientTape() as tape:
    y = power(t, 3) if float(t) > 1 else t
assert float(tape.gradient(y, t)) == 12.0
