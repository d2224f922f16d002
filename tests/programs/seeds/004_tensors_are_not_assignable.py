"""Seed 004: NumPy arrays are assignable, tensors are constant."""

import numpy as np
import tensorflow as tf

t_ones = np.ones((2, 2))
print(t_ones)
t_ones[0, 0] = 0
print(t_ones)
assert t_ones.tolist() == [[0.0, 1.0], [1.0, 1.0]]

t_ones = tf.ones((2, 2))
print(t_ones)
try:
    t_ones[0, 0] = 0
except TypeError as error:
    print("TypeError:", error)
    assert "object does not support item assignment" in str(error)
    assert "Tensor" in str(error)
else:
    raise AssertionError("a tensor must not be assignable")
assert t_ones.numpy().tolist() == [[1.0, 1.0], [1.0, 1.0]]

# += makes a new tensor
before = t_ones
t_ones += 1
assert t_ones is not before
assert before.numpy().tolist() == [[1.0, 1.0], [1.0, 1.0]]
assert t_ones.numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]

# Writing into what .numpy() gave must not be able to change a constant for others.
copy = np.array(before)
copy[0, 0] = 5
assert float(before[0, 0]) == 1.0
