import pytest

import addax as keras
from addax import Input, Sequential, layers


@pytest.mark.parametrize(
    ("make", "shape", "expected"),
    [
        (lambda: layers.Dense(3), (2, 4), (2, 3)),
        (lambda: layers.Conv2D(3, 3), (None, 8, 8, 4), (None, 6, 6, 3)),
        (lambda: layers.LSTM(3), (2, 4, 5), (2, 3)),
        (lambda: layers.Add(), [(2, 4), (2, 4)], (2, 4)),
        (lambda: Sequential([Input((4,)), layers.Dense(3)]), (2, 4), (2, 3)),
    ],
)
def test_the_shape_may_be_given_by_the_name_that_keras_has_for_it(make, shape, expected):
    assert make().compute_output_shape(input_shape=shape) == make().compute_output_shape(shape) == expected


def test_arguments_of_call_have_shapes_under_their_names():
    layer = layers.MultiHeadAttention(2, 3)
    assert layer.compute_output_shape(query_shape=(2, 4, 5), value_shape=(2, 7, 5)) == (2, 4, 5)


class Seen(keras.layers.Layer):
    """Notes the shape that it is built with."""

    def build(self, input_shape):
        self.seen = tuple(input_shape)

    def call(self, inputs):
        return inputs


class Around(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.tokens, self.vectors, self.wide = Seen(), Seen(), Seen()
        self.embedding, self.dense = keras.layers.Embedding(10, 8), keras.layers.Dense(120)

    def call(self, inputs):
        return self.wide(self.dense(self.vectors(self.embedding(self.tokens(inputs)))))


def test_layers_inside_a_layer_are_built_with_none_for_unknown_dimensions():
    layer = Around()
    layer(keras.Input((None,), dtype="int32"))
    assert layer.tokens.seen == (None, None)
    assert layer.vectors.seen == (None, None, 8)
    assert layer.wide.seen == (
        None,
        None,
        120,
    )  # 120 stands for an unknown size meanwhile, but is a known one here


def test_a_summary_knows_no_size_of_an_unknown_dimension():
    class Images(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv = keras.layers.Conv2D(3, 3, name="conv")

        def call(self, inputs):
            return self.conv(inputs)

    model = Images()
    model.build((None, None, None, 3))
    lines = []
    model.summary(print_fn=lines.append)
    assert "(None, None, None, 3)" in "\n".join(lines)
