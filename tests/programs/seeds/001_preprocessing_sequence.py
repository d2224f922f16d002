"""Seed 001, "Loading and Preprocessing Files": tf.keras.preprocessing for sequences."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.sequence import TimeseriesGenerator, pad_sequences

raw = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]

padded = pad_sequences(raw)
print(padded)
assert padded.dtype == np.int32
assert padded.tolist() == [
    [0, 0, 0, 711, 632, 71],
    [0, 73, 8, 3215, 55, 927],
    [83, 91, 1, 645, 1253, 927],
]
assert pad_sequences(raw, padding="post").tolist()[0] == [711, 632, 71, 0, 0, 0]
assert pad_sequences(raw, maxlen=4).tolist() == [[0, 711, 632, 71], [8, 3215, 55, 927], [1, 645, 1253, 927]]
assert pad_sequences(raw, maxlen=4, truncating="post").tolist()[2] == [83, 91, 1, 645]
floats = pad_sequences([[0.5], [1.5, 2.5]], dtype="float32", value=-1.0, padding="post")
assert floats.dtype == np.float32 and floats.tolist() == [[0.5, -1.0], [1.5, 2.5]]
assert tf.keras.utils.pad_sequences(raw).shape == (3, 6)

# Windows over a series
series = np.arange(10, dtype="float32")
windows = TimeseriesGenerator(series, series, length=3, batch_size=2)
assert len(windows) == 4
inputs, targets = windows[0]
assert inputs.tolist() == [[0, 1, 2], [1, 2, 3]] and targets.tolist() == [3, 4]

dataset = tf.keras.preprocessing.timeseries_dataset_from_array(
    series[:-3], series[3:], sequence_length=3, batch_size=2
)
inputs, targets = next(iter(dataset))
assert inputs.numpy().tolist() == [[0, 1, 2], [1, 2, 3]] and targets.numpy().tolist() == [3, 4]

# Padded integer sequences into an embedding
embedded = tf.keras.layers.Embedding(4000, 8)(padded)
assert embedded.shape == (3, 6, 8)
