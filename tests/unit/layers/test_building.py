"""What `build` of a layer inside of another one is told, and that it is told once."""

from __future__ import annotations

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax import layers, ops


class Look(layers.Layer):
    """Remembers the shape that it was built with."""

    def build(self, input_shape):
        self.seen = tuple(input_shape)
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones")

    def call(self, x):
        return x * self.scale


class Strided(layers.Layer):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3, strides=2)
        self.norm = layers.BatchNormalization()
        self.look = Look()
        self.rows = Look()
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        self.calls.assign_add(1.0)
        x = self.look(self.norm(self.conv(x)))
        size = tf.shape(x)
        x = self.rows(ops.reshape(x, (size[0], size[1] * size[2], size[3])))
        if ops.mean(x) > 0:  # a condition on values, which a symbolic tensor has none of
            x = x + 1.0
        return x


class Outer(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = Strided()
        self.recurrent = layers.GRU(3, return_sequences=True)
        self.look = Look()

    def call(self, x):
        return self.look(self.recurrent(self.inner(x)))


@pytest.mark.parametrize("how", ["call", "build"])
def test_sizes_behind_an_unknown_one_are_unknown(how):
    model = Outer()
    if how == "call":
        assert model(keras.Input((None, None, 3))).shape == (None, None, 3)
    else:
        model.build((None, None, None, 3))
    assert model.inner.look.seen == (None, None, None, 4)
    assert model.inner.rows.seen == (None, None, 4)
    assert model.look.seen == (None, None, 3)
    assert float(model.inner.calls) == 0.0  # nothing ran
    assert not model.inner.conv._inbound_nodes
    assert len(model.weights) == len({v.path for v in model.weights}) == 13
    assert model(np.zeros((2, 9, 7, 3), "float32")).shape == (2, 12, 3)


def test_known_sizes_are_told():
    model = Outer()
    model(keras.Input((9, 7, 3)))
    assert (model.inner.look.seen, model.look.seen) == ((None, 4, 3, 4), (None, 12, 3))


def test_an_error_of_call_is_the_users():
    class Wrong(layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x) + ops.ones((3,))

    with pytest.raises(ValueError, match=r"(?s)2.*3"):
        Wrong()(keras.Input((None, 4)))


def test_layers_built_alike_have_their_own_weights_and_attributes_count():
    inputs = keras.Input((8, 8, 3))
    first, second = layers.Conv2D(4, 3), layers.Conv2D(4, 3)
    a, b = first(inputs), second(inputs)
    assert a.shape == b.shape == (None, 6, 6, 4)
    assert a is not b and first.kernel is not second.kernel
    third = layers.Conv2D(4, 3)
    third.strides = (2, 2)
    assert third(inputs).shape == (None, 3, 3, 4)
    assert layers.Conv2D(4, 3, dtype="float16")(inputs).dtype == "float16"
    assert first(keras.Input((5, 5, 3))).shape == (None, 3, 3, 4)


def test_a_call_of_ones_own_is_asked_anew():
    inputs = keras.Input((4,))
    assert layers.Dense(3)(inputs).shape == (None, 3)
    other = layers.Dense(3)
    other.call = lambda x: ops.concatenate([x, x], axis=-1)
    assert other(inputs).shape == (None, 8)
