"""Seed 001, "A functional model is plottable": the model drawn as a graph."""

import os
import tempfile

from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
inputs = keras.Input(shape=(28, 28, 1), name="image")
x = layers.Conv2D(8, 3, activation="relu", name="conv")(inputs)
x = layers.Flatten(name="flat")(x)
model = keras.Model(inputs, layers.Dense(10, activation="softmax", name="digit")(x))

# TensorFlow needs pydot and graphviz for this; without them its message says so.
picture = os.path.join(OUTPUT, "model.png")
try:
    keras.utils.plot_model(model, to_file=picture, show_shapes=True, show_layer_names=True)
except (ImportError, OSError) as error:
    print(error)
    assert "pydot" in str(error) or "graphviz" in str(error).lower()
else:
    with open(picture, "rb") as file:
        assert file.read(4) == b"\x89PNG"
