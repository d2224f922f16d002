"""Merging layers and their function forms."""

import numpy as np
import pytest

import addax as keras
from addax import layers

A, B = np.array([[1.0, 5.0]], "float32"), np.array([[3.0, 4.0]], "float32")
ELEMENTWISE = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Subtract")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("add", [4, 9]),
        ("subtract", [-2, 1]),
        ("multiply", [3, 20]),
        ("average", [2, 4.5]),
        ("maximum", [3, 5]),
        ("minimum", [1, 4]),
        ("concatenate", [1, 5, 3, 4]),
        ("dot", [23]),
    ],
)
def test_function_forms(name, expected):
    assert np.asarray(getattr(layers, name)([A, B])).ravel().tolist() == expected
    symbolic = getattr(layers, name)([keras.Input((2,)), keras.Input((2,))], name="joined")
    assert symbolic.shape == (None, len(expected)) and symbolic._node.operation.name == "joined"


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_shapes_that_do_not_broadcast_fail_while_the_graph_is_built(name):
    x, y = keras.Input((8, 8, 16)), keras.Input((8, 8, 32))
    with pytest.raises(ValueError, match=name) as caught:
        getattr(layers, name)(name="joined")([x, y])
    text = str(caught.value)
    assert text.startswith("joined: ") and "hint: " in text
    assert "expected: equal sizes in every dimension, or 1" in text
    assert "received: inputs of shapes (None, 8, 8, 16), (None, 8, 8, 32)" in text


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_shapes_that_do_not_broadcast_fail_eagerly(name):
    with pytest.raises(ValueError, match=r"\(2, 3\), \(2, 4\)"):
        getattr(layers, name)()([np.ones((2, 3)), np.ones((2, 4))])


@pytest.mark.parametrize("name", [*ELEMENTWISE, "Concatenate"])
@pytest.mark.parametrize("inputs", [A, []], ids=["no list", "empty"])
def test_too_few_inputs_are_an_error_that_shows_the_list(name, inputs):
    with pytest.raises(
        ValueError, match=rf"wrong number of inputs[\s\S]*a list of[\s\S]*{name}\(\)\(\[a, b\]\)"
    ):
        getattr(layers, name)()(inputs)


@pytest.mark.parametrize("name", ["Subtract", "Dot"])
def test_two_inputs_exactly(name):
    layer = layers.Dot(1) if name == "Dot" else layers.Subtract()
    with pytest.raises(ValueError, match=r"exactly 2 tensors"):
        layer([keras.Input((2,))] * 3)


def test_lower_ranks_broadcast_behind_the_batch_axis():
    out = layers.Add()(
        [np.ones((2, 3, 4), "float32"), np.ones((2, 4), "float32"), np.ones((2, 1), "float32")]
    )
    assert out.shape == (2, 3, 4) and float(out[0, 0, 0]) == 3
    assert layers.Add()([keras.Input((5, 4)), keras.Input((4,))]).shape == (None, 5, 4)


def test_batch_sizes_must_agree():
    with pytest.raises(ValueError, match="the same batch size"):
        layers.Add()([np.ones((2, 3)), np.ones((4, 3))])


def test_unknown_sizes_take_those_of_the_other_inputs():
    assert layers.Add()([keras.Input((None, 3)), keras.Input((5, 3))]).shape == (None, 5, 3)
    assert layers.Add()([keras.Input((3,), batch_size=2), keras.Input((3,))]).shape == (2, 3)
    assert layers.Concatenate()([keras.Input((None, 3)), keras.Input((5, 3))]).shape == (None, 5, 6)
    assert layers.Concatenate(axis=1)([keras.Input((None, 3)), keras.Input((5, 3))]).shape == (None, None, 3)
    assert layers.Dot((2, 1))([keras.Input((4, None)), keras.Input((5, 3))]).shape == (None, 4, 3)


def test_a_model_with_unknown_sizes_runs():
    x, y = keras.Input((None, 3)), keras.Input((5, 3))
    model = keras.Model([x, y], layers.add([x, y]))
    assert model([np.ones((2, 5, 3)), np.ones((2, 5, 3))]).shape == (2, 5, 3)


def test_concatenate_names_all_shapes_when_they_differ_elsewhere():
    with pytest.raises(ValueError, match=r"but axis=-1[\s\S]*\(None, 3, 4\), \(None, 4, 4\)"):
        layers.Concatenate()([keras.Input((3, 4)), keras.Input((4, 4))])
    with pytest.raises(ValueError, match="inputs of one rank"):
        layers.Concatenate()([keras.Input((3,)), keras.Input((3, 2))])
    with pytest.raises(ValueError, match="an axis 5"):
        layers.Concatenate(axis=5)([keras.Input((3,)), keras.Input((3,))])


def test_dot_checks_its_axes():
    with pytest.raises(ValueError, match=r"equal sizes at axis 1[\s\S]*\(None, 3\), \(None, 4\)"):
        layers.Dot(1)([keras.Input((3,)), keras.Input((4,))])
    with pytest.raises(TypeError, match="`axes` is wrong"):
        layers.Dot("x")
    with pytest.raises(ValueError, match="two integers"):
        layers.Dot((1, 2, 3))
    with pytest.raises(ValueError, match="besides the batch axis"):
        layers.Dot(0)([keras.Input((3,)), keras.Input((3,))])


def test_dot_of_normalized_vectors_is_the_cosine():
    out = layers.Dot(1, normalize=True)([A, B])
    np.testing.assert_allclose(np.asarray(out), [[23 / np.sqrt(26) / 5]], rtol=1e-5, atol=1e-6)


def _masked(*valid):
    return layers.Masking()(np.array([[[float(v)] for v in valid]], "float32"))


def test_masks_of_sums_are_valid_where_any_input_is():
    out = layers.Add()([_masked(1, 0, 0), _masked(1, 1, 0)])
    assert np.asarray(out._keras_mask).tolist() == [[True, True, False]]
    alone = layers.Add()([_masked(1, 0, 0), np.ones((1, 3, 1), "float32")])
    assert getattr(alone, "_keras_mask", None) is None


@pytest.mark.parametrize(("name", "expected"), [("maximum", [-1, -2, -1]), ("multiply", [-1, -2, 2])])
def test_masked_entries_do_not_count(name, expected):
    values = np.array([[[-1.0], [-2.0], [-2.0]]], "float32"), np.array([[[0.0], [0.0], [-1.0]]], "float32")
    out = getattr(layers, name)([layers.Masking()(v) for v in values])
    assert np.asarray(out).ravel().tolist() == expected


def test_masks_of_concatenations_are_concatenated():
    out = layers.Concatenate(axis=1)([_masked(1, 0), np.ones((1, 2, 1), "float32")])
    assert np.asarray(out._keras_mask).tolist() == [[True, False, True, True]]
    wide = layers.Concatenate()([_masked(1, 0, 0), _masked(1, 1, 0)])
    assert np.asarray(wide._keras_mask).tolist() == [[True, True, False]]


def test_dicts_of_tensors_merge_too():
    assert np.asarray(layers.Add()({"a": A, "b": B})).tolist() == [[4, 9]]
