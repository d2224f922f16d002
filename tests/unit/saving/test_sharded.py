"""Weights in several files: their sizes, what a broken or hostile set says, and that nothing old is lost."""

from __future__ import annotations

import json
import os
import re

import numpy as np
import pytest

import addax as keras
from addax.saving import _sharded
from addax.saving._hdf5 import opened_weights

GB = 2**30


def model(seed=0, units=8):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(units),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(2, dtype="bfloat16"),
        ]
    )


def trained(seed=0):
    found = model(seed)
    found.compile("adam", "mse")
    found.fit(np.ones((8, 4), "float32"), np.ones((8, 2), "float32"), verbose=0)
    return found


def assert_equal(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(np.asarray(a, "float32"), np.asarray(b, "float32"))


def test_weights_and_optimizer_come_back(tmp_path):
    one, other = trained(0), trained(1)
    one.save_weights(tmp_path / "m.weights.json", max_shard_size=200 / GB)
    assert len(list(tmp_path.glob("m_*.weights.h5"))) > 3
    other.load_weights(tmp_path / "m.weights.json")
    assert_equal(one.get_weights(), other.get_weights())
    assert_equal([v.numpy() for v in one.optimizer.variables], [v.numpy() for v in other.optimizer.variables])


@pytest.mark.parametrize("limit", [128, 200, 4096])
def test_no_shard_is_larger_than_allowed_and_the_index_tells_the_sum(tmp_path, limit):
    trained().save_weights(tmp_path / "m.weights.json", max_shard_size=limit / GB)
    index = json.loads((tmp_path / "m.weights.json").read_text())
    sizes = {}
    for path, names in index["weight_map"].items():
        for name in names:
            with opened_weights(tmp_path / name) as file:
                found = sum(array.nbytes for _, array in file.group(path[1:]).items())
                sizes[name] = sizes.get(name, 0) + found
    assert max(sizes.values()) <= limit
    assert sum(sizes.values()) == index["metadata"]["total_size"]


def test_the_files_are_named_by_the_index(tmp_path):
    model().save_weights(tmp_path / "a.b.weights.json", max_shard_size=1)
    assert sorted(os.listdir(tmp_path)) == ["a.b.weights.json", "a.b_00000.weights.h5"]


def test_a_name_of_hdf5_becomes_that_of_an_index_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="m.weights.json"):
        model().save_weights(tmp_path / "m.weights.h5", max_shard_size=1)
    assert (tmp_path / "m.weights.json").exists()


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [
        ("m.weights.json", None, "max_shard_size"),
        ("m.weights.npz", 1, "ends in .weights.json"),
        ("m.weights.json", 0, "positive number"),
        ("m.weights.json", float("nan"), "positive number"),
        ("m.weights.json", "5GB", "positive number"),
        ("m.weights.json", 100 / GB, "layers/dense/vars/0"),
        ("nowhere/m.weights.json", 1, "does not exist"),
    ],
)
def test_what_cannot_be_written_says_why_and_leaves_nothing(tmp_path, name, size, said):
    with pytest.raises((ValueError, FileNotFoundError), match=re.escape(said)):
        model().save_weights(tmp_path / name, max_shard_size=size)
    assert os.listdir(tmp_path) == []


def test_an_old_shard_is_not_overwritten_without_leave(tmp_path):
    (tmp_path / "m_00000.weights.h5").write_text("precious")
    with pytest.raises(FileExistsError):
        model().save_weights(tmp_path / "m.weights.json", overwrite=False, max_shard_size=1)
    assert (tmp_path / "m_00000.weights.h5").read_text() == "precious"


