"""What functions of `tf` mean for users' own types."""

import pytest

import addax.tf as tf


class Box(tf.experimental.ExtensionType):
    inside: tf.Tensor


@pytest.fixture
def registered():
    """Decorated functions, which are forgotten after the test."""
    found = []
    yield found
    for function in found:
        tf.experimental.unregister_dispatch_for(function)


def test_types_are_matched(registered):
    @tf.experimental.dispatch_for_api(tf.concat, {"values": list[Box | int]})
    def concat(values, axis, name="concat"):
        return len(values)

    registered.append(concat)
    assert tf.concat([Box(1), 2], 0) == 2
    assert tf.concat([Box(1), 2], axis=0) == 2
    assert tf.concat([[1], [2]], 0).numpy().tolist() == [1, 2]
    assert tf.concat.__name__ == "concat" and "axis" in tf.concat.__doc__


def test_the_last_one_wins_and_others_come_back():
    @tf.experimental.dispatch_for_api(tf.rank, {0: Box})
    def first(input, name=None):
        return "first"

    @tf.experimental.dispatch_for_api(tf.rank, {"input": Box})
    def second(input, name=None):
        return "second"

    assert tf.rank(Box(1)) == "second"
    tf.experimental.unregister_dispatch_for(second)
    assert tf.rank(Box(1)) == "first"
    tf.experimental.unregister_dispatch_for(first)
    with pytest.raises((TypeError, ValueError)):
        tf.rank(Box(1))
    with pytest.raises(ValueError, match="not registered"):
        tf.experimental.unregister_dispatch_for(first)


def test_assertions(registered):
    @tf.experimental.dispatch_for_binary_elementwise_assert_apis(Box, Box)
    def both(api, x, y):
        return api(x.inside, y.inside)

    registered.append(both)
    tf.debugging.assert_equal(Box(1), Box(1))
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.debugging.assert_less(Box(1), Box(1))


def test_one_element_with_arguments(registered):
    @tf.experimental.dispatch_for_unary_elementwise_apis(Box)
    def one(api, x):
        return Box(api(x.inside))

    registered.append(one)
    assert tf.clip_by_value(Box([1.0, 5.0]), 0.0, 2.0).inside.numpy().tolist() == [1.0, 2.0]
    assert tf.nn.leaky_relu(Box([-1.0]), alpha=0.5).inside.numpy().tolist() == [-0.5]


@pytest.mark.parametrize(
    ("api", "signatures", "text"),
    [
        (len, [{"x": Box}], "no dispatch"),
        (tf.rank, [{"y": Box}], "no such parameter"),
        (tf.rank, [{}], "types"),
    ],
)
def test_what_cannot_be_registered(api, signatures, text):
    with pytest.raises(ValueError, match=text):
        tf.experimental.dispatch_for_api(api, *signatures)(lambda x: x)
