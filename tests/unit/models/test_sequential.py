"""Stacks of layers."""

import json

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.random.RandomState(0).rand(6, 4).astype("float32")


def test_without_a_shape_nothing_is_built_until_data_comes():
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    assert not model.built and model.weights == [] and model.inputs is None
    assert model.predict(X, verbose=0).shape == (6, 1)
    assert model.built and model.input_shape == (None, 4) and model.count_params() == 19


@pytest.mark.parametrize("shape", [(None, 4), [None, 4], (6, 4)])
def test_build_by_hand(shape):
    model = keras.Sequential([layers.Dense(3)])
    model.build(shape if isinstance(shape, tuple) else tuple(shape))
    assert model.count_params() == 15 and model(X).shape == (6, 3)


def test_build_needs_a_shape():
    with pytest.raises(ValueError, match="input"):
        keras.Sequential([layers.Dense(3)]).build()


def test_a_model_first_and_a_model_inside():
    first = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model = keras.Sequential([first, layers.Dense(2)])
    assert model.built and model.output_shape == (None, 2) and model.layers[0] is first
    deep = keras.Sequential([keras.Sequential([layers.Dense(3)]), layers.Dense(2)])
    assert deep(X).shape == (6, 2) and deep.count_params() == 23


def test_layers_are_added_and_taken_off():
    model = keras.Sequential(name="stack")
    for layer in (keras.Input((4,)), layers.Dense(3, name="a"), layers.Dense(2, name="b")):
        model.add(layer)
    assert [layer.name for layer in model.layers] == ["a", "b"] and model.output_shape == (None, 2)
    assert model.pop().name == "b" and model.output_shape == (None, 3)
    model.compile("sgd", "mse")
    model.fit(X, X[:, :3], verbose=0)
    model.pop()
    assert model.layers == []
    with pytest.raises(TypeError, match="no layers"):
        model.pop()


def test_a_changed_stack_is_traced_anew():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    assert model.predict(X, verbose=0).shape == (6, 3)
    model.add(layers.Dense(7))
    assert model.predict(X, verbose=0).shape == (6, 7)
    model.pop()
    assert model.predict(X, verbose=0).shape == (6, 3)


def test_a_layer_that_does_not_fit_is_not_added():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    with pytest.raises(ValueError, match="conv2d"):
        model.add(layers.Conv2D(2, 3, name="conv2d"))
    assert len(model.layers) == 1 and model(X).shape == (6, 3)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda model: model.add("dense"), TypeError, "Only layers"),
        (lambda model: model.add(layers.Dense), TypeError, r"Dense\(\.\.\.\)"),
        (lambda model: model.add(layers.Dense(1, name="one")), ValueError, "already used"),
        (lambda model: model.add(keras.Input((4,))), ValueError, "at the start"),
    ],
)
def test_what_cannot_be_added(wrong, kind, words):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="one")])
    with pytest.raises(kind, match=words):
        wrong(model)


def test_configs_come_back_built_or_not():
    built = keras.Sequential(
        [keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)], name="b"
    )
    open_ended = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    for model in (built, open_ended):
        again = keras.Sequential.from_config(json.loads(json.dumps(model.get_config())))
        assert again.name == model.name and again.built == model.built
        assert [layer.get_config() for layer in again.layers] == [
            layer.get_config() for layer in model.layers
        ]
        again(X)
        model(X)
        again.set_weights(model.get_weights())
        np.testing.assert_allclose(again(X), model(X), rtol=1e-6, atol=1e-6)


def test_other_batch_sizes_and_longer_sequences_fit():
    model = keras.Sequential([keras.Input((None, 4)), layers.LSTM(3)])
    for shape in ((2, 5, 4), (1, 9, 4)):
        assert model.predict(np.ones(shape), verbose=0).shape == (shape[0], 3)


def test_layers_and_not_the_first_data_say_which_lengths_fit():
    model = keras.Sequential([layers.Dense(3), layers.Dense(2)])
    for shape in ((2, 5, 4), (1, 9, 4)):
        assert model(np.ones(shape)).shape == (*shape[:2], 2)
    with pytest.raises(ValueError, match="dense"):
        model(np.ones((2, 5, 3)))
    with pytest.raises(ValueError, match="another shape"):
        model(np.ones((5, 4)))


def test_a_stack_inside_a_layer_meets_sequences_of_unknown_length():
    class Inner(layers.Layer):
        def __init__(self):
            super().__init__()
            self.stack = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dense(2)])

        def call(self, x):
            return self.stack(x)

    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, Inner()(inputs))
    assert model.output_shape == (None, None, 2)
    assert model(np.ones((1, 3, 4))).shape == (1, 3, 2)
    assert model.predict(np.ones((2, 7, 4)), verbose=0).shape == (2, 7, 2)


def test_outputs_of_layers_make_models():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="h"), layers.Dense(1)])
    part = keras.Model(model.inputs, model.get_layer("h").output)
    np.testing.assert_allclose(part(X), model.layers[0](X), rtol=1e-6)
    stacked = keras.Model(model.input, layers.Dense(5)(model.output))
    assert stacked(X).shape == (6, 5)


def test_dtypes_of_the_first_data():
    tokens = np.array([[1, 2, 3]])
    model = keras.Sequential([layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)])
    assert model(tokens).shape == (1, 1) and model(tokens.astype("int64")).shape == (1, 1)
    image = keras.Sequential([layers.Rescaling(1 / 255), layers.Flatten()])
    np.testing.assert_allclose(image(np.full((1, 2, 2), 255, "uint8")), np.ones((1, 4)), rtol=1e-6)
