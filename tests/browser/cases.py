"""Models for the runtimes of browsers, and inputs for them."""

from __future__ import annotations

import numpy as np

import addax as keras

L = keras.layers


def _sequential(shape, *layers):
    return keras.Sequential([keras.Input(shape), *layers])


def mlp():
    """Dense layers, with activations that have two names."""
    return _sequential(
        (5,), L.Dense(8, "relu"), L.Dropout(0.5), L.Dense(6, "silu"), L.Dense(4, "elu"), L.Dense(3, "softmax")
    )


def cnn():
    """What image models are made of."""
    return _sequential(
        (16, 16, 3),
        L.Rescaling(1 / 2, offset=-0.1),
        L.Conv2D(4, 3, padding="same"),
        L.BatchNormalization(),
        L.LeakyReLU(0.2),
        L.MaxPooling2D(),
        L.DepthwiseConv2D(3, padding="same"),
        L.SeparableConv2D(5, 3, activation="relu"),
        L.UpSampling2D(),
        L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        L.ZeroPadding2D(),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    )


def recurrent():
    """Recurrent layers both ways, and a layer for each step."""
    return _sequential(
        (6, 3),
        L.Bidirectional(L.LSTM(4, return_sequences=True)),
        L.TimeDistributed(L.Dense(5, "tanh")),
        L.GRU(4, reset_after=False, return_sequences=True),
        L.LayerNormalization(),
        L.SimpleRNN(3),
    )


def branches():
    """Two inputs, a shared layer, an embedding, a model inside, and a sum."""
    words, numbers = keras.Input((4,), dtype="int32", name="words"), keras.Input((3,), name="numbers")
    x = L.Flatten()(L.Embedding(10, 2)(words))
    shared = L.Dense(6, name="shared")
    inner = keras.Sequential([keras.Input((6,)), L.Dense(6, "relu")], name="inner")
    a, b = shared(x), shared(L.Activation("tanh")(x))
    y = inner(a) + b
    z = L.Multiply()([y, L.Dense(6)(numbers)])
    return keras.Model([words, numbers], [L.Dense(2)(z), L.Dense(1, "sigmoid")(y)])


CASES = {case.__name__: case for case in (mlp, cnn, recurrent, branches)}


def inputs_of(model, rows=3, seed=0):
    """Arrays for the inputs of a model."""
    rng, found = np.random.default_rng(seed), []
    for tensor in model.inputs:
        shape = (rows, *tensor.shape[1:])
        whole = str(tensor.dtype) == "int32"
        found.append(
            rng.integers(0, 9, shape).astype("int32") if whole else rng.normal(size=shape).astype("float32")
        )
    return found


def trained_like(model, seed=1):
    """The model with values in all variables, so that zeros and ones hide nothing."""
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if str(variable.dtype) == "float32":
            values = rng.normal(size=variable.shape) * 0.3
            variable.assign(np.abs(values) + 0.5 if "variance" in variable.path else values)
    return model
