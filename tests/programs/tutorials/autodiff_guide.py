"""Gradients as the guides of automatic differentiation tell them: tapes, control, higher orders, custom gradients."""

import os
import tempfile

import numpy as np
import tensorflow as tf

x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = x**2
assert tape.gradient(y, x).numpy() == 6.0

w = tf.Variable(tf.random.normal((3, 2)), name="w")
b = tf.Variable(tf.zeros(2, dtype=tf.float32), name="b")
x = [[1.0, 2.0, 3.0]]
with tf.GradientTape(persistent=True) as tape:
    y = x @ w + b
    loss = tf.reduce_mean(y**2)
[dl_dw, dl_db] = tape.gradient(loss, [w, b])
assert dl_dw.shape == w.shape
grads = tape.gradient(loss, {"w": w, "b": b})
np.testing.assert_allclose(grads["b"], y[0], rtol=1e-5)
del tape

layer = tf.keras.layers.Dense(2, activation="relu")
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(layer(tf.constant(x)) ** 2)
grad = tape.gradient(loss, layer.trainable_variables)
assert [(var.name.split("/")[-1].rstrip(":0"), g.shape.as_list()) for var, g in zip(layer.trainable_variables, grad)] == [
    ("kernel", [3, 2]),
    ("bias", [2]),
]

# What the tape watches
x0 = tf.Variable(3.0, name="x0")
x1 = tf.Variable(3.0, name="x1", trainable=False)
x2 = tf.Variable(2.0, name="x2") + 1.0
x3 = tf.constant(3.0, name="x3")
with tf.GradientTape() as tape:
    y = (x0**2) + (x1**2) + (x2**2)
grad = tape.gradient(y, [x0, x1, x2, x3])
assert float(grad[0]) == 6.0 and grad[1:] == [None, None, None]
assert [var.name for var in tape.watched_variables()] == ["x0:0"]
with tf.GradientTape(watch_accessed_variables=False) as tape:
    tape.watch(x1)
    y = tf.sin(x0) + x1**2
grad = tape.gradient(y, {"x0": x0, "x1": x1})
assert grad["x0"] is None and float(grad["x1"]) == 6.0

# Values between
x = tf.constant([1.0, 3.0])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x * x
    z = y * y
assert tape.gradient(z, x).numpy().tolist() == [4.0, 108.0]
assert tape.gradient(y, x).numpy().tolist() == [2.0, 6.0]
assert tape.gradient(z, y).numpy().tolist() == [2.0, 18.0]

# Several targets add up; a target that is not a scalar is summed
x = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y0, y1 = x**2, 1 / x
assert tape.gradient({"y0": y0, "y1": y1}, x).numpy() == 3.75
x = tf.linspace(-10.0, 10.0, 201)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.sigmoid(x)
dy_dx = tape.gradient(y, x)
np.testing.assert_allclose(dy_dx, y * (1 - y), atol=1e-6)

# Control flow
x = tf.constant(1.0)
v0, v1 = tf.Variable(2.0), tf.Variable(2.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    if x > 0.0:
        result = v0
    else:
        result = v1**2
assert tape.gradient(result, [v0, v1])[1] is None
assert tape.gradient(result, x) is None

# Gradients that are not there
with tf.GradientTape() as tape:
    x_np = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    variable = tf.Variable(x_np)
    y = tf.reduce_mean(np.mean(variable.numpy() ** 2, axis=0))
assert tape.gradient(y, variable) is None
x = tf.constant(10)
with tf.GradientTape() as g:
    g.watch(x)
    y = x * x
assert g.gradient(y, x) is None
x = tf.Variable([2.0, 2.0])
y = tf.Variable(3.0)
with tf.GradientTape() as tape:
    z = y**2
assert tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO).numpy().tolist() == [0.0, 0.0]
state = tf.Variable(0.0)
x0 = tf.Variable(3.0)
with tf.GradientTape() as tape:
    state.assign_add(x0)
    y = state**2
assert tape.gradient(y, x0) is None

# Recording, stopped
x, y = tf.Variable(2.0), tf.Variable(3.0)
with tf.GradientTape() as t:
    x_sq = x * x
    with t.stop_recording():
        y_sq = y * y
    z = x_sq + y_sq
grad = t.gradient(z, {"x": x, "y": y})
assert float(grad["x"]) == 4.0 and grad["y"] is None
reset = True
with tf.GradientTape() as t:
    y_sq = y * y
    if reset:
        t.reset()
    z = x * x + y_sq
grad = t.gradient(z, {"x": x, "y": y})
assert float(grad["x"]) == 4.0 and grad["y"] is None
with tf.GradientTape() as t:
    z = x**2 + tf.stop_gradient(y**2)
