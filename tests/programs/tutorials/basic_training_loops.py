"""Modules, layers and training loops from scratch: tf.Module, tf.Variable, a line that is found by its gradient."""

import os
import tempfile

import numpy as np
import tensorflow as tf

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.random.set_seed(3)


# Modules
class SimpleModule(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.a_variable = tf.Variable(5.0, name="train_me")
        self.non_trainable_variable = tf.Variable(5.0, trainable=False, name="do_not_train_me")

    def __call__(self, x):
        return self.a_variable * x + self.non_trainable_variable


simple_module = SimpleModule(name="simple")
assert float(simple_module(tf.constant(5.0))) == 30.0
assert len(simple_module.trainable_variables) == 1 and len(simple_module.variables) == 2


class FlexibleDense(tf.Module):
    def __init__(self, out_features, name=None):
        super().__init__(name=name)
        self.is_built = False
        self.out_features = out_features

    @tf.Module.with_name_scope
    def __call__(self, x):
        if not self.is_built:
            self.w = tf.Variable(tf.random.normal([x.shape[-1], self.out_features]), name="w")
            self.b = tf.Variable(tf.zeros([self.out_features]), name="b")
            self.is_built = True
        y = tf.matmul(x, self.w) + self.b
        return tf.nn.relu(y)


class MySequentialModule(tf.Module):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.dense_1 = FlexibleDense(out_features=3)
        self.dense_2 = FlexibleDense(out_features=2)

    @tf.function
    def __call__(self, x):
        x = self.dense_1(x)
        return self.dense_2(x)


my_model = MySequentialModule(name="the_model")
result = my_model(tf.constant([[2.0, 2.0, 2.0]]))
assert result.shape == (1, 2)
assert [module.name for module in my_model.submodules] == ["flexible_dense", "flexible_dense"]
assert len(my_model.variables) == 4
assert my_model.dense_1.w.name.startswith("flexible_dense/w")

checkpoint = tf.train.Checkpoint(model=my_model)
path = checkpoint.write(os.path.join(OUTPUT, "my_checkpoint"))
assert ("model/dense_1/w/.ATTRIBUTES/VARIABLE_VALUE", [3, 3]) in tf.train.list_variables(path)
new_model = MySequentialModule()
new_checkpoint = tf.train.Checkpoint(model=new_model)
new_checkpoint.restore(path)
np.testing.assert_allclose(new_model(tf.constant([[2.0, 2.0, 2.0]])), result, rtol=1e-6)

tf.saved_model.save(my_model, os.path.join(OUTPUT, "the_saved_model"))
saved = tf.saved_model.load(os.path.join(OUTPUT, "the_saved_model"))
assert not isinstance(saved, SimpleModule)
np.testing.assert_allclose(saved(tf.constant([[2.0, 2.0, 2.0]])), result, rtol=1e-5)

# A line
TRUE_W, TRUE_B, NUM_EXAMPLES = 3.0, 2.0, 201
x = tf.linspace(-2, 2, NUM_EXAMPLES)
x = tf.cast(x, tf.float32)


def f(x):
    return x * TRUE_W + TRUE_B


noise = tf.random.normal(shape=[NUM_EXAMPLES])
y = f(x) + noise


class MyModel(tf.Module):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = tf.Variable(5.0)
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return self.w * x + self.b


def loss(target_y, predicted_y):
    return tf.reduce_mean(tf.square(target_y - predicted_y))


def train(model, x, y, learning_rate):
    with tf.GradientTape() as t:
        current_loss = loss(y, model(x))
    dw, db = t.gradient(current_loss, [model.w, model.b])
    model.w.assign_sub(learning_rate * dw)
    model.b.assign_sub(learning_rate * db)


model = MyModel()
print("Variables:", model.variables)
weights, biases = [], []


def report(model, loss):
    return f"W = {model.w.numpy():1.2f}, b = {model.b.numpy():1.2f}, loss={loss:2.5f}"


for epoch in range(30):
    train(model, x, y, learning_rate=0.1)
    weights.append(model.w.numpy())
    biases.append(model.b.numpy())
print(report(model, loss(y, model(x))))
least = np.polyfit(x.numpy(), y.numpy(), 1)
np.testing.assert_allclose([weights[-1], biases[-1]], least, atol=0.02)


class MyModelKeras(tf.keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.w = tf.Variable(5.0)
        self.b = tf.Variable(0.0)

    def call(self, x):
        return self.w * x + self.b


keras_model = MyModelKeras()
train(keras_model, x, y, learning_rate=0.1)
keras_model.compile(
    run_eagerly=False,
    optimizer=tf.keras.optimizers.SGD(learning_rate=0.1),
    loss=tf.keras.losses.MeanSquaredError(),
)
keras_model.fit(x[:, tf.newaxis], y[:, tf.newaxis], epochs=10, batch_size=201, verbose=0)
trained = [float(v.numpy()) for v in (keras_model.w, keras_model.b)]
print("keras", trained)


# A quadratic, in batches of a dataset, with a loop of its own
class Quadratic(tf.Module):
    def __init__(self):
        rand_init = tf.random.uniform(shape=[3], minval=0.0, maxval=5.0, seed=22)
        self.w_q = tf.Variable(rand_init[0])
        self.w_l = tf.Variable(rand_init[1])
        self.b = tf.Variable(rand_init[2])

    @tf.function
    def __call__(self, x):
        return self.w_q * (x**2) + self.w_l * x + self.b


quad_model = Quadratic()
target = x**2 + 2 * x - 5 + 0.1 * noise
dataset = tf.data.Dataset.from_tensor_slices((x, target)).shuffle(buffer_size=x.shape[0]).batch(32)
first = float(loss(target, quad_model(x)))
for epoch in range(100):
    for x_batch, y_batch in dataset:
        with tf.GradientTape() as tape:
            batch_loss = loss(quad_model(x_batch), y_batch)
        grads = tape.gradient(batch_loss, quad_model.variables)
        for g, v in zip(grads, quad_model.variables):
            v.assign_sub(0.01 * g)
last = float(loss(target, quad_model(x)))
print("quadratic", first, "->", last)
assert last < 0.1 and abs(float(quad_model.b) + 5) < 0.3
