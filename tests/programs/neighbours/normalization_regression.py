"""Regression on a pandas table with Normalization.adapt."""

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
dataset = pd.DataFrame(
    {
        "Cylinders": rng.choice([4, 6, 8], 400),
        "Horsepower": rng.uniform(50, 220, 400),
        "Weight": rng.uniform(1600, 5000, 400),
    }
)
dataset["MPG"] = 50 - 0.006 * dataset["Weight"] - 0.03 * dataset["Horsepower"] + rng.normal(0, 1, 400)

train_features = dataset.sample(frac=0.8, random_state=0)
test_features = dataset.drop(train_features.index)
train_labels = train_features.pop("MPG")
test_labels = test_features.pop("MPG")
assert len(train_features) == 320

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(np.array(train_features).astype("float32"))
print(normalizer.mean)
np.testing.assert_allclose(np.asarray(normalizer.mean).ravel(), train_features.mean().to_numpy(), rtol=1e-4)
normalized = normalizer(np.array(train_features).astype("float32")).numpy()
np.testing.assert_allclose(normalized.mean(axis=0), 0.0, atol=1e-3)
np.testing.assert_allclose(normalized.std(axis=0), 1.0, atol=1e-3)

model = keras.Sequential([normalizer, layers.Dense(32, activation="relu"), layers.Dense(1)])
model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.Adam(0.05))
history = model.fit(
    train_features.to_numpy().astype("float32"), train_labels, validation_split=0.2, verbose=0, epochs=40
)
hist = pd.DataFrame(history.history)
hist["epoch"] = history.epoch
print(hist.tail())
assert hist["loss"].iloc[-1] < 0.2 * hist["loss"].iloc[0]

# A data frame goes in as it is.
mae = model.evaluate(test_features.astype("float32"), test_labels, verbose=0)
print("mean absolute error:", mae)
assert mae < 3.0
predictions = model.predict(test_features.astype("float32"), verbose=0).flatten()
np.testing.assert_allclose(np.mean(np.abs(predictions - test_labels)), mae, rtol=1e-3)

# One feature alone, and statistics given by hand
horsepower = np.array(train_features["Horsepower"])
single = layers.Normalization(input_shape=[1], axis=None)
single.adapt(horsepower)
linear = keras.Sequential([single, layers.Dense(units=1)])
assert linear.predict(horsepower[:10], verbose=0).shape == (10, 1)
given = layers.Normalization(mean=3.0, variance=4.0)
np.testing.assert_allclose(given(tf.constant([[5.0], [3.0]])).numpy(), [[1.0], [0.0]], rtol=1e-5, atol=1e-6)
undo = layers.Normalization(mean=3.0, variance=4.0, invert=True)
np.testing.assert_allclose(undo(tf.constant([[1.0]])).numpy(), [[5.0]], rtol=1e-5, atol=1e-6)
