"""The classifier of the tutorials."""

TITLE = "MLP 784-128-10"
EXAMPLES = 12_800
FLOPS = 2 * (784 * 128 + 128 * 10)


def data(rng, count):
    return rng.random(size=(count, 784), dtype="float32"), rng.integers(0, 10, size=count)


def model(keras):
    net = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
