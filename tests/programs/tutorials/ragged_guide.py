"""Ragged tensors as the guide tells it: made, indexed, computed with, trained on."""

import math

import numpy as np
import tensorflow as tf

digits = tf.ragged.constant([[3, 1, 4, 1], [], [5, 9, 2], [6], []])
words = tf.ragged.constant([["So", "long"], ["thanks", "for", "all", "the", "fish"]])
assert tf.add(digits, 3).to_list() == [[6, 4, 7, 4], [], [8, 12, 5], [9], []]
np.testing.assert_allclose(tf.reduce_mean(digits, axis=1)[0], 2.25)
assert tf.concat([digits, [[5, 3]]], axis=0).to_list()[-1] == [5, 3]
assert tf.tile(digits, [1, 2]).to_list()[3] == [6, 6]
assert tf.strings.substr(words, 0, 2).to_list()[0] == [b"So", b"lo"]
assert tf.map_fn(tf.math.square, digits).to_list()[2] == [25, 81, 4]
assert digits[0].numpy().tolist() == [3, 1, 4, 1]
assert digits[:, :2].to_list() == [[3, 1], [], [5, 9], [6], []]
assert digits[:, -2:].to_list() == [[4, 1], [], [9, 2], [6], []]
assert (digits + 3).to_list() == tf.add(digits, 3).to_list()
assert (digits + tf.ragged.constant([[1, 2, 3, 4], [], [5, 6, 7], [8], []])).to_list()[0] == [4, 3, 7, 5]
times_two_plus_one = lambda x: x * 2 + 1
assert tf.ragged.map_flat_values(times_two_plus_one, digits).to_list()[0] == [7, 3, 9, 3]
assert digits.to_list() == [[3, 1, 4, 1], [], [5, 9, 2], [6], []]
assert [list(row) for row in digits.numpy()][2] == [5, 9, 2]

# Made in several ways
sentences = tf.ragged.constant(
    [["Let's", "build", "some", "ragged", "tensors", "!"], ["We", "can", "use", "tf.ragged.constant", "."]]
)
paragraphs = tf.ragged.constant(
    [
        [["I", "have", "a", "cat"], ["His", "name", "is", "Mat"]],
        [["Do", "you", "want", "to", "come", "visit"], ["I'm", "free", "tomorrow"]],
    ]
)
assert paragraphs.shape.rank == 3 and sentences.shape.as_list() == [2, None]
for made in (
    tf.RaggedTensor.from_value_rowids(values=[3, 1, 4, 1, 5, 9, 2], value_rowids=[0, 0, 0, 0, 2, 2, 3]),
    tf.RaggedTensor.from_row_lengths(values=[3, 1, 4, 1, 5, 9, 2], row_lengths=[4, 0, 2, 1]),
    tf.RaggedTensor.from_row_splits(values=[3, 1, 4, 1, 5, 9, 2], row_splits=[0, 4, 4, 6, 7]),
):
    assert made.to_list() == [[3, 1, 4, 1], [], [5, 9], [2]]
    assert made.row_splits.numpy().tolist() == [0, 4, 4, 6, 7]
    assert made.row_lengths().numpy().tolist() == [4, 0, 2, 1]
    assert made.nrows().numpy() == 4 and made.bounding_shape().numpy().tolist() == [4, 4]
try:
    tf.ragged.constant(["A", ["B", "C"]])
except ValueError as error:
    print("as promised:", str(error).splitlines()[0])
else:
    raise AssertionError("depths differ")

# An example: embeddings of words and of pairs of words, averaged per query
queries = tf.ragged.constant(
    [["Who", "is", "Dan", "Smith"], ["Pause"], ["Will", "it", "rain", "later", "today"]]
)
num_buckets, embedding_size = 1024, 4
embedding_table = tf.Variable(
    tf.random.truncated_normal([num_buckets, embedding_size], stddev=1.0 / math.sqrt(embedding_size))
)
word_buckets = tf.strings.to_hash_bucket_fast(queries, num_buckets)
word_embeddings = tf.nn.embedding_lookup(embedding_table, word_buckets)
marker = tf.fill([queries.nrows(), 1], "#")
padded = tf.concat([marker, queries, marker], axis=1)
bigrams = tf.strings.join([padded[:, :-1], padded[:, 1:]], separator="+")
assert bigrams.to_list()[1] == [b"#+Pause", b"Pause+#"]
bigram_buckets = tf.strings.to_hash_bucket_fast(bigrams, num_buckets)
bigram_embeddings = tf.nn.embedding_lookup(embedding_table, bigram_buckets)
all_embeddings = tf.concat([word_embeddings, bigram_embeddings], axis=1)
avg_embedding = tf.reduce_mean(all_embeddings, axis=1)
assert avg_embedding.shape == (3, embedding_size)
rows = [0, 4, 5, 10]
flat = np.concatenate([word_embeddings[1].numpy(), bigram_embeddings[1].numpy()])
np.testing.assert_allclose(avg_embedding[1], flat.mean(0), rtol=1e-5, atol=1e-6)

# Uniform inner dimensions
rt = tf.RaggedTensor.from_row_splits(
    values=[[1, 3], [0, 0], [1, 3], [5, 3], [3, 3], [1, 2]], row_splits=[0, 3, 4, 6]
)
assert rt.shape.as_list() == [3, None, 2] and rt.ragged_rank == 1
assert rt.flat_values.shape == (6, 2)

