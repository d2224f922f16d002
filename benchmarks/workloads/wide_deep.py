"""Wide & deep whose model looks strings and codes up itself, fed by `tf.data`: TensorFlow and Addax alone have it."""

TITLE = "wide & deep with lookups"
EXAMPLES = 12_800
NEEDS_TENSORFLOW = True
JOBS, PLACES, NUMBERS = 100, 1_000, 8
FLOPS = 2 * ((NUMBERS + 8 + 16) * 64 + 64 * 32 + 32 + NUMBERS)


def data(rng, count):
    x = {
        "numbers": rng.normal(size=(count, NUMBERS)).astype("float32"),
        "job": rng.choice([f"job {i}" for i in range(JOBS)], size=(count, 1)),
        "place": rng.integers(10_000, 10_000 + PLACES, size=(count, 1)),
    }
    return x, rng.integers(0, 2, size=(count, 1)).astype("float32")


def dataset(tf, x, y, batch):
    rows = tf.data.Dataset.from_tensor_slices((x, y))
    return rows.shuffle(1024, seed=0).batch(batch).prefetch(tf.data.AUTOTUNE)


def model(keras):
    layers = keras.layers
    numbers = keras.Input(shape=(NUMBERS,), name="numbers")
    job = keras.Input(shape=(1,), dtype="string", name="job")
    place = keras.Input(shape=(1,), dtype="int64", name="place")
    job_ids = layers.StringLookup(vocabulary=[f"job {i}" for i in range(JOBS)])(job)
    place_ids = layers.IntegerLookup(vocabulary=list(range(10_000, 10_000 + PLACES)))(place)
    jobs = layers.Flatten()(layers.Embedding(JOBS + 1, 8)(job_ids))
    places = layers.Flatten()(layers.Embedding(PLACES + 1, 16)(place_ids))
    deep = layers.Concatenate()([numbers, jobs, places])
    deep = layers.Dense(64, activation="relu")(deep)
    deep = layers.Dense(32, activation="relu")(deep)
    wide = layers.Dense(1)(numbers)
    outputs = layers.Activation("sigmoid")(layers.Add()([layers.Dense(1)(deep), wide]))
    net = keras.Model({"numbers": numbers, "job": job, "place": place}, outputs)
    net.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return net
