"""Every layer inside a model, saved here and loaded in the real Keras, and the other way round."""

from __future__ import annotations

import keras as oracle
import numpy as np
import pytest
from tests.conformance._layers_registry import Row, map_arrays, rows

import addax

pytestmark = pytest.mark.grid

ROWS = [
    r for r in rows("noparity", "noconfig") if r.number == 0 and r.name != "Equalization"
]  # in no graph of Keras


def model_of(keras, row: Row):
    inputs = map_arrays(lambda x: keras.Input(x.shape[1:], dtype=x.dtype.name), row.inputs)
    return keras.Model(inputs, row.run(row.make(keras, name="given"), inputs))


def close(found, expected):
    found, expected = np.asarray(found), np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max())) if expected.size else 1.0
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * scale)


@pytest.mark.parametrize(
    ("writer", "reader"), [(addax, oracle), (oracle, addax)], ids=["to-keras", "from-keras"]
)
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_a_file_means_the_same_to_both(row: Row, writer, reader, tmp_path):
    model = model_of(writer, row)
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(size=w.shape)).astype("float32") + 0.1 for w in model.weights])
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = reader.models.load_model(path)
    expected = model(row.inputs)
    close(loaded(row.inputs), expected)
    assert [(w.name, tuple(w.shape)) for w in loaded.weights] == [
        (w.name, tuple(w.shape)) for w in model.weights
    ]
    weights = tmp_path / "model.weights.h5"
    model.save_weights(weights)
    other = model_of(reader, row)
    other.load_weights(weights)
    close(other(row.inputs), expected)


def test_training_that_was_said_stays_said_in_files_and_copies(tmp_path):
    inputs = addax.Input((3,))
    frozen = addax.layers.BatchNormalization()(inputs, training=False)
    outputs = addax.layers.Dropout(0.5, seed=1)(addax.layers.Dense(1)(frozen))
    model = addax.Model(inputs, outputs)
    model.save(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(3, 5, (32, 3)).astype("float32")
    for one in (model, addax.models.load_model(tmp_path / "model.keras"), addax.models.clone_model(model)):
        one.compile("sgd", "mse")
        one.fit(x, x[:, :1], verbose=0)
        np.testing.assert_array_equal(one.layers[1].moving_mean, np.zeros(3))  # not updated
        assert (np.asarray(one(x, training=True)) == 0).any()  # dropped


def test_a_default_that_keras_records_is_no_word_of_the_user(tmp_path):
    inputs = oracle.Input((3,))
    model = oracle.Model(inputs, oracle.layers.GaussianNoise(0.5)(oracle.layers.Dropout(0.5)(inputs)))
    model.save(tmp_path / "noise.keras")
    images = oracle.Input((8, 8, 1))
    oracle.Model(images, oracle.layers.RandomBrightness(0.9, value_range=(0, 1))(images)).save(
        tmp_path / "images.keras"
    )
    x = np.ones((4, 3), "float32")
    loaded = addax.models.load_model(tmp_path / "noise.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), x)
    assert (loaded(x, training=True).numpy() != x).any()
    x = np.full((4, 8, 8, 1), 0.5, "float32")
    loaded = addax.models.load_model(tmp_path / "images.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), x)
    assert (loaded(x, training=True).numpy() != x).any()
