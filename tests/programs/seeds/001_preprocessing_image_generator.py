"""Seed 001, "Loading and Preprocessing Files": data augmentation on the fly with an ImageDataGenerator."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from PIL import Image
from sklearn.datasets import load_digits
from tensorflow.keras.preprocessing.image import ImageDataGenerator

tf.random.set_seed(0)
np.random.seed(0)
digits = load_digits()
x = (digits.images[..., None] / 16.0).astype("float32")
y = tf.keras.utils.to_categorical(digits.target, 10)

generator = ImageDataGenerator(width_shift_range=1, rotation_range=5, validation_split=0.2)
train = generator.flow(x, y, batch_size=64, subset="training", seed=1)
valid = generator.flow(x, y, batch_size=64, subset="validation", shuffle=False)
assert len(train) == 23 and len(valid) == 6
images, labels = next(train)
assert images.shape == (64, 8, 8, 1) and labels.shape == (64, 10)

model = tf.keras.Sequential(
    [
        tf.keras.Input((8, 8, 1)),
        tf.keras.layers.Conv2D(16, 3, activation="relu"),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.005), loss="categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit(train, epochs=3, validation_data=valid, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]
assert history.history["val_accuracy"][-1] > 0.5

# Without augmentation it only rescales.
plain = ImageDataGenerator(rescale=0.5).flow(x[:10], batch_size=10, shuffle=False)
np.testing.assert_allclose(next(plain), x[:10] * 0.5, rtol=1e-6)

# Image files, one folder per class
folder = os.path.join(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp(), "digits")
for index in range(20):
    kind = os.path.join(folder, str(digits.target[index] % 2))
    os.makedirs(kind, exist_ok=True)
    Image.fromarray((digits.images[index] * 15).astype("uint8")).save(os.path.join(kind, f"{index}.png"))
flow = ImageDataGenerator(rescale=1 / 255).flow_from_directory(
    folder, target_size=(8, 8), color_mode="grayscale", class_mode="binary", batch_size=20
)
assert flow.class_indices == {"0": 0, "1": 1}
images, labels = next(flow)
assert images.shape == (20, 8, 8, 1) and images.max() <= 1.0
assert sorted(set(labels.tolist())) == [0.0, 1.0]
