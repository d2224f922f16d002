"""A deep convolutional GAN on small digits: two optimizers, a compiled step over two tapes, a checkpoint."""

import os
import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.keras.utils.set_random_seed(11)
images = load_digits().images.reshape(-1, 8, 8, 1).astype("float32")
images = (images - 8.0) / 8.0  # to [-1, 1]
BUFFER_SIZE, BATCH_SIZE = 1792, 128
train_dataset = tf.data.Dataset.from_tensor_slices(images).shuffle(BUFFER_SIZE).batch(BATCH_SIZE)


def make_generator_model():
    model = tf.keras.Sequential()
    model.add(layers.Input(shape=(16,)))
    model.add(layers.Dense(2 * 2 * 32, use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Reshape((2, 2, 32)))
    model.add(layers.Conv2DTranspose(16, (5, 5), strides=(1, 1), padding="same", use_bias=False))
    assert model.output_shape == (None, 2, 2, 16)
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(16, (3, 3), strides=(2, 2), padding="same", use_bias=False))
    assert model.output_shape == (None, 4, 4, 16)
    model.add(layers.BatchNormalization())
    model.add(layers.LeakyReLU())
    model.add(layers.Conv2DTranspose(1, (3, 3), strides=(2, 2), padding="same", use_bias=False, activation="tanh"))
    assert model.output_shape == (None, 8, 8, 1)
    return model


def make_discriminator_model():
    model = tf.keras.Sequential()
    model.add(layers.Conv2D(16, (3, 3), strides=(2, 2), padding="same", input_shape=[8, 8, 1]))
    model.add(layers.LeakyReLU())
    model.add(layers.Dropout(0.3))
    model.add(layers.Conv2D(32, (3, 3), strides=(2, 2), padding="same"))
    model.add(layers.LeakyReLU())
    model.add(layers.Dropout(0.3))
    model.add(layers.Flatten())
    model.add(layers.Dense(1))
    return model


generator = make_generator_model()
discriminator = make_discriminator_model()
noise = tf.random.normal([1, 16])
generated_image = generator(noise, training=False)
plt.imshow(generated_image[0, :, :, 0], cmap="gray")
decision = discriminator(generated_image)
print(decision)
assert decision.shape == (1, 1)

cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def discriminator_loss(real_output, fake_output):
    real_loss = cross_entropy(tf.ones_like(real_output), real_output)
    fake_loss = cross_entropy(tf.zeros_like(fake_output), fake_output)
    return real_loss + fake_loss


def generator_loss(fake_output):
    return cross_entropy(tf.ones_like(fake_output), fake_output)


generator_optimizer = tf.keras.optimizers.Adam(1e-3, beta_1=0.5)
discriminator_optimizer = tf.keras.optimizers.Adam(1e-3, beta_1=0.5)
checkpoint_dir = os.path.join(OUTPUT, "training_checkpoints")
checkpoint_prefix = os.path.join(checkpoint_dir, "ckpt")
checkpoint = tf.train.Checkpoint(
    generator_optimizer=generator_optimizer,
    discriminator_optimizer=discriminator_optimizer,
    generator=generator,
    discriminator=discriminator,
)
seed = tf.random.normal([16, 16])


@tf.function
def train_step(images):
    noise = tf.random.normal([tf.shape(images)[0], 16])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        generated_images = generator(noise, training=True)
        real_output = discriminator(images, training=True)
        fake_output = discriminator(generated_images, training=True)
        gen_loss = generator_loss(fake_output)
        disc_loss = discriminator_loss(real_output, fake_output)
    gradients_of_generator = gen_tape.gradient(gen_loss, generator.trainable_variables)
    gradients_of_discriminator = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(gradients_of_generator, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(zip(gradients_of_discriminator, discriminator.trainable_variables))
    return gen_loss, disc_loss


def generate_and_save_images(model, epoch, test_input):
    predictions = model(test_input, training=False)
    fig = plt.figure(figsize=(4, 4))
    for i in range(predictions.shape[0]):
        plt.subplot(4, 4, i + 1)
        plt.imshow(predictions[i, :, :, 0] * 8 + 8, cmap="gray")
        plt.axis("off")
    plt.savefig(os.path.join(OUTPUT, f"image_at_epoch_{epoch:04d}.png"))
    plt.close(fig)
    return predictions


def distance_of_pixel_means(samples):
    return float(np.mean(np.abs(np.mean(samples, axis=0) - images.mean(axis=0))))


before = distance_of_pixel_means(generator(tf.random.normal([256, 16]), training=False))
for epoch in range(12):
    start = time.time()
    for image_batch in train_dataset:
        gen_loss, disc_loss = train_step(image_batch)
    if (epoch + 1) % 6 == 0:
        checkpoint.save(file_prefix=checkpoint_prefix)
        print(f"epoch {epoch + 1}: {gen_loss:.3f} {disc_loss:.3f}, {time.time() - start:.2f} sec")
last = generate_and_save_images(generator, 12, seed)
after = distance_of_pixel_means(generator(tf.random.normal([256, 16]), training=False))
print("mean pixels are off by", before, "->", after)
assert after < 0.8 * before
assert os.path.exists(os.path.join(OUTPUT, "image_at_epoch_0012.png"))

for variable in generator.trainable_variables:
    variable.assign(tf.zeros_like(variable))
checkpoint.restore(tf.train.latest_checkpoint(checkpoint_dir))
np.testing.assert_allclose(generator(seed, training=False), last, atol=1e-6)
