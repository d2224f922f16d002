"""Backups of training that lie about their shapes and places, or hold nonsense."""

from __future__ import annotations

import shutil

import h5py
import numpy as np
import pytest
from tests.security._watch import watched
from tests.security.test_files import BOMBS, LINKS, _links, secret, stack  # noqa: F401

import addax as keras
from addax.saving._state_file import opened_state, write_state

X, Y = np.ones((8, 3), "float32"), np.zeros((8, 2), "float32")
NAME = "latest.backup.h5"


def fit(model, folder, **options):
    backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
    return model.fit(X, Y, epochs=2, batch_size=4, callbacks=[backup], verbose=0, **options)


@pytest.fixture(scope="module")
def model():
    model = stack()
    model.compile("adam", "mse")
    return model


@pytest.fixture(scope="module")
def good(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backup")
    fit(model, folder)
    return folder / NAME


def assert_refused(model, folder, match=None):
    before = [v.numpy() for v in (*model.variables, *model.optimizer.variables)]
    with watched(), pytest.raises(ValueError, match=match):
        fit(model, folder)
    for a, b in zip(before, (*model.variables, *model.optimizer.variables), strict=True):
        np.testing.assert_array_equal(a, b.numpy())


def test_a_plain_backup_passes(model, good, tmp_path):
    shutil.copy(good, tmp_path)
    assert fit(model, tmp_path).epoch == [0, 1]


@pytest.mark.parametrize("place", ["variables", "arrays", ""])
@pytest.mark.parametrize("kind", LINKS)
def test_arrays_kept_elsewhere_are_refused(kind, place, model, good, secret, tmp_path):  # noqa: F811
    path = shutil.copy(good, tmp_path)
    with h5py.File(path, "r+") as file:
        key = "0" if place else "state"
        file["elsewhere"] = np.full((3, 2), 42, "float32")
        group = file[place or "/"]
        del group[key]
        if place:
            _links(secret)[kind](group)
        else:
            file["state"] = h5py.ExternalLink(secret / "secret.h5", "plain")
    assert_refused(model, tmp_path, match="refused|another model")


@pytest.mark.parametrize("place", ["variables", "arrays"])
@pytest.mark.parametrize("what", BOMBS)
def test_arrays_that_are_not_what_was_saved_are_refused(what, place, model, good, tmp_path):
    path = shutil.copy(good, tmp_path)
    with h5py.File(path, "r+") as file:
        del file[place]["0"]
        BOMBS[what](file[place])
    assert_refused(model, tmp_path)


NONSENSE = {
    "no dict": lambda state: [state],
    "another version": lambda state: {**state, "version": 99},
    "a name for an epoch": lambda state: {**state, "epoch": "__import__('os')"},
    "an epoch before the first": lambda state: {**state, "epoch": -1},
    "no callbacks": lambda state: {k: v for k, v in state.items() if k != "callbacks"},
    "other paths": lambda state: {**state, "paths": []},
    "a position of texts": lambda state: {**state, "train": {"given": "a", "done": "b"}},
    "a position that never comes": lambda state: {
        **state,
        "train": {**state["train"], "random": {"numpy": 1}},
    },
    "generators of zeros": lambda state: {**state, "random": {**state["random"], "numpy": {"state": 0}}},
    "generators without numbers": lambda state: {
        **state,
        "random": {**state["random"], "python": (3, ("x",), 0)},
    },
    "a history that is a number": lambda state: {**state, "callbacks": {"History/1": 5}},
    "a history without epochs": lambda state: {**state, "callbacks": {"History/1": {}}},
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_refused(what, model, good, tmp_path):
    with opened_state(good) as file:
        state, variables = file.state, file.variables()
    write_state(tmp_path / NAME, NONSENSE[what](state), variables)
    assert_refused(model, tmp_path)


@pytest.mark.parametrize("text", [b"", b"[", b"0\n{}", b"[0, 0, 0]\n" + b"[" * 5000, b'[1, 0, 0]\n["d", 3]'])
def test_a_state_that_is_no_json_is_refused(text, model, good, tmp_path):
    path = shutil.copy(good, tmp_path)
    with h5py.File(path, "r+") as file:
        del file["state"]
        file["state"] = np.frombuffer(text, np.uint8)
    assert_refused(model, tmp_path, match="damaged|cannot be read")


def test_altered_bytes_are_refused_or_change_nothing(model, good, tmp_path):
    rng = np.random.default_rng(0)
    data = good.read_bytes()
    for _ in range(20):
        bad = bytearray(data)
        for at in rng.integers(0, len(bad), 12):
            bad[at] = rng.integers(0, 256)
        (tmp_path / NAME).write_bytes(bad)
        try:
            assert fit(model, tmp_path).epoch == [0, 1]
        except ValueError:
            continue
