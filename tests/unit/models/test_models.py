import gc
import os
import weakref

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.random.RandomState(0).rand(12, 4).astype("float32")


def test_sequential_in_all_spellings_of_the_input():
    for start in (
        [keras.Input((4,)), layers.Dense(2)],
        [layers.Input(shape=(4,)), layers.Dense(2)],
        [layers.InputLayer(shape=(4,)), layers.Dense(2)],
        [layers.InputLayer(input_shape=(4,)), layers.Dense(2)],
        [layers.Dense(2, input_shape=(4,))],
        [layers.Dense(2, input_dim=4)],
        [layers.Dense(2, batch_input_shape=(None, 4))],
    ):
        model = keras.Sequential(start)
        assert model.built and model.count_params() == 10 and model.output_shape == (None, 2)
        assert [type(layer) for layer in model.layers] == [layers.Dense]


def test_sequential_deferred_build_add_and_pop():
    model = keras.Sequential()
    model.add(layers.Dense(3))
    model.add(layers.Dense(2))
    assert not model.built and model.weights == []
    assert model(X).shape == (12, 2) and len(model.weights) == 4
    top = model.pop()
    assert top.units == 2 and model(X).shape == (12, 3)
    model.add(layers.Dense(5))
    assert model(X).shape == (12, 5)


def test_functional_with_shared_layers_and_several_outputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    shared = layers.Dense(3, name="shared")
    model = keras.Model([a, b], {"sum": layers.Add()([shared(a), shared(b)]), "first": shared(a)})
    assert model.count_params() == 15
    out = model({"a": X, "b": X})
    assert set(out) == {"sum", "first"}
    np.testing.assert_allclose(out["sum"], 2 * np.asarray(out["first"]), rtol=1e-5, atol=1e-6)


def test_dict_inputs_by_name():
    inputs = {"u": keras.Input((4,), name="u"), "v": keras.Input((2,), name="v")}
    model = keras.Model(inputs, layers.Concatenate()([inputs["u"], inputs["v"]]))
    assert model({"v": X[:, :2], "u": X}).shape == (12, 6)


def test_models_as_layers_and_intermediate_tensors():
    encoder = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="inner")], name="encoder")
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(1)(encoder(x)))
    assert model.get_layer("encoder") is encoder
    part = (
        keras.Model(model.input, model.get_layer("encoder").get_layer("inner").output) if False else encoder
    )
    assert part(X).shape == (12, 3)
    deep = keras.Model(encoder.input, encoder.get_layer("inner").output)
    np.testing.assert_allclose(deep(X), encoder(X))


def test_get_layer_by_name_and_index():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="one")])
    assert model.get_layer(index=0) is model.get_layer("one")
    with pytest.raises(ValueError, match="one"):
        model.get_layer("on")


class Subclassed(keras.Model):
    def __init__(self, units=2):
        super().__init__()
        self.units = units
        self.blocks = [layers.Dense(3), {"deep": layers.Dense(3)}]
        self.head = layers.Dense(units)
        self.drop = layers.Dropout(0.5)

    def call(self, inputs, training=False):
        x = self.blocks[0](inputs)
        x = self.blocks[1]["deep"](x)
        return self.head(self.drop(x, training=training))


def test_subclassed_models_find_layers_in_lists_and_dicts():
    model = Subclassed()
    model.build(input_shape=(None, 4))
    assert len(model.weights) == 6 and len(model.layers) == 4
    lines = []
    model.summary(print_fn=lines.append)
    assert any("(None, 3)" in line for line in lines)


def test_subclassed_model_built_by_fit_and_with_tensorshape():
    import addax.tf as tf

    model = Subclassed()
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    assert model.built and model.predict(X, verbose=0).shape == (12, 2)
    other = Subclassed()
    other.build(tf.TensorShape((None, 4)))
    assert other.count_params() == model.count_params()


def test_a_subclass_with_a_functional_graph():
    class Named(keras.Model):
        def __init__(self):
            x = keras.Input((4,))
            super().__init__(inputs=x, outputs=layers.Dense(2)(x))

        def train_step(self, data):
            return super().train_step(data)

    model = Named()
    model.compile("sgd", "mse")
    assert model.fit(X, X[:, :2], verbose=0).history["loss"]