assert t.gradient(z, y) is None


# Custom gradients
@tf.custom_gradient
def clip_gradients(y):
    def backward(dy):
        return tf.clip_by_norm(dy, 0.5)

    return y, backward


v = tf.Variable(2.0)
with tf.GradientTape() as t:
    output = clip_gradients(v * v)
assert t.gradient(output, v).numpy() == 2.0


class MyModule(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec(None)])
    def call_custom_grad(self, x):
        return clip_gradients(x)


folder = os.path.join(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp(), "saved_model")
model = MyModule()
with tf.GradientTape() as t:
    output = model.call_custom_grad(v * v)
assert t.gradient(output, v).numpy() == 2.0

# Higher orders
x = tf.Variable(1.0)
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        y = x * x * x
    dy_dx = t1.gradient(y, x)
d2y_dx2 = t2.gradient(dy_dx, x)
assert dy_dx.numpy() == 3.0 and d2y_dx2.numpy() == 6.0

# A penalty on the gradient of the input
x = tf.random.normal([7, 5])
layer = tf.keras.layers.Dense(10, activation=tf.nn.relu)
with tf.GradientTape() as t2:
    with tf.GradientTape(watch_accessed_variables=False) as t1:
        t1.watch(x)
        y = layer(x)
        out = tf.reduce_sum(layer(x) ** 2)
    g1 = t1.gradient(out, x)
    g1_mag = tf.norm(g1)
dg1_mag = t2.gradient(g1_mag, layer.trainable_variables)
assert [var.shape for var in dg1_mag] == [(5, 10), (10,)]

# Jacobians
x = tf.linspace(-10.0, 10.0, 200 + 1)
delta = tf.Variable(0.0)
with tf.GradientTape() as tape:
    y = tf.nn.sigmoid(x + delta)
np.testing.assert_allclose(tape.jacobian(y, delta), y * (1 - y), atol=1e-6)
x = tf.random.normal([7, 5])
layer = tf.keras.layers.Dense(10, activation=tf.nn.relu)
with tf.GradientTape(persistent=True) as tape:
    y = layer(x)
assert tape.jacobian(y, layer.kernel).shape == (7, 10, 5, 10)
g = tape.gradient(y, layer.kernel)
j_sum = tf.reduce_sum(tape.jacobian(y, layer.kernel), axis=[0, 1])
np.testing.assert_allclose(g, j_sum, atol=1e-4)

x = tf.random.normal([7, 5])
layer1 = tf.keras.layers.Dense(8, activation=tf.nn.relu)
layer2 = tf.keras.layers.Dense(6, activation=tf.nn.relu)
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        x = layer1(x)
        x = layer2(x)
        loss = tf.reduce_mean(x**2)
    g = t1.gradient(loss, layer1.kernel)
h = t2.jacobian(g, layer1.kernel)
assert h.shape == (5, 8, 5, 8)
n_params = tf.reduce_prod(layer1.kernel.shape)
h_mat = tf.reshape(h, [n_params, n_params])
np.testing.assert_allclose(h_mat, tf.transpose(h_mat), atol=1e-4)
g_vec = tf.reshape(g, [n_params, 1])
update = tf.linalg.solve(h_mat + tf.eye(h_mat.shape[0]) * 1e-2, g_vec)
before = float(loss)
layer1.kernel.assign_sub(0.1 * tf.reshape(update, layer1.kernel.shape))

x = tf.random.normal([7, 5])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = layer2(layer1(x))
jb = tape.batch_jacobian(y, x)
assert jb.shape == (7, 6, 5)
full = tape.jacobian(y, x)
np.testing.assert_allclose(jb, tf.einsum("bxby->bxy", full), atol=1e-5)

# Gradients of embeddings are indexed slices; a clipping of the whole
table = tf.Variable(tf.random.normal([10, 4]))
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3, 1]) ** 2)
grad = tape.gradient(loss, table)
dense = tf.convert_to_tensor(grad).numpy()
np.testing.assert_allclose(dense[1], 4 * table.numpy()[1], rtol=1e-5)
assert np.all(dense[0] == 0)
clipped, norm = tf.clip_by_global_norm([tf.constant([3.0, 4.0]), None], 1.0)
assert float(norm) == 5.0 and clipped[1] is None
np.testing.assert_allclose(clipped[0], [0.6, 0.8], rtol=1e-6)

# Forward mode
with tf.autodiff.ForwardAccumulator(primals=tf.constant(2.0), tangents=tf.constant(1.0)) as acc:
    primal = tf.constant(2.0)
x = tf.constant([[2.0, 3.0], [1.0, 4.0]])
with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as acc:
    y = tf.reduce_sum(x**2)
assert float(acc.jvp(y)) == 20.0
