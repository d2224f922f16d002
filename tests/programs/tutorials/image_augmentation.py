"""Augmented images: layers in the model and in map, tf.image, stateless random ops with seeds and counters."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits, load_sample_image
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(6)
AUTOTUNE = tf.data.AUTOTUNE
flower = tf.convert_to_tensor(load_sample_image("flower.jpg")[100:340, 200:440])
assert flower.dtype == tf.uint8 and flower.shape == (240, 240, 3)

# Layers used as functions
IMG_SIZE = 60
resize_and_rescale = tf.keras.Sequential([layers.Resizing(IMG_SIZE, IMG_SIZE), layers.Rescaling(1.0 / 255)])
result = resize_and_rescale(flower)
print("Min and max pixel values:", result.numpy().min(), result.numpy().max())
assert result.shape == (60, 60, 3) and 0 <= result.numpy().min() and result.numpy().max() <= 1
data_augmentation = tf.keras.Sequential([layers.RandomFlip("horizontal_and_vertical"), layers.RandomRotation(0.2)])
image = tf.cast(tf.expand_dims(result, 0), tf.float32)
several = [data_augmentation(image, training=True)[0].numpy() for _ in range(6)]
assert len({picture.tobytes() for picture in several}) > 1
np.testing.assert_array_equal(data_augmentation(image, training=False), image)


# A layer of one's own
def random_invert_img(x, p=0.5):
    if tf.random.uniform([]) < p:
        x = 255 - x
    return x


class RandomInvert(layers.Layer):
    def __init__(self, factor=0.5, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return random_invert_img(x, self.factor)


inverted = RandomInvert(1.0)(tf.cast(flower, tf.float32))
np.testing.assert_allclose(inverted, 255.0 - np.asarray(flower, np.float32))

# tf.image, once
flipped = tf.image.flip_left_right(flower)
np.testing.assert_array_equal(flipped, np.asarray(flower)[:, ::-1])
grayscaled = tf.image.rgb_to_grayscale(flower)
assert tf.squeeze(grayscaled).shape == (240, 240)
saturated = tf.image.adjust_saturation(flower, 3)
bright = tf.image.adjust_brightness(flower, 0.4)
assert bright.dtype == tf.uint8 and np.mean(bright) > np.mean(flower) + 30
assert np.std(np.asarray(saturated, float), axis=-1).mean() > np.std(np.asarray(flower, float), axis=-1).mean()
cropped = tf.image.central_crop(flower, central_fraction=0.5)
assert cropped.shape == (120, 120, 3)
rotated = tf.image.rot90(flower)
np.testing.assert_array_equal(rotated, np.rot90(flower))
encoded = tf.io.encode_jpeg(flower, quality=95)
decoded = tf.image.decode_jpeg(encoded, channels=3)
assert np.abs(np.asarray(decoded, float) - np.asarray(flower, float)).mean() < 6

# Stateless random ops: the same seed, the same picture
for name, op in {
    "brightness": lambda seed: tf.image.stateless_random_brightness(flower, max_delta=0.95, seed=seed),
    "contrast": lambda seed: tf.image.stateless_random_contrast(flower, lower=0.1, upper=0.9, seed=seed),
    "crop": lambda seed: tf.image.stateless_random_crop(flower, size=[50, 70, 3], seed=seed),
    "flip": lambda seed: tf.image.stateless_random_flip_left_right(flower, seed=seed),
    "hue": lambda seed: tf.image.stateless_random_hue(flower, 0.3, seed=seed),
    "saturation": lambda seed: tf.image.stateless_random_saturation(flower, 0.2, 3.0, seed=seed),
}.items():
    pictures = [op((i, 0)).numpy() for i in range(8)]
    assert len({picture.tobytes() for picture in pictures}) > 1, name
    np.testing.assert_array_equal(op((3, 0)), pictures[3])

# Augmentation in a dataset, by a counter and by a generator
digits = load_digits()
images = (digits.images[:1200, ..., np.newaxis] * 15.9).astype("uint8")
train_datasets = tf.data.Dataset.from_tensor_slices((images, digits.target[:1200]))
SIZE, BATCH = 10, 64


def resize_and_scale(image, label):
    image = tf.cast(image, tf.float32)
    image = tf.image.resize(image, [SIZE, SIZE])
    image = image / 255.0
    return image, label


def augment(image_label, seed):
    image, label = image_label
    image, label = resize_and_scale(image, label)
    image = tf.image.resize_with_crop_or_pad(image, SIZE + 2, SIZE + 2)
    new_seed = tf.random.split(seed, num=1)[0, :] if hasattr(tf.random, "split") else seed
    image = tf.image.stateless_random_crop(image, size=[SIZE, SIZE, 1], seed=seed)
    image = tf.image.stateless_random_brightness(image, max_delta=0.3, seed=new_seed)
    image = tf.clip_by_value(image, 0, 1)
    return image, label


counter = tf.data.Dataset.counter()
train_ds = tf.data.Dataset.zip((train_datasets, (counter, counter)))
train_ds = train_ds.shuffle(1200).map(augment, num_parallel_calls=AUTOTUNE).batch(BATCH).prefetch(AUTOTUNE)
for batch, _ in train_ds.take(1):
    assert batch.shape == (BATCH, SIZE, SIZE, 1) and 0 <= np.min(batch) and np.max(batch) <= 1

rng = tf.random.Generator.from_seed(123, alg="philox")


def with_generator(x, y):
    seed = rng.make_seeds(1)[:, 0]
    return augment((x, y), seed)


generated = list(train_datasets.take(8).map(with_generator, num_parallel_calls=AUTOTUNE))
assert len(generated) == 8 and generated[0][0].shape == (SIZE, SIZE, 1)

# Layers in map, and the same kind of layers within the model
moves = tf.keras.Sequential([layers.Rescaling(1.0 / 255), layers.RandomTranslation(0.1, 0.1)])


def prepare(ds, shuffle=False, augment=False):
    if shuffle:
        ds = ds.shuffle(1200)
    ds = ds.batch(BATCH)
    if augment:
        ds = ds.map(lambda x, y: (moves(x, training=True), y), num_parallel_calls=AUTOTUNE)
    else:
        ds = ds.map(lambda x, y: (moves(x, training=False), y), num_parallel_calls=AUTOTUNE)
    return ds.prefetch(buffer_size=AUTOTUNE)


test_images = (digits.images[1200:, ..., np.newaxis] * 15.9).astype("uint8")
test_ds = tf.data.Dataset.from_tensor_slices((test_images, digits.target[1200:]))
model = tf.keras.Sequential(
    [
        layers.RandomZoom(0.1),
        layers.RandomContrast(0.1),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10),
    ]
)
model.compile(
    optimizer="adam",
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(prepare(train_datasets, shuffle=True, augment=True), epochs=8, verbose=0)
loss, accuracy = model.evaluate(prepare(test_ds), verbose=0)
print("Accuracy", accuracy)
assert accuracy > 0.75
