"""Lookups: strings and integers to numbers, and back, and to encodings."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

vocab = ["a", "b", "c", "d"]
data = tf.constant([["a", "c", "d"], ["d", "z", "b"]])
layer = layers.StringLookup(vocabulary=vocab)
print(layer(data))
assert layer(data).numpy().tolist() == [[1, 3, 4], [4, 0, 2]]
assert layer(data).dtype.is_integer
assert layer.get_vocabulary() == ["[UNK]", "a", "b", "c", "d"]
assert layer.vocabulary_size() == 5

# Learned from data, the most frequent word first
layer = layers.StringLookup()
layer.adapt(tf.constant([["a", "c", "d"], ["d", "c", "c"]]))
assert layer.get_vocabulary() == ["[UNK]", "c", "d", "a"]
layer = layers.StringLookup(max_tokens=3)
layer.adapt(["x", "x", "y", "y", "y", "z"])
assert layer.get_vocabulary() == ["[UNK]", "y", "x"]

# Back again
inverse = layers.StringLookup(vocabulary=vocab, invert=True)
assert inverse(tf.constant([[1, 3, 4], [4, 0, 2]])).numpy().tolist() == [
    [b"a", b"c", b"d"],
    [b"d", b"[UNK]", b"b"],
]

# Mask, several buckets, encodings
masked = layers.StringLookup(vocabulary=vocab, mask_token="", num_oov_indices=1)
assert masked(tf.constant(["", "a", "q"])).numpy().tolist() == [0, 2, 1]
one_hot = layers.StringLookup(vocabulary=vocab, output_mode="one_hot")
assert one_hot(tf.constant(["a", "q"])).numpy().tolist() == [[0, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
multi_hot = layers.StringLookup(vocabulary=vocab, output_mode="multi_hot")
assert multi_hot(data).numpy().tolist() == [[0, 1, 0, 1, 1], [1, 0, 1, 0, 1]]
count = layers.StringLookup(vocabulary=vocab, output_mode="count")
assert count(tf.constant([["a", "a", "b"]])).numpy().tolist() == [[0, 2, 1, 0, 0]]

# Integers
ints = layers.IntegerLookup(vocabulary=[12, 36, 1138, 42])
assert ints(tf.constant([[12, 1138, 42], [42, 1000, 36]])).numpy().tolist() == [[1, 3, 4], [4, 0, 2]]
ints = layers.IntegerLookup()
ints.adapt([10, 10, 20])
assert ints.get_vocabulary() == [-1, 10, 20]

# Category encodings of what the lookups gave
encoding = layers.CategoryEncoding(num_tokens=4, output_mode="multi_hot")
assert encoding(np.array([[0, 1], [0, 0], [1, 2], [3, 1]])).numpy().tolist() == [
    [1, 1, 0, 0],
    [1, 0, 0, 0],
    [0, 1, 1, 0],
    [0, 1, 0, 1],
]
crossing = layers.HashedCrossing(num_bins=5)
bins = crossing((np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])))
print(bins)
assert bins.numpy().tolist() == [1, 4, 1, 1, 3]  # as the documentation of the layer has it

# Inside a data pipeline
dataset = (
    tf.data.Dataset.from_tensor_slices(["a", "b", "q", "d"])
    .batch(2)
    .map(layers.StringLookup(vocabulary=vocab))
)
assert [batch.numpy().tolist() for batch in dataset] == [[1, 2], [0, 4]]
