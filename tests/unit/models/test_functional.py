"""Models that are graphs: inputs and outputs in every form, sharing, configs."""

import json

import numpy as np
import pytest

import addax as keras
from addax import layers, ops

RNG = np.random.RandomState(0)
X = RNG.rand(6, 4).astype("float32")
Z = RNG.rand(6, 2).astype("float32")


def doubled(x):
    return ops.convert_to_numpy(x) * 2


# Inputs --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.Input((4,)),
        lambda: keras.Input(shape=[4]),
        lambda: layers.Input(shape=(4,), batch_size=None),
        lambda: keras.Input(batch_shape=(None, 4)),
        lambda: layers.InputLayer(shape=(4,)).output,
    ],
)
def test_inputs_in_every_spelling(make):
    x = make()
    model = keras.Model(x, x * 2.0)
    assert model.input_shape == (None, 4) and model.output_shape == (None, 4)
    np.testing.assert_allclose(model(X), doubled(X))


def test_calls_in_every_form():
    a, b = keras.Input((4,), name="a"), keras.Input((2,), name="b")
    model = keras.Model(inputs=[a, b], outputs=layers.Concatenate()([a, b]))
    expected = np.concatenate([X, Z], axis=1)
    for given in ([X, Z], (X, Z), {"a": X, "b": Z}, {"b": Z, "a": X}, [ops.convert_to_tensor(X), Z]):
        np.testing.assert_allclose(model(given), expected, rtol=1e-6, atol=1e-6)
    assert model.input_names == ["a", "b"] and len(model.inputs) == 2 and model.input[0] is a


def test_integers_and_missing_axes_are_adapted():
    x = keras.Input((1,))
    model = keras.Model(x, x + 0.5)
    np.testing.assert_allclose(model(np.arange(3)), [[0.5], [1.5], [2.5]])
    np.testing.assert_allclose(model.predict(np.arange(3), verbose=0), [[0.5], [1.5], [2.5]])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.ones((6, 5)), r"\(None, 4\)"),
        (np.ones((6, 4, 2)), r"received: shape \(6, 4, 2\)"),
        ([X, X], "1 inputs"),
        ({"wrong": X}, "Missing"),
    ],
)
def test_inputs_that_do_not_fit(given, words):
    x = keras.Input((4,), name="x")
    with pytest.raises(ValueError, match=words):
        keras.Model(x, x * 2.0)(given)


def test_nested_inputs_and_outputs_keep_their_form():
    inputs = {
        "pair": [keras.Input((4,), name="p"), keras.Input((2,), name="q")],
        "one": keras.Input((2,), name="r"),
    }
    outputs = [inputs["one"] + inputs["pair"][1], {"p": inputs["pair"][0] * 2.0}]
    model = keras.Model(inputs, outputs)
    first, second = model({"pair": [X, Z], "one": Z})
    np.testing.assert_allclose(first, 2 * Z)
    np.testing.assert_allclose(second["p"], 2 * X)
    assert model.output[1]["p"].shape == (None, 4) and len(model.outputs) == 2


# Graphs --------------------------------------------------------------------------------------------------
def test_operators_and_functions_are_nodes():
    x = keras.Input((4,))
    y = ops.relu(x[:, 1:] - 0.5) @ ops.ones((3, 2)) + 0.0 * ops.sum(x)
    model = keras.Model(x, ops.concatenate([y, -y], axis=-1))
    expected = np.maximum(X[:, 1:] - 0.5, 0) @ np.ones((3, 2))
    np.testing.assert_allclose(model(X), np.concatenate([expected, -expected], 1), rtol=1e-5, atol=1e-6)
    again = type(model).from_config(model.get_config())
    np.testing.assert_allclose(again(X), model(X), rtol=1e-6, atol=1e-6)


def test_a_layer_called_twice_has_one_set_of_weights():
    shared = layers.Dense(4, name="shared")
    x = keras.Input((4,))
    model = keras.Model(x, shared(shared(x)))
    assert len(model.weights) == 2 and len(model.layers) == 2
    w, b = model.get_weights()
    np.testing.assert_allclose(model(X), (X @ w + b) @ w + b, rtol=1e-5, atol=1e-6)
    assert keras.Model(x, shared.output)(X).shape == (6, 4)  # the first call
    again = type(model).from_config(model.get_config())
    again.set_weights([w, b])
    np.testing.assert_allclose(again(X), model(X), rtol=1e-5, atol=1e-6)


def test_intermediate_tensors_make_new_models_with_the_same_weights():
    x = keras.Input((4,))
    h = layers.Dense(3, activation="relu", name="hidden")(x)
    model = keras.Model(x, layers.Dense(2)(h))
    part = keras.Model(model.input, model.get_layer("hidden").output)
    several = keras.Model(model.inputs, [layer.output for layer in model.layers[1:]])
    np.testing.assert_allclose(part(X), several(X)[0])
    model.get_layer("hidden").set_weights([np.zeros((4, 3)), np.ones(3)])
    np.testing.assert_allclose(part(X), np.ones((6, 3)))
    top = keras.Model(h, model.output)
    np.testing.assert_allclose(top(np.asarray(part(X))), model(X), rtol=1e-6, atol=1e-6)


def test_models_inside_of_models_share_weights_and_nest():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="inner")
    a, b = keras.Input((4,)), keras.Input((4,))
    model = keras.Model([a, b], layers.Subtract()([inner(a), inner(b)]))
    assert len(model.weights) == 2 and inner in model.layers
    np.testing.assert_allclose(model([X, X]), np.zeros((6, 3)), atol=1e-6)
    outer = keras.Sequential([keras.Input((4,)), inner, layers.Dense(1)])
    assert outer.count_params() == inner.count_params() + 4
    again = type(model).from_config(model.get_config())
    assert again.get_layer("inner").count_params() == inner.count_params()


