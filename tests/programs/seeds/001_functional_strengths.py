"""Seed 001, "Strengths of the Functional API": checked at construction, inspectable, cloned and saved."""

import json
import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()


def build():
    inputs = keras.Input(shape=(28, 28, 1), name="image")
    x = layers.Conv2D(8, 3, activation="relu", name="conv")(inputs)
    x = layers.MaxPooling2D(3, name="pool")(x)
    x = layers.Flatten(name="flat")(x)
    outputs = layers.Dense(10, activation="softmax", name="digit")(x)
    return keras.Model(inputs, outputs, name="checked")


# 1. Debugging happens statically, during the construction.
inputs = keras.Input(shape=(8,))
mistakes = {
    "a convolution on vectors": lambda: layers.Conv2D(4, 3)(inputs),
    "a kernel larger than the image": lambda: layers.Conv2D(4, 9)(keras.Input((5, 5, 1))),
    "branches that do not fit": lambda: layers.concatenate([inputs, keras.Input((8, 2))]),
    "a reshape to another size": lambda: layers.Reshape((3, 3))(inputs),
    "a model on a wrong input": lambda: build()(keras.Input((14, 14, 1))),
    "an output that does not come from the input": lambda: keras.Model(
        keras.Input((3,)), layers.Dense(1)(inputs)
    ),
}
for what, mistake in mistakes.items():
    try:
        mistake()
    except ValueError as error:
        print(f"{what}: {str(error).splitlines()[0][:90]}")
    else:
        raise AssertionError(f"{what} must fail while the graph is built")

# 2. Intermediate nodes are easy to reach: a feature extractor.
model = build()
image = np.random.default_rng(0).random((2, 28, 28, 1)).astype("float32")
features = keras.Model(model.input, [layer.output for layer in model.layers[1:]])
activations = features(image)
assert [tuple(a.shape) for a in activations] == [(2, 26, 26, 8), (2, 8, 8, 8), (2, 512), (2, 10)]
np.testing.assert_allclose(activations[-1].numpy(), model(image).numpy(), rtol=1e-6, atol=1e-6)
assert tuple(model.get_layer("pool").output.shape) == (None, 8, 8, 8)

# 3. Cloned: the same architecture with weights of its own.
clone = keras.models.clone_model(model)
assert clone.count_params() == model.count_params()
assert clone.get_layer("conv") is not model.get_layer("conv")
clone.set_weights(model.get_weights())
np.testing.assert_allclose(clone(image).numpy(), model(image).numpy(), rtol=1e-6, atol=1e-6)

# 4. Saved as a single file, recreated without the code that built it.
path = os.path.join(OUTPUT, "checked.keras")
model.save(path)
config = model.to_json()
expected = model.predict(image, verbose=0)
del build, model, clone, features

restored = keras.models.load_model(path)
assert restored.name == "checked"
assert [layer.name for layer in restored.layers] == ["image", "conv", "pool", "flat", "digit"]
np.testing.assert_allclose(restored.predict(image, verbose=0), expected, rtol=1e-6, atol=1e-6)

from_json = keras.models.model_from_json(config)
assert json.loads(config)["config"]["name"] == from_json.name == "checked"
from_json.set_weights(restored.get_weights())
np.testing.assert_allclose(from_json.predict(image, verbose=0), expected, rtol=1e-6, atol=1e-6)

from_config = keras.Model.from_config(restored.get_config())
assert from_config.count_params() == restored.count_params()
assert tf.is_tensor(from_config(image))
