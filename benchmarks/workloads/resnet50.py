"""ResNet-50: built and summarised on every machine, trained at 224x224 with `--gpu`."""

import os

TITLE = "ResNet-50, 224x224"
TINY = bool(os.environ.get("BENCH_TINY"))
SIDE, CLASSES = (32, 10) if TINY else (224, 1000)
BATCH = 4 if TINY else 64
EXAMPLES = 4 * BATCH
DEPTHS, STAGES = ((1, 1, 1, 1), (8, 8, 16, 16)) if TINY else ((3, 4, 6, 3), (64, 128, 256, 512))
FLOPS = 2 * 4_089_000_000  # at full size


def data(rng, count):
    x = rng.random(size=(count, SIDE, SIDE, 3), dtype="float32")
    return x, rng.integers(0, CLASSES, size=count)


def model(keras):
    layers = keras.layers

    def convolution(x, filters, size, strides=1):
        x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    def block(x, filters, strides, widen):
        y = layers.ReLU()(convolution(x, filters, 1))
        y = layers.ReLU()(convolution(y, filters, 3, strides))
        y = convolution(y, 4 * filters, 1)
        if widen:
            x = convolution(x, 4 * filters, 1, strides)
        return layers.ReLU()(layers.Add()([x, y]))

    inputs = keras.Input(shape=(SIDE, SIDE, 3))
    x = layers.ReLU()(convolution(inputs, STAGES[0], 7, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, (depth, filters) in enumerate(zip(DEPTHS, STAGES, strict=True)):
        for number in range(depth):
            x = block(x, filters, 2 if stage and not number else 1, not number)
    x = layers.GlobalAveragePooling2D()(x)
    net = keras.Model(inputs, layers.Dense(CLASSES, activation="softmax", dtype="float32")(x))
    net.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return net
