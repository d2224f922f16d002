"""Seed 002, "Functional API": shared layers, residual connections, inception branches, several inputs and outputs."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

tf.random.set_seed(0)

# Residual connections
inputs = Input(shape=(16, 16, 3))
x = layers.Conv2D(8, 3, activation="relu", padding="same")(inputs)
block_1 = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(8, 3, activation="relu", padding="same")(block_1)
x = layers.BatchNormalization()(x)
block_2 = layers.add([x, block_1])
x = layers.Conv2D(8, 3, activation="relu", padding="same")(block_2)
block_3 = layers.add([x, block_2])
x = layers.GlobalAveragePooling2D()(block_3)
outputs = layers.Dense(10)(layers.Dropout(0.3)(x))
resnet = Model(inputs, outputs, name="toy_resnet")
resnet.summary()
assert tuple(block_3.shape) == (None, 8, 8, 8)

images = np.random.default_rng(0).random((32, 16, 16, 3)).astype("float32")
labels = np.arange(32) % 10
resnet.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = resnet.fit(images, labels, epochs=2, batch_size=8, verbose=2)
assert np.all(np.isfinite(history.history["loss"]))
assert resnet.predict(images, verbose=0).shape == (32, 10)

# Inception: branches side by side
inputs = Input(shape=(16, 16, 3))
tower_1 = layers.Conv2D(4, 1, padding="same", activation="relu")(inputs)
tower_2 = layers.Conv2D(4, 3, padding="same", activation="relu")(layers.Conv2D(2, 1, padding="same")(inputs))
tower_3 = layers.Conv2D(4, 5, padding="same", activation="relu")(inputs)
tower_4 = layers.Conv2D(4, 1, padding="same")(layers.AveragePooling2D(3, strides=1, padding="same")(inputs))
merged = layers.Concatenate(axis=-1)([tower_1, tower_2, tower_3, tower_4])
inception = Model(inputs, merged)
assert tuple(inception.output_shape) == (None, 16, 16, 16)
assert inception(images).shape == (32, 16, 16, 16)

# A shared layer: the same embedding for two texts
shared_embedding = layers.Embedding(1000, 8)
text_a, text_b = Input((None,), dtype="int32"), Input((None,), dtype="int32")
encoded_a, encoded_b = shared_embedding(text_a), shared_embedding(text_b)
shared = Model([text_a, text_b], [encoded_a, encoded_b])
assert shared.count_params() == 8000
a, b = shared([np.array([[1, 2, 3]]), np.array([[3, 1]])])
assert a.shape == (1, 3, 8) and b.shape == (1, 2, 8)
np.testing.assert_array_equal(a.numpy()[0, 2], b.numpy()[0, 0])

# Several inputs and outputs, trained from a dictionary
title, body = Input((12,), name="title"), Input((20,), name="body")
x = layers.concatenate([layers.Dense(8, activation="relu")(title), layers.Dense(8, activation="relu")(body)])
priority = layers.Dense(1, activation="sigmoid", name="priority")(x)
department = layers.Dense(4, activation="softmax", name="department")(x)
model = Model([title, body], [priority, department])
model.compile(
    optimizer="rmsprop",
    loss={"priority": "binary_crossentropy", "department": "categorical_crossentropy"},
    loss_weights={"priority": 1.0, "department": 0.2},
)
rng = np.random.default_rng(1)
data = {"title": rng.normal(size=(64, 12)), "body": rng.normal(size=(64, 20))}
targets = {"priority": rng.integers(0, 2, (64, 1)), "department": np.eye(4)[rng.integers(0, 4, 64)]}
history = model.fit(data, targets, epochs=3, batch_size=16, verbose=0)
assert {"loss", "priority_loss", "department_loss"} <= set(history.history)
assert history.history["loss"][-1] < history.history["loss"][0]
p, d = model.predict(data, verbose=0)
assert p.shape == (64, 1) and d.shape == (64, 4)
