"""Words of sentences of different lengths, and a linear model of sparse features."""

import numpy as np
import tensorflow as tf

# Ragged: count, average, pad
sentences = ["the cat sat", "a dog", "the quick brown fox jumps"]
words = tf.strings.split(sentences)
print(words)
assert words.row_lengths().numpy().tolist() == [3, 2, 5]

vocabulary = sorted({w for row in words.to_list() for w in row})
table = tf.lookup.StaticHashTable(
    tf.lookup.KeyValueTensorInitializer(vocabulary, tf.range(len(vocabulary), dtype=tf.int64)), -1
)
ids = tf.ragged.map_flat_values(table.lookup, words)
embeddings = tf.Variable(tf.random.stateless_uniform([len(vocabulary), 4], seed=[1, 2]))
means = tf.reduce_mean(tf.gather(embeddings, ids), axis=1)
assert means.shape == (3, 4)

bigrams = tf.strings.ngrams(words, 2, separator="_")
assert bigrams.to_list()[1] == [b"a_dog"]
marker = tf.fill([words.nrows(), 1], "#")
marked = tf.concat([marker, words, marker], axis=1)
assert marked.to_list()[1] == [b"#", b"a", b"dog", b"#"]
padded = marked.to_tensor(default_value="")
assert padded.shape == (3, 7)
long_words = tf.ragged.boolean_mask(words, tf.strings.length(words) > 3)
assert long_words.to_list() == [[], [], [b"quick", b"brown", b"jumps"]]


@tf.function
def score(rows):
    return tf.reduce_sum(tf.cast(rows, tf.float32) * 2.0, axis=1)


assert score(ids).shape == (3,)

batches = tf.data.Dataset.from_tensor_slices(words).map(tf.strings.upper).ragged_batch(2)
assert [batch.to_list()[0][0] for batch in batches] == [b"THE", b"THE"]

# Sparse: learn weights of a few features among many
rng = np.random.default_rng(0)
dense = (rng.random((64, 20)) < 0.15).astype("float32")
truth = rng.normal(size=(20, 1)).astype("float32")
targets = dense @ truth
features = tf.sparse.from_dense(dense)
weights = tf.Variable(tf.zeros([20, 1]))
first = None
for step in range(300):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(tf.sparse.sparse_dense_matmul(features, weights) - targets))
    weights.assign_sub(0.8 * tape.gradient(loss, weights))
    first = first or float(loss)
print("loss", first, "->", float(loss))
assert float(loss) < 0.01 * first
per_feature = tf.sparse.reduce_sum(features, axis=0)
np.testing.assert_allclose(per_feature, dense.sum(0))
print("OK")
