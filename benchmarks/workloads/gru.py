"""Two GRUs, one over the other."""

TITLE = "GRU 64-64 on 100x16"
EXAMPLES = 1_280
STEPS, WIDTH, UNITS = 100, 16, 64
FLOPS = 2 * (STEPS * 3 * UNITS * (WIDTH + 3 * UNITS) + UNITS * 10)


def data(rng, count):
    x = rng.normal(size=(count, STEPS, WIDTH)).astype("float32")
    return x, rng.integers(0, 10, size=count)


def model(keras):
    net = keras.Sequential(
        [
            keras.Input(shape=(STEPS, WIDTH)),
            keras.layers.GRU(UNITS, return_sequences=True),
            keras.layers.GRU(UNITS),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
