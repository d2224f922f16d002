"""ResNet-20 on small pictures."""

TITLE = "ResNet-20, 32x32"
EXAMPLES = 512
STAGES = (16, 32, 64)
FLOPS = 2 * 40_900_000


def data(rng, count):
    return rng.random(size=(count, 32, 32, 3), dtype="float32"), rng.integers(0, 10, size=count)


def model(keras):
    layers = keras.layers

    def convolution(x, filters, size, strides=1):
        x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    def block(x, filters, strides):
        y = layers.ReLU()(convolution(x, filters, 3, strides))
        y = convolution(y, filters, 3)
        if strides != 1:
            x = convolution(x, filters, 1, strides)
        return layers.ReLU()(layers.Add()([x, y]))

    inputs = keras.Input(shape=(32, 32, 3))
    x = layers.ReLU()(convolution(inputs, STAGES[0], 3))
    for stage, filters in enumerate(STAGES):
        for number in range(3):
            x = block(x, filters, 2 if stage and not number else 1)
    x = layers.GlobalAveragePooling2D()(x)
    net = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    net.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return net
