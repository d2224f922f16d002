"""Seed 000, "Keras layers": an input layer and dense layers, defined but not yet connected."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import regularizers
from tensorflow.keras.layers import Conv2D, Dense, Dropout, Input, InputLayer

input_layer = Input(shape=(2,))
dense_layer = Dense(4, activation="relu")

assert tuple(input_layer.shape) == (None, 2)
assert dense_layer.units == 4
assert not dense_layer.built
assert dense_layer.weights == []

# Connecting them creates the weights: the units decide how many there are.
connected = dense_layer(input_layer)
assert tuple(connected.shape) == (None, 4)
assert dense_layer.built
assert [tuple(w.shape) for w in dense_layer.weights] == [(2, 4), (4,)]
assert dense_layer.count_params() == 2 * 4 + 4

# Each kind of layer has parameters of its own.
conv = Conv2D(filters=8, kernel_size=(3, 3), strides=1, padding="same", activation="relu")
assert tuple(conv(tf.zeros((1, 10, 10, 3))).shape) == (1, 10, 10, 8)
assert conv.count_params() == 3 * 3 * 3 * 8 + 8

# Regularization: a penalty on the weights, or dropout of activations (in training only).
l2_layer = Dense(3, kernel_regularizer=regularizers.l2(0.01), kernel_initializer="ones")
l2_layer(tf.ones((1, 2)))
penalty = l2_layer.losses[0]
print("L2 penalty:", float(penalty))
np.testing.assert_allclose(float(penalty), 0.01 * 6, rtol=1e-5)

dropout = Dropout(0.5)
ones = tf.ones((4, 1000))
kept = dropout(ones, training=True).numpy()
assert set(np.unique(kept)) <= {0.0, 2.0}
assert 0.4 < (kept == 0).mean() < 0.6
np.testing.assert_array_equal(dropout(ones, training=False).numpy(), ones.numpy())

# Activations by name.
values = tf.constant([[-2.0, 0.0, 2.0]])
for name in ("relu", "sigmoid", "tanh", "linear", "softmax"):
    identity = Dense(3, activation=name, kernel_initializer="identity")
    print(name, identity(values).numpy())
    expected = {
        "relu": [[0, 0, 2]],
        "sigmoid": [[0.11920292, 0.5, 0.880797]],
        "tanh": [[-0.9640276, 0, 0.9640276]],
        "linear": [[-2, 0, 2]],
        "softmax": [[0.01587624, 0.11731043, 0.86681333]],
    }[name]
    np.testing.assert_allclose(identity(values).numpy(), expected, atol=1e-5)

assert InputLayer(shape=(5,)).batch_shape == (None, 5)
