import pytest

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
