"""Pooling layers."""

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.arange(2 * 5 * 3, dtype="float32").reshape(2, 5, 3)


def test_max_and_average_of_windows():
    row = np.array([[[1.0], [3.0], [2.0], [8.0], [5.0]]], "float32")
    assert np.asarray(layers.MaxPooling1D(2)(row)).ravel().tolist() == [3, 8]
    assert np.asarray(layers.AveragePooling1D(2)(row)).ravel().tolist() == [2, 5]
    assert np.asarray(layers.AveragePooling1D(2, padding="same")(row)).ravel().tolist() == [2, 5, 5]
    assert np.asarray(layers.MaxPooling1D(3, strides=1)(row)).ravel().tolist() == [3, 8, 8]


def test_the_default_window_is_two():
    assert layers.AveragePooling2D().pool_size == layers.MaxPooling2D().pool_size == (2, 2)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"pool_size": 0}, "MaxPooling2D: `pool_size` is wrong"),
        ({"pool_size": (2, 2, 2)}, "`pool_size` is wrong"),
        ({"strides": 0}, "`strides` is wrong"),
        ({"padding": "causal"}, "`padding` is wrong"),
        ({"data_format": "x"}, "Unknown data_format"),
    ],
)
def test_wrong_arguments_are_named(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        layers.MaxPooling2D(**arguments)


@pytest.mark.parametrize(
    "inputs", [keras.Input((2, 9, 3)), np.ones((1, 2, 9, 3), "float32")], ids=["symbolic", "eager"]
)
def test_an_empty_output_is_an_error_with_the_shapes(inputs):
    with pytest.raises(ValueError, match=r"small: The output would be empty[\s\S]*\(3, 3\)[\s\S]*2, 9, 3\)"):
        layers.MaxPooling2D(3, name="small")(inputs)


def test_global_average_skips_masked_steps():
    masked = layers.Masking()(np.array([[[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]], "float32"))
    out = layers.GlobalAveragePooling1D()(masked)
    np.testing.assert_allclose(np.asarray(out), [[2, 3]])
    assert getattr(out, "_keras_mask", None) is None
    kept = layers.GlobalAveragePooling1D(keepdims=True)(masked)
    assert kept.shape == (1, 1, 2)


def test_global_average_takes_an_explicit_mask_in_both_formats():
    mask = np.array([[True, True, False, False, False]] * 2)
    last = layers.GlobalAveragePooling1D()(X, mask=mask)
    first = layers.GlobalAveragePooling1D(data_format="channels_first")(np.swapaxes(X, 1, 2), mask=mask)
    np.testing.assert_allclose(np.asarray(last), X[:, :2].mean(1))
    np.testing.assert_allclose(np.asarray(first), X[:, :2].mean(1))


def test_pooling_of_the_wrong_rank_names_the_rank():
    with pytest.raises(ValueError, match=r"expected: 4 dimensions[\s\S]*received: shape \(2, 5, 3\)"):
        layers.GlobalMaxPooling2D()(X)


def test_adaptive_pooling_gives_a_fixed_size_for_any_input():
    layer = layers.AdaptiveAveragePooling2D((2, 3))
    for size in (6, 9):
        assert layer(np.ones((1, size, size, 2), "float32")).shape == (1, 2, 3, 2)
    with pytest.raises(ValueError, match="`output_size` is wrong"):
        layers.AdaptiveMaxPooling2D(0)


def test_the_old_names_are_the_same_classes():
    assert layers.MaxPool2D is layers.MaxPooling2D and layers.AvgPool1D is layers.AveragePooling1D
    assert layers.GlobalMaxPool1D is layers.GlobalMaxPooling1D
    assert layers.GlobalAvgPool2D is layers.GlobalAveragePooling2D
