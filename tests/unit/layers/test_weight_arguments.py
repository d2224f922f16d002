import numpy as np
import pytest

from addax import layers


def _weight(*args, **kwargs):
    weight = layers.Layer().add_weight(*args, **kwargs)
    return weight.name, tuple(weight.shape), str(weight.dtype), float(np.asarray(weight).ravel()[0])


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((), {"shape": (2, 3), "initializer": "ones", "dtype": "float16", "name": "w"}),
        (((2, 3), "ones", "float16"), {"name": "w"}),
        (((2, 3), "ones"), {"dtype": "float16", "name": "w"}),
        (("w", (2, 3), "float16", "ones"), {}),
        (("w",), {"shape": [2, 3], "initializer": "ones", "dtype": "float16"}),
    ],
)
def test_a_weight_is_made_in_keras_and_in_tf_keras_order(args, named):
    assert _weight(*args, **named) == ("w", (2, 3), "float16", 1.0)


def test_tf_keras_order_reaches_the_constraint():
    layer = layers.Layer()
    weight = layer.add_weight("w", (2,), None, "ones", "l2", False, "non_neg")
    assert weight.regularizer is not None and weight.constraint is not None and not weight.trainable


def test_too_many_or_repeated_arguments_are_errors():
    with pytest.raises(TypeError, match=r"at most 3 unnamed arguments \(shape, initializer, dtype\), but 4"):
        _weight((2,), "ones", "float32", True)
    with pytest.raises(TypeError, match="shape"):
        _weight((2,), shape=(2,))


def test_add_variable_takes_shape_and_initializer():
    layer = layers.Layer()
    assert layer.add_variable((2,), "ones", name="w") is layer.weights[0]
