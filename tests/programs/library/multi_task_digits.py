"""One trunk, three tasks: which digit (with some labels missing), odd or even, how much ink; named outputs,
loss weights, sample weights for one task, metrics for each, a learning rate by schedule, logs to a CSV file."""

import csv
import os

import numpy as np
from keras import Input, Model, callbacks, layers, utils
from sklearn.datasets import load_digits

utils.set_random_seed(11)
data = load_digits()
pixels = (data.data / 16).astype("float32")
rng = np.random.default_rng(0)
order = rng.permutation(len(pixels))
pixels, digit = pixels[order], data.target[order]
targets = {
    "digit": utils.to_categorical(digit, 10),
    "odd": (digit % 2).astype("float32")[:, None],
    "ink": pixels.mean(axis=1, keepdims=True) * 10,
}
labelled = (rng.random(len(pixels)) < 0.6).astype("float32")  # not every digit has a label
targets["digit"][labelled == 0] = 0.1
weights = {"digit": labelled, "odd": np.ones(len(pixels), "float32"), "ink": np.ones(len(pixels), "float32")}
truth = digit[1397:]


def part(values, rows):
    return {name: value[rows] for name, value in values.items()}


train, test = slice(0, 1397), slice(1397, None)
image = Input((64,), name="image")
trunk = layers.Dense(64, activation="relu")(image)
trunk = layers.Dropout(0.2)(trunk)
trunk = layers.Dense(32, activation="relu", name="shared")(trunk)
digit_head = layers.Dense(10, activation="softmax", name="digit")(trunk)
odd_head = layers.Dense(1, activation="sigmoid", name="odd")(layers.Dense(16, activation="relu")(trunk))
ink_head = layers.Dense(1, name="ink")(layers.concatenate([trunk, image]))
model = Model(inputs=image, outputs={"digit": digit_head, "odd": odd_head, "ink": ink_head})

model.compile(
    optimizer="adam",
    loss={"digit": "categorical_crossentropy", "odd": "binary_crossentropy", "ink": "mse"},
    loss_weights={"digit": 1.0, "odd": 0.5, "ink": 0.5},
    metrics={"digit": ["accuracy"], "odd": ["accuracy", "AUC"], "ink": ["mae"]},
)
log = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "training.csv")
history = model.fit(
    {"image": pixels[train]},
    part(targets, train),
    sample_weight=part(weights, train),
    validation_data=({"image": pixels[test]}, part(targets, test), part(weights, test)),
    epochs=25,
    batch_size=32,
    callbacks=[
        callbacks.LearningRateScheduler(lambda epoch, rate: 4e-3 if epoch < 15 else rate * 0.8),
        callbacks.CSVLogger(log, separator=";"),
    ],
    verbose=0,
)
losses = {"loss", "digit_loss", "odd_loss", "ink_loss"}
measures = {"digit_accuracy", "odd_accuracy", "odd_AUC", "ink_mae"}
expected = losses | measures
assert set(history.history) == expected | {"val_" + name for name in expected} | {"learning_rate"}

scores = model.evaluate(
    {"image": pixels[test]}, part(targets, test), sample_weight=part(weights, test), batch_size=400, verbose=0, return_dict=True
)
print(scores)
assert scores["odd_accuracy"] > 0.94 and scores["odd_AUC"] > 0.97
assert scores["ink_mae"] < 0.25
total = scores["digit_loss"] + 0.5 * scores["odd_loss"] + 0.5 * scores["ink_loss"]
np.testing.assert_allclose(scores["loss"], total, rtol=1e-4)

predictions = model.predict({"image": pixels[test]}, verbose=0)
assert set(predictions) == {"digit", "odd", "ink"}
accuracy = np.mean(predictions["digit"].argmax(axis=1) == truth)
print("digits right:", accuracy)
assert accuracy > 0.93
agree = np.mean((predictions["odd"][:, 0] > 0.5) == (predictions["digit"].argmax(axis=1) % 2 == 1))
assert agree > 0.93
np.testing.assert_allclose(predictions["ink"], pixels[test].mean(axis=1, keepdims=True) * 10, atol=1.5)

with open(log, newline="") as file:
    rows = list(csv.DictReader(file, delimiter=";"))
assert len(rows) == 25 and abs(float(rows[-1]["val_loss"]) - history.history["val_loss"][-1]) < 1e-5
features = Model(model.input, model.get_layer("shared").output)
assert features.predict(pixels[:3], verbose=0).shape == (3, 32)
