"""tf.function as the guide tells it: traces, AutoGraph, side effects, state, iterators, errors."""

import numpy as np
import tensorflow as tf


@tf.function
def add(a, b):
    return a + b


assert np.all(add(tf.ones([2, 2]), tf.ones([2, 2])).numpy() == 2)
v = tf.Variable(1.0)
with tf.GradientTape() as tape:
    result = add(v, 1.0)
assert float(tape.gradient(result, v)) == 1.0


@tf.function
def dense_layer(x, w, b):
    return add(tf.matmul(x, w), b)


assert dense_layer(tf.ones([3, 2]), tf.ones([2, 2]), tf.ones([2])).numpy().tolist() == [[3.0, 3.0]] * 3

# Tracing
log = []


@tf.function
def double(a):
    log.append(str(a.dtype if hasattr(a, "dtype") else a))
    return a + a


double(tf.constant(1)), double(tf.constant(2)), double(tf.constant(1.1)), double(tf.constant("a"))
assert len(log) == 3
assert double(tf.constant("b")).numpy() == b"bb"
double_strings = double.get_concrete_function(tf.constant("a"))
assert double_strings(a=tf.constant("c")).numpy() == b"cc"
double_spec = double.get_concrete_function(tf.TensorSpec(shape=[], dtype=tf.string))
assert double_spec(tf.constant("c")).numpy() == b"cc"
try:
    double_strings(tf.constant(1))
except Exception as error:
    print("as promised:", type(error).__name__)
else:
    raise AssertionError("an int is not a string")


@tf.function
def power(a, b):
    return a**b


square = power.get_concrete_function(a=tf.TensorSpec(None, tf.float32), b=2)
assert float(square(tf.constant(10.0))) == 100.0