def test_a_full_disk_leaves_the_old_set(tmp_path, monkeypatch):
    path = tmp_path / "m.weights.json"
    old = model(0)
    old.save_weights(path, max_shard_size=200 / GB)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    written, whole = [], _sharded.write_objects

    def full(target, objects):
        written.append(target)
        if len(written) == 2:
            raise OSError(28, "No space left on device")
        whole(target, objects)

    monkeypatch.setattr(_sharded, "write_objects", full)
    with pytest.raises(OSError, match="No space left"):
        model(1).save_weights(path, max_shard_size=200 / GB)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_process_that_dies_between_two_files_leaves_the_old_set(tmp_path, monkeypatch):
    path = tmp_path / "m.weights.json"
    old = model(0)
    old.save_weights(path, max_shard_size=200 / GB)
    renamed, replace = [], os.replace

    def dying(source, target):
        if renamed:
            raise KeyboardInterrupt
        renamed.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", dying)
    with pytest.raises(KeyboardInterrupt):
        model(1).save_weights(path, max_shard_size=200 / GB)
    monkeypatch.undo()
    other = model(2)
    other.load_weights(path)
    for found, wanted in zip(other.get_weights(), old.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_save_over_another_one_leaves_no_shard_of_it(tmp_path):
    path = tmp_path / "m.weights.json"
    for seed in range(3):
        new = model(seed)
        new.save_weights(path, max_shard_size=200 / GB)
        other = model(9)
        other.load_weights(path)
        for found, wanted in zip(other.get_weights(), new.get_weights(), strict=True):
            np.testing.assert_array_equal(found, wanted)
        named = {n for names in json.loads(path.read_text())["weight_map"].values() for n in names}
        assert {p.name for p in tmp_path.iterdir()} == {path.name, *named}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "m.weights.json"
    model().save_weights(path, max_shard_size=200 / GB)
    return path


def changed(path, **entries):
    index = json.loads(path.read_text())
    index["weight_map"].update(entries)
    path.write_text(json.dumps(index))


def refused(path, match):
    other = model(5)
    before = other.get_weights()
    with pytest.raises(ValueError, match=match):
        other.load_weights(path)
    assert_equal(before, other.get_weights())


def test_a_missing_shard_is_named(saved):
    (saved.parent / "m_00001.weights.h5").unlink()
    refused(saved, "m_00001.weights.h5 is missing")


def test_a_truncated_shard_is_named(saved):
    shard = saved.parent / "m_00001.weights.h5"
    shard.write_bytes(shard.read_bytes()[:100])
    refused(saved, "m_00001.weights.h5 is no HDF5 file, or it is damaged")


def test_a_truncated_index_is_no_index(saved):
    saved.write_text(saved.read_text()[:40])
    refused(saved, "not JSON")


def test_other_json_is_no_index(saved):
    saved.write_text('{"class_name": "Sequential"}')
    refused(saved, "no index of weights")


def test_an_index_over_foreign_shards_is_damaged(saved):
    changed(saved, **{"/layers/dense/vars": ["m_00001.weights.h5"]})
    refused(saved, "has no layers/dense/vars")


def test_a_variable_in_two_shards_is_refused(saved):
    copy = saved.parent / "n_00000.weights.h5"
    copy.write_bytes((saved.parent / "m_00000.weights.h5").read_bytes())
    changed(saved, **{"/layers/dense/vars": ["m_00000.weights.h5", copy.name]})
    refused(saved, "Two shards")


@pytest.mark.parametrize("name", ["../m_00000.weights.h5", "/etc/passwd", "..", "a\\b", "c:x", ""])
def test_names_of_shards_lead_nowhere_else(saved, name):
    changed(saved, **{"/layers/dense/vars": [name]})
    refused(saved, "stand elsewhere")


@pytest.mark.parametrize("value", [3, [3], None, {"a": 1}])
def test_names_of_shards_are_texts(saved, value):
    changed(saved, **{"/layers/dense/vars": value})
    refused(saved, "damaged")


def test_a_shard_that_is_a_link_is_refused(saved, tmp_path_factory):
    secret = tmp_path_factory.mktemp("secret") / "s.weights.h5"
    shard = saved.parent / "m_00000.weights.h5"
    os.replace(shard, secret)
    shard.symlink_to(secret)
    refused(saved, "link to elsewhere")


def test_other_shapes_are_shown_in_a_table(saved):
    other = model(units=9)
    with pytest.raises(ValueError, match=r"layers/dense +dense.*\(4, 9\), \(9,\) +\(4, 8\), \(8,\)"):
        other.load_weights(saved)


def test_by_name_is_for_legacy_files(saved):
    with pytest.raises(ValueError, match="by_name"):
        model().load_weights(saved, by_name=True)
