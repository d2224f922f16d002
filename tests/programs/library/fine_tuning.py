"""Fine-tuning: a net that learned from plenty of noisy pictures is loaded from its file, frozen layer by layer,
given a new head for a small task, then partly thawed; batch normalization keeps its statistics meanwhile."""

import os

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    Input,
    ReLU,
    RandomRotation,
)
from tensorflow.keras.models import Model, Sequential, load_model
from tensorflow.keras.optimizers import SGD, Adam

tf.keras.utils.set_random_seed(3)
digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
labels = digits.target
source = labels < 6  # the big task has six digits, the small one the other four
rng = np.random.default_rng(3)
path = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "pretrained.keras")


def conv(filters, name, strides=1):
    return [
        Conv2D(filters, 3, strides=strides, padding="same", use_bias=False, name=name + "_conv"),
        BatchNormalization(momentum=0.9, name=name + "_bn"),
        ReLU(name=name + "_relu"),
    ]


pretrained = Sequential(
    [Input((8, 8, 1)), *conv(16, "block1"), *conv(24, "block2", 2), *conv(32, "block3")]
    + [GlobalAveragePooling2D(name="features"), Dense(6, activation="softmax", name="predictions")]
)
pretrained.compile(Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
pretrained.fit(images[source], labels[source], epochs=6, batch_size=32, verbose=2)
assert pretrained.evaluate(images[source], labels[source], verbose=0)[1] > 0.95
pretrained.save(path)
del pretrained

x, y = images[~source], labels[~source] - 6
shuffled = rng.permutation(len(x))
train, test = shuffled[:120], shuffled[120:]

loaded = load_model(path)
base = Model(loaded.inputs, loaded.get_layer("features").output, name="base")
for layer in base.layers:
    layer.trainable = False
assert base.trainable_weights == [] and len(base.weights) == 15

inputs = Input((8, 8, 1))
h = RandomRotation(0.02, fill_mode="constant")(inputs)
h = base(h, training=False)
h = Dropout(0.1)(h)
model = Model(inputs, Dense(4, activation="softmax", name="new_head")(h))
assert [w.path.split("/")[-1] for w in model.trainable_weights] == ["kernel", "bias"]
model.compile(Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])

before = {w.path: w.numpy() for w in base.weights}
model.fit(x[train], y[train], epochs=15, batch_size=20, verbose=0)
head_only = model.evaluate(x[test], y[test], verbose=0)[1]
print("new head:", head_only)
assert head_only > 0.75
for w in base.weights:
    np.testing.assert_array_equal(before[w.path], w.numpy())

# Thaw the last block, but for its batch normalization
for layer in base.layers:
    layer.trainable = layer.name.startswith("block3") and not isinstance(layer, BatchNormalization)
assert [w.shape for w in base.trainable_weights] == [(3, 3, 24, 32)]
model.compile(
    optimizer=SGD(0.05, momentum=0.9, clipnorm=1.0),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
stopper = EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True, verbose=1)
history = model.fit(
    x[train], y[train], validation_data=(x[test][:100], y[test][:100]), epochs=20, batch_size=20, verbose=0,
    callbacks=[stopper],
)  # fmt: skip
tuned = model.evaluate(x[test][100:], y[test][100:], verbose=0)[1]
print("last block thawed:", tuned)
changed = {w.path for w in base.weights if not np.array_equal(before[w.path], w.numpy())}
assert len(changed) == 1 and "block3_conv" in next(iter(changed))
assert tuned > 0.9 and tuned >= head_only - 0.01

# All of it, gently
for layer in base.layers:
    layer.trainable = True
assert len(base.trainable_weights) == 9
model.compile(Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[train], y[train], epochs=3, batch_size=20, verbose=0)
assert model.evaluate(x[test][100:], y[test][100:], verbose=0)[1] > 0.9
for w in base.trainable_weights:
    assert not np.array_equal(before[w.path], w.numpy()), w.path
