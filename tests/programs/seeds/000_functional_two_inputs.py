"""Seed 000, "Functional API": two inputs whose branches are added together."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Add, Dense, Input
from tensorflow.keras.models import Model

tf.random.set_seed(1)

input_1 = Input((2,))
input_2 = Input((2,))
dense_branch_1 = Dense(3, activation="relu")(input_1)
dense_branch_1 = Dense(3, activation="relu")(dense_branch_1)
dense_branch_2 = Dense(3, activation="relu")(input_2)
dense_branch_2 = Dense(3, activation="relu")(dense_branch_2)
add_layer = Add()([dense_branch_1, dense_branch_2])
dense_main = Dense(3, activation="relu")(add_layer)
dense_main = Dense(3, activation="relu")(dense_main)
dense_main = Dense(3, activation="relu")(dense_main)
output_layer = Dense(1, activation="sigmoid")(dense_main)
model = Model([input_1, input_2], output_layer)

model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

assert len(model.inputs) == 2
assert tuple(add_layer.shape) == (None, 3)
assert model.count_params() == 2 * (9 + 12) + 3 * 12 + 4

rng = np.random.default_rng(0)
a = rng.normal(size=(128, 2)).astype("float32")
b = rng.normal(size=(128, 2)).astype("float32")
y = (a.sum(axis=1) + b.sum(axis=1) > 0).astype("float32")
history = model.fit([a, b], y, epochs=5, verbose=2)
assert set(history.history) == {"loss", "accuracy"}
assert history.history["loss"][-1] < history.history["loss"][0]

loss, accuracy = model.evaluate([a, b], y, verbose=0)
assert np.isfinite(loss) and 0 <= accuracy <= 1
assert model.predict([a, b], verbose=0).shape == (128, 1)

# "We need to ensure that the shape of each layer is the same before adding": checked while the graph is built.
try:
    Add()([Dense(3)(input_1), Dense(4)(input_2)])
except ValueError as error:
    print("as promised:", error)
    assert "3" in str(error) and "4" in str(error)
else:
    raise AssertionError("adding a (None, 3) and a (None, 4) branch must fail")

# Merging really adds.
two = Add()([tf.constant([[1.0, 2.0]]), tf.constant([[10.0, 20.0]])])
np.testing.assert_array_equal(two.numpy(), [[11.0, 22.0]])
