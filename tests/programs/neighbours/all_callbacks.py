"""All the usual callbacks together."""

import csv
import glob
import math
import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import callbacks, layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(size=(200, 5)).astype("float32")
y = (x.sum(axis=1, keepdims=True) + 0.1 * rng.normal(size=(200, 1))).astype("float32")


def get_model(learning_rate=0.01):
    model = keras.Sequential([keras.Input((5,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(learning_rate), "mse", metrics=["mae"])
    return model


def schedule(epoch, lr):
    return 0.01 if epoch < 2 else lr * math.exp(-0.1)


seen = []
best = os.path.join(OUTPUT, "best.keras")
log = os.path.join(OUTPUT, "log.csv")
model = get_model()
history = model.fit(
    x,
    y,
    epochs=5,
    validation_split=0.2,
    verbose=2,
    callbacks=[
        callbacks.EarlyStopping(monitor="val_loss", patience=10),
        callbacks.ModelCheckpoint(best, monitor="val_loss", save_best_only=True, verbose=0),
        callbacks.LearningRateScheduler(schedule),
        callbacks.CSVLogger(log),
        callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["val_loss"]))),
        callbacks.TerminateOnNaN(),
        callbacks.TensorBoard(os.path.join(OUTPUT, "tensorboard"), histogram_freq=1),
    ],
)
assert len(history.history["loss"]) == 5
assert [epoch for epoch, _ in seen] == [0, 1, 2, 3, 4]
np.testing.assert_allclose([value for _, value in seen], history.history["val_loss"], rtol=1e-6)
np.testing.assert_allclose(
    history.history["learning_rate"], [0.01, 0.01] + [0.01 * math.exp(-0.1 * n) for n in (1, 2, 3)], rtol=1e-4
)
with open(log) as file:
    rows = list(csv.DictReader(file))
print(rows[-1])
assert [row["epoch"] for row in rows] == ["0", "1", "2", "3", "4"]
np.testing.assert_allclose([float(row["val_mae"]) for row in rows], history.history["val_mae"], rtol=1e-5)
assert len(glob.glob(os.path.join(OUTPUT, "tensorboard", "*", "events.out.tfevents.*"))) >= 2
restored = keras.models.load_model(best)
np.testing.assert_allclose(
    restored.evaluate(x[160:], y[160:], verbose=0)[0], min(history.history["val_loss"]), rtol=1e-4
)

# Early stopping gives the best weights back.
model = get_model(learning_rate=0.3)
stopper = callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)
history = model.fit(x, y, epochs=80, validation_split=0.2, callbacks=[stopper], verbose=0)
losses = history.history["val_loss"]
assert len(losses) < 80
assert stopper.best_epoch == int(np.argmin(losses))
np.testing.assert_allclose(model.evaluate(x[160:], y[160:], verbose=0)[0], min(losses), rtol=1e-3)

# The learning rate falls on a plateau.
model = get_model()
plateau = callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1, min_lr=0.002, min_delta=1e9)
history = model.fit(x, y, epochs=6, callbacks=[plateau], verbose=0)
np.testing.assert_allclose(history.history["learning_rate"][:3], [0.01, 0.01, 0.005], rtol=1e-4)
np.testing.assert_allclose(float(model.optimizer.learning_rate), 0.002, rtol=1e-4)

# NaN ends the training.
model = get_model()
history = model.fit(x, np.full_like(y, np.nan), epochs=5, callbacks=[callbacks.TerminateOnNaN()], verbose=0)
assert len(history.epoch) <= 1


# Every hook of a custom callback
class Hooks(callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append("on_train_begin")

    def on_train_end(self, logs=None):
        self.calls.append("on_train_end")

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append("on_epoch_begin")

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append("on_epoch_end")

    def on_train_batch_begin(self, batch, logs=None):
        self.calls.append("on_train_batch_begin")

    def on_train_batch_end(self, batch, logs=None):
        self.calls.append("on_train_batch_end")

    def on_test_begin(self, logs=None):
        self.calls.append("on_test_begin")

    def on_test_end(self, logs=None):
        self.calls.append("on_test_end")

    def on_test_batch_begin(self, batch, logs=None):
        self.calls.append("on_test_batch_begin")

    def on_test_batch_end(self, batch, logs=None):
        self.calls.append("on_test_batch_end")

    def on_predict_begin(self, logs=None):
        self.calls.append("on_predict_begin")

    def on_predict_end(self, logs=None):
        self.calls.append("on_predict_end")

    def on_predict_batch_begin(self, batch, logs=None):
        self.calls.append("on_predict_batch_begin")

    def on_predict_batch_end(self, batch, logs=None):
        self.calls.append("on_predict_batch_end")


hooks = Hooks()
model = get_model()
model.fit(x, y, epochs=1, batch_size=100, validation_data=(x, y), callbacks=[hooks], verbose=0)
model.predict(x, callbacks=[hooks], verbose=0)
assert hooks.model is model and hooks.params is not None
for name in (
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_batch_end",
    "on_test_end",
    "on_epoch_end",
    "on_train_end",
    "on_predict_begin",
    "on_predict_batch_end",
    "on_predict_end",
):
    assert name in hooks.calls, name
assert tf.is_tensor(model(x))
