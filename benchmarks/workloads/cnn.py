"""The digit classifier with two convolutions."""

TITLE = "CNN 32-64, 28x28"
EXAMPLES = 2_560
FLOPS = 2 * (26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 1600 * 10)


def data(rng, count):
    return rng.random(size=(count, 28, 28, 1), dtype="float32"), rng.integers(0, 10, size=count)


def model(keras):
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input(shape=(28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
