"""tf.function: traces by signature, Python control flow on tensors, variables, gradients."""

import numpy as np
import tensorflow as tf

traces = []


@tf.function
def double(x):
    traces.append((x.shape, x.dtype))
    return x * 2


assert double(tf.constant(2)).numpy() == 4
assert double(tf.constant(3)).numpy() == 6
assert len(traces) == 1
assert double(tf.constant([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
assert len(traces) == 2


@tf.function(input_signature=[tf.TensorSpec(shape=[None], dtype=tf.float32)])
def total(x):
    traces.append("total")
    return tf.reduce_sum(x)


assert float(total(tf.constant([1.0, 2.0]))) == 3.0
assert float(total(tf.constant([1.0, 2.0, 3.0]))) == 6.0
assert traces.count("total") == 1
try:
    total(tf.constant([[1.0]]))
except (TypeError, ValueError) as error:
    print("as promised:", str(error).splitlines()[0])
else:
    raise AssertionError("an input that does not fit the signature must be refused")


@tf.function
def fizz(n):
    count = tf.constant(0)
    for i in tf.range(1, n + 1):
        if i % 3 == 0 and i % 5 == 0:
            count += 100
        elif i % 3 == 0:
            count += 1
        else:
            continue
    return count


assert int(fizz(tf.constant(15))) == 104
assert int(fizz(tf.constant(30))) == 208


@tf.function
def first_power_above(limit):
    x = tf.constant(1)
    for _ in tf.range(30):
        x = x * 2
        if x > limit:
            break
    return x


assert int(first_power_above(tf.constant(100))) == 128

counter = tf.Variable(0)


@tf.function
def step(by):
    counter.assign_add(by)
    return counter


for expected in (2, 4, 6):
    assert int(step(tf.constant(2))) == expected
assert int(counter) == 6

w = tf.Variable([1.0, 2.0])


@tf.function
def loss_and_gradient(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((w * x) ** 2)
    return loss, tape.gradient(loss, w)


loss, gradient = loss_and_gradient(tf.constant([3.0, 1.0]))
assert float(loss) == 13.0
np.testing.assert_allclose(gradient.numpy(), [18.0, 4.0])

# A tape around a function
with tf.GradientTape() as tape:
    value = total(w * w)
np.testing.assert_allclose(tape.gradient(value, w).numpy(), [2.0, 4.0])


# Python arguments are part of the signature; nests go in and out.
@tf.function
def nest(data, scale=1, training=False):
    traces.append(("nest", scale, training))
    return {"sum": data["a"] + data["b"][0] * scale, "training": training}


result = nest({"a": tf.constant(1.0), "b": [tf.constant(2.0)]}, scale=3)
assert float(result["sum"]) == 7.0
nest({"a": tf.constant(1.0), "b": [tf.constant(2.0)]}, scale=4, training=True)
assert [t for t in traces if t[0] == "nest"] == [("nest", 3, False), ("nest", 4, True)]


@tf.function
def collect(n):
    values = tf.TensorArray(tf.float32, size=n)
    for i in tf.range(n):
        values = values.write(i, tf.cast(i, tf.float32) ** 2)
    return values.stack()


assert collect(tf.constant(4)).numpy().tolist() == [0.0, 1.0, 4.0, 9.0]
