"""Convolutions: arguments, errors, causality. Their numbers are compared with Keras's in tests/parity."""

import numpy as np
import pytest

import addax as keras
from addax import layers


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"filters": 0, "kernel_size": 3}, r"Conv2D: `filters` is wrong[\s\S]*positive integer"),
        ({"filters": 2, "kernel_size": (3,)}, r"`kernel_size` is wrong[\s\S]*or 2 of them"),
        ({"filters": 2, "kernel_size": 0}, "`kernel_size` is wrong"),
        ({"filters": 2, "kernel_size": 3, "strides": 0}, "`strides` is wrong"),
        (
            {"filters": 2, "kernel_size": 3, "padding": "full"},
            r"`padding` is wrong[\s\S]*\"valid\" or \"same\"",
        ),
        ({"filters": 2, "kernel_size": 3, "padding": "causal"}, r"`padding` is wrong[\s\S]*Conv1D"),
        ({"filters": 2, "kernel_size": 3, "data_format": "NHWC"}, "Unknown data_format"),
        ({"filters": 3, "kernel_size": 3, "groups": 2}, r"cannot be split[\s\S]*groups=2"),
        ({"filters": 2, "kernel_size": 3, "strides": 2, "dilation_rate": 2}, "cannot both be above 1"),
    ],
)
def test_wrong_arguments_are_named(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        layers.Conv2D(**arguments)


@pytest.mark.parametrize(
    "inputs", [keras.Input((2, 9, 3)), np.ones((1, 2, 9, 3), "float32")], ids=["symbolic", "eager"]
)
@pytest.mark.parametrize("name", ["Conv2D", "DepthwiseConv2D", "SeparableConv2D"])
def test_an_empty_output_is_an_error_with_the_shapes(name, inputs):
    arguments = {} if name == "DepthwiseConv2D" else {"filters": 2}
    layer = getattr(layers, name)(**arguments, kernel_size=2, dilation_rate=2, name="small")
    with pytest.raises(
        ValueError, match=r"small: The output would be empty[\s\S]*\(3, 3\)[\s\S]*2, 9, 3\)[\s\S]*same"
    ):
        layer(inputs)


def test_an_unbuilt_batch_size_is_shown_as_none():
    with pytest.raises(ValueError, match=r"inputs of shape \(None, 2, 2, 3\)"):
        layers.Conv2D(2, 3)(keras.Input((2, 2, 3)))


def test_a_missing_batch_or_channel_axis_is_hinted_at():
    with pytest.raises(ValueError, match=r"at least 4 dimensions[\s\S]*\(5, 5, 3\)[\s\S]*channel axis"):
        layers.Conv2D(2, 3)(np.ones((5, 5, 3), "float32"))


def test_channels_must_be_known_and_fit():
    with pytest.raises(ValueError, match="number of channels"):
        layers.Conv2D(2, 3)(keras.Input((5, 5, None)))
    with pytest.raises(ValueError, match=r"cannot be split into `groups`[\s\S]*3 channels"):
        layers.Conv2D(4, 3, groups=2)(np.ones((1, 5, 5, 3), "float32"))


def test_spatial_sizes_may_be_unknown():
    assert layers.Conv2D(2, 3, padding="same")(keras.Input((None, None, 3))).shape == (None, None, None, 2)
    assert layers.Conv2DTranspose(2, 3)(keras.Input((None, 8, 3))).shape == (None, None, 10, 2)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", ["Conv1D", "SeparableConv1D"])
def test_causal_padding_lets_nothing_see_the_future(name, data_format):
    axis = 1 if data_format == "channels_last" else 2
    shape = (1, 8, 2) if axis == 1 else (1, 2, 8)
    layer = getattr(layers, name)(3, 3, padding="causal", dilation_rate=2, data_format=data_format)
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    changed = np.array(x)
    changed[(slice(None),) * axis + (slice(5, None),)] = 9.0
    same = np.isclose(np.asarray(layer(x)), np.asarray(layer(changed))).all(axis=tuple({0, 1, 2} - {axis}))
    assert same.tolist() == [True] * 5 + [False] * 3


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [
        ("Conv2D", {"filters": 4, "groups": 2}, (2, 6, 7, 4)),
        ("Conv2D", {"filters": 4, "padding": "same", "strides": 2}, (2, 6, 7, 4)),
        ("Conv2DTranspose", {"filters": 4, "strides": 2, "padding": "same"}, (2, 3, 4, 2)),
        ("DepthwiseConv2D", {"depth_multiplier": 2}, (2, 6, 7, 4)),
        ("SeparableConv2D", {"filters": 4}, (2, 6, 7, 4)),
        ("MaxPooling2D", None, (2, 6, 7, 4)),
        ("AveragePooling2D", None, (2, 6, 7, 4)),
    ],
)
def test_both_data_formats_agree(name, arguments, shape):
    arguments = {"pool_size": 2} if arguments is None else {**arguments, "kernel_size": 3}
    last = getattr(layers, name)(**arguments)
    first = getattr(layers, name)(**arguments, data_format="channels_first")
    x = np.random.default_rng(0).normal(size=shape).astype("float32")
    expected = np.asarray(last(x))
    swapped = np.moveaxis(x, -1, 1)
    first(swapped)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(np.asarray(first(swapped)), 1, -1), expected, rtol=1e-4, atol=1e-5)


def test_output_padding_is_less_than_the_stride():
    with pytest.raises(ValueError, match=r"`output_padding` is wrong[\s\S]*less than strides=\(2, 2\)"):
        layers.Conv2DTranspose(2, 3, strides=2, output_padding=2)


def test_the_old_names_are_the_same_classes():
    assert layers.Convolution2D is layers.Conv2D
    assert layers.Convolution2DTranspose is layers.Conv2DTranspose
    assert layers.SeparableConvolution2D is layers.SeparableConv2D
