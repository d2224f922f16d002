"""Windows of a time series for several forecasting models."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(4)
n = 600
t = np.arange(n)
series = np.stack([np.sin(t / 8.0), np.cos(t / 8.0), 0.1 * np.sin(t / 3.0)], 1).astype("float32")
train, val = series[:420], series[420:]
columns = {name: i for i, name in enumerate(["a", "b", "c"])}


class WindowGenerator:
    def __init__(self, input_width, label_width, shift, label_columns=None):
        self.label_columns = label_columns
        self.input_width, self.label_width, self.shift = input_width, label_width, shift
        self.total_window_size = input_width + shift
        self.input_slice = slice(0, input_width)
        self.labels_slice = slice(self.total_window_size - label_width, None)

    def split_window(self, features):
        inputs = features[:, self.input_slice, :]
        labels = features[:, self.labels_slice, :]
        if self.label_columns is not None:
            labels = tf.stack([labels[:, :, columns[name]] for name in self.label_columns], axis=-1)
        inputs.set_shape([None, self.input_width, None])
        labels.set_shape([None, self.label_width, None])
        return inputs, labels

    def make_dataset(self, data, shuffle):
        ds = tf.keras.utils.timeseries_dataset_from_array(
            data=data, targets=None, sequence_length=self.total_window_size, sequence_stride=1, shuffle=shuffle,
            seed=1, batch_size=32,
        )
        return ds.map(self.split_window)


window = WindowGenerator(input_width=12, label_width=1, shift=1, label_columns=["a"])
for inputs, labels in window.make_dataset(train, False).take(1):
    assert inputs.shape == (32, 12, 3) and labels.shape == (32, 1, 1)
    np.testing.assert_allclose(labels[0, 0, 0], train[12, 0])


class Baseline(tf.keras.Model):
    def __init__(self, label_index=None):
        super().__init__()
        self.label_index = label_index

    def call(self, inputs):
        return inputs[:, -1:, self.label_index][:, :, tf.newaxis]


baseline = Baseline(columns["a"])
baseline.compile(loss=tf.keras.losses.MeanSquaredError(), metrics=[tf.keras.metrics.MeanAbsoluteError()])
base = baseline.evaluate(window.make_dataset(val, False), verbose=0)[0]


def compile_and_fit(model):
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, mode="min")
    model.compile(loss=tf.keras.losses.MeanSquaredError(), optimizer=tf.keras.optimizers.Adam(0.01))
    history = model.fit(
        window.make_dataset(train, True), epochs=8, validation_data=window.make_dataset(val, False),
        callbacks=[stop], verbose=0,
    )
    return min(history.history["val_loss"])


dense = tf.keras.Sequential(
    [
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(16, activation="relu"),
        tf.keras.layers.Dense(1),
        tf.keras.layers.Reshape([1, -1]),
    ]
)
conv = tf.keras.Sequential(
    [
        tf.keras.layers.Conv1D(16, kernel_size=12, activation="relu"),
        tf.keras.layers.Dense(1),
    ]
)
lstm = tf.keras.Sequential(
    [tf.keras.layers.LSTM(16), tf.keras.layers.Dense(1), tf.keras.layers.Reshape([1, 1])]
)
results = {name: compile_and_fit(m) for name, m in (("dense", dense), ("conv", conv), ("lstm", lstm))}
print("baseline", base, results)
assert all(loss < base for loss in results.values())
print("OK")