def test_config_json_and_clone_round_trips():
    x = keras.Input((4,), name="x")
    h = layers.Dense(3, activation="relu")(x)
    model = keras.Model(x, layers.Dense(2)(h * 2.0 + h[:, :1]))
    for other in (
        type(model).from_config(model.get_config()),
        keras.models.model_from_json(model.to_json()),
        keras.models.clone_model(model),
    ):
        assert [layer.name for layer in other.layers] == [layer.name for layer in model.layers]
        other.set_weights(model.get_weights())
        np.testing.assert_allclose(other(X), model(X), rtol=1e-6, atol=1e-6)


def test_clone_function_may_change_layers():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])

    def wider(layer):
        return layers.Dense(layer.units * 2, name=layer.name)

    assert [layer.units for layer in keras.models.clone_model(model, clone_function=wider).layers] == [6, 4]


def test_trainable_switch_reaches_into_models():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    assert len(model.trainable_weights) == 4 and len(model.non_trainable_weights) == 2
    model.trainable = False
    assert model.trainable_weights == [] and len(model.non_trainable_weights) == 6
    model.layers[0].trainable = True
    assert model.trainable_weights == []  # frozen as a whole
    model.trainable = True
    assert len(model.trainable_weights) == 4


def test_frozen_layers_do_not_change_in_fit():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    frozen, free = model.layers[0].get_weights()[0], model.layers[1].get_weights()[0]
    model.fit(X, X[:, 0], verbose=0)
    np.testing.assert_array_equal(model.layers[0].get_weights()[0], frozen)
    assert not np.array_equal(model.layers[1].get_weights()[0], free)


def test_summary_has_layers_shapes_and_totals():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="deep")], name="inner")
    x = keras.Input((4,), name="x")
    model = keras.Model(x, layers.Dense(1, name="head")(inner(x)), name="outer")
    lines = []
    model.summary(print_fn=lines.append, expand_nested=True, show_trainable=True)
    text = "\n".join(lines)
    assert 'Model: "outer"' in text and "deep (Dense)" in text and "(None, 3)" in text
    assert " Total params: 19 (76.00 B)" in text and " Trainable params: 19" in text


def test_the_same_seed_gives_the_same_weights_and_training():
    def train():
        keras.utils.set_random_seed(7)
        model = keras.Sequential([layers.Dense(3, activation="relu"), layers.Dropout(0.3), layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(X, X[:, 0], epochs=2, batch_size=4, verbose=0)
        return model.get_weights()

    for a, b in zip(train(), train(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_add_loss_and_regularizers_join_the_loss():
    class Penalised(layers.Layer):
        def call(self, x):
            self.add_loss(keras.ops.sum(x) * 0.0 + 5.0)
            return x

    model = keras.Sequential([keras.Input((4,)), Penalised(), layers.Dense(4, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    plain = float(np.mean((model.predict(X, verbose=0) - X) ** 2))
    penalty = 0.01 * float(np.sum(model.layers[1].get_weights()[0] ** 2))
    assert model.evaluate(X, X, verbose=0) == pytest.approx(plain + penalty + 5.0, rel=1e-4)
    assert len(model.losses) == 2


def test_models_are_freed():
    def make():
        model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
        model.compile("sgd", "mse")
        model.fit(X, X[:, :2], verbose=0)
        model.predict(X, verbose=0)
        return weakref.ref(model)

    ref = make()
    gc.collect()
    assert ref() is None


def test_model_refuses_half_a_graph():
    with pytest.raises(ValueError, match="both ends"):
        keras.Model(inputs=keras.Input((2,)), outputs=None, name="x")


def test_the_seed_is_not_disturbed_by_the_first_use_of_jax():
    import subprocess
    import sys

    code = (
        "import numpy as np, addax as keras; keras.utils.set_random_seed(3); a = np.random.rand();"
        "keras.utils.set_random_seed(3); keras.ops.exp(1.0); assert np.random.rand() == a"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "src"})
