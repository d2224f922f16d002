"""`add_loss` and `add_metric` of a graph's tensors, as tf.keras has them."""

import json

import numpy as np
import pytest

import addax as keras

X = np.random.default_rng(0).normal(size=(32, 3)).astype("float32")


def make() -> keras.Model:
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, name="out")(hidden))
    model.add_loss(keras.ops.sum(keras.ops.square(model.output - inputs), axis=-1))
    model.add_metric(keras.ops.abs(hidden), name="size")
    return model


def scores(model: keras.Model) -> dict:
    model.compile("sgd")
    return model.evaluate(X, batch_size=8, verbose=0, return_dict=True)


def expected(model: keras.Model) -> dict:
    hidden = keras.Model(model.input, model.get_layer("hidden").output).predict(X, verbose=0)
    return {
        "loss": np.square(model.predict(X, verbose=0) - X).sum(-1).mean(),
        "size": np.abs(hidden).mean(),
    }


def test_they_count_in_training_and_evaluation() -> None:
    model = make()
    found = scores(model)
    assert found == pytest.approx(expected(model), rel=1e-5)
    history = model.fit(X, batch_size=8, epochs=20, verbose=0).history
    assert set(history) == {"loss", "size"}
    assert history["loss"][-1] < 0.8 * history["loss"][0]
    assert [layer.name for layer in model.layers if "add" in layer.name]
    assert model.predict(X[:2], verbose=0).shape == (2, 3)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_they_are_saved_and_loaded(suffix, tmp_path) -> None:
    model = make()
    scores(model)
    model.save(tmp_path / f"m.{suffix}")
    loaded = keras.saving.load_model(tmp_path / f"m.{suffix}")
    assert scores(loaded) == pytest.approx(expected(model), rel=1e-5)


def test_they_are_in_configs_and_clones() -> None:
    model = make()
    again = keras.models.model_from_json(model.to_json())
    clone = keras.models.clone_model(model)
    for other in (again, clone):
        other.set_weights(model.get_weights())
        assert scores(other) == pytest.approx(expected(model), rel=1e-5)
    classes = {entry["class_name"] for entry in json.loads(model.to_json())["config"]["layers"]}
    assert {"AddLoss", "AddMetric"} <= classes


def test_after_the_first_training_step_they_count_too() -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs))
    model.compile("sgd", "mse")
    before = model.evaluate(X, X, verbose=0)
    model.add_loss(keras.ops.mean(inputs) * 0 + 2.0)
    assert model.evaluate(X, X, verbose=0) == pytest.approx(before + 2.0, rel=1e-5)


def test_a_stack_of_layers_refuses_them() -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    for add in (lambda: model.add_loss(model.output), lambda: model.add_metric(model.output, "size")):
        with pytest.raises(ValueError, match="Sequential model cannot hold"):
            add()
    functional = keras.Model(model.inputs, model.outputs)
    functional.add_loss(keras.ops.square(model.output) * 0 + 2.0)
    functional.compile("sgd")
    assert functional.evaluate(X, verbose=0) == pytest.approx(2.0)


def test_a_metric_needs_a_name_and_takes_means_only() -> None:
    model = make()
    with pytest.raises(ValueError, match="aggregation"):
        keras.layers.Dense(1).add_metric(1.0, "a", aggregation="sum")
    with pytest.raises(ValueError, match="needs a name"):
        keras.layers.Dense(1).add_metric(1.0)
    with pytest.raises(ValueError, match="disconnected"):
        model.add_loss(keras.ops.mean(keras.Input((2,))))
