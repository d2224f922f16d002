"""Seed 001, "Exporting Model": a SavedModel in a folder with a timestamp, with the default serving function."""

import datetime
import os
import shutil
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()

inputs = keras.Input(shape=(4,), name="features")
x = layers.Dense(8, activation="relu")(inputs)
outputs = layers.Dense(1, name="price")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="mse")
samples = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
model.fit(samples, samples.sum(axis=1), epochs=2, verbose=0)

OUTPUT_DIR = os.path.join(OUTPUT, "export", "savedmodel")
shutil.rmtree(OUTPUT_DIR, ignore_errors=True)
TIMESTAMP = datetime.datetime.now().strftime("%Y%m%d%H%M%S")

EXPORT_PATH = os.path.join(OUTPUT_DIR, TIMESTAMP)

tf.saved_model.save(model, EXPORT_PATH)  # with default serving function

print(sorted(os.listdir(EXPORT_PATH)))
assert os.path.isfile(os.path.join(EXPORT_PATH, "saved_model.pb"))
assert os.path.isfile(os.path.join(EXPORT_PATH, "variables", "variables.index"))

# Client code has no model object in memory, only the exported files.
expected = model.predict(samples, verbose=0)
del model

loaded = tf.saved_model.load(EXPORT_PATH)
assert list(loaded.signatures) == ["serving_default"]
infer = loaded.signatures["serving_default"]
_, keywords = infer.structured_input_signature
print("inputs:", keywords)
print("outputs:", infer.structured_outputs)
(input_name,) = keywords
(output_name,) = infer.structured_outputs
assert keywords[input_name].dtype == tf.float32
assert keywords[input_name].shape.as_list() == [None, 4]
assert infer.structured_outputs[output_name].shape.as_list() == [None, 1]

served = infer(**{input_name: tf.constant(samples)})[output_name]
np.testing.assert_allclose(served.numpy(), expected, rtol=1e-4, atol=1e-5)
# any batch size
assert infer(**{input_name: tf.constant(samples[:5])})[output_name].shape == (5, 1)
