"""A small Transformer encoder that classifies texts."""

TITLE = "Transformer, 2 blocks of 128, 128 tokens"
EXAMPLES = 512
WORDS, TOKENS, WIDTH, HEADS, INNER, BLOCKS, DROPOUT = 5_000, 128, 128, 4, 512, 2, 0.1
FLOPS = 2 * (BLOCKS * TOKENS * (4 * WIDTH**2 + 2 * TOKENS * WIDTH + 2 * WIDTH * INNER) + WIDTH * 10)


def data(rng, count):
    return rng.integers(0, WORDS, size=(count, TOKENS)).astype("int32"), rng.integers(0, 10, size=count)


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
        seen = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, dropout=DROPOUT)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(DROPOUT)(seen))
        thought = layers.Dense(WIDTH)(layers.Dense(INNER, activation="relu")(x))
        x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(DROPOUT)(thought))
    x = layers.GlobalAveragePooling1D()(x)
    net = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
