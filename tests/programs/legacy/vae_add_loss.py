"""A variational autoencoder as tf.keras 2 examples wrote it: `add_loss` and `add_metric` on tensors of the graph."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(2)
rng = np.random.default_rng(0)
hidden = rng.normal(size=(512, 2))
x_train = np.tanh(hidden @ rng.normal(size=(2, 12)) + 0.05 * rng.normal(size=(512, 12))).astype("float32")


def sampling(args):
    mean, log_var = args
    epsilon = K.random_normal(shape=(K.shape(mean)[0], 2))
    return mean + K.exp(0.5 * log_var) * epsilon


inputs = keras.Input(shape=(12,), name="encoder_input")
h = layers.Dense(32, activation="relu")(inputs)
z_mean = layers.Dense(2, name="z_mean")(h)
z_log_var = layers.Dense(2, name="z_log_var")(h)
z = layers.Lambda(sampling, output_shape=(2,), name="z")([z_mean, z_log_var])
encoder = keras.Model(inputs, [z_mean, z_log_var, z], name="encoder")

latent = keras.Input(shape=(2,), name="z_sampling")
outputs = layers.Dense(12, activation="tanh")(layers.Dense(32, activation="relu")(latent))
decoder = keras.Model(latent, outputs, name="decoder")

outputs = decoder(encoder(inputs)[2])
vae = keras.Model(inputs, outputs, name="vae_mlp")

reconstruction = keras.losses.mse(inputs, outputs) * 12
kl = -0.5 * K.sum(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
vae.add_loss(K.mean(10 * reconstruction + kl))
vae.add_metric(kl, name="kl_loss", aggregation="mean")
vae.compile(optimizer=keras.optimizers.Adam(0.005))

history = vae.fit(x_train, epochs=30, batch_size=64, verbose=2)
assert set(history.history) == {"loss", "kl_loss"}
assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
assert 0.1 < history.history["kl_loss"][-1] < 20


class ActivityLog(layers.Layer):
    """Watches what passes, and keeps it small."""

    def call(self, inputs):
        self.add_metric(tf.reduce_mean(tf.abs(inputs)), name="activity")
        self.add_loss(0.01 * tf.reduce_sum(inputs**2))
        return inputs


model = keras.Sequential([layers.Dense(8, activation="relu", input_shape=(12,)), ActivityLog(), layers.Dense(2)])
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
history = model.fit(x_train, hidden, epochs=3, batch_size=64, verbose=0)
assert set(history.history) == {"loss", "mae", "activity"}
expected = np.abs(keras.Sequential(model.layers[:1]).predict(x_train, verbose=0)).mean()
scores = model.evaluate(x_train, hidden, batch_size=64, verbose=0, return_dict=True)
np.testing.assert_allclose(scores["activity"], expected, rtol=1e-4)
print("activity", scores["activity"])
