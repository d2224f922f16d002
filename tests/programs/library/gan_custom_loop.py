"""A GAN of digits by a loop of one's own: two tapes in one tf.function, weights of the generator kept."""

import os

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow.keras import Sequential, layers

tf.random.set_seed(6)
np.random.seed(6)
digits = load_digits()
zeros = digits.data[digits.target == 0].astype("float32") / 8 - 1  # between -1 and 1
BATCH, NOISE = 32, 8


def make_generator():
    model = Sequential()
    model.add(layers.Input(shape=(NOISE,)))
    model.add(layers.Dense(32, use_bias=False))
    model.add(layers.BatchNormalization(momentum=0.8))
    model.add(layers.LeakyReLU())
    model.add(layers.Dense(64, activation="tanh"))
    return model


def make_discriminator():
    model = Sequential()
    model.add(layers.Input(shape=(64,)))
    model.add(layers.Dense(32))
    model.add(layers.LeakyReLU())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(1))
    return model


generator, discriminator = make_generator(), make_discriminator()
cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)
generator_optimizer = tf.keras.optimizers.Adam(2e-3, beta_1=0.5)
discriminator_optimizer = tf.keras.optimizers.Adam(2e-3, beta_1=0.5)
path = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "generator.weights.h5")


def discriminator_loss(real_output, fake_output):
    real_loss = cross_entropy(0.9 * tf.ones_like(real_output), real_output)
    fake_loss = cross_entropy(tf.zeros_like(fake_output), fake_output)
    return real_loss + fake_loss


def generator_loss(fake_output):
    return cross_entropy(tf.ones_like(fake_output), fake_output)


@tf.function
def train_step(images):
    noise = tf.random.normal([tf.shape(images)[0], NOISE])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        generated_images = generator(noise, training=True)
        real_output = discriminator(images, training=True)
        fake_output = discriminator(generated_images, training=True)
        gen_loss = generator_loss(fake_output)
        disc_loss = discriminator_loss(real_output, fake_output)
    gradients_of_generator = gen_tape.gradient(gen_loss, generator.trainable_variables)
    gradients_of_discriminator = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(gradients_of_generator, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(
        zip(gradients_of_discriminator, discriminator.trainable_variables)
    )
    return gen_loss, disc_loss


seed = tf.random.normal([100, NOISE])


def distance_to_data():
    made = generator(seed, training=False).numpy()
    return np.linalg.norm(made[:, None] - zeros[None], axis=-1).min(axis=1).mean()


dataset = tf.data.Dataset.from_tensor_slices(zeros).shuffle(len(zeros)).batch(BATCH, drop_remainder=True)
before = distance_to_data()
for epoch in range(120):
    losses = [train_step(batch) for batch in dataset]
    if (epoch + 1) % 30 == 0:
        gen_loss, disc_loss = np.mean([[float(g), float(d)] for g, d in losses], axis=0)
        print(f"epoch {epoch + 1}: generator {gen_loss:.3f}, discriminator {disc_loss:.3f}")
generator.save_weights(path)

after = distance_to_data()
between = np.linalg.norm(zeros[:, None] - zeros[None], axis=-1).mean()
print(f"distance to the nearest real picture: {before:.2f} -> {after:.2f}; between real pictures: {between:.2f}")
assert after < 0.5 * before
assert after < between
made = generator(seed, training=False).numpy()
assert made.std(axis=0).mean() > 0.05  # not one picture for all seeds
assert np.abs(made.mean(axis=0) - zeros.mean(axis=0)).mean() < 0.25

# A new generator with the same weights draws the same pictures
assert int(generator_optimizer.iterations) == 120 * (len(zeros) // BATCH)
twin = make_generator()
twin.load_weights(path)
np.testing.assert_allclose(twin.predict(seed, verbose=0), made, atol=1e-5)
