"""`FeatureSpace` gives what Keras's gave (`tests/oracle/write_feature_space.py`), and reads its file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import addax as keras

HERE = Path(__file__).parent / "feature_space"
FeatureSpace = keras.utils.FeatureSpace
ROWS = {
    "f": [1.0, 2.0, 3.0, 4.0],
    "n": [1.0, 5.0, 2.0, 8.0],
    "r": [1.0, 2.0, 3.0, 4.0],
    "d": [0.1, 0.2, 0.9, 0.5],
    "i": [1, 2, 2, 7],
    "ih": [1, 2, 3, 4],
    "s": ["a", "b", "a", "c"],
    "sh": ["x", "y", "z", "x"],
}
ENCODED = np.array(json.loads((HERE / "encoded.json").read_text()), "float32")


@pytest.fixture(scope="module")
def space():
    made = FeatureSpace(
        {
            "f": "float",
            "n": "float_normalized",
            "r": FeatureSpace.float_rescaled(2.0, 1.0),
            "d": FeatureSpace.float_discretized(3),
            "i": "integer_categorical",
            "ih": FeatureSpace.integer_hashed(4),
            "s": "string_categorical",
            "sh": "string_hashed",
        },
        crosses=[("s", "i"), FeatureSpace.cross(("i", "ih"), 5)],
        crossing_dim=8,
        hashing_dim=6,
    )
    made.adapt(keras.data.Dataset.from_tensor_slices(ROWS))
    return made


def test_the_same_vectors(space):
    np.testing.assert_allclose(space(ROWS), ENCODED, atol=1e-6)


def test_the_file_of_keras_gives_the_same_vectors():
    loaded = keras.models.load_model(HERE / "space.keras")
    np.testing.assert_allclose(loaded(ROWS), ENCODED, atol=1e-6)


def test_our_file_has_the_members_of_keras_s(space, tmp_path):
    import zipfile

    space.save(tmp_path / "space.keras")
    with zipfile.ZipFile(tmp_path / "space.keras") as ours, zipfile.ZipFile(HERE / "space.keras") as theirs:
        assert set(ours.namelist()) == set(theirs.namelist())
        config, expected = (json.loads(file.read("config.json")) for file in (ours, theirs))
    assert config["config"]["crosses"] == expected["config"]["crosses"]
    for key, feature in expected["config"]["features"].items():
        for part in ("module", "class_name", "registered_name"):
            assert config["config"]["features"][key][part] == feature[part]
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "space.keras")(ROWS), space(ROWS))


def test_one_row_batches_and_models(space):
    np.testing.assert_allclose(space({key: values[1] for key, values in ROWS.items()}), ENCODED[1], atol=1e-6)
    data = keras.data.Dataset.from_tensor_slices(ROWS).batch(3).map(lambda rows: space(rows))
    np.testing.assert_allclose(np.concatenate([batch.numpy() for batch in data]), ENCODED, atol=1e-6)
    model = keras.Model(space.get_inputs(), space.get_encoded_features())
    columns = {key: np.array(values) for key, values in ROWS.items()}
    np.testing.assert_allclose(model.predict(columns, verbose=0), ENCODED, atol=1e-6)


def test_a_dict_of_encoded_features():
    space = FeatureSpace(
        {"a": "float", "b": FeatureSpace.string_hashed(4, output_mode="int")},
        crosses=[FeatureSpace.cross(("b", "b"), 3, output_mode="int")],
        output_mode="dict",
    )
    found = space({"a": [1.0, 2.0], "b": ["x", "y"]})
    assert {key: (tuple(v.shape), str(v.dtype)[:3]) for key, v in found.items()} == {
        "a": ((2, 1), "flo"),
        "b": ((2, 1), "int"),
        "b_X_b": ((2, 1), "int"),
    }
    assert set(space.get_encoded_features()) == set(found)


def test_a_layer_of_the_user_s_own():
    own = FeatureSpace.feature("int32", keras.layers.CategoryEncoding(3, output_mode="one_hot"), "float")
    assert FeatureSpace({"x": own})({"x": [0, 2]}).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: FeatureSpace({}), "needs features"),
        (lambda: FeatureSpace({"a": "flot"}), "Did you mean 'float'"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="list"), "output_mode"),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), "not there"),
        (lambda: FeatureSpace({"a": "float_normalized"})({"a": [1.0]}), "has not seen data"),
        (lambda: FeatureSpace({"a": "float"})([1.0]), "called on a dict"),
        (lambda: FeatureSpace({"a": "float"})({"b": [1.0]}), "without"),
        (lambda: FeatureSpace({"a": "float_normalized"}).adapt([1.0]), "something else than rows"),
        (lambda: FeatureSpace({"a": "float_normalized"}).adapt({"b": [1.0]}), "no feature 'a'"),
        (
            lambda: FeatureSpace({"a": FeatureSpace.integer_hashed(3, output_mode="int")})({"a": [1]}),
            "not encoded",
        ),
        (
            lambda: FeatureSpace({"a": FeatureSpace.feature("float32", keras.layers.Identity(), "one_hot")})(
                {"a": [1.0]}
            ),
            "cannot be one-hot",
        ),
    ],
)
def test_errors_say_what_is_wrong(make, error):
    with pytest.raises(ValueError, match=error):
        make()
