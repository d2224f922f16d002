"""Seed 000, "Sequential API": layers added one by one, compiled in one line, then trained."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential

tf.keras.utils.set_random_seed(3)

model = Sequential()  # Here we initiate the sequential model
# This is how we add a layer to the sequential model. Only the first layer requires an input_shape parameter
model.add(Dense(4, activation="relu", input_shape=(2,)))
model.add(Dense(4, activation="relu"))
model.add(Dense(4, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
# At the final layer we select the appropriate activation function, which in this case is sigmoid.

model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

assert len(model.layers) == 4
assert model.count_params() == (2 * 4 + 4) + 2 * (4 * 4 + 4) + (4 + 1)
assert tuple(model.input_shape) == (None, 2)
assert tuple(model.output_shape) == (None, 1)

rng = np.random.default_rng(0)
x = rng.normal(size=(256, 2)).astype("float32")
y = (x[:, 0] + x[:, 1] > 0).astype("float32")

history = model.fit(x, y, epochs=5, batch_size=16, verbose=2)
assert set(history.history) == {"accuracy", "loss"}
assert len(history.history["loss"]) == 5
assert history.history["loss"][-1] < history.history["loss"][0]

predictions = model.predict(x, verbose=0)
assert predictions.shape == (256, 1)
assert predictions.dtype == np.float32
assert np.all((predictions >= 0) & (predictions <= 1))

# A layer can be taken off again and another one put in its place.
model.pop()
model.add(Dense(3, activation="softmax"))
assert tuple(model.output_shape) == (None, 3)
np.testing.assert_allclose(model(x[:5]).numpy().sum(axis=1), np.ones(5), rtol=1e-5, atol=1e-6)
