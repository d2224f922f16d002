"""A functional model with several inputs and outputs, losses, weights and metrics by name."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
num_tags, num_words, num_departments = 12, 100, 4

title_input = keras.Input(shape=(None,), name="title")  # Variable-length sequence of ints
body_input = keras.Input(shape=(None,), name="body")
tags_input = keras.Input(shape=(num_tags,), name="tags")  # Binary vectors of size `num_tags`

title_features = layers.LSTM(8)(layers.Embedding(num_words, 8)(title_input))
body_features = layers.LSTM(8)(layers.Embedding(num_words, 8)(body_input))
x = layers.concatenate([title_features, body_features, tags_input])
priority_pred = layers.Dense(1, name="priority")(x)
department_pred = layers.Dense(num_departments, name="department")(x)
model = keras.Model(
    inputs=[title_input, body_input, tags_input],
    outputs={"priority": priority_pred, "department": department_pred},
)
model.summary()

model.compile(
    optimizer=keras.optimizers.RMSprop(1e-2),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
    metrics={
        "department": ["accuracy"],
        "priority": [keras.metrics.BinaryAccuracy(threshold=0.0, name="hits")],
    },
)

rng = np.random.default_rng(0)
title_data = rng.integers(num_words, size=(128, 10)).astype("float32")
body_data = rng.integers(num_words, size=(128, 15)).astype("float32")
tags_data = rng.integers(2, size=(128, num_tags)).astype("float32")
departments = tags_data[:, :num_departments].argmax(axis=1)
dept_targets = np.eye(num_departments, dtype="float32")[departments]
priority_targets = tags_data[:, 5:6]

history = model.fit(
    {"title": title_data, "body": body_data, "tags": tags_data},
    {"priority": priority_targets, "department": dept_targets},
    epochs=6,
    batch_size=32,
    verbose=2,
)
logs = {name: values[-1] for name, values in history.history.items()}
print(logs)
assert set(logs) == {"loss", "priority_loss", "department_loss", "priority_hits", "department_accuracy"}
np.testing.assert_allclose(logs["loss"], logs["priority_loss"] + 0.2 * logs["department_loss"], rtol=0.05)
assert history.history["loss"][-1] < history.history["loss"][0]

# The weighted sum exactly, on one batch
data = [title_data[:32], body_data[:32], tags_data[:32]]
targets = {"priority": priority_targets[:32], "department": dept_targets[:32]}
scores = model.evaluate(data, targets, batch_size=32, verbose=0, return_dict=True)
predictions = model.predict(data, verbose=0)
assert set(predictions) == {"priority", "department"}
assert predictions["priority"].shape == (32, 1) and predictions["department"].shape == (32, 4)
bce = keras.losses.BinaryCrossentropy(from_logits=True)(targets["priority"], predictions["priority"])
cce = keras.losses.CategoricalCrossentropy(from_logits=True)(targets["department"], predictions["department"])
np.testing.assert_allclose(scores["loss"], float(bce) + 0.2 * float(cce), rtol=1e-3)
np.testing.assert_allclose(
    scores["department_accuracy"],
    np.mean(predictions["department"].argmax(axis=1) == targets["department"].argmax(axis=1)),
    atol=1e-5,
)

# The same from a Dataset of dictionaries
dataset = tf.data.Dataset.from_tensor_slices(
    (
        {"title": title_data, "body": body_data, "tags": tags_data},
        {"priority": priority_targets, "department": dept_targets},
    )
)
history = model.fit(dataset.shuffle(128).batch(32), epochs=1, verbose=0)
assert np.isfinite(history.history["loss"][0])
