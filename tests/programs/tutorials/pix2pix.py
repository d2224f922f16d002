"""Image to image with a U-Net generator and a patch discriminator: losses, two tapes, a checkpoint, summaries."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.keras.utils.set_random_seed(7)
SIZE = 32
digits = load_digits().images[:160] / 16.0


def load(small):
    """The input image has the outline of the digit, the real one is its colouring."""
    digit = tf.image.resize(tf.cast(small, tf.float32)[..., tf.newaxis], [SIZE, SIZE], method="bilinear")
    mask = tf.cast(digit > 0.5, tf.float32)
    real = tf.concat([mask, 1.0 - mask, 0.5 * mask], axis=-1)
    return tf.image.grayscale_to_rgb(mask) * 255.0, real * 255.0


def resize(input_image, real_image, height, width):
    nearest = tf.image.ResizeMethod.NEAREST_NEIGHBOR
    return (
        tf.image.resize(input_image, [height, width], method=nearest),
        tf.image.resize(real_image, [height, width], method=nearest),
    )


def random_crop(input_image, real_image):
    stacked_image = tf.stack([input_image, real_image], axis=0)
    cropped_image = tf.image.random_crop(stacked_image, size=[2, SIZE, SIZE, 3])
    return cropped_image[0], cropped_image[1]


def normalize(input_image, real_image):
    return input_image / 127.5 - 1, real_image / 127.5 - 1


@tf.function()
def random_jitter(input_image, real_image):
    input_image, real_image = resize(input_image, real_image, SIZE + 4, SIZE + 4)
    input_image, real_image = random_crop(input_image, real_image)
    if tf.random.uniform(()) > 0.5:
        input_image = tf.image.flip_left_right(input_image)
        real_image = tf.image.flip_left_right(real_image)
    return input_image, real_image


def load_image_train(small):
    input_image, real_image = load(small)
    input_image, real_image = random_jitter(input_image, real_image)
    return normalize(input_image, real_image)


def load_image_test(small):
    return normalize(*load(small))


train_dataset = tf.data.Dataset.from_tensor_slices(digits[:128])
train_dataset = train_dataset.map(load_image_train, num_parallel_calls=tf.data.AUTOTUNE).shuffle(128).batch(8)
test_dataset = tf.data.Dataset.from_tensor_slices(digits[128:]).map(load_image_test).batch(8)
assert [tuple(spec.shape) for spec in test_dataset.element_spec] == [(None, SIZE, SIZE, 3)] * 2


def downsample(filters, size, apply_batchnorm=True):
    initializer = tf.random_normal_initializer(0.0, 0.02)
    result = tf.keras.Sequential()
    result.add(
        tf.keras.layers.Conv2D(
            filters, size, strides=2, padding="same", kernel_initializer=initializer, use_bias=False
        )
    )
    if apply_batchnorm:
        result.add(tf.keras.layers.BatchNormalization())
    result.add(tf.keras.layers.LeakyReLU())
    return result


def upsample(filters, size, apply_dropout=False):
    initializer = tf.random_normal_initializer(0.0, 0.02)
    result = tf.keras.Sequential()
    result.add(
        tf.keras.layers.Conv2DTranspose(
            filters, size, strides=2, padding="same", kernel_initializer=initializer, use_bias=False
        )
    )
    result.add(tf.keras.layers.BatchNormalization())
    if apply_dropout:
        result.add(tf.keras.layers.Dropout(0.5))
    result.add(tf.keras.layers.ReLU())
    return result


def Generator():
    inputs = tf.keras.layers.Input(shape=[SIZE, SIZE, 3])
    down_stack = [downsample(16, 4, apply_batchnorm=False), downsample(32, 4), downsample(32, 4), downsample(32, 4)]
    up_stack = [upsample(32, 4, apply_dropout=True), upsample(32, 4), upsample(16, 4)]
    last = tf.keras.layers.Conv2DTranspose(
        3, 4, strides=2, padding="same", kernel_initializer=tf.random_normal_initializer(0.0, 0.02), activation="tanh"
    )
    x = inputs
    skips = []
    for down in down_stack:
        x = down(x)
        skips.append(x)
    for up, skip in zip(up_stack, reversed(skips[:-1])):
        x = up(x)
        x = tf.keras.layers.Concatenate()([x, skip])
    return tf.keras.Model(inputs=inputs, outputs=last(x))


def Discriminator():
    initializer = tf.random_normal_initializer(0.0, 0.02)
    inp = tf.keras.layers.Input(shape=[SIZE, SIZE, 3], name="input_image")
    tar = tf.keras.layers.Input(shape=[SIZE, SIZE, 3], name="target_image")
    x = tf.keras.layers.concatenate([inp, tar])
    x = downsample(16, 4, False)(x)
    x = downsample(32, 4)(x)
    x = tf.keras.layers.ZeroPadding2D()(x)
    x = tf.keras.layers.Conv2D(32, 4, strides=1, kernel_initializer=initializer, use_bias=False)(x)
    x = tf.keras.layers.BatchNormalization()(x)
    x = tf.keras.layers.LeakyReLU()(x)
    x = tf.keras.layers.ZeroPadding2D()(x)
    x = tf.keras.layers.Conv2D(1, 4, strides=1, kernel_initializer=initializer)(x)
    return tf.keras.Model(inputs=[inp, tar], outputs=x)


generator, discriminator = Generator(), Discriminator()
LAMBDA = 100
loss_object = tf.keras.losses.BinaryCrossentropy(from_logits=True)


def generator_loss(disc_generated_output, gen_output, target):
    gan_loss = loss_object(tf.ones_like(disc_generated_output), disc_generated_output)
    l1_loss = tf.reduce_mean(tf.abs(target - gen_output))
    return gan_loss + LAMBDA * l1_loss, gan_loss, l1_loss


def discriminator_loss(disc_real_output, disc_generated_output):
    real_loss = loss_object(tf.ones_like(disc_real_output), disc_real_output)
    generated_loss = loss_object(tf.zeros_like(disc_generated_output), disc_generated_output)
    return real_loss + generated_loss


generator_optimizer = tf.keras.optimizers.Adam(2e-3, beta_1=0.5)
discriminator_optimizer = tf.keras.optimizers.Adam(2e-4, beta_1=0.5)
checkpoint = tf.train.Checkpoint(
    generator_optimizer=generator_optimizer,
    discriminator_optimizer=discriminator_optimizer,
    generator=generator,
    discriminator=discriminator,
)
log_dir = os.path.join(OUTPUT, "logs")
summary_writer = tf.summary.create_file_writer(log_dir)


@tf.function
def train_step(input_image, target, step):
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        gen_output = generator(input_image, training=True)
        disc_real_output = discriminator([input_image, target], training=True)
        disc_generated_output = discriminator([input_image, gen_output], training=True)
        gen_total_loss, gen_gan_loss, gen_l1_loss = generator_loss(disc_generated_output, gen_output, target)
        disc_loss = discriminator_loss(disc_real_output, disc_generated_output)
    generator_gradients = gen_tape.gradient(gen_total_loss, generator.trainable_variables)
    discriminator_gradients = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(generator_gradients, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(zip(discriminator_gradients, discriminator.trainable_variables))
    with summary_writer.as_default():
        tf.summary.scalar("gen_total_loss", gen_total_loss, step=step // 10)
        tf.summary.scalar("gen_gan_loss", gen_gan_loss, step=step // 10)
        tf.summary.scalar("gen_l1_loss", gen_l1_loss, step=step // 10)
        tf.summary.scalar("disc_loss", disc_loss, step=step // 10)


def test_error():
    return float(np.mean([tf.reduce_mean(tf.abs(generator(x, training=True) - y)) for x, y in test_dataset]))


before = test_error()
for step, (input_image, target) in train_dataset.repeat().take(60).enumerate():
    train_step(input_image, target, step)
    if (step + 1) % 10 == 0:
        print(".", end="", flush=True)
summary_writer.flush()
after = test_error()
print("\nabsolute error", before, "->", after)
assert after < 0.5 * before
assert any(name.startswith("events") for name in os.listdir(log_dir))

path = checkpoint.save(file_prefix=os.path.join(OUTPUT, "checkpoints", "ckpt"))
example = next(iter(test_dataset))[0]
expected = generator(example, training=False).numpy()
again = Generator()
tf.train.Checkpoint(generator=again).restore(path).expect_partial()
np.testing.assert_allclose(again(example, training=False), expected, atol=1e-5)
