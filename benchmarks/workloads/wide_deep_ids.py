"""Wide & deep over numbers and ids that are already looked up."""

TITLE = "wide & deep on ids"
EXAMPLES = 12_800
JOBS, PLACES, NUMBERS = 100, 1_000, 8
FLOPS = 2 * ((NUMBERS + 8 + 16) * 64 + 64 * 32 + 32 + NUMBERS)


def data(rng, count):
    x = {
        "numbers": rng.normal(size=(count, NUMBERS)).astype("float32"),
        "job": rng.integers(0, JOBS, size=(count, 1)).astype("int32"),
        "place": rng.integers(0, PLACES, size=(count, 1)).astype("int32"),
    }
    return x, rng.integers(0, 2, size=(count, 1)).astype("float32")


def model(keras):
    layers = keras.layers
    numbers = keras.Input(shape=(NUMBERS,), name="numbers")
    job = keras.Input(shape=(1,), dtype="int32", name="job")
    place = keras.Input(shape=(1,), dtype="int32", name="place")
    jobs = layers.Flatten()(layers.Embedding(JOBS, 8)(job))
    places = layers.Flatten()(layers.Embedding(PLACES, 16)(place))
    deep = layers.Concatenate()([numbers, jobs, places])
    deep = layers.Dense(64, activation="relu")(deep)
    deep = layers.Dense(32, activation="relu")(deep)
    wide = layers.Dense(1)(numbers)
    outputs = layers.Activation("sigmoid")(layers.Add()([layers.Dense(1)(deep), wide]))
    net = keras.Model({"numbers": numbers, "job": job, "place": place}, outputs)
    net.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return net
