"""Small and large models on noisy data: L2, dropout, early stopping, a decaying learning rate."""

import os
import pathlib
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, regularizers

logdir = pathlib.Path(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()) / "tensorboard_logs"
tf.keras.utils.set_random_seed(2)
FEATURES = 20
rng = np.random.default_rng(1)
rows = rng.normal(size=(1500, FEATURES)).astype("float32")
clean = rows[:, 0] + rows[:, 1] * rows[:, 2]
labels = (clean + rng.normal(scale=1.0, size=1500) > 0).astype("float32")
csv = pathlib.Path(tempfile.mkdtemp()) / "rows.csv"
np.savetxt(csv, np.column_stack([labels, rows]), delimiter=",", fmt="%.6f")

ds = tf.data.experimental.CsvDataset(str(csv), [float()] * (FEATURES + 1))


def pack_row(*row):
    label = tf.expand_dims(row[0], 1)
    features = tf.stack(row[1:], 1)
    return features, label


packed_ds = ds.batch(500).map(pack_row).unbatch()
N_VALIDATION, N_TRAIN, BATCH_SIZE = 1000, 500, 50
STEPS_PER_EPOCH = N_TRAIN // BATCH_SIZE
validate_ds = packed_ds.take(N_VALIDATION).cache().batch(BATCH_SIZE)
train_ds = packed_ds.skip(N_VALIDATION).take(N_TRAIN).cache().shuffle(N_TRAIN).repeat().batch(BATCH_SIZE)

lr_schedule = tf.keras.optimizers.schedules.InverseTimeDecay(
    0.01, decay_steps=STEPS_PER_EPOCH * 20, decay_rate=1, staircase=False
)
np.testing.assert_allclose(float(lr_schedule(STEPS_PER_EPOCH * 20)), 0.005, rtol=1e-5)


def get_callbacks(name):
    return [
        tf.keras.callbacks.EarlyStopping(monitor="val_binary_crossentropy", patience=8),
        tf.keras.callbacks.TensorBoard(logdir / name),
    ]


def compile_and_fit(model, name, max_epochs=25):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(lr_schedule),
        loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[
            tf.keras.metrics.BinaryCrossentropy(from_logits=True, name="binary_crossentropy"),
            tf.keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
        ],
    )
    return model.fit(
        train_ds,
        steps_per_epoch=STEPS_PER_EPOCH,
        epochs=max_epochs,
        validation_data=validate_ds,
        callbacks=get_callbacks(name),
        verbose=0,
    )


tiny = tf.keras.Sequential([layers.Dense(8, activation="elu", input_shape=(FEATURES,)), layers.Dense(1)])
large = tf.keras.Sequential(
    [
        layers.Dense(128, activation="elu", input_shape=(FEATURES,)),
        layers.Dense(128, activation="elu"),
        layers.Dense(128, activation="elu"),
        layers.Dense(1),
    ]
)
l2 = tf.keras.Sequential(
    [
        layers.Dense(128, activation="elu", kernel_regularizer=regularizers.l2(0.01), input_shape=(FEATURES,)),
        layers.Dense(128, activation="elu", kernel_regularizer=regularizers.l2(0.01)),
        layers.Dense(1),
    ]
)
combined = tf.keras.Sequential(
    [
        layers.Dense(128, kernel_regularizer=regularizers.l2(0.003), activation="elu", input_shape=(FEATURES,)),
        layers.Dropout(0.5),
        layers.Dense(128, kernel_regularizer=regularizers.l2(0.003), activation="elu"),
        layers.Dropout(0.5),
        layers.Dense(1),
    ]
)
histories = {
    name: compile_and_fit(model, f"sizes/{name}").history
    for name, model in (("tiny", tiny), ("large", large), ("l2", l2), ("combined", combined))
}
for name, history in histories.items():
    last = {key: round(values[-1], 3) for key, values in history.items()}
    print(name, len(history["loss"]), "epochs", last)

regularization = tf.add_n(l2.losses)
expected = sum(0.01 * np.sum(np.square(layer.kernel.numpy())) for layer in l2.layers[:2])
np.testing.assert_allclose(float(regularization), expected, rtol=1e-4)
assert len(combined.losses) == 2 and not large.losses

gap = {name: h["val_binary_crossentropy"][-1] - h["binary_crossentropy"][-1] for name, h in histories.items()}
print("gaps", gap)
assert gap["large"] > gap["combined"] and gap["large"] > gap["tiny"]
assert len(histories["large"]["loss"]) < 25  # stopped early, for it overfits
assert max(histories["combined"]["val_accuracy"]) > 0.6
# the loss of the l2 model holds the penalty, the metric does not
assert histories["l2"]["loss"][0] > histories["l2"]["binary_crossentropy"][0] + 0.1
assert sorted(os.listdir(logdir / "sizes")) == ["combined", "l2", "large", "tiny"]
