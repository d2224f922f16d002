"""Text from a GRU, letter by letter: lookup layers, a stateful one-step model, sampling."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(1)
text = "the quick brown fox jumps over the lazy dog. " * 40
vocab = sorted(set(text))
ids_from_chars = tf.keras.layers.StringLookup(vocabulary=vocab, mask_token=None)
chars_from_ids = tf.keras.layers.StringLookup(
    vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None
)
all_ids = ids_from_chars(tf.strings.unicode_split(text, "UTF-8"))

seq_length = 20
sequences = tf.data.Dataset.from_tensor_slices(all_ids).batch(seq_length + 1, drop_remainder=True)


def split_input_target(sequence):
    return sequence[:-1], sequence[1:]


dataset = sequences.map(split_input_target).shuffle(1000, seed=1).batch(16, drop_remainder=True)
dataset = dataset.prefetch(tf.data.AUTOTUNE)


class MyModel(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, rnn_units):
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs, states=None, return_state=False, training=False):
        x = self.embedding(inputs, training=training)
        if states is None:
            states = tf.zeros([tf.shape(x)[0], self.gru.units])
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x, training=training)
        return (x, states) if return_state else x


vocab_size = len(ids_from_chars.get_vocabulary())
model = MyModel(vocab_size, 16, 64)
model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(dataset, epochs=25, verbose=0)
losses = history.history["loss"]
print("loss", losses[0], "->", losses[-1])
assert losses[-1] < 0.5 * losses[0]


class OneStep(tf.keras.Model):
    def __init__(self, model, chars_from_ids, ids_from_chars, temperature=0.5):
        super().__init__()
        self.temperature = temperature
        self.model = model
        self.chars_from_ids = chars_from_ids
        self.ids_from_chars = ids_from_chars
        skip_ids = self.ids_from_chars(["[UNK]"])[:, None]
        sparse_mask = tf.SparseTensor(
            values=[-float("inf")] * len(skip_ids),
            indices=tf.cast(skip_ids, tf.int64),
            dense_shape=[len(ids_from_chars.get_vocabulary())],
        )
        self.prediction_mask = tf.sparse.to_dense(sparse_mask)

    def generate_one_step(self, inputs, states=None):
        input_ids = self.ids_from_chars(tf.strings.unicode_split(inputs, "UTF-8")).to_tensor()
        logits, states = self.model(input_ids, states=states, return_state=True)
        logits = logits[:, -1, :] / self.temperature + self.prediction_mask
        predicted = tf.squeeze(tf.random.categorical(logits, num_samples=1), axis=-1)
        return self.chars_from_ids(predicted), states


one_step = OneStep(model, chars_from_ids, ids_from_chars)
states, next_char = None, tf.constant(["the quick "])
result = [next_char]
for _ in range(30):
    next_char, states = one_step.generate_one_step(next_char, states=states)
    result.append(next_char)
generated = tf.strings.join(result)[0].numpy().decode("utf-8")
print(generated)
assert len(generated) == 40 and set(generated) <= set(vocab)
known = sum(word.strip(".") in text for word in generated.split())
assert known >= 2
print("OK")
