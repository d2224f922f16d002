"""A dense autoencoder."""

TITLE = "autoencoder 784-128-32-128-784"
EXAMPLES = 12_800
FLOPS = 2 * 2 * (784 * 128 + 128 * 32)


def data(rng, count):
    x = rng.random(size=(count, 784), dtype="float32")
    return x, x


def model(keras):
    dense = keras.layers.Dense
    inputs = keras.Input(shape=(784,))
    code = dense(32, activation="relu")(dense(128, activation="relu")(inputs))
    outputs = dense(784, activation="sigmoid")(dense(128, activation="relu")(code))
    net = keras.Model(inputs, outputs)
    net.compile(optimizer="adam", loss="mse")
    return net
