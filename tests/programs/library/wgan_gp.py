"""A Wasserstein GAN with gradient penalty on points in a ring of clusters: several critic steps in one train_step,
a gradient within a gradient, an own compile(), and a callback that watches how the points spread."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(5)
CLUSTERS, NOISE = 6, 4
angles = 2 * np.pi * np.arange(CLUSTERS) / CLUSTERS
centres = 2.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")


def real_points(count, seed):
    rng = np.random.default_rng(seed)
    points = centres[rng.integers(0, CLUSTERS, count)] + rng.normal(0, 0.15, (count, 2))
    return points.astype("float32")


def network(inputs, outputs, name):
    return keras.Sequential(
        [
            keras.Input((inputs,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Dense(outputs),
        ],
        name=name,
    )


class WGAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim, discriminator_extra_steps=3, gp_weight=1.0):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.d_steps = discriminator_extra_steps
        self.gp_weight = gp_weight

    def compile(self, d_optimizer, g_optimizer, d_loss_fn, g_loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.d_loss_fn = d_loss_fn
        self.g_loss_fn = g_loss_fn

    def gradient_penalty(self, batch_size, real, fake):
        alpha = tf.random.uniform([batch_size, 1], 0.0, 1.0)
        interpolated = real + alpha * (fake - real)
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated)
            pred = self.discriminator(interpolated, training=True)
        grads = gp_tape.gradient(pred, [interpolated])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=[1]) + 1e-12)
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, real):
        if isinstance(real, tuple):
            real = real[0]
        batch_size = tf.shape(real)[0]
        for _ in range(self.d_steps):
            noise = tf.random.normal(shape=(batch_size, self.latent_dim))
            with tf.GradientTape() as tape:
                fake = self.generator(noise, training=True)
                fake_logits = self.discriminator(fake, training=True)
                real_logits = self.discriminator(real, training=True)
                d_cost = self.d_loss_fn(real_img=real_logits, fake_img=fake_logits)
                gp = self.gradient_penalty(batch_size, real, fake)
                d_loss = d_cost + gp * self.gp_weight
            d_gradient = tape.gradient(d_loss, self.discriminator.trainable_variables)
            self.d_optimizer.apply_gradients(zip(d_gradient, self.discriminator.trainable_variables))
        noise = tf.random.normal(shape=(batch_size, self.latent_dim))
        with tf.GradientTape() as tape:
            generated = self.generator(noise, training=True)
            g_loss = self.g_loss_fn(self.discriminator(generated, training=True))
        gen_gradient = tape.gradient(g_loss, self.generator.trainable_variables)
        self.g_optimizer.apply_gradients(zip(gen_gradient, self.generator.trainable_variables))
        return {"d_loss": d_loss, "g_loss": g_loss, "penalty": gp}


def discriminator_loss(real_img, fake_img):
    return tf.reduce_mean(fake_img) - tf.reduce_mean(real_img)


def generator_loss(fake_img):
    return -tf.reduce_mean(fake_img)


def energy_distance(a, b):
    def mean_distance(p, q):
        return np.linalg.norm(p[:, None] - q[None], axis=-1).mean()

    return 2 * mean_distance(a, b) - mean_distance(a, a) - mean_distance(b, b)


class Watch(keras.callbacks.Callback):
    def __init__(self, reference):
        self.reference = reference
        self.distances = []

    def on_epoch_end(self, epoch, logs=None):
        noise = tf.random.normal(shape=(500, self.model.latent_dim))
        points = self.model.generator(noise, training=False).numpy()
        self.distances.append(energy_distance(points, self.reference))
        logs["energy"] = self.distances[-1]


watch = Watch(real_points(500, seed=8))
wgan = WGAN(network(2, 1, "critic"), network(NOISE, 2, "generator"), latent_dim=NOISE)
wgan.compile(
    d_optimizer=keras.optimizers.Adam(learning_rate=1e-3, beta_1=0.5, beta_2=0.9),
    g_optimizer=keras.optimizers.Adam(learning_rate=1e-3, beta_1=0.5, beta_2=0.9),
    g_loss_fn=generator_loss,
    d_loss_fn=discriminator_loss,
)
history = wgan.fit(real_points(2560, seed=1), batch_size=128, epochs=15, callbacks=[watch], verbose=2)
assert set(history.history) == {"d_loss", "g_loss", "penalty", "energy"}
print("energy distance:", [round(float(d), 3) for d in watch.distances])
assert watch.distances[-1] < 0.1
assert watch.distances[-1] < 0.5 * watch.distances[0]
assert history.history["penalty"][-1] < 0.3

points = wgan.generator.predict(np.random.default_rng(0).normal(size=(600, NOISE)), verbose=0)
nearest = np.linalg.norm(points[:, None] - centres[None], axis=-1).argmin(axis=1)
share = np.bincount(nearest, minlength=CLUSTERS) / len(points)
print("share of the clusters:", share.round(2))
assert share.min() > 0.04  # no cluster is left out