@tf.function(input_signature=(tf.TensorSpec(shape=[None], dtype=tf.int32),))
def next_collatz(x):
    return tf.where(x % 2 == 0, x // 2, 3 * x + 1)


assert next_collatz(tf.constant([1, 2])).numpy().tolist() == [4, 1]
for bad in (tf.constant([[1, 2], [3, 4]]), tf.constant([1.0, 2.0])):
    try:
        next_collatz(bad)
    except (TypeError, ValueError) as error:
        print("as promised:", type(error).__name__)
    else:
        raise AssertionError("not what the signature says")

shapes = []


@tf.function(reduce_retracing=True)
def relaxed(x):
    shapes.append(x.shape)
    return tf.reduce_sum(x)


for size in range(1, 7):
    assert float(relaxed(tf.ones([size]))) == size
assert len(shapes) <= 6

# Python numbers trace anew, tensors do not
steps = []


def train_one_step():
    pass


@tf.function
def train(num_steps):
    steps.append(num_steps)
    for _ in tf.range(num_steps):
        train_one_step()


train(num_steps=10), train(num_steps=20)
assert len(steps) == 2
train(num_steps=tf.constant(10)), train(num_steps=tf.constant(20))
assert len(steps) == 3


made = []


def get_unwrapped():
    def f():
        made.append("f")
        return tf.constant(1)

    return f


tf.function(get_unwrapped())(), tf.function(get_unwrapped())()
assert made == ["f", "f"]


# AutoGraph
@tf.function
def shrink(x):
    while tf.reduce_sum(x) > 1:
        x = tf.tanh(x)
    return x


assert float(tf.reduce_sum(shrink(tf.constant([0.9, 0.8, 0.7, 0.6, 0.5])))) <= 1.0


@tf.function
def fizzbuzz(n):
    words = tf.TensorArray(tf.string, size=n)
    for i in tf.range(1, n + 1):
        if i % 15 == 0:
            word = tf.constant("fizzbuzz")
        elif i % 5 == 0:
            word = tf.constant("buzz")
        elif i % 3 == 0:
            word = tf.constant("fizz")
        else:
            word = tf.strings.as_string(i)
        words = words.write(i - 1, word)
    return words.stack()


print(fizzbuzz(tf.constant(5)))
assert fizzbuzz(tf.constant(15)).numpy().tolist()[-4:] == [b"fizz", b"13", b"14", b"fizzbuzz"]
print(tf.autograph.to_code(shrink.python_function)[:200])


@tf.function
def train_on(dataset):
    loss = tf.constant(0)
    for x, y in dataset:
        loss += tf.abs(y - x)
    return loss


small_data = [(1, 1)] * 3
assert int(train_on(small_data)) == 0
dataset = tf.data.Dataset.from_generator(lambda: [(1, 3)] * 7, (tf.int32, tf.int32))
assert int(train_on(dataset)) == 14


@tf.function
def dynamic_rnn(rnn_step, input_data, initial_state):
    input_data = tf.transpose(input_data, [1, 0, 2])  # batch, time -> time, batch
    max_seq_len = tf.shape(input_data)[0]
    states = tf.TensorArray(tf.float32, size=max_seq_len)
    state = initial_state
    for i in tf.range(max_seq_len):
        state = rnn_step(input_data[i], state)
        states = states.write(i, state)
    return tf.transpose(states.stack(), [1, 0, 2])


def rnn_step(inp, state):
    return inp + state


data = tf.random.uniform([4, 5, 3])
np.testing.assert_allclose(
    dynamic_rnn(rnn_step, data, tf.zeros([4, 3])), np.cumsum(data.numpy(), axis=1), rtol=1e-5, atol=1e-5
)

# Side effects happen while tracing; tf.print and variables happen at each call
external_list = []


@tf.function
def side_effect(x):
    external_list.append(x)
    tf.print("Executed with", x)


side_effect(1), side_effect(1), side_effect(2)
assert external_list == [1, 2]

external_var = tf.Variable(0)


@tf.function
def buggy_consume_next(iterator):
    external_var.assign_add(next(iterator))
    return external_var.value()


ds = tf.data.Dataset.from_tensor_slices([1, 2, 3])
iterator = iter(ds)
assert [int(buggy_consume_next(iterator)) for _ in range(3)] == [1, 3, 6]
try:
    buggy_consume_next(iterator)
except tf.errors.OutOfRangeError:
    print("as promised: the iterator is at its end")
else:
    raise AssertionError("the end was not noticed")


@tf.function
def py_call(x):
    y = tf.py_function(func=lambda v: v.numpy() * 2, inp=[x], Tout=tf.float32)
    y.set_shape([])
    return y + 1.0


assert float(py_call(tf.constant(3.0))) == 7.0


# Variables are made once
class Count(tf.Module):
    def __init__(self):
        self.count = None

    @tf.function
    def __call__(self):
        if self.count is None:
            self.count = tf.Variable(0)
        return self.count.assign_add(1)


c = Count()
assert [int(c()) for _ in range(3)] == [1, 2, 3]


@tf.function
def f(x):
    return x * tf.Variable(1.0)


try:
    f(1.0)
except ValueError as error:
    print("as promised:", type(error).__name__)
else:
    raise AssertionError("a variable at each call")


class MyModel(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.bias = self.add_weight(name="bias", shape=(), initializer="zeros")

    @tf.function
    def step(self, x, flag=tf.constant(True)):
        if flag:
            self.bias.assign_add(x)
        return self.bias + x


model = MyModel()
assert float(model.step(tf.constant(2.0))) == 4.0
assert float(model.step(tf.constant(2.0), tf.constant(False))) == 4.0


# Values that leave a branch
@tf.function
def early(x):
    if x > 0:
        return x
    return -x


assert float(early(tf.constant(-2.0))) == 2.0


@tf.function
def find(values, wanted):
    place = -1
    for i in tf.range(tf.size(values)):
        if values[i] == wanted:
            place = i
            break
        elif values[i] < 0:
            continue
    return place


assert int(find(tf.constant([4, -1, 7, 7]), tf.constant(7))) == 2
assert int(find(tf.constant([4]), tf.constant(7))) == -1

# Debugging: run as Python
tf.config.run_functions_eagerly(True)
double(tf.constant(5)), double(tf.constant(6))
assert len(log) >= 5
tf.config.run_functions_eagerly(False)
