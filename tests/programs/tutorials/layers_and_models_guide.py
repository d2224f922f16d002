"""Layers and models by subclassing, as the guide has them: weights, add_loss, training, configs; a VAE at the end."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers, ops

keras.utils.set_random_seed(59)


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="random_normal", trainable=True)

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


linear_layer = Linear(4)
assert linear_layer.weights == [] and not linear_layer.built
y = linear_layer(tf.ones((2, 2)))
assert y.shape == (2, 4) and linear_layer.weights[0] is linear_layer.w and len(linear_layer.weights) == 2
again = Linear.from_config(linear_layer.get_config())
assert again.units == 4 and not again.built


class ComputeSum(keras.layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(initializer="zeros", shape=(input_dim,), trainable=False)

    def call(self, inputs):
        self.total.assign_add(tf.reduce_sum(inputs, axis=0))
        return self.total


my_sum = ComputeSum(2)
assert my_sum(tf.ones((2, 2))).numpy().tolist() == [2.0, 2.0]
assert my_sum(tf.ones((2, 2))).numpy().tolist() == [4.0, 4.0]
assert len(my_sum.weights) == len(my_sum.non_trainable_weights) == 1 and my_sum.trainable_weights == []


class MLPBlock(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(32)
        self.linear_2 = Linear(32)
        self.linear_3 = Linear(1)

    def call(self, inputs):
        x = tf.nn.relu(self.linear_1(inputs))
        x = tf.nn.relu(self.linear_2(x))
        return self.linear_3(x)


mlp = MLPBlock()
mlp(tf.ones(shape=(3, 64)))
assert len(mlp.weights) == len(mlp.trainable_weights) == 6


# Losses made while calling
class ActivityRegularizationLayer(keras.layers.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * tf.reduce_mean(inputs))
        return inputs


class OuterLayer(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.activity_reg = ActivityRegularizationLayer(1e-2)
        self.dense = layers.Dense(32, kernel_regularizer=keras.regularizers.L2(1e-3))

    def call(self, inputs):
        return self.dense(self.activity_reg(inputs))


layer = OuterLayer()
assert layer.losses == []
layer(tf.ones((1, 1)))
assert len(layer.losses) == 2
layer(tf.ones((1, 1)))
assert len(layer.losses) == 2
np.testing.assert_allclose(float(layer.losses[0]), 0.01, rtol=1e-5)
inputs = keras.Input(shape=(3,))
model = keras.Model(inputs, ActivityRegularizationLayer()(inputs))
model.compile(optimizer="adam", loss="mse")
history = model.fit(np.ones((2, 3)), np.ones((2, 3)), verbose=0)
np.testing.assert_allclose(history.history["loss"][0], 0.01, rtol=1e-4)


class CustomDropout(keras.layers.Layer):
    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs, training=None):
        if training:
            return keras.random.dropout(inputs, rate=self.rate, seed=self.seed_generator)
        return inputs


dropout = CustomDropout(0.5)
np.testing.assert_array_equal(dropout(tf.ones((4, 4))), np.ones((4, 4)))
assert 0 < np.mean(dropout(tf.ones((40, 40)), training=True).numpy() == 0) < 1


# A variational autoencoder out of layers
class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        batch = ops.shape(z_mean)[0]
        dim = ops.shape(z_mean)[1]
        epsilon = keras.random.normal(shape=(batch, dim), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


class Encoder(layers.Layer):
    def __init__(self, latent_dim=8, intermediate_dim=32, name="encoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dense_proj = layers.Dense(intermediate_dim, activation="relu")
        self.dense_mean = layers.Dense(latent_dim)
        self.dense_log_var = layers.Dense(latent_dim)
        self.sampling = Sampling()

    def call(self, inputs):
        x = self.dense_proj(inputs)
        z_mean = self.dense_mean(x)
        z_log_var = self.dense_log_var(x)
        return z_mean, z_log_var, self.sampling((z_mean, z_log_var))


class Decoder(layers.Layer):
    def __init__(self, original_dim, intermediate_dim=32, name="decoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dense_proj = layers.Dense(intermediate_dim, activation="relu")
        self.dense_output = layers.Dense(original_dim, activation="sigmoid")

    def call(self, inputs):
        return self.dense_output(self.dense_proj(inputs))


class VariationalAutoEncoder(keras.Model):
    def __init__(self, original_dim, intermediate_dim=32, latent_dim=8, name="autoencoder", **kwargs):
        super().__init__(name=name, **kwargs)
        self.original_dim = original_dim
        self.encoder = Encoder(latent_dim=latent_dim, intermediate_dim=intermediate_dim)
        self.decoder = Decoder(original_dim, intermediate_dim=intermediate_dim)

    def call(self, inputs):
        z_mean, z_log_var, z = self.encoder(inputs)
        reconstructed = self.decoder(z)
        kl_loss = -0.5 * ops.mean(z_log_var - ops.square(z_mean) - ops.exp(z_log_var) + 1)
        self.add_loss(0.01 * kl_loss)
        return reconstructed


x_train = (load_digits().data / 16.0).astype("float32")
vae = VariationalAutoEncoder(64)
vae.compile(keras.optimizers.Adam(learning_rate=5e-3), loss=keras.losses.MeanSquaredError())
history = vae.fit(x_train, x_train, epochs=8, batch_size=64, verbose=0).history["loss"]
print("fit", history[0], "->", history[-1])
assert history[-1] < 0.75 * history[0]

# The same by a loop of one's own
vae = VariationalAutoEncoder(64)
optimizer = keras.optimizers.Adam(learning_rate=5e-3)
mse_loss_fn = keras.losses.MeanSquaredError()
loss_metric = keras.metrics.Mean()
train_dataset = tf.data.Dataset.from_tensor_slices(x_train).shuffle(buffer_size=1024).batch(64)


@tf.function
def step(x_batch_train):
    with tf.GradientTape() as tape:
        reconstructed = vae(x_batch_train)
        loss = mse_loss_fn(x_batch_train, reconstructed)
        loss += tf.add_n(vae.losses)
    grads = tape.gradient(loss, vae.trainable_weights)
    optimizer.apply(grads, vae.trainable_weights)
    loss_metric(loss)


for epoch in range(8):
    loss_metric.reset_state()
    for x_batch_train in train_dataset:
        step(x_batch_train)
print("loop", float(loss_metric.result()))
np.testing.assert_allclose(float(loss_metric.result()), history[-1], rtol=0.25)
