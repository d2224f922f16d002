"""Seed 004: tf.Variable, its state changed by assign, assign_add and assign_sub, whole or in part."""

import numpy as np
import tensorflow as tf

v = tf.Variable(initial_value=tf.random.normal(shape=(3, 1)))
print(v)
assert v.shape == (3, 1) and v.dtype == tf.float32 and v.trainable
assert "shape=(3, 1) dtype=float32, numpy=\narray([[" in repr(v)
assert repr(v).startswith("<tf.Variable ") and repr(v).endswith("dtype=float32)>")

result = v.assign(tf.ones((3, 1)))
print(result)
assert v.numpy().tolist() == [[1.0], [1.0], [1.0]]
assert "array([[1.],\n       [1.],\n       [1.]], dtype=float32)>" in repr(result)

result = v[0, 0].assign(9)
print(result)
assert v.numpy().tolist() == [[9.0], [1.0], [1.0]]
assert "array([[9.],\n       [1.],\n       [1.]], dtype=float32)>" in repr(result)

# Similarly, assign_add() and assign_sub() are the equivalents of += and -=.
print(v.assign_add(tf.ones((3, 1))))
assert v.numpy().tolist() == [[10.0], [2.0], [2.0]]
print(v.assign_sub(tf.ones((3, 1))))
assert v.numpy().tolist() == [[9.0], [1.0], [1.0]]

# A slice of it
v[1:].assign([[5.0], [6.0]])
assert v.numpy().tolist() == [[9.0], [5.0], [6.0]]

# Used like a tensor
doubled = v * 2
assert tf.is_tensor(doubled) and doubled.numpy().tolist() == [[18.0], [10.0], [12.0]]
np.testing.assert_array_equal((v + v).numpy(), 2 * v.numpy())
np.testing.assert_array_equal(tf.matmul(v, v, transpose_b=True).numpy(), v.numpy() @ v.numpy().T)
assert v.value().shape == (3, 1) and tf.convert_to_tensor(v).shape == (3, 1)

# A tensor taken from a variable does not change with it.
taken = tf.convert_to_tensor(v)
v.assign(tf.zeros((3, 1)))
assert taken.numpy().tolist() == [[9.0], [5.0], [6.0]]

# Its shape and its type are fixed.
for wrong in (tf.ones((2, 2)), tf.ones((3,))):
    try:
        v.assign(wrong)
    except ValueError as error:
        print("ValueError:", error)
        assert "(3, 1)" in str(error)
    else:
        raise AssertionError(f"a {wrong.shape} value must not fit into a (3, 1) variable")
assert v.numpy().tolist() == [[0.0], [0.0], [0.0]]

counter = tf.Variable(0, trainable=False, name="counter")
for _ in range(3):
    counter.assign_add(1)
assert int(counter) == 3 and counter.dtype == tf.int32 and not counter.trainable
assert counter.name == "counter:0"
