"""Seed 004, "Understanding the fit() method": image folders read with image_dataset_from_directory."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow import keras
from tensorflow.keras.utils import image_dataset_from_directory

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
folder = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()

# Cats are dark, dogs are bright, and every file has a size of its own.
for part, count in (("train", 12), ("validation", 6)):
    for kind, level in (("cats", 60), ("dogs", 190)):
        os.makedirs(os.path.join(folder, part, kind))
        for index in range(count):
            size = int(rng.integers(20, 60)), int(rng.integers(20, 60)), 3
            pixels = rng.integers(level - 40, level + 40, size).astype("uint8")
            name = os.path.join(folder, part, kind, f"{index}.{('png', 'jpg')[index % 2]}")
            Image.fromarray(pixels).save(name)

train_dataset = image_dataset_from_directory(
    os.path.join(folder, "train"),
    image_size=(60, 20),
    batch_size=4,
    seed=1,
)
validation_dataset = image_dataset_from_directory(
    os.path.join(folder, "validation"),
    image_size=(60, 20),
    # batch_size=16
    shuffle=False,
)
assert train_dataset.class_names == ["cats", "dogs"]

for images, labels in train_dataset:
    print(images.shape, images.dtype, labels.numpy())
    assert images.shape == (4, 60, 20, 3) and images.dtype == tf.float32
    assert labels.shape == (4,) and labels.dtype == tf.int32
    assert 0 <= float(tf.reduce_min(images)) and float(tf.reduce_max(images)) <= 255
    np.testing.assert_array_equal(images.numpy().mean(axis=(1, 2, 3)) > 125, labels.numpy() == 1)

((images, labels),) = validation_dataset
assert images.shape == (12, 60, 20, 3)
assert labels.numpy().tolist() == [0] * 6 + [1] * 6

model = keras.Sequential(
    [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(16, 3, strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.03), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    train_dataset,
    epochs=12,
    validation_data=validation_dataset,
    verbose=2,
)
assert history.history["loss"][-1] < history.history["loss"][0]
assert history.history["val_accuracy"][-1] >= 0.9

# Other kinds of labels, a split of one folder, and no labels at all
one_hot = image_dataset_from_directory(
    os.path.join(folder, "train"), label_mode="categorical", image_size=(8, 8)
)
assert next(iter(one_hot))[1].shape == (24, 2)
binary = image_dataset_from_directory(
    os.path.join(folder, "train"), label_mode="binary", color_mode="grayscale", image_size=(8, 8)
)
images, labels = next(iter(binary))
assert images.shape == (24, 8, 8, 1) and labels.shape == (24, 1) and labels.dtype == tf.float32
part_1, part_2 = (
    image_dataset_from_directory(
        os.path.join(folder, "train"),
        validation_split=0.25,
        subset=subset,
        seed=5,
        image_size=(8, 8),
        batch_size=1,
    )
    for subset in ("training", "validation")
)
assert len(part_1) == 18 and len(part_2) == 6
unlabelled = image_dataset_from_directory(os.path.join(folder, "train"), labels=None, image_size=(8, 8))
assert next(iter(unlabelled)).shape == (24, 8, 8, 3)
