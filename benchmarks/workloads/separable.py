"""A net of depthwise-separable convolutions."""

TITLE = "separable convolutions, 32x32"
EXAMPLES = 1_280
FLOPS = 2 * (
    32 * 32 * 27 * 32
    + 32 * 32 * 32 * (9 + 64)
    + 16 * 16 * 64 * (9 + 128)
    + 8 * 8 * 128 * (9 + 128)
    + 128 * 10
)


def data(rng, count):
    return rng.random(size=(count, 32, 32, 3), dtype="float32"), rng.integers(0, 10, size=count)


def model(keras):
    layers = keras.layers
    net = keras.Sequential(
        [
            keras.Input(shape=(32, 32, 3)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.SeparableConv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.SeparableConv2D(128, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.SeparableConv2D(128, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    net.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return net
