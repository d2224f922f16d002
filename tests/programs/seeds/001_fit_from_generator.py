"""Seed 001, "Training a Keras model": training on data yielded batch by batch, augmented on the fly."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
digits = load_digits()
images = (digits.images[..., None] / 16.0).astype("float32")
labels = digits.target
served = []


def batches(x, y, batch_size=32):
    """Yields shifted copies of the images for ever."""
    rng = np.random.default_rng(0)
    while True:
        chosen = rng.integers(0, len(x), batch_size)
        shift = int(rng.integers(-1, 2))
        served.append(shift)
        yield np.roll(x[chosen], shift, axis=2), y[chosen]


model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)

history = model.fit(
    batches(images[:1400], labels[:1400]),
    steps_per_epoch=40,
    epochs=4,
    validation_data=batches(images[1400:], labels[1400:]),
    validation_steps=5,
    verbose=2,
)
assert len(served) >= 4 * 40
assert int(model.optimizer.iterations) == 160
assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
assert history.history["loss"][-1] < 0.7 * history.history["loss"][0]

loss, accuracy = model.evaluate(batches(images[1400:], labels[1400:]), steps=8, verbose=0)
print("accuracy on shifted digits:", accuracy)
assert accuracy > 0.6

predictions = model.predict(((x,) for x, _ in batches(images, labels)), steps=3, verbose=0)
assert predictions.shape == (96, 10)

# The same generator inside a Dataset.
dataset = tf.data.Dataset.from_generator(
    lambda: batches(images[:1400], labels[:1400]),
    output_signature=(tf.TensorSpec((None, 8, 8, 1), tf.float32), tf.TensorSpec((None,), tf.int64)),
)
again = model.fit(dataset, steps_per_epoch=10, epochs=1, verbose=0)
assert len(again.history["loss"]) == 1
