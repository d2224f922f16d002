"""Seed 001, "Training a Keras model": Dataset, steps_per_epoch, NUM_EVALS epochs, TensorBoard and the history plots."""

import glob
import os
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras.callbacks import TensorBoard

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
LOGDIR = os.path.join(OUTPUT, "logs")

TRAIN_BATCH_SIZE = 32
NUM_TRAIN_EXAMPLES = 32 * 40  # training dataset will repeat, wrap around
NUM_EVALS = 5  # how many times to evaluate
NUM_EVAL_EXAMPLES = 128

tf.random.set_seed(0)
rng = np.random.default_rng(0)
features = rng.normal(size=(500, 3)).astype("float32")
labels = (features @ [[1.0], [-2.0], [0.5]] + 3).astype("float32")

trainds = (
    tf.data.Dataset.from_tensor_slices((features[:372], labels[:372]))
    .shuffle(1000)
    .repeat()
    .batch(TRAIN_BATCH_SIZE)
    .prefetch(tf.data.AUTOTUNE)
)
evalds = (
    tf.data.Dataset.from_tensor_slices((features[372:], labels[372:])).batch(64).take(NUM_EVAL_EXAMPLES // 64)
)


def rmse(y_true, y_pred):
    return tf.sqrt(tf.reduce_mean(tf.square(y_pred - y_true)))


model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Dense(16, activation="relu", name="h1"),
        tf.keras.layers.Dense(1, activation="linear", name="fare"),
    ]
)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="mse", metrics=[rmse, "mse"])

steps_per_epoch = NUM_TRAIN_EXAMPLES // (TRAIN_BATCH_SIZE * NUM_EVALS)
assert steps_per_epoch == 8

history = model.fit(
    x=trainds,
    steps_per_epoch=steps_per_epoch,
    epochs=NUM_EVALS,
    validation_data=evalds,
    callbacks=[TensorBoard(LOGDIR)],
)

# The number of epochs is the number of evaluations, and no step was lost.
assert len(history.history["val_loss"]) == NUM_EVALS
assert history.epoch == [0, 1, 2, 3, 4]
assert int(model.optimizer.iterations) == steps_per_epoch * NUM_EVALS
assert history.params["steps"] == steps_per_epoch
assert history.history["loss"][-1] < history.history["loss"][0]

event_files = glob.glob(os.path.join(LOGDIR, "**", "events.out.tfevents.*"), recursive=True)
print(event_files)
assert any(os.sep + "train" + os.sep in name for name in event_files)
assert any(os.sep + "validation" + os.sep in name for name in event_files)
assert all(os.path.getsize(name) > 0 for name in event_files)

# You can later plot the evaluation result of the fit.
RMSE_COLS = ["rmse", "val_rmse"]
axes = pd.DataFrame(history.history)[RMSE_COLS].plot()
axes.figure.savefig(os.path.join(OUTPUT, "rmse.png"))

LOSS_COLS = ["loss", "val_loss"]
axes = pd.DataFrame(history.history)[LOSS_COLS].plot()
axes.figure.savefig(os.path.join(OUTPUT, "loss.png"))

frame = pd.DataFrame(history.history)
print(frame)
assert frame.shape == (NUM_EVALS, 6)
assert all(dtype == np.float64 for dtype in frame.dtypes)
assert os.path.getsize(os.path.join(OUTPUT, "rmse.png")) > 1000
assert os.path.getsize(os.path.join(OUTPUT, "loss.png")) > 1000