# Keras
sentences = tf.constant(
    ["What makes you think she is a witch?", "She turned me into a newt.", "A newt?", "Well, I got better."]
)
is_question = tf.constant([True, False, True, False])
hash_buckets = 1000
words = tf.strings.split(sentences, " ")
hashed_words = tf.strings.to_hash_bucket_fast(words, hash_buckets)
lengths = hashed_words.row_lengths()
assert lengths.numpy().tolist() == [8, 6, 2, 4]
keras_model = tf.keras.Sequential(
    [
        tf.keras.layers.Embedding(hash_buckets, 16, mask_zero=True),
        tf.keras.layers.LSTM(16),
        tf.keras.layers.Dense(8, activation="relu"),
        tf.keras.layers.Dense(1),
    ]
)
keras_model.compile(loss="binary_crossentropy", optimizer=tf.keras.optimizers.RMSprop(0.01))
keras_model.fit(hashed_words.to_tensor(), tf.cast(is_question, tf.float32)[:, None], epochs=5, verbose=0)
assert keras_model.predict(hashed_words.to_tensor(), verbose=0).shape == (4, 1)

# Examples of unequal lengths
build_tf_example = lambda s: tf.train.Example(
    features=tf.train.Features(
        feature={
            "colors": tf.train.Feature(bytes_list=tf.train.BytesList(value=[c.encode() for c in s[0]])),
            "lengths": tf.train.Feature(int64_list=tf.train.Int64List(value=s[1])),
        }
    )
).SerializeToString()
example_batch = [
    build_tf_example(s) for s in ((["red", "blue"], [7]), (["orange"], []), (["black", "yellow"], [1, 3]))
]
specification = {"colors": tf.io.RaggedFeature(tf.string), "lengths": tf.io.RaggedFeature(tf.int64)}
features = tf.io.parse_example(example_batch, specification)
assert features["colors"].to_list() == [[b"red", b"blue"], [b"orange"], [b"black", b"yellow"]]
assert features["lengths"].to_list() == [[7], [], [1, 3]]

# Datasets
dataset = tf.data.Dataset.from_tensor_slices(features)
for i, row in enumerate(dataset):
    assert row["colors"].numpy().tolist() == features["colors"].to_list()[i]
batched = list(dataset.batch(2))
assert batched[0]["lengths"].to_list() == [[7], []]
assert batched[1]["lengths"].to_list() == [[1, 3]]
dense = tf.data.Dataset.from_tensor_slices(tf.constant([[3, 1, 4], [1, 5, 9]]))
ragged_ds = tf.data.Dataset.range(1, 4).map(lambda n: tf.range(n)).ragged_batch(3)
[only] = list(ragged_ds)
assert only.to_list() == [[0], [0, 1], [0, 1, 2]]
lengths = [int(tf.reduce_sum(x)) for x in dataset.map(lambda row: row["lengths"])]
assert lengths == [7, 0, 4]


# tf.function
@tf.function
def make_palindrome(x, axis):
    return tf.concat([x, tf.reverse(x, [axis])], axis)


assert make_palindrome(tf.constant([[1, 2], [3, 4], [5, 6]]), axis=1).numpy()[0].tolist() == [1, 2, 2, 1]
assert make_palindrome(tf.ragged.constant([[1, 2], [3], [4, 5, 6]]), axis=1).to_list() == [
    [1, 2, 2, 1],
    [3, 3],
    [4, 5, 6, 6, 5, 4],
]


@tf.function(input_signature=[tf.RaggedTensorSpec(shape=[None, None], dtype=tf.int32)])
def max_and_min(rt):
    return (tf.math.reduce_max(rt, axis=-1), tf.math.reduce_min(rt, axis=-1))


high, low = max_and_min(tf.ragged.constant([[1, 2], [3], [4, 5, 6]]))
assert high.numpy().tolist() == [2, 3, 6] and low.numpy().tolist() == [1, 3, 4]


# Comparisons, broadcasts, selections
x = tf.ragged.constant([[1, 2], [3], [4, 5, 6]])
y = tf.ragged.constant([[1, 1], [2], [3, 4, 5]])
assert (x >= y).to_list() == [[True, True], [True], [True, True, True]]
assert (x + 3).to_list() == [[4, 5], [6], [7, 8, 9]]
assert (tf.ragged.constant([[87, 12, 9], [33], [95, 24]]) + [[10], [20], [30]]).to_list()[1] == [53]
assert tf.ragged.boolean_mask(x, x > 2).to_list() == [[], [3], [4, 5, 6]]
assert tf.where(x > 2, x, tf.zeros_like(x)).to_list() == [[0, 0], [3], [4, 5, 6]]
assert tf.gather(x, [2, 0]).to_list() == [[4, 5, 6], [1, 2]]
assert x.to_tensor(default_value=-1, shape=[None, 2]).numpy().tolist() == [[1, 2], [3, -1], [4, 5]]
ragged_sparse = x.to_sparse()
assert ragged_sparse.dense_shape.numpy().tolist() == [3, 3]
assert tf.RaggedTensor.from_sparse(ragged_sparse).to_list() == x.to_list()
assert tf.RaggedTensor.from_tensor([[1, 2, -1], [3, -1, -1]], padding=-1).to_list() == [[1, 2], [3]]
assert tf.stack([x, y], axis=0).shape.rank == 3
assert tf.ragged.range([1, 0, 3]).to_list() == [[0], [], [0, 1, 2]]
deep = tf.ragged.constant([[[1, 2], [3]], [[4, 5, 6]]])
assert deep[1, 0].numpy().tolist() == [4, 5, 6] and deep.merge_dims(1, 2).to_list() == [[1, 2, 3], [4, 5, 6]]
assert tf.reduce_sum(deep, axis=2).to_list() == [[3, 3], [15]] and int(tf.reduce_sum(deep)) == 21
assert deep.ragged_rank == 2 and [s.numpy().tolist() for s in deep.nested_row_splits] == [
    [0, 2, 3],
    [0, 2, 3, 6],
]
