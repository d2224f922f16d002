"""A training step of the size of GPT-2 small; with `--gpu`."""

import os

TITLE = "GPT-2 small, 1024 tokens"
TINY = bool(os.environ.get("BENCH_TINY"))
WORDS, TOKENS, WIDTH, HEADS, BLOCKS = (64, 16, 32, 4, 2) if TINY else (50_257, 1_024, 768, 12, 12)
BATCH = 2 if TINY else 8
EXAMPLES = 8 * BATCH
DROPOUT = 0.1
# The products alone; attention is counted in full, as most tables do, though half of it is masked.
FLOPS = 2 * TOKENS * (BLOCKS * (12 * WIDTH**2 + 2 * TOKENS * WIDTH) + WIDTH * WORDS)


def data(rng, count):
    tokens = rng.integers(0, WORDS, size=(count, TOKENS + 1)).astype("int32")
    return tokens[:, :-1], tokens[:, 1:]


def model(keras):
    layers = keras.layers

    class Positions(layers.Layer):
        def build(self, input_shape):
            self.table = self.add_weight(name="table", shape=(TOKENS, WIDTH), initializer="uniform")

        def call(self, x):
            return x + self.table

    inputs = keras.Input(shape=(TOKENS,), dtype="int32")
    x = Positions()(layers.Embedding(WORDS, WIDTH)(inputs))
    for _ in range(BLOCKS):
        seen = layers.LayerNormalization(epsilon=1e-5)(x)
        seen = layers.MultiHeadAttention(HEADS, WIDTH // HEADS)(seen, seen, use_causal_mask=True)
        x = x + layers.Dropout(DROPOUT)(seen)
        thought = layers.LayerNormalization(epsilon=1e-5)(x)
        thought = layers.Dense(WIDTH)(layers.Dense(4 * WIDTH, activation="gelu")(thought))
        x = x + layers.Dropout(DROPOUT)(thought)
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    net = keras.Model(inputs, layers.Dense(WORDS, dtype="float32")(x))
    net.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return net
