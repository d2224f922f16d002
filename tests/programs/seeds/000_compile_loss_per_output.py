"""Seed 000, "Keras model compiling": several outputs, a list of losses in the order of the outputs."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model

tf.random.set_seed(3)

inputs = Input((4,))
x = Dense(16, activation="relu")(inputs)
is_positive = Dense(1, activation="sigmoid", name="is_positive")(x)
total = Dense(1, name="total")(x)
model = Model(inputs, [is_positive, total])
model.compile(
    optimizer="adam",
    loss=["binary_crossentropy", "mse"],
    metrics=[["accuracy"], ["mae"]],
)

rng = np.random.default_rng(0)
features = rng.normal(size=(256, 4)).astype("float32")
sums = features.sum(axis=1, keepdims=True)
signs = (sums > 0).astype("float32")

history = model.fit(features, [signs, sums], epochs=4, verbose=2)
print(sorted(history.history))
assert {"loss", "is_positive_loss", "total_loss", "is_positive_accuracy", "total_mae"} <= set(history.history)
logs = {name: values[-1] for name, values in history.history.items()}
assert abs(logs["loss"] - (logs["is_positive_loss"] + logs["total_loss"])) < 0.1 * logs["loss"]
assert history.history["loss"][-1] < history.history["loss"][0]

predicted_signs, predicted_sums = model.predict(features, verbose=0)
assert predicted_signs.shape == (256, 1) and predicted_sums.shape == (256, 1)
scores = model.evaluate(features, [signs, sums], verbose=0, return_dict=True)
bce = -np.mean(
    signs * np.log(np.clip(predicted_signs, 1e-7, 1))
    + (1 - signs) * np.log(np.clip(1 - predicted_signs, 1e-7, 1))
)
mse = np.mean((predicted_sums - sums) ** 2)
np.testing.assert_allclose(scores["loss"], bce + mse, rtol=1e-3)
