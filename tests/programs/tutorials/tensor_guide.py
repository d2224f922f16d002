"""Tensors, slices, variables and random numbers, as the guides for beginners have them."""

import numpy as np
import tensorflow as tf

rank_0 = tf.constant(4)
rank_1 = tf.constant([2.0, 3.0, 4.0])
rank_2 = tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16)
assert str(rank_0) == "tf.Tensor(4, shape=(), dtype=int32)"
assert str(rank_1) == "tf.Tensor([2. 3. 4.], shape=(3,), dtype=float32)"
print(rank_2)
a, b = tf.constant([[1, 2], [3, 4]]), tf.ones([2, 2], dtype=tf.int32)
assert (a + b).numpy().tolist() == [[2, 3], [4, 5]]
assert (a * b).numpy().tolist() == [[1, 2], [3, 4]]
assert (a @ b).numpy().tolist() == [[3, 3], [7, 7]]
c = tf.constant([[4.0, 5.0], [10.0, 1.0]])
assert float(tf.reduce_max(c)) == 10.0
assert tf.math.argmax(c).numpy().tolist() == [1, 0]
np.testing.assert_allclose(tf.reduce_sum(tf.nn.softmax(c), -1), [1, 1], rtol=1e-6)
assert tf.reduce_max([1, 2, 3]).numpy() == 3 and tf.reduce_max(np.array([1, 2, 3])).numpy() == 3

