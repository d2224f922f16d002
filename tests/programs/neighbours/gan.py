"""A generative adversarial network: two models, two optimizers, one train_step, compiled by an own compile()."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)

discriminator = keras.Sequential(
    [keras.Input((2,)), layers.Dense(16), layers.LeakyReLU(0.2), layers.Dense(1)]
)
generator = keras.Sequential([keras.Input((3,)), layers.Dense(16, activation="relu"), layers.Dense(2)])


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    def train_step(self, real):
        batch_size = tf.shape(real)[0]
        noise = tf.random.normal(shape=(batch_size, self.latent_dim))
        combined = tf.concat([self.generator(noise), real], axis=0)
        labels = tf.concat([tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))

        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(combined))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(zip(grads, self.discriminator.trainable_weights))

        noise = tf.random.normal(shape=(batch_size, self.latent_dim))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((batch_size, 1)), self.discriminator(self.generator(noise)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))

        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


real = np.random.default_rng(0).normal([4.0, -2.0], 0.3, (512, 2)).astype("float32")
gan = GAN(discriminator, generator, latent_dim=3)
gan.compile(
    d_optimizer=keras.optimizers.Adam(0.01),
    g_optimizer=keras.optimizers.Adam(0.01),
    loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
)
d_start, g_start = discriminator.get_weights(), generator.get_weights()
distance = np.linalg.norm(generator.predict(np.zeros((1, 3)), verbose=0) - [[4.0, -2.0]])
history = gan.fit(tf.data.Dataset.from_tensor_slices(real).shuffle(512).batch(64), epochs=10, verbose=2)
assert set(history.history) == {"d_loss", "g_loss"}
assert np.all(np.isfinite(history.history["d_loss"] + history.history["g_loss"]))
assert any(np.any(a != b) for a, b in zip(d_start, discriminator.get_weights()))
assert any(np.any(a != b) for a, b in zip(g_start, generator.get_weights()))
assert int(gan.d_optimizer.iterations) == int(gan.g_optimizer.iterations) == 80
nearer = np.linalg.norm(generator.predict(np.zeros((1, 3)), verbose=0) - [[4.0, -2.0]])
print("distance of the generator from the data:", distance, "->", nearer)
assert nearer < distance
