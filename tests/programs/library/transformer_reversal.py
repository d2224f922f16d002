"""A Transformer with encoder and decoder learns to turn sequences of different lengths around."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
PAD, START, END, FIRST = 0, 1, 2, 3
SYMBOLS, LONGEST = 12, 8
VOCABULARY = FIRST + SYMBOLS


def make(count, seed):
    rng = np.random.default_rng(seed)
    source = np.zeros((count, LONGEST), "int64")
    target = np.zeros((count, LONGEST + 2), "int64")
    for row in range(count):
        length = rng.integers(3, LONGEST + 1)
        symbols = rng.integers(FIRST, VOCABULARY, length)
        source[row, :length] = symbols
        target[row, : length + 2] = [START, *symbols[::-1], END]
    return source, target


class PositionalEmbedding(layers.Layer):
    def __init__(self, length, vocabulary, width, **kwargs):
        super().__init__(**kwargs)
        self.tokens = layers.Embedding(vocabulary, width, mask_zero=True)
        self.positions = layers.Embedding(length, width)
        self.width = width

    def call(self, inputs):
        positions = tf.range(tf.shape(inputs)[-1])
        return self.tokens(inputs) * tf.math.sqrt(tf.cast(self.width, tf.float32)) + self.positions(positions)

    def compute_mask(self, inputs, mask=None):
        return tf.not_equal(inputs, PAD)


class FeedForward(layers.Layer):
    def __init__(self, width, hidden):
        super().__init__()
        self.seq = keras.Sequential([layers.Dense(hidden, activation="gelu"), layers.Dense(width)])
        self.add = layers.Add()
        self.norm = layers.LayerNormalization(epsilon=1e-6)
        self.supports_masking = True

    def call(self, x):
        return self.norm(self.add([x, self.seq(x)]))


class EncoderLayer(layers.Layer):
    def __init__(self, width, heads, hidden, rate=0.0):
        super().__init__()
        self.attention = layers.MultiHeadAttention(num_heads=heads, key_dim=width // heads, dropout=rate)
        self.norm = layers.LayerNormalization(epsilon=1e-6)
        self.feed = FeedForward(width, hidden)
        self.supports_masking = True

    def call(self, x):
        return self.feed(self.norm(x + self.attention(x, x)))


class DecoderLayer(layers.Layer):
    def __init__(self, width, heads, hidden, rate=0.0):
        super().__init__()
        self.self_attention = layers.MultiHeadAttention(heads, width // heads, dropout=rate)
        self.cross_attention = layers.MultiHeadAttention(heads, width // heads, dropout=rate)
        self.norm1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm2 = layers.LayerNormalization(epsilon=1e-6)
        self.feed = FeedForward(width, hidden)
        self.supports_masking = True
        self.last_scores = None

    def call(self, x, context):
        x = self.norm1(x + self.self_attention(query=x, value=x, key=x, use_causal_mask=True))
        attended, scores = self.cross_attention(x, context, return_attention_scores=True)
        self.last_scores = scores
        return self.feed(self.norm2(x + attended))


class Transformer(keras.Model):
    def __init__(self, depth=1, width=32, heads=4, hidden=64):
        super().__init__()
        self.source_embedding = PositionalEmbedding(LONGEST, VOCABULARY, width)
        self.target_embedding = PositionalEmbedding(LONGEST + 2, VOCABULARY, width)
        self.encoder = [EncoderLayer(width, heads, hidden) for _ in range(depth)]
        self.decoder = [DecoderLayer(width, heads, hidden) for _ in range(depth)]
        self.logits = layers.Dense(VOCABULARY)

    def call(self, inputs):
        source, target = inputs
        context = self.source_embedding(source)
        for layer in self.encoder:
            context = layer(context)
        x = self.target_embedding(target)
        for layer in self.decoder:
            x = layer(x, context=context)
        logits = self.logits(x)
        try:  # the loss has its own mask
            del logits._keras_mask
        except AttributeError:
            pass
        return logits


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, width, warmup_steps):
        super().__init__()
        self.width = tf.cast(width, tf.float32)
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = tf.cast(step, dtype=tf.float32)
        return tf.math.rsqrt(self.width) * tf.math.minimum(
            tf.math.rsqrt(step + 1.0), (step + 1.0) * self.warmup_steps**-1.5
        )


def masked_loss(label, pred):
    mask = label != PAD
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")(label, pred)
    mask = tf.cast(mask, dtype=loss.dtype)
    return tf.reduce_sum(loss * mask) / tf.reduce_sum(mask)


def masked_accuracy(label, pred):
    pred = tf.argmax(pred, axis=2)
    label = tf.cast(label, pred.dtype)
    mask = label != PAD
    match = tf.cast((label == pred) & mask, tf.float32)
    return tf.reduce_sum(match) / tf.reduce_sum(tf.cast(mask, tf.float32))


source, target = make(3000, seed=1)
test_source, test_target = make(200, seed=2)
pipeline = (
    tf.data.Dataset.from_tensor_slices((source, target))
    .map(lambda s, t: ((s, t[:-1]), t[1:]))
    .cache()
    .shuffle(3000)
    .batch(64)
)
model = Transformer()
schedule = WarmUp(128, warmup_steps=100)  # gentler than the width of 32 would have it
model.compile(
    optimizer=keras.optimizers.Adam(schedule, beta_1=0.9, beta_2=0.98, epsilon=1e-9),
    loss=masked_loss,
    metrics=[masked_accuracy],
)
history = model.fit(
    pipeline,
    epochs=10,
    validation_data=((test_source, test_target[:, :-1]), test_target[:, 1:]),
    verbose=2,
)
assert history.history["val_masked_accuracy"][-1] > 0.95


@tf.function
def next_tokens(source, so_far, position):
    logits = model([source, so_far], training=False)
    return tf.argmax(logits[:, position], axis=-1)


decoded = np.zeros_like(test_target[:, :-1])
decoded[:, 0] = START
for position in tf.range(LONGEST):
    decoded[:, position + 1] = next_tokens(tf.constant(test_source), tf.constant(decoded), position).numpy()
for row in decoded:  # nothing counts after the end
    ends = np.flatnonzero(row == END)
    row[ends[0] if len(ends) else len(row) :] = PAD
expected = np.where(test_target == END, PAD, test_target)[:, :-1]
right = np.mean(np.all(decoded == expected, axis=1))
print("sequences turned around without a mistake:", right)
assert right > 0.8
model([test_source[:2], decoded[:2]])
assert model.decoder[-1].last_scores.shape == (2, 4, LONGEST + 1, LONGEST)