# Shapes
rank_4 = tf.zeros([3, 2, 4, 5])
assert (rank_4.dtype, rank_4.ndim, rank_4.shape[0], rank_4.shape[-1]) == (tf.float32, 4, 3, 5)
assert tf.size(rank_4).numpy() == 120 and tf.rank(rank_4).numpy() == 4
assert tf.shape(rank_4).numpy().tolist() == [3, 2, 4, 5]
assert rank_4.shape.as_list() == [3, 2, 4, 5] and rank_4.get_shape() == [3, 2, 4, 5]
fib = tf.constant([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
assert fib[0].numpy() == 0 and fib[-1].numpy() == 34
assert fib[::2].numpy().tolist() == [0, 1, 3, 8, 21] and fib[::-1].numpy()[0] == 34
assert rank_2[1, 1].numpy() == 4.0 and rank_2[:, 1].numpy().tolist() == [2, 4, 6]
rank_3 = tf.reshape(tf.range(30), [3, 2, 5])
assert rank_3[:, :, 4].numpy().tolist() == [[4, 9], [14, 19], [24, 29]]
assert rank_3[..., 0, tf.newaxis].shape == (3, 2, 1)
assert tf.reshape(rank_3, [-1]).shape == (30,)
assert tf.reshape(rank_3, [3 * 2, 5]).shape == (6, 5)
try:
    tf.reshape(rank_3, [7, -1])
except Exception as error:
    print("as promised:", type(error).__name__)
else:
    raise AssertionError("30 is no multiple of 7")
assert tf.transpose(rank_3, perm=[2, 0, 1]).shape == (5, 3, 2)

# Dtypes, broadcasting, strings
the_f64 = tf.constant([2.2, 3.3, 4.4], dtype=tf.float64)
the_u8 = tf.cast(tf.cast(the_f64, dtype=tf.float16), dtype=tf.uint8)
assert the_u8.numpy().tolist() == [2, 3, 4]
x = tf.constant([1, 2, 3])
assert tf.multiply(x, 2).numpy().tolist() == (x * tf.constant(2)).numpy().tolist() == [2, 4, 6]
assert (tf.reshape(x, [3, 1]) * tf.range(1, 5)).shape == (3, 4)
assert tf.broadcast_to(x, [3, 3]).numpy().tolist() == [[1, 2, 3]] * 3
try:
    tf.constant([1, 2]) + tf.constant([1.0, 2.0])
except (TypeError, tf.errors.InvalidArgumentError) as error:
    print("as promised:", type(error).__name__)
strings = tf.constant(["Gray wolf", "Quick brown fox", "Lazy dog"])
assert tf.strings.split(strings).to_list()[2] == [b"Lazy", b"dog"]
assert tf.strings.to_number(tf.strings.split("1 10 100", " ")).numpy().tolist() == [1.0, 10.0, 100.0]
assert tf.strings.bytes_split(tf.constant("Duck")).numpy().tolist() == [b"D", b"u", b"c", b"k"]
assert tf.io.decode_raw(tf.constant("Duck"), tf.uint8).numpy().tolist() == [68, 117, 99, 107]
sparse = tf.sparse.SparseTensor(indices=[[0, 0], [1, 2]], values=[1, 2], dense_shape=[3, 4])
assert tf.sparse.to_dense(sparse).numpy().tolist() == [[1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]]

# Slices, gathers, scatters
t1 = tf.constant([0, 1, 2, 3, 4, 5, 6, 7])
assert tf.slice(t1, begin=[1], size=[3]).numpy().tolist() == [1, 2, 3]
assert tf.gather(t1, indices=[0, 3, 6]).numpy().tolist() == [0, 3, 6]
alphabet = tf.constant(list("abcdefghijklmnopqrstuvwxyz"))
assert tf.gather(alphabet, indices=[2, 0, 19, 18]).numpy().tolist() == [b"c", b"a", b"t", b"s"]
t4 = tf.constant([[0, 5], [1, 6], [2, 7], [3, 8], [4, 9]])
assert tf.gather_nd(t4, indices=[[2], [3], [0]]).numpy().tolist() == [[2, 7], [3, 8], [0, 5]]
t5 = tf.reshape(tf.range(18), [2, 3, 3])
assert tf.gather_nd(t5, indices=[[[0, 0], [0, 2]], [[1, 0], [1, 2]]]).shape == (2, 2, 3)
t6 = tf.constant([10])
scattered = tf.scatter_nd(tf.constant([[1], [3], [5], [7], [9]]), tf.constant([2, 4, 6, 8, 10]), t6)
assert scattered.numpy().tolist() == [0, 2, 0, 4, 0, 6, 0, 8, 0, 10]
t11 = tf.constant([[2, 7, 0], [9, 0, 1], [0, 3, 8]])
assert tf.tensor_scatter_nd_add(t11, [[0, 2], [1, 1], [2, 0]], [6, 5, 4]).numpy().tolist() == [[2, 7, 6], [9, 5, 1], [4, 3, 8]]
assert tf.tensor_scatter_nd_sub(t11, [[0, 0]], [1]).numpy()[0, 0] == 1
assert tf.tensor_scatter_nd_min(t11, [[0, 1]], [5]).numpy()[0, 1] == 5
assert tf.strided_slice(t1, [1], [7], [2]).numpy().tolist() == [1, 3, 5]
assert tf.boolean_mask(t1, t1 > 5).numpy().tolist() == [6, 7]
assert tf.where([True, False], [1, 2], [3, 4]).numpy().tolist() == [1, 4]
assert tf.where([False, True, True]).numpy().tolist() == [[1], [2]]

# Variables
my_variable = tf.Variable(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
assert (my_variable.shape, my_variable.dtype) == ((2, 2), tf.float32)
assert tf.argmax(my_variable, axis=1).numpy().tolist() == [1, 1]
print("Copying and reshaping: ", tf.reshape(my_variable, [1, 4]))
v = tf.Variable([2.0, 3.0])
v.assign([1, 2])
try:
    v.assign([1.0, 2.0, 3.0])
except Exception as error:
    print("as promised:", type(error).__name__)
else:
    raise AssertionError("another shape")
second = tf.Variable(v)
v.assign([5, 6])
assert second.numpy().tolist() == [1.0, 2.0]
assert v.assign_add([2, 3]).numpy().tolist() == [7.0, 9.0] and v.assign_sub([7.0, 9.0]).numpy().tolist() == [0.0, 0.0]
m1, m2 = tf.Variable(my_variable, name="Mark"), tf.Variable(my_variable + 1, name="Mark")
assert m1.name == "Mark:0" and not np.any(m1 == m2)
step_counter = tf.Variable(1, trainable=False)
assert not step_counter.trainable
with tf.device("CPU:0"):
    placed = tf.Variable([[1.0, 2.0, 3.0]])
    assert "CPU:0" in placed.device
v.scatter_nd_update([[1]], [8.0])
assert v.numpy().tolist() == [0.0, 8.0]
rows = tf.Variable(tf.zeros([3, 2]))
rows.scatter_add(tf.IndexedSlices(tf.ones([2, 2]), [0, 0]))
assert rows.numpy().tolist() == [[2, 2], [0, 0], [0, 0]]
rows[1].assign([7.0, 7.0])
assert rows.numpy()[1].tolist() == [7.0, 7.0]

# Random numbers
g1 = tf.random.Generator.from_seed(1)
first = g1.normal(shape=[2, 3])
again = tf.random.Generator.from_seed(1).normal(shape=[2, 3])
np.testing.assert_array_equal(first, again)
assert not np.array_equal(first, g1.normal(shape=[2, 3]))
g1.reset_from_seed(1)
np.testing.assert_array_equal(first, g1.normal(shape=[2, 3]))
new_gs = g1.split(3)
assert len(new_gs) == 3
tf.random.set_seed(5)
one = tf.random.uniform([4])
tf.random.set_seed(5)
np.testing.assert_array_equal(one, tf.random.uniform([4]))
assert tf.random.stateless_normal(shape=[2], seed=[1, 2]).numpy().tolist() == tf.random.stateless_normal([2], [1, 2]).numpy().tolist()


@tf.function
def draw():
    return g1.uniform(shape=[], minval=0, maxval=10, dtype=tf.int32)


draws = [int(draw()) for _ in range(40)]
assert len(set(draws)) > 3 and 0 <= min(draws) and max(draws) < 10
shuffled = tf.random.shuffle(tf.range(50))
assert sorted(shuffled.numpy()) == list(range(50)) and shuffled.numpy().tolist() != list(range(50))
assert abs(float(tf.reduce_mean(tf.random.truncated_normal([2000])))) < 0.15
