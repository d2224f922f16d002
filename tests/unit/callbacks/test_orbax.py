"""OrbaxCheckpoint: folders that Addax and the real Keras read, each those of the other."""

from __future__ import annotations

import os
import sys

import keras as oracle
import numpy as np
import pytest

import addax as keras

X = np.random.RandomState(0).rand(24, 4).astype("float32")
Y = X[:, :1]


def make(library, units=3):
    x = library.Input((4,), name="x")
    h = library.layers.Dense(units, name="hidden")(x)
    h = library.layers.BatchNormalization(name="norm")(h)
    model = library.Model(x, library.layers.Dense(1, name="out")(h), name="net")
    model.compile(library.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


@pytest.fixture(scope="module")
def model():
    return make(keras)


def train(model, *args, library=keras, epochs=3, **options):
    callback = library.callbacks.OrbaxCheckpoint(*args, **options)
    model.fit(X, Y, batch_size=8, epochs=epochs, callbacks=[callback], verbose=0)
    return callback


def assert_equal(a, b):
    for mine, theirs in ((a.weights, b.weights), (a.optimizer.variables, b.optimizer.variables)):
        for v, w in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(np.asarray(v.value), np.asarray(w.value), err_msg=v.path)


@pytest.mark.parametrize("background", [True, False])
def test_a_checkpoint_comes_back_as_the_model_that_it_was(background, model, tmp_path):
    callback = train(model, tmp_path, save_on_background=background)
    callback.wait_until_finished()
    assert (
        os.listdir(tmp_path) == ["2"] and not callback.is_multihost_enabled() and callback.is_primary_host()
    )
    assert_equal(keras.models.load_model(tmp_path), model)
    assert_equal(oracle.models.load_model(str(tmp_path)), model)


def test_a_checkpoint_of_keras_is_read(tmp_path):
    theirs = make(oracle)
    train(theirs, str(tmp_path), library=oracle)
    assert_equal(keras.models.load_model(tmp_path), theirs)
    mine = make(keras)
    mine.optimizer.build(mine.trainable_variables)
    mine.load_weights(tmp_path / "2")
    assert_equal(mine, theirs)


def test_layers_of_a_sequential_model_and_their_files_come_back(tmp_path):
    words = keras.layers.StringLookup(vocabulary=["a", "b"])
    net = [keras.Input((1,), dtype="string"), words, keras.layers.Embedding(3, 2), keras.layers.Flatten()]
    model = keras.Sequential([*net, keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    callback = keras.callbacks.OrbaxCheckpoint(tmp_path, save_freq=1)
    text = np.array([["a"], ["b"], ["?"]])
    model.fit(text, Y[:3], epochs=2, callbacks=[callback], verbose=0)
    loaded = keras.models.load_model(tmp_path)
    np.testing.assert_array_equal(loaded.predict(text, verbose=0), model.predict(text, verbose=0))
    assert loaded.layers[0].get_vocabulary() == ["[UNK]", "a", "b"]


def test_what_is_saved_and_kept(model, tmp_path):
    train(model, tmp_path / "batches", save_freq=2, max_to_keep=None, epochs=2)
    steps = sorted(int(name) for name in os.listdir(tmp_path / "batches"))
    first = int(model.optimizer.iterations) - 6
    assert steps == [first + 2, first + 4, first + 6]
    best = {"monitor": "mae", "mode": "min", "save_best_only": True}
    train(model, tmp_path / "none", initial_value_threshold=0.0, **best)
    assert os.listdir(tmp_path / "none") == []
    callback = train(model, tmp_path / "best", max_to_keep=2, save_weights_only=True)
    model.fit(X, Y, batch_size=8, callbacks=[callback], verbose=0)  # a new run, which is shorter
    other = make(keras)
    other.load_weights(tmp_path / "best" / "0")
    for a, b in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="no description of a model"):
        keras.models.load_model(tmp_path / "best")


def test_what_does_not_fit_or_leads_elsewhere_is_refused(model, tmp_path):
    train(model, tmp_path / "good", epochs=1)
    other = make(keras, units=5)
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"hidden/kernel[\s\S]*\(4, 5\)[\s\S]*\(4, 3\)"):
        other.load_weights(tmp_path / "good")
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    (tmp_path / "bad").mkdir()
    os.symlink(tmp_path / "good" / "0", tmp_path / "bad" / "7")
    for load in (model.load_weights, keras.models.load_model):
        with pytest.raises(ValueError, match="link to elsewhere"):
            load(tmp_path / "bad")
    (tmp_path / "empty" / "3").mkdir(parents=True)
    with pytest.raises(ValueError, match="no Orbax checkpoint"):
        model.load_weights(tmp_path / "empty")


def test_a_missing_package_and_wrong_arguments_say_so(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="Invalid value for argument `save_freq`"):
        keras.callbacks.OrbaxCheckpoint(tmp_path, save_freq="batch")
    monkeypatch.setitem(sys.modules, "orbax.checkpoint", None)
    with pytest.raises(ImportError, match=r"addax\[orbax\]"):
        keras.callbacks.OrbaxCheckpoint(tmp_path)
