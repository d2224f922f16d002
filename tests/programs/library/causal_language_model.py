"""A character model with causal attention learns a tiny language; a callback samples from it after each epoch."""

import random

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

random.seed(4)
keras.utils.set_random_seed(4)
NOUNS = "cat dog bird fish child".split()
VERBS = "sees likes hears finds".split()
PLACES = ["in the house", "by the sea", "on a hill"]


def sentence():
    text = f"the {random.choice(NOUNS)} {random.choice(VERBS)} a {random.choice(NOUNS)}"
    return text + (f" {random.choice(PLACES)}. " if random.random() < 0.5 else ". ")


text = "".join(sentence() for _ in range(1500))
chars = tf.strings.unicode_split(text, "UTF-8")
vocab = sorted(set(text))
ids_from_chars = layers.StringLookup(vocabulary=vocab, mask_token=None)
chars_from_ids = layers.StringLookup(vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None)
vocab_size = ids_from_chars.vocabulary_size()
assert vocab_size == len(vocab) + 1

CONTEXT = 24
ids = ids_from_chars(chars)
dataset = (
    tf.data.Dataset.from_tensor_slices(ids)
    .batch(CONTEXT + 1, drop_remainder=True)
    .map(lambda chunk: (chunk[:-1], chunk[1:]))
    .shuffle(2000, seed=4)
    .batch(32, drop_remainder=True)
    .prefetch(tf.data.experimental.AUTOTUNE)
)


def causal_attention_mask(batch_size, n_dest, n_src, dtype):
    i = tf.range(n_dest)[:, None]
    j = tf.range(n_src)
    mask = tf.cast(i >= j - n_src + n_dest, dtype)
    mask = tf.reshape(mask, [1, n_dest, n_src])
    mult = tf.concat([tf.expand_dims(batch_size, -1), tf.constant([1, 1], dtype=tf.int32)], 0)
    return tf.tile(mask, mult)


@keras.utils.register_keras_serializable(package="lm")
class Block(layers.Layer):
    def __init__(self, width, heads, **kwargs):
        super().__init__(**kwargs)
        self.width, self.heads = width, heads
        self.att = layers.MultiHeadAttention(heads, width // heads)
        self.ffn = keras.Sequential([layers.Dense(2 * width, activation="relu"), layers.Dense(width)])
        self.layernorm1 = layers.LayerNormalization()
        self.layernorm2 = layers.LayerNormalization()

    def call(self, inputs):
        shape = tf.shape(inputs)
        mask = causal_attention_mask(shape[0], shape[1], shape[1], tf.bool)
        x = inputs + self.att(self.layernorm1(inputs), self.layernorm1(inputs), attention_mask=mask)
        return x + self.ffn(self.layernorm2(x))

    def get_config(self):
        return {**super().get_config(), "width": self.width, "heads": self.heads}


@keras.utils.register_keras_serializable(package="lm")
class TokenAndPosition(layers.Layer):
    def __init__(self, maxlen, vocab_size, width, **kwargs):
        super().__init__(**kwargs)
        self.maxlen, self.vocab_size, self.width = maxlen, vocab_size, width
        self.token_emb = layers.Embedding(vocab_size, width)
        self.pos_emb = layers.Embedding(maxlen, width)

    def call(self, x):
        return self.token_emb(x) + self.pos_emb(tf.range(start=0, limit=tf.shape(x)[-1], delta=1))

    def get_config(self):
        config = super().get_config()
        config.update({"maxlen": self.maxlen, "vocab_size": self.vocab_size, "width": self.width})
        return config


inputs = layers.Input(shape=(None,), dtype=tf.int64)
x = TokenAndPosition(CONTEXT, vocab_size, 48)(inputs)
x = Block(48, 4)(x)
outputs = layers.Dense(vocab_size)(layers.LayerNormalization()(x))
model = keras.Model(inputs, outputs)


def generate(model, start, length, temperature=0.5, top_k=5):
    tokens = ids_from_chars(tf.strings.unicode_split([start], "UTF-8")).numpy()
    skip = ids_from_chars(["[UNK]"])[:, None]
    assert skip.numpy().tolist() == [[0]]
    for _ in range(length):
        window = tokens[:, -CONTEXT:]
        last = window.shape[1] - 1
        window = np.pad(window, ((0, 0), (0, CONTEXT - window.shape[1])))
        logits = model(window, training=False)[:, last] / temperature
        best, indices = tf.math.top_k(logits, k=top_k, sorted=True)
        choice = tf.random.categorical(best, num_samples=1)
        tokens = np.concatenate([tokens, tf.gather(indices, choice, batch_dims=1).numpy()], axis=1)
    return tf.strings.reduce_join(chars_from_ids(tokens), axis=-1)[0].numpy().decode("utf-8")


class Sampler(keras.callbacks.Callback):
    def __init__(self, start, length):
        super().__init__()
        self.start, self.length = start, length
        self.texts = []

    def on_epoch_end(self, epoch, logs=None):
        self.texts.append(generate(self.model, self.start, self.length))
        print(f"\nafter epoch {epoch + 1} (perplexity {np.exp(logs['loss']):.2f}): {self.texts[-1]}")


sampler = Sampler("the ", 24)
model.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, decay_steps=5 * 40)),
    loss=tf.losses.SparseCategoricalCrossentropy(from_logits=True),
)
history = model.fit(dataset, epochs=5, callbacks=[sampler], verbose=2)
assert len(sampler.texts) == 5
assert np.exp(history.history["loss"][-1]) < 1.6  # the language itself has about 1.3 choices per letter

words = set(" ".join(["the a", *NOUNS, *VERBS, *PLACES]).split())
text = generate(model, "the dog ", 100, temperature=0.7)
print(text)
said = text.replace(".", "").split()[:-1]  # the last word may be cut off
assert np.mean([word in words for word in said]) > 0.9
assert generate(model, "the ", 20) != generate(model, "the ", 20)
