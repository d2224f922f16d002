"""Questions or not, by an LSTM over ragged tensors, as the guide to ragged tensors has it; and a tagger of words."""

import numpy as np
import tensorflow as tf

sentences = tf.constant(
    ["What makes you think she is a witch?", "She turned me into a newt.", "A newt?", "Well, I got better."] * 8
)
is_question = tf.constant([True, False, True, False] * 8)

hash_buckets = 1000
words = tf.strings.split(sentences, " ")
hashed_words = tf.strings.to_hash_bucket_fast(words, hash_buckets)
assert hashed_words.shape.as_list() == [32, None]

tf.random.set_seed(1)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Input(shape=[None], dtype=tf.int64, ragged=True),
        tf.keras.layers.Embedding(hash_buckets, 16),
        tf.keras.layers.LSTM(32, use_bias=False),
        tf.keras.layers.Dense(32),
        tf.keras.layers.Activation(tf.nn.relu),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
history = model.fit(hashed_words, is_question, epochs=12, batch_size=8, verbose=0).history
assert history["loss"][-1] < history["loss"][0]
assert history["accuracy"][-1] > 0.9
predictions = model.predict(hashed_words, verbose=0)
assert predictions.shape == (32, 1)
np.testing.assert_allclose(predictions[:4], predictions[4:8], rtol=1e-4, atol=1e-5)

# A dataset of ragged batches, and an output for each word.
dataset = tf.data.Dataset.from_tensor_slices((hashed_words, hashed_words % 2)).batch(8)
for batch, tags in dataset.take(1):
    assert isinstance(batch, tf.RaggedTensor) and batch.row_lengths().numpy().tolist() == [8, 6, 2, 4] * 2
inputs = tf.keras.Input([None], dtype=tf.int64, ragged=True)
x = tf.keras.layers.Embedding(hash_buckets, 8)(inputs)
x = tf.keras.layers.Bidirectional(tf.keras.layers.GRU(8, return_sequences=True))(x)
tagger = tf.keras.Model(inputs, tf.keras.layers.Dense(2, activation="softmax")(x))
tagger.compile(tf.keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = tagger.fit(dataset, epochs=10, verbose=0).history
assert history["accuracy"][-1] > 0.9
found = tagger.predict(hashed_words, batch_size=8, verbose=0)
assert isinstance(found, tf.RaggedTensor) and found.shape.as_list() == [32, None, 2]
right = tf.argmax(found.flat_values, axis=-1) == hashed_words.flat_values % 2
assert float(tf.reduce_mean(tf.cast(right, tf.float32))) > 0.9

# Words of sentences averaged, whatever their number.
encoder = tf.keras.layers.TextVectorization(max_tokens=50, ragged=True)
encoder.adapt(sentences)
ids = encoder(sentences)
means = tf.reduce_mean(tf.keras.layers.Embedding(50, 4)(ids), axis=1)
assert ids.shape.as_list() == [32, None] and means.shape == (32, 4)
print("done")
