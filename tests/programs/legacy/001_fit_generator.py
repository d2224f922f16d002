"""Seed 001, "Training a Keras model": .fit_generator() trains on data yielded batch by batch by a generator."""

# TensorFlow 2.0 to 2.15 run this, and later ones with the old Keras (tf_keras, TF_USE_LEGACY_KERAS=1).
# Keras 3 has no *_generator methods, and refuses generators that yield bare arrays.

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(0)
rng = np.random.default_rng(0)
centers = rng.normal(size=(3, 6)) * 3


def generator(batch_size=16):
    while True:
        labels = rng.integers(0, 3, batch_size)
        yield (centers[labels] + rng.normal(size=(batch_size, 6))).astype("float32"), labels


model = keras.Sequential(
    [layers.Dense(16, activation="relu", input_shape=(6,)), layers.Dense(3, activation="softmax")]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

history = model.fit_generator(
    generator(),
    steps_per_epoch=20,
    epochs=4,
    validation_data=generator(),
    validation_steps=4,
    verbose=2,
)
print(history.history)
assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
assert len(history.history["loss"]) == 4
assert history.history["loss"][-1] < history.history["loss"][0]
assert int(model.optimizer.iterations) == 80

loss, accuracy = model.evaluate_generator(generator(), steps=5)
assert np.isfinite(loss) and accuracy > 0.8

samples = next(generator(40))[0]


def arrays():
    while True:
        for start in (0, 10, 20, 30):
            yield samples[start : start + 10]


predictions = model.predict_generator(arrays(), steps=4)
assert predictions.shape == (40, 3)
np.testing.assert_allclose(predictions, model.predict(samples, verbose=0), rtol=1e-4, atol=1e-6)

# predict takes such a generator as well
assert model.predict(arrays(), steps=1, verbose=0).shape == (10, 3)
