"""Seed 001, "Exporting Model": model.save() of a folder, and the model read back from it."""

# TensorFlow 2.0 to 2.15 run this, and later ones with the old Keras (tf_keras, TF_USE_LEGACY_KERAS=1).
# Keras 3 saves files only (.keras, .h5) and cannot load a SavedModel as a model.

import datetime
import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.random.set_seed(0)

model = keras.Sequential(
    [
        layers.Dense(8, activation="relu", input_shape=(4,), name="hidden"),
        layers.Dense(1, name="price"),
    ]
)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model.fit(x, y, epochs=2, verbose=0)
expected = model.predict(x, verbose=0)

OUTPUT_DIR = os.path.join(OUTPUT, "export", "savedmodel")
TIMESTAMP = datetime.datetime.now().strftime("%Y%m%d%H%M%S")
EXPORT_PATH = os.path.join(OUTPUT_DIR, TIMESTAMP)
model.save(EXPORT_PATH)
print(sorted(os.listdir(EXPORT_PATH)))
assert os.path.isfile(os.path.join(EXPORT_PATH, "saved_model.pb"))

# As a model again: it predicts, evaluates and trains on.
restored = keras.models.load_model(EXPORT_PATH)
assert isinstance(restored, keras.Model)
np.testing.assert_allclose(restored.predict(x, verbose=0), expected, rtol=1e-4, atol=1e-5)
np.testing.assert_allclose(restored.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0), rtol=1e-4)
restored.fit(x, y, epochs=1, verbose=0)
assert not np.allclose(restored.predict(x, verbose=0), expected)

# As a plain SavedModel: an object that can be called, with its signature.
loaded = tf.saved_model.load(EXPORT_PATH)
np.testing.assert_allclose(loaded(tf.constant(x)).numpy(), expected, rtol=1e-4, atol=1e-5)
infer = loaded.signatures["serving_default"]
((input_name, spec),) = infer.structured_input_signature[1].items()
assert spec.shape.as_list() == [None, 4]
(served,) = infer(**{input_name: tf.constant(x)}).values()
np.testing.assert_allclose(served.numpy(), expected, rtol=1e-4, atol=1e-5)
