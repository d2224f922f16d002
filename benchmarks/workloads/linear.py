"""Linear regression from two numbers."""

TITLE = "linear 2-1"
EXAMPLES = 12_800
FLOPS = 2 * 2


def data(rng, count):
    x = rng.normal(size=(count, 2)).astype("float32")
    y = x @ rng.normal(size=(2, 1)).astype("float32") + 0.1
    return x, y


def model(keras):
    net = keras.Sequential([keras.Input(shape=(2,)), keras.layers.Dense(1)])
    net.compile(optimizer="sgd", loss="mse")
    return net
