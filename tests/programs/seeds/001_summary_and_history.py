"""Seed 001, "Model Evaluation": model.summary() and the history of the training process."""

import io

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential(
    [
        keras.Input((6,)),
        layers.Dense(5, activation="relu", name="first"),
        layers.BatchNormalization(name="norm"),
        layers.Dense(1, name="last"),
    ],
    name="regressor",
)
model.get_layer("first").trainable = False
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.summary()

lines = io.StringIO()
model.summary(print_fn=lambda line, **kwargs: lines.write(line + "\n"))
text = lines.getvalue()
for fragment in ("regressor", "Layer (type)", "Output Shape", "Param #", "first (Dense)", "(None, 5)"):
    assert fragment in text, fragment
assert "Total params: 61" in text  # 35 + 20 + 6
assert "Trainable params: 16" in text  # gamma and beta, and the last layer
assert "Non-trainable params: 45" in text

x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
y = x[:, :1]
history = model.fit(x, y, epochs=3, validation_data=(x, y), verbose=0)
assert isinstance(history, keras.callbacks.History)
assert history is model.history
assert history.epoch == [0, 1, 2]
assert history.params["epochs"] == 3
for name in ("loss", "mae", "val_loss", "val_mae"):
    values = history.history[name]
    assert isinstance(values, list) and len(values) == 3
    assert all(isinstance(float(value), float) for value in values)

# Frozen weights stayed, batch normalization learned the statistics.
assert not model.get_layer("first").trainable_weights
assert not np.allclose(model.get_layer("norm").get_weights()[2], 0.0)

# Different ways to evaluate
as_list = model.evaluate(x, y, verbose=0)
as_dict = model.evaluate(tf.constant(x), tf.constant(y), verbose=0, return_dict=True)
assert len(as_list) == 2
np.testing.assert_allclose(as_list, [as_dict["loss"], as_dict["mae"]], rtol=1e-5)
np.testing.assert_allclose(as_list[0], history.history["val_loss"][-1], rtol=1e-4)
