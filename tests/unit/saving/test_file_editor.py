"""`KerasFileEditor`: what it shows, what it changes, and that it is as careful as the loaders."""

from __future__ import annotations

import h5py
import keras as real
import numpy as np
import pytest

import addax as keras
from addax.saving import KerasFileEditor


def model(units=2, name="head"):
    inputs = keras.Input((3,))
    x = keras.layers.Dense(4, name="first")(inputs)
    x = keras.layers.Bidirectional(keras.layers.SimpleRNN(2))(x[:, None, :])
    return keras.Model(inputs, keras.layers.Dense(units, name=name)(x))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    made = model()
    made.save(folder / "a.keras")
    made.save_weights(folder / "a.weights.h5")
    return folder, made


@pytest.mark.parametrize("name", ["a.keras", "a.weights.h5"])
def test_the_weights_go_through_unchanged(name, saved, tmp_path):
    folder, made = saved
    editor = KerasFileEditor(folder / name)
    assert editor.compare(made) == {"status": "success", "error_count": 0, "match_count": 10}
    assert (editor.config is None) == (name != "a.keras")
    editor.save(tmp_path / "b.weights.h5")
    other = model()
    other.load_weights(tmp_path / "b.weights.h5")
    for weight, expected in zip(other.get_weights(), made.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_summary_names_objects_and_shapes(saved, capsys):
    KerasFileEditor(saved[0] / "a.weights.h5").summary()
    text = capsys.readouterr().out
    assert "dense ('first')" in text and "0: shape (3, 4), float32" in text and "forward_layer" in text


def test_changes_by_name_and_by_path(saved, tmp_path):
    editor = KerasFileEditor(saved[0] / "a.weights.h5")
    editor.rename_object("dense", "stem")
    editor.rename_object("layers/dense_1", "dense")
    editor.add_weights("stem", {"0": np.zeros((3, 4), "float32")})
    editor.delete_weight("layers/stem", "1")
    editor.add_object("layers/extra", {"0": np.ones(2)})
    editor.delete_object("bidirectional")
    layers = editor.weights_dict["layers"]
    assert list(layers) == ["stem", "dense", "extra"] or set(layers) == {"stem", "dense", "extra"}
    editor.resave_weights(tmp_path / "b.weights.h5")
    with h5py.File(tmp_path / "b.weights.h5") as file:
        assert set(file["layers/stem/vars"]) == {"0"} and file["layers/extra/vars/0"].shape == (2,)
        assert file["layers/dense/vars/0"].shape == (4, 2)


def test_comparing_says_what_differs(saved, capsys):
    report = KerasFileEditor(saved[0] / "a.weights.h5").compare(model(units=5))
    assert report == {"status": "error", "error_count": 2, "match_count": 8}
    assert "/layers/dense_1/0: shape (4, 2) in the file, (4, 5) in the model" in capsys.readouterr().out


def test_the_real_keras_reads_what_the_editor_wrote(tmp_path):
    layers = [real.Input((3,)), real.layers.Dense(4), real.layers.Dense(2)]
    theirs = real.Sequential(layers)
    theirs.save_weights(tmp_path / "a.weights.h5")
    editor = KerasFileEditor(tmp_path / "a.weights.h5")
    editor.add_weights("dense_1", {"1": np.full(2, 7.0, "float32")})
    editor.save(tmp_path / "b.weights.h5")
    theirs.load_weights(tmp_path / "b.weights.h5")
    assert theirs.get_weights()[3].tolist() == [7.0, 7.0]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (lambda e: e.rename_object("dens", "x"), "Did you mean 'dense'"),
        (lambda e: e.rename_object("dense", "a/b"), "no path"),
        (lambda e: e.rename_object("dense", "dense_1"), "already"),
        (lambda e: e.delete_object("layers/none"), "There is no"),
        (lambda e: e.delete_weight("dense", "5"), "no weight '5'"),
        (lambda e: e.add_object("nowhere/x", {}), "There is no"),
        (lambda e: e.add_weights("dense", [1]), "a dict"),
        (lambda e: e.save("a.h5"), "weights files"),
        (lambda e: KerasFileEditor("a.txt"), "no file that the editor opens"),
    ],
)
def test_errors(action, text, saved):
    with pytest.raises(ValueError, match=text):
        action(KerasFileEditor(saved[0] / "a.weights.h5"))


def test_links_out_of_the_file_are_refused(tmp_path):
    (tmp_path / "secret.h5").write_bytes(b"")
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/x")
    with pytest.raises(ValueError, match="refused"):
        KerasFileEditor(tmp_path / "a.weights.h5")
