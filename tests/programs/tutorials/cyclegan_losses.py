"""CycleGAN: two generators, two discriminators, cycle and identity losses from one persistent tape."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
keras.utils.set_random_seed(13)
digits = load_digits().images[:256, ..., np.newaxis] / 8.0 - 1.0
train_x = tf.data.Dataset.from_tensor_slices(digits[:128].astype("float32"))
train_y = tf.data.Dataset.from_tensor_slices(-digits[128:].astype("float32"))  # the other domain is inverted
train_x = train_x.cache().map(tf.image.random_flip_left_right).shuffle(128).batch(32)
train_y = train_y.cache().map(tf.image.random_flip_left_right).shuffle(128).batch(32)


class InstanceNormalization(layers.Layer):
    def __init__(self, epsilon=1e-5):
        super().__init__()
        self.epsilon = epsilon

    def build(self, input_shape):
        self.scale = self.add_weight(
            name="scale", shape=input_shape[-1:], initializer=tf.random_normal_initializer(1.0, 0.02), trainable=True
        )
        self.offset = self.add_weight(name="offset", shape=input_shape[-1:], initializer="zeros", trainable=True)

    def call(self, x):
        mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
        inv = tf.math.rsqrt(variance + self.epsilon)
        normalized = (x - mean) * inv
        return self.scale * normalized + self.offset


normal = InstanceNormalization()(tf.random.normal([2, 5, 5, 3], 3.0, 2.0))
assert float(tf.reduce_max(tf.abs(tf.reduce_mean(normal, [1, 2])))) < 1e-3


class ReflectionPadding2D(layers.Layer):
    def __init__(self, padding=(1, 1), **kwargs):
        self.padding = tuple(padding)
        super().__init__(**kwargs)

    def call(self, input_tensor, mask=None):
        width, height = self.padding
        return tf.pad(input_tensor, [[0, 0], [height, height], [width, width], [0, 0]], mode="REFLECT")


def residual(x, filters):
    y = ReflectionPadding2D()(x)
    y = layers.Conv2D(filters, 3, use_bias=False)(y)
    y = layers.Activation("relu")(InstanceNormalization()(y))
    return layers.add([x, layers.Conv2D(filters, 3, padding="same")(y)])


def generator(name):
    inputs = layers.Input((8, 8, 1), name=name + "_img_input")
    x = layers.Activation("relu")(layers.Conv2D(16, 3, padding="same")(inputs))
    x = residual(x, 16)
    x = layers.Conv2D(1, 3, padding="same")(x)
    return keras.Model(inputs, layers.Activation("tanh")(x), name=name)


def discriminator(name):
    inputs = layers.Input((8, 8, 1), name=name + "_img_input")
    x = layers.LeakyReLU(0.2)(layers.Conv2D(16, 3, strides=2, padding="same")(inputs))
    x = layers.LeakyReLU(0.2)(InstanceNormalization()(layers.Conv2D(16, 3, padding="same")(x)))
    return keras.Model(inputs, layers.Conv2D(1, 3, padding="same")(x), name=name)


generator_g, generator_f = generator("g"), generator("f")
discriminator_x, discriminator_y = discriminator("x"), discriminator("y")
LAMBDA = 10
loss_obj = keras.losses.BinaryCrossentropy(from_logits=True)


def discriminator_loss(real, generated):
    total = loss_obj(tf.ones_like(real), real) + loss_obj(tf.zeros_like(generated), generated)
    return total * 0.5


def generator_loss(generated):
    return loss_obj(tf.ones_like(generated), generated)


def calc_cycle_loss(real_image, cycled_image):
    return LAMBDA * tf.reduce_mean(tf.abs(real_image - cycled_image))


def identity_loss(real_image, same_image):
    return LAMBDA * 0.5 * tf.reduce_mean(tf.abs(real_image - same_image))


optimizers = {
    name: keras.optimizers.Adam(rate, beta_1=0.5)
    for name, rate in (("g", 3e-3), ("f", 3e-3), ("x", 1e-3), ("y", 1e-3))
}
ckpt = tf.train.Checkpoint(
    generator_g=generator_g,
    generator_f=generator_f,
    discriminator_x=discriminator_x,
    discriminator_y=discriminator_y,
    generator_g_optimizer=optimizers["g"],
    generator_f_optimizer=optimizers["f"],
)
ckpt_manager = tf.train.CheckpointManager(ckpt, os.path.join(OUTPUT, "checkpoints"), max_to_keep=5)
if ckpt_manager.latest_checkpoint:
    ckpt.restore(ckpt_manager.latest_checkpoint)
    raise AssertionError("nothing has been saved so far")


@tf.function
def train_step(real_x, real_y):
    with tf.GradientTape(persistent=True) as tape:
        fake_y = generator_g(real_x, training=True)
        cycled_x = generator_f(fake_y, training=True)
        fake_x = generator_f(real_y, training=True)
        cycled_y = generator_g(fake_x, training=True)
        same_x = generator_f(real_x, training=True)
        same_y = generator_g(real_y, training=True)
        disc_real_x = discriminator_x(real_x, training=True)
        disc_real_y = discriminator_y(real_y, training=True)
        disc_fake_x = discriminator_x(fake_x, training=True)
        disc_fake_y = discriminator_y(fake_y, training=True)
        total_cycle_loss = calc_cycle_loss(real_x, cycled_x) + calc_cycle_loss(real_y, cycled_y)
        total_g = generator_loss(disc_fake_y) + total_cycle_loss + identity_loss(real_y, same_y)
        total_f = generator_loss(disc_fake_x) + total_cycle_loss + identity_loss(real_x, same_x)
        disc_x_loss = discriminator_loss(disc_real_x, disc_fake_x)
        disc_y_loss = discriminator_loss(disc_real_y, disc_fake_y)
    for name, loss, model in (
        ("g", total_g, generator_g),
        ("f", total_f, generator_f),
        ("x", disc_x_loss, discriminator_x),
        ("y", disc_y_loss, discriminator_y),
    ):
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizers[name].apply_gradients(zip(gradients, model.trainable_variables))
    return total_cycle_loss, disc_x_loss


for model, name in ((generator_g, "g"), (generator_f, "f"), (discriminator_x, "x"), (discriminator_y, "y")):
    optimizers[name].build(model.trainable_variables)
cycles = []
for epoch in range(12):
    for image_x, image_y in tf.data.Dataset.zip((train_x, train_y)):
        cycle, _ = train_step(image_x, image_y)
    cycles.append(float(cycle))
    if (epoch + 1) % 6 == 0:
        print(f"Saving checkpoint for epoch {epoch + 1} at {ckpt_manager.save()}; cycle loss {cycle:.3f}")
print(cycles)
assert np.mean(cycles[-3:]) < 0.6 * cycles[0]
assert len(ckpt_manager.checkpoints) == 2
