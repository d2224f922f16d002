from __future__ import annotations

import os
import shutil

import numpy as np
import pytest

import addax as keras
from addax.serving import load_signatures
from addax.serving._store import ModelStore


def value(store) -> float:
    signature = store.current.default
    return float(signature.run({"x": np.ones((1, 3), np.float32)})["output_0"][0, 0])


@pytest.fixture
def base(tmp_path, make_linear):
    """Adds versions to a folder: `base(number, factor)`."""
    folder = tmp_path / "house"

    def add(version, factor, keras_file=False):
        place = folder / str(version)
        if keras_file:
            place.mkdir(parents=True)
            make_linear(factor).save(place / "model.keras")
        else:
            make_linear(factor).export(place)
        return folder

    return add


def test_the_newest_version_is_served(base):
    base(9, 1.0)
    store = ModelStore(base(10, 2.0, keras_file=True), None, [1])
    store.load()
    assert (store.name, store.current.version, value(store)) == ("house", 10, 6.0)


def test_a_newer_version_replaces_it_once_its_files_rest(base):
    store = ModelStore(base(1, 1.0), "m", [1])
    store.load()
    before = store.current
    base(2, 2.0)
    assert not store.poll() and store.current is before
    assert store.poll() and (store.current.version, value(store)) == (2, 6.0)
    assert not store.poll()
    assert before.default.run({"x": np.ones((1, 3), np.float32)})["output_0"][0, 0] == 3.0


def test_a_version_taken_away_leads_back(base):
    base(1, 1.0)
    folder = base(2, 2.0)
    store = ModelStore(folder, "m", [1])
    store.load()
    store.poll()
    shutil.rmtree(folder / "2")
    assert store.poll() and (store.current.version, value(store)) == (1, 3.0)


def test_a_damaged_version_changes_nothing_until_it_is_mended(base):
    loads = []
    folder = base(1, 1.0)
    store = ModelStore(folder, "m", [1], loads.append)
    store.load()
    base(2, 2.0)
    good = (folder / "2" / "saved_model.pb").read_bytes()
    (folder / "2" / "saved_model.pb").write_bytes(b"\xff" * 50)
    assert not any(store.poll() for _ in range(4))
    assert store.current.version == 1 and loads == [True, False]
    assert "Malformed" in store.failures[2]
    (folder / "2" / "saved_model.pb").write_bytes(good)
    assert not store.poll() and store.poll()
    assert store.current.version == 2 and not store.failures


def test_a_damaged_newest_version_at_the_start(base):
    base(1, 1.0)
    folder = base(2, 2.0)
    (folder / "2" / "saved_model.pb").write_bytes(b"")
    store = ModelStore(folder, "m", [1])
    store.load()
    assert store.current.version == 1 and 2 in store.failures
    shutil.rmtree(folder / "1")
    with pytest.raises(ValueError, match="No version can be loaded"):
        ModelStore(folder, "m", [1]).load()


def test_nothing_to_serve(tmp_path):
    for path in (tmp_path, tmp_path / "missing", tmp_path / "missing.keras"):
        with pytest.raises(FileNotFoundError, match="no model here"):
            ModelStore(path, "m", [1]).load()


def test_names(tmp_path, base):
    assert ModelStore(tmp_path / "digits.keras", None, [1]).name == "digits"
    assert ModelStore(base(3, 1.0) / "3", None, [1]).name == "house"
    with pytest.raises(ValueError, match="--name"):
        ModelStore(tmp_path / "a b.keras", None, [1])


def test_folders_of_the_wrong_kind_are_left_alone(base):
    folder = base(1, 1.0)
    for name in ("2.tmp", "²", "-3", "4"):
        os.mkdir(folder / name)
    (folder / "5").write_text("a file")
    store = ModelStore(folder, "m", [1])
    store.load()
    assert store.current.version == 1 and not store.failures


def test_a_model_with_a_size_that_requests_choose(tmp_path):
    inputs = keras.Input((None, 2), name="steps")
    keras.Model(inputs, keras.ops.sum(inputs, axis=1)).save(tmp_path / "m.keras")
    signature = load_signatures(tmp_path / "m.keras")["serving_default"]
    assert signature.inputs[0].shape == (None, None, 2) and signature.batched
    out = signature.run({"steps": np.ones((2, 5, 2), np.float32)})
    assert out["output_0"].tolist() == [[5, 5], [5, 5]]


def test_a_model_that_mixes_examples_is_not_batched(tmp_path):
    inputs = keras.Input((2,), name="x")
    keras.Model(inputs, keras.ops.sum(inputs, axis=0)).save(tmp_path / "m.keras")
    assert not load_signatures(tmp_path / "m.keras")["serving_default"].batched


def test_names_of_one_function_are_one_signature(base):
    signatures = load_signatures(base(1, 1.0) / "1")
    assert signatures["serve"] is signatures["serving_default"]
