"""Seed 002, "Callbacks": monitoring training, saving model checkpoints, early stopping, then serialization."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.random.set_seed(0)
digits = load_digits()
x = (digits.data / 16).astype("float32")
x_train, y_train, x_val, y_val = x[:1200], digits.target[:1200], x[1200:], digits.target[1200:]


class Monitor(tf.keras.callbacks.Callback):
    """Reports progress, and notes every hook in the order of the calls."""

    def on_train_begin(self, logs=None):
        self.events = ["train_begin"]
        self.batches = 0

    def on_epoch_begin(self, epoch, logs=None):
        self.events.append(f"epoch_begin {epoch}")

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        assert "loss" in logs

    def on_epoch_end(self, epoch, logs=None):
        self.events.append(f"epoch_end {epoch}")
        print(f"epoch {epoch}: loss {logs['loss']:.3f}, val_accuracy {logs['val_accuracy']:.3f}")

    def on_train_end(self, logs=None):
        self.events.append("train_end")


class StopAtAccuracy(tf.keras.callbacks.Callback):
    """A stopping rule of our own."""

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_accuracy"] > 0.8:
            self.model.stop_training = True


model = tf.keras.Sequential(
    [
        tf.keras.Input((64,)),
        tf.keras.layers.Dense(32, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

best = os.path.join(OUTPUT, "best.keras")
weights = os.path.join(OUTPUT, "epoch-{epoch:02d}.weights.h5")
monitor = Monitor()
history = model.fit(
    x_train,
    y_train,
    epochs=40,
    validation_data=(x_val, y_val),
    verbose=0,
    callbacks=[
        monitor,
        tf.keras.callbacks.ModelCheckpoint(best, monitor="val_accuracy", save_best_only=True),
        tf.keras.callbacks.ModelCheckpoint(weights, save_weights_only=True),
        tf.keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True),
        StopAtAccuracy(),
    ],
)
epochs = len(history.history["loss"])
assert 1 <= epochs < 40
assert history.history["val_accuracy"][-1] > 0.8
assert monitor.events[:3] == ["train_begin", "epoch_begin 0", "epoch_end 0"]
assert monitor.events[-2:] == [f"epoch_end {epochs - 1}", "train_end"]
assert monitor.batches == epochs * 38  # 1200 samples in batches of 32
assert all(os.path.isfile(weights.format(epoch=epoch)) for epoch in range(1, epochs + 1))

# The checkpoint is the best model.
restored = tf.keras.models.load_model(best)
loss, accuracy = restored.evaluate(x_val, y_val, verbose=0)
np.testing.assert_allclose(accuracy, max(history.history["val_accuracy"]), atol=1e-3)

# Weights of the first epoch, back into the model
model.load_weights(weights.format(epoch=1))
loss, accuracy = model.evaluate(x_val, y_val, verbose=0)
np.testing.assert_allclose(accuracy, history.history["val_accuracy"][0], atol=1e-3)
np.testing.assert_allclose(loss, history.history["val_loss"][0], rtol=1e-3)

# Training goes on from a saved model, with the state of its optimizer.
iterations = int(restored.optimizer.iterations)
assert iterations > 0 and iterations % 38 == 0
more = restored.fit(x_train, y_train, initial_epoch=epochs, epochs=epochs + 2, verbose=0)
assert more.epoch == [epochs, epochs + 1]
assert int(restored.optimizer.iterations) == iterations + 2 * 38
assert more.history["loss"][-1] < history.history["loss"][0]
