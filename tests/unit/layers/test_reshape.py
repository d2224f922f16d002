"""Layers that move values about."""

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.arange(24, dtype="float32").reshape(2, 3, 4)


def test_flatten_counts_channels_fastest_in_both_formats():
    last = np.asarray(layers.Flatten()(X))
    first = np.asarray(layers.Flatten(data_format="channels_first")(np.moveaxis(X, -1, 1)))
    np.testing.assert_array_equal(last, X.reshape(2, 12))
    np.testing.assert_array_equal(first, last)


def test_flatten_of_scalars_adds_an_axis_and_of_unknown_sizes_has_an_unknown_size():
    assert layers.Flatten()(np.ones(3, "float32")).shape == (3, 1)
    assert layers.Flatten()(keras.Input((None, 3))).shape == (None, None)
    assert layers.Flatten()(keras.Input((28, 28))).shape == (None, 784)


def test_reshape_infers_one_size():
    np.testing.assert_array_equal(np.asarray(layers.Reshape((2, -1))(X)), X.reshape(2, 2, 6))
    assert layers.Reshape((-1, 3))(keras.Input((None, 6))).shape == (None, None, 3)
    assert layers.Reshape(12)(X).shape == (2, 12)


@pytest.mark.parametrize("target", [(5,), (-1, 5), (0,)])
def test_reshape_to_another_number_of_values_shows_both(target):
    with pytest.raises(
        ValueError, match=r"values in each sample, for target_shape[\s\S]*12 values[\s\S]*\(None, 3, 4\)"
    ):
        layers.Reshape(target)(keras.Input((3, 4)))


def test_reshape_takes_one_unknown_size():
    with pytest.raises(ValueError, match="`target_shape` is wrong"):
        layers.Reshape((-1, -1))


def test_permute_counts_axes_from_one():
    np.testing.assert_array_equal(np.asarray(layers.Permute((2, 1))(X)), np.swapaxes(X, 1, 2))
    for dims in ((0, 1), (1, 3), (1, 1)):
        with pytest.raises(ValueError, match="`dims` is wrong"):
            layers.Permute(dims)
    with pytest.raises(ValueError, match="3 dimensions"):
        layers.Permute((2, 1))(keras.Input((2, 3, 4)))


def test_repeat_vector():
    np.testing.assert_array_equal(np.asarray(layers.RepeatVector(2)(X[:, 0])), np.stack([X[:, 0]] * 2, 1))
    with pytest.raises(ValueError, match="`n` is wrong"):
        layers.RepeatVector(0)


@pytest.mark.parametrize("name", ["Cropping", "ZeroPadding"])
@pytest.mark.parametrize(
    ("rank", "given", "kept"),
    [
        (1, 1, (1, 1)),
        (1, (1, 2), (1, 2)),
        (2, 1, ((1, 1), (1, 1))),
        (2, [1, 2], ((1, 1), (2, 2))),
        (2, ((1, 2), 3), ((1, 2), (3, 3))),
        (3, (0, 1, 2), ((0, 0), (1, 1), (2, 2))),
    ],
)
def test_spellings_of_edges(name, rank, given, kept):
    layer = getattr(layers, f"{name}{rank}D")(given)
    assert (layer.cropping if name == "Cropping" else layer.padding) == kept


@pytest.mark.parametrize("name", ["Cropping2D", "ZeroPadding2D"])
@pytest.mark.parametrize("given", [-1, (1, 2, 3), "x", 1.5, ((1, 2, 3), 1)])
def test_wrong_edges_are_named(name, given):
    with pytest.raises(ValueError, match=rf"{name}: `(cropping|padding)` is wrong[\s\S]*2 pairs"):
        getattr(layers, name)(given)


def test_cropping_everything_is_an_error_with_the_shapes():
    with pytest.raises(ValueError, match=r"Nothing would be left[\s\S]*\(None, 5, 1\)[\s\S]*\(3, 3\)"):
        layers.Cropping1D(3)(keras.Input((5, 1)))


def test_padding_and_cropping_undo_each_other():
    edges = ((1, 2), (0, 3))
    image = X[..., None]
    out = layers.Cropping2D(edges)(layers.ZeroPadding2D(edges)(image))
    np.testing.assert_array_equal(np.asarray(out), image)


def test_up_sampling_repeats():
    np.testing.assert_array_equal(np.asarray(layers.UpSampling1D(2)(X)), np.repeat(X, 2, axis=1))
    image = X[..., None]
    expected = np.repeat(np.repeat(image, 2, axis=1), 3, axis=2)
    np.testing.assert_array_equal(np.asarray(layers.UpSampling2D((2, 3))(image)), expected)


def test_up_sampling_refuses_unknown_interpolations_and_sizes():
    with pytest.raises(ValueError, match=r"`interpolation` is wrong[\s\S]*bilinear"):
        layers.UpSampling2D(interpolation="area")
    with pytest.raises(ValueError, match="`size` is wrong"):
        layers.UpSampling2D(0)
