"""Gradient ascent on an image through layers of a network with random weights, in one size and in tiles."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_sample_image

tf.keras.utils.set_random_seed(19)
original_img = load_sample_image("china.jpg")[100:196, 200:328]
assert original_img.shape == (96, 128, 3)


def preprocess(img):
    return tf.cast(img, tf.float32) / 127.5 - 1.0


def deprocess(img):
    img = 255 * (img + 1.0) / 2.0
    return tf.cast(img, tf.uint8)


back = np.asarray(deprocess(preprocess(original_img)), int)
assert np.abs(back - original_img).max() <= 1

base_model = tf.keras.applications.MobileNetV2(
    include_top=False, weights=None, alpha=0.35, input_shape=(None, None, 3)
)
names = ["block_2_add", "block_4_add"]
layers = [base_model.get_layer(name).output for name in names]
dream_model = tf.keras.Model(inputs=base_model.input, outputs=layers)


def calc_loss(img, model):
    img_batch = tf.expand_dims(img, axis=0)
    layer_activations = model(img_batch)
    if len(layer_activations) == 1:
        layer_activations = [layer_activations]
    losses = []
    for act in layer_activations:
        losses.append(tf.math.reduce_mean(tf.square(act)))
    return tf.reduce_sum(losses)


class DeepDream(tf.Module):
    def __init__(self, model):
        self.model = model

    @tf.function(
        input_signature=(
            tf.TensorSpec(shape=[None, None, 3], dtype=tf.float32),
            tf.TensorSpec(shape=[], dtype=tf.int32),
            tf.TensorSpec(shape=[], dtype=tf.float32),
        )
    )
    def __call__(self, img, steps, step_size):
        print("Tracing")
        loss = tf.constant(0.0)
        for n in tf.range(steps):
            with tf.GradientTape() as tape:
                tape.watch(img)
                loss = calc_loss(img, self.model)
            gradients = tape.gradient(loss, img)
            gradients /= tf.math.reduce_std(gradients) + 1e-8
            img = img + gradients * step_size
            img = tf.clip_by_value(img, -1, 1)
        return loss, img


deepdream = DeepDream(dream_model)


def run_deep_dream_simple(img, steps=6, step_size=0.01):
    img = preprocess(img)
    step_size = tf.convert_to_tensor(step_size)
    steps_remaining, step, losses = steps, 0, []
    while steps_remaining:
        run_steps = tf.constant(3) if steps_remaining > 3 else tf.constant(steps_remaining)
        steps_remaining -= run_steps
        step += run_steps
        loss, img = deepdream(img, run_steps, tf.constant(step_size))
        losses.append(float(loss))
        print(f"Step {step}, loss {loss}")
    return losses, deprocess(img)


first = float(calc_loss(preprocess(original_img), dream_model))
losses, dream_img = run_deep_dream_simple(original_img, steps=9, step_size=0.05)
assert first < losses[0] < losses[-1]
assert dream_img.shape == original_img.shape and dream_img.dtype == tf.uint8

# Octaves: the signature takes pictures of any size
OCTAVE_SCALE = 1.30
img = tf.constant(np.array(original_img))
base_shape = tf.shape(img)[:-1]
float_base_shape = tf.cast(base_shape, tf.float32)
for n in range(-1, 1):
    new_shape = tf.cast(float_base_shape * (OCTAVE_SCALE**n), tf.int32)
    img = tf.image.resize(img, new_shape).numpy()
    _, img = run_deep_dream_simple(img=img, steps=3, step_size=0.05)
img = tf.image.resize(img, base_shape)
img = tf.image.convert_image_dtype(img / 255.0, dtype=tf.uint8)
assert img.shape == original_img.shape


# Tiles, moved at random
def random_roll(img, maxroll):
    shift = tf.random.uniform(shape=[2], minval=-maxroll, maxval=maxroll, dtype=tf.int32)
    return shift, tf.roll(img, shift=shift, axis=[0, 1])


shift, img_rolled = random_roll(np.array(original_img), 64)
np.testing.assert_array_equal(tf.roll(img_rolled, shift=-shift, axis=[0, 1]), original_img)


class TiledGradients(tf.Module):
    def __init__(self, model):
        self.model = model

    @tf.function(
        input_signature=(
            tf.TensorSpec(shape=[None, None, 3], dtype=tf.float32),
            tf.TensorSpec(shape=[2], dtype=tf.int32),
            tf.TensorSpec(shape=[], dtype=tf.int32),
        )
    )
    def __call__(self, img, img_size, tile_size=512):
        shift, img_rolled = random_roll(img, tile_size)
        gradients = tf.zeros_like(img_rolled)
        xs = tf.range(0, img_size[1], tile_size)[:-1]
        if not tf.cast(len(xs), bool):
            xs = tf.constant([0])
        ys = tf.range(0, img_size[0], tile_size)[:-1]
        if not tf.cast(len(ys), bool):
            ys = tf.constant([0])
        for x in xs:
            for y in ys:
                with tf.GradientTape() as tape:
                    tape.watch(img_rolled)
                    img_tile = img_rolled[y : y + tile_size, x : x + tile_size]
                    loss = calc_loss(img_tile, self.model)
                gradients = gradients + tape.gradient(loss, img_rolled)
        gradients = tf.roll(gradients, shift=-shift, axis=[0, 1])
        gradients /= tf.math.reduce_std(gradients) + 1e-8
        return gradients


get_tiled_gradients = TiledGradients(dream_model)
img = preprocess(original_img)
before = float(calc_loss(img, dream_model))
for step in range(3):
    gradients = get_tiled_gradients(img, tf.constant([96, 128]), tf.constant(32))
    assert gradients.shape == img.shape
    img = tf.clip_by_value(img + gradients * 0.05, -1, 1)
after = float(calc_loss(img, dream_model))
print("tiles", before, "->", after)
assert after > before
