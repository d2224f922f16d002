"""Transfer learning: a trained base, frozen, with a new head; then fine-tuning."""

import numpy as np
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
digits = load_digits()
x = (digits.images[..., None] / 16).astype("float32")
y = digits.target

base = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu", name="conv"),
        layers.BatchNormalization(name="norm"),
        layers.Flatten(),
    ],
    name="base",
)
low = y < 5
first = keras.Sequential([base, layers.Dense(5, activation="softmax")])
first.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
first.fit(x[low], y[low], epochs=2, verbose=0)

# Freeze the base model
base.trainable = False
inputs = keras.Input(shape=(8, 8, 1))
features = base(inputs, training=False)
outputs = layers.Dense(5, activation="softmax")(layers.Dropout(0.1)(features))
model = keras.Model(inputs, outputs)
model.summary()
assert len(model.trainable_weights) == 2 and len(model.non_trainable_weights) == 6

frozen = [w.copy() for w in base.get_weights()]
model.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x[~low], y[~low] - 5, epochs=3, validation_split=0.2, verbose=2)
assert all(np.array_equal(old, new) for old, new in zip(frozen, base.get_weights()))
assert history.history["val_accuracy"][-1] > 0.7

# Fine-tuning: unfreeze, a low learning rate
base.trainable = True
assert len(model.trainable_weights) == 6
model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[~low], y[~low] - 5, epochs=1, verbose=0)
for name, old, new in zip(["kernel", "bias", "gamma", "beta"], frozen, base.get_weights()):
    assert not np.array_equal(old, new), name
    assert np.max(np.abs(old - new)) < 0.05, name
