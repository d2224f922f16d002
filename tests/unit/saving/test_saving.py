import copy
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import addax as keras
from addax import layers

X = np.random.RandomState(0).rand(6, 4).astype("float32")


def functional():
    x = keras.Input((4,), name="x")
    h = layers.Dense(3, activation="relu", kernel_regularizer="l2")(x)
    h = layers.BatchNormalization()(h)
    model = keras.Model(x, layers.Dense(2, activation="softmax")(keras.ops.exp(h) * 2))
    model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, np.eye(2)[[0, 1] * 3], verbose=0)
    return model


def test_a_model_comes_back_whole(tmp_path):
    model = functional()
    model.save(tmp_path / "m.keras")
    other = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)
    assert int(other.optimizer.iterations) == 1
    for a, b in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_allclose(a, b)
    y = np.eye(2)[[0, 1] * 3]
    a, b = (
        model.fit(X, y, shuffle=False, verbose=0).history,
        other.fit(X, y, shuffle=False, verbose=0).history,
    )
    assert a["loss"] == pytest.approx(b["loss"])


def test_a_functional_model_loads_in_a_process_that_never_saw_its_code(tmp_path):
    model = functional()
    model.save(tmp_path / "m.keras")
    np.save(tmp_path / "x.npy", X)
    code = (
        "import sys, numpy as np, addax as keras;"
        "m = keras.models.load_model(sys.argv[1] + '/m.keras');"
        "np.save(sys.argv[1] + '/y.npy', m.predict(np.load(sys.argv[1] + '/x.npy'), verbose=0))"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, env={**os.environ, "PYTHONPATH": "src"}
    )
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)


def test_the_archive_has_keras_members(tmp_path):
    functional().save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert archive.namelist()[:3] == ["metadata.json", "config.json", "model.weights.h5"]
        config = json.loads(archive.read("config.json"))
    assert config["module"] == "keras.src.models.functional" and config["registered_name"] == "Functional"
    assert config["compile_config"]["optimizer"]["class_name"] == "Adam"


@keras.saving.register_keras_serializable("tests")
class Scaled(layers.Layer):
    def __init__(self, factor=2.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="w")

    def call(self, x):
        return x * self.w * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Nested(keras.Model):
    def __init__(self, units=3, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.zeta = layers.Dense(units)
        self.alpha = layers.Dense(units)
        self.many = [layers.Dense(2), Scaled()]

    def call(self, x):
        x = self.zeta(self.alpha(x))
        for layer in self.many:
            x = layer(x)
        return x

    def get_config(self):
        return {"units": self.units, "name": self.name}


def test_custom_layers_and_subclassed_models(tmp_path):
    model = Nested()
    model.compile("sgd", "mse")
    model.fit(X, X[:, :2], verbose=0)
    model.save(tmp_path / "n.keras")
    other = keras.models.load_model(tmp_path / "n.keras", custom_objects={"Nested": Nested})
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)


def test_weights_alone(tmp_path):
    model, other = functional(), functional()
    model.save_weights(tmp_path / "w.weights.h5")
    other.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    other.load_weights(tmp_path / "w.weights.h5", skip_mismatch=True)
    with pytest.raises(ValueError, match=r"\.weights\.h5"):
        model.save_weights(tmp_path / "weights.npz")


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    functional().save(path)
    before = path.read_bytes()

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full_disk)
    with pytest.raises(OSError, match="No space"):
        functional().save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_overwrite_false_refuses(tmp_path):
    functional().save(tmp_path / "m.keras")
    with pytest.raises(FileExistsError):
        functional().save(tmp_path / "m.keras", overwrite=False)


def test_lambdas_in_files_are_refused_unless_asked_for(tmp_path):
    x = keras.Input((4,))
    model = keras.Model(x, layers.Lambda(lambda v: v * 3)(x))
    model.save(tmp_path / "l.keras")
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.models.load_model(tmp_path / "l.keras")
    other = keras.models.load_model(tmp_path / "l.keras", safe_mode=False)
    np.testing.assert_allclose(other(X), X * 3)


def test_bfloat16_weights(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2, dtype="bfloat16")])
    model.save(tmp_path / "b.keras")
    other = keras.models.load_model(tmp_path / "b.keras")
    assert other.weights[0].dtype == "bfloat16"
    np.testing.assert_array_equal(
        np.asarray(other.weights[0], "float32"), np.asarray(model.weights[0], "float32")
    )


def test_the_old_single_file(tmp_path):
    model = functional()
    model.save(tmp_path / "m.h5")
    other = keras.models.load_model(tmp_path / "m.h5")
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)
    assert int(other.optimizer.iterations) == 1
    fresh = keras.models.clone_model(model)
    fresh.load_weights(tmp_path / "m.h5", by_name=True)
    np.testing.assert_allclose(fresh.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)


def test_a_folder_is_a_savedmodel_that_comes_back_as_a_model(tmp_path):
    model = functional()
    model.save(tmp_path / "folder")
    assert (tmp_path / "folder" / "saved_model.pb").exists()
    other = keras.models.load_model(tmp_path / "folder")
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6)
    loaded = keras.export.load_saved_model(tmp_path / "folder")
    np.testing.assert_allclose(loaded(X), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    served = loaded.signatures["serving_default"](x=X[:2])
    np.testing.assert_allclose(served["output_0"], model.predict(X[:2], verbose=0), rtol=1e-5, atol=1e-6)


def test_weights_of_a_model_that_is_never_called_as_a_whole(tmp_path):
    class Parts(keras.Model):
        def __init__(self):
            super().__init__()
            self.part = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

    model, other, path = Parts(), Parts(), tmp_path / "parts.weights.h5"
    model.save_weights(path)
    other.load_weights(path)
    np.testing.assert_array_equal(other.part.get_weights()[0], model.part.get_weights()[0])
    with pytest.raises(ValueError, match="not built"):
        keras.Sequential([keras.layers.Dense(2)]).save_weights(tmp_path / "none.weights.h5")


def test_a_model_of_json_whose_losses_cannot_be_read_is_not_compiled():
    model = functional()
    model.compile("sgd", lambda y, p: keras.ops.mean(y - p))
    with pytest.warns(UserWarning, match="not compiled"):
        other = keras.models.model_from_json(model.to_json())
    other.set_weights(model.get_weights())
    np.testing.assert_allclose(other.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    assert not other.compiled


class Doubled(layers.Layer):
    def call(self, x):
        return 2 * x


def off_by(y, p):
    return keras.ops.mean(keras.ops.abs(y - p))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_models_are_pickled_and_copied(again):
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(Doubled()(layers.Dense(3, "relu")(x))))
    model.compile("adam", off_by, metrics=["mse"])
    model.fit(X, X[:, :2], verbose=0)
    other = again(model)
    np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    for one in (model, other):
        one.fit(X, X[:, :2], verbose=0, shuffle=False)
    np.testing.assert_allclose(other.get_weights()[0], model.get_weights()[0], rtol=1e-5, atol=1e-6)
    assert other.optimizer.iterations == 2 and other.layers[2] is not model.layers[2]