def test_masks_travel_through_the_graph():
    x = keras.Input((3,), dtype="int32")
    h = layers.Embedding(5, 2, mask_zero=True)(x)
    model = keras.Model(x, layers.LSTM(4)(h))
    padded = model(np.array([[1, 2, 0], [3, 0, 0]]))
    bare = keras.Model(h, model.output)
    embedded = np.asarray(model.layers[1](np.array([[1, 2]])))
    np.testing.assert_allclose(padded[:1], bare.layers[-1](embedded), rtol=1e-5)


def test_the_training_flag_reaches_nested_layers():
    inner = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5)])
    x = keras.Input((4,))
    model = keras.Model(x, inner(x))
    np.testing.assert_allclose(model(X), X)
    assert np.any(np.asarray(model(X, training=True)) == 0)
    fixed = keras.Model(x, layers.Dropout(0.5)(x, training=True))
    assert np.any(np.asarray(fixed(X, training=False)) == 0)


def test_broken_graphs():
    x, other = keras.Input((4,), name="x"), keras.Input((4,), name="other")
    with pytest.raises(ValueError, match="disconnected"):
        keras.Model(x, layers.Add()([x, other]))
    with pytest.raises(ValueError, match="symbolic"):
        keras.Model(x, X)
    with pytest.raises(ValueError, match="'same' is used by 2"):
        keras.Model(x, layers.Dense(1, name="same")(layers.Dense(4, name="same")(x)))
    with pytest.raises(ValueError, match="at least one output"):
        keras.Model(x, [])


# Configs -------------------------------------------------------------------------------------------------
def test_configs_are_plain_data_and_come_back():
    inputs = {"u": keras.Input((4,), name="u"), "v": keras.Input((2,), name="v", dtype="int32")}
    h = layers.Dense(2, activation="relu", name="h")(inputs["u"])
    outputs = {"sum": layers.Add(name="sum")([h, ops.cast(inputs["v"], "float32")]), "h": h}
    model = keras.Model(inputs, outputs, name="named")
    config = json.loads(json.dumps(model.get_config()))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    assert again.name == "named" and [x.name for x in again.layers] == [x.name for x in model.layers]
    data = {"u": X, "v": np.ones((6, 2), int)}
    for key, value in again(data).items():
        np.testing.assert_allclose(value, model(data)[key], rtol=1e-6, atol=1e-6)
    assert again.get_layer("v").dtype == "int32"


def test_custom_layers_in_configs():
    class Scale(layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

    x = keras.Input((4,))
    model = keras.Model(x, Scale(3.0)(x))
    with keras.utils.custom_object_scope({"Scale": Scale}):
        again = type(model).from_config(model.get_config())
    np.testing.assert_allclose(again(X), 3 * X, rtol=1e-6, atol=1e-6)
    with pytest.raises(TypeError, match="Scale"):
        type(model).from_config(model.get_config())
    assert keras.models.clone_model(model).layers[1].factor == 3.0
    from_json = keras.models.model_from_json(model.to_json(), custom_objects={"Scale": Scale})
    np.testing.assert_allclose(from_json(X), 3 * X, rtol=1e-6)


def test_frozen_models_stay_frozen_in_configs():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1)(x), trainable=False)
    assert model.trainable_weights == [] and len(model.non_trainable_weights) == 2
    assert type(model).from_config(model.get_config()).trainable_weights == []


# Clones --------------------------------------------------------------------------------------------------
def test_clones_have_their_own_weights():
    x = keras.Input((4,), name="x")
    model = keras.Model(x, layers.Dense(2, name="d")(layers.Dropout(0.1)(x * 2.0)))
    clone = keras.models.clone_model(model)
    assert clone.get_layer("d") is not model.get_layer("d") and not clone.compiled
    assert not np.array_equal(clone.get_weights()[0], model.get_weights()[0])
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone(X), model(X), rtol=1e-6, atol=1e-6)


def test_clones_on_other_inputs():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    wide = keras.models.clone_model(model, input_tensors=keras.Input((7,)))
    assert wide.input_shape == (None, 7) and wide.count_params() == 16
    with pytest.raises(ValueError, match="2 input_tensors"):
        keras.models.clone_model(model, input_tensors=[keras.Input((4,)), keras.Input((4,))])


def test_clones_with_call_functions_and_inside_nested_models():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="inner")
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1)(inner(x)))
    named = []

    def call(layer, *args, **kwargs):
        named.append(layer.name)
        return layer(*args, **kwargs)

    def renamed(layer):
        config = {**layer.get_config(), "name": f"{layer.name}_copy"}
        return type(layer).from_config(config)

    keras.models.clone_model(model, call_function=call)
    assert "inner" in named
    deep = keras.models.clone_model(model, clone_function=renamed, recursive=True)
    assert deep.get_layer("inner").layers[0].name.endswith("_copy")


def test_a_subclassed_model_is_cloned_by_its_config():
    class Mine(keras.Model):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.dense = layers.Dense(units)

        def call(self, x):
            return self.dense(x)

    model = Mine(3)
    model(X)
    clone = keras.models.clone_model(model)
    assert clone(X).shape == (6, 3) and clone.dense is not model.dense
    with pytest.raises(ValueError, match="config alone"):
        keras.models.clone_model(model, clone_function=lambda layer: layer)
