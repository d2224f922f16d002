"""`addax inspect` and `addax convert` over hostile files: they are read as data, or refused without a traceback."""

from __future__ import annotations

import contextlib
import os
import struct

import h5py
import numpy as np
import pytest
from tests.security._files import archive, dense, entry, legacy, plain_weights, sequential, weights
from tests.security._watch import tree_of, watched
from tests.security.test_files import BOMBS, LINKS, NAMES, _links, _with_kernel, secret
from tests.unit.cli.test_main import leave

__all__ = ["secret"]  # a fixture

FILES = {
    "m.keras": lambda fill, tmp: archive(tmp / "m.keras", data=weights(fill)),
    "m.weights.h5": lambda fill, tmp: (tmp / "m.weights.h5").write_bytes(weights(fill)),
    "m.weights.json": lambda fill, tmp: (
        (tmp / "m_00000.weights.h5").write_bytes(weights(fill)),
        (tmp / "m.weights.json").write_text('{"weight_map": {"/layers/dense/vars": ["m_00000.weights.h5"]}}'),
    ),
}


def refused(capsys, path, *said):
    """Both commands say what is wrong, and neither writes or runs anything."""
    before = tree_of(path.parent)
    with watched() as seen:
        inspected = leave(capsys, "inspect", str(path))
        ending = ".weights.h5" if ".weights." in path.name else ".keras"
        converted = leave(capsys, "convert", str(path), str(path.parent / f"out{ending}"))
    for code, out, err in (inspected, converted):
        assert (code, out) == (1, "") and err.startswith("Error: ")
        assert all(one in err for one in said)
    assert tree_of(path.parent) == before
    return seen


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("name", FILES)
def test_arrays_kept_elsewhere_are_refused(name, kind, secret, tmp_path, capsys):
    def fill(file):
        file["elsewhere"] = np.full((3, 2), 42, "float32")
        _links(secret)[kind](file.require_group("layers/dense/vars"))

    FILES[name](fill, tmp_path)
    seen = refused(capsys, tmp_path / name, "refused")
    assert not any(path.startswith(os.path.realpath(secret)) for path in seen.opened)


@pytest.mark.parametrize("cut", ["layers", "layers/dense", "layers/dense/vars"])
@pytest.mark.parametrize("name", FILES)
def test_links_on_the_way_are_refused(name, cut, secret, tmp_path, capsys):
    def fill(file):
        parent, _, last = cut.rpartition("/")
        group = file.require_group(parent) if parent else file
        group[last] = h5py.ExternalLink(secret / "secret.h5", cut)

    FILES[name](fill, tmp_path)
    refused(capsys, tmp_path / name, "link to elsewhere")


@pytest.mark.parametrize(
    "what", ["never written", "never written, in chunks", "packed", "texts", "references"]
)
@pytest.mark.parametrize("name", FILES)
def test_bombs_are_refused_unread(name, what, tmp_path, capsys):
    FILES[name](_with_kernel(BOMBS[what]), tmp_path)
    refused(capsys, tmp_path / name, "refused")


@pytest.mark.parametrize("name", FILES)
def test_groups_that_hold_each_other_are_shown_once(name, tmp_path, capsys):
    def fill(file):
        plain_weights(file)
        file["layers/dense/layers"] = file["layers"]
        file["again"] = file["layers"]

    FILES[name](fill, tmp_path)
    code, out, _ = leave(capsys, "inspect", str(tmp_path / name))
    assert code == 0 and "parameters: 8 " in out


@pytest.mark.parametrize("kind", LINKS)
def test_legacy_files_with_links_are_refused(kind, secret, tmp_path, capsys):
    def fill(group):
        group["dense/bias"] = np.zeros(2, "float32")
        _links(secret)[kind](group["dense"])
        group["dense"].move("0", "kernel")

    refused(capsys, legacy(tmp_path / "m.h5", sequential(dense()), fill), "refused")


@pytest.mark.parametrize("name", NAMES)
def test_members_that_lead_out_are_refused(name, tmp_path, capsys):
    refused(capsys, archive(tmp_path / "m.keras", more=[(name, "x")]), "leads out")


EVIL = {
    "a function of os": entry("system", {"name": "s", "command": "touch evil"}, "os", "system"),
    "a module": entry("evil", {"name": "s"}, "this", None),
    "a lambda": entry(
        "Lambda",
        {"name": "f", "function": {"class_name": "__lambda__", "config": {"code": "4wAAAAA=\\n"}}},
    ),
    "a file to read": entry("StringLookup", {"name": "s", "vocabulary": "/etc/passwd"}),
}


@pytest.mark.parametrize("what", EVIL)
def test_configs_that_name_code_are_shown_and_never_followed(what, tmp_path, capsys):
    path = archive(tmp_path / "m.keras", sequential(EVIL[what]))
    before = tree_of(tmp_path)
    with watched() as seen:
        code, out, _ = leave(capsys, "inspect", str(path))
    assert code == 0 and EVIL[what]["class_name"] in out
    assert not seen.unmarshalled(b"") and "/etc/passwd" not in seen.opened
    assert tree_of(tmp_path) == before
    with watched():
        code, _, err = leave(capsys, "convert", str(path), str(tmp_path / "out.h5"))
    assert code == 1 and err.startswith("Error: ")
    assert tree_of(tmp_path) == before


def test_names_cannot_speak_to_the_terminal(tmp_path, capsys):
    name = "\x1b]0;evil\x07\x1b[2J\nnotes: safe\ud800"
    path = archive(tmp_path / "m.keras", sequential(dense(name=name)))
    code, out, _ = leave(capsys, "inspect", str(path))
    assert code == 0 and "\\x1b[2J\\nnotes: safe\\ud800" in out
    assert all(c.isprintable() or c == "\n" for c in out)


def test_altered_bytes_never_crash(tmp_path, capsys):
    """Flips bytes all over files of every kind: each is shown, or refused with a message."""
    import addax as keras

    model = keras.Sequential([keras.Input((3,), name="x"), keras.layers.Dense(2, name="dense")], name="stack")
    model.export(tmp_path / "sm", verbose=False)
    for name, make in FILES.items():
        make(plain_weights, tmp_path)
        assert (tmp_path / name).exists()
    legacy(tmp_path / "m.h5", sequential(dense()))
    np.savez(tmp_path / "a.npz", x=np.ones(3))
    names = [*FILES, "m.h5", "a.npz", "sm/saved_model.pb", "sm/variables/variables.index"]
    rng = np.random.default_rng(0)
    for name in names:
        good = (tmp_path / name).read_bytes()
        for _ in range(20):
            bad = bytearray(good)
            for at in rng.integers(0, len(bad), 6):
                bad[at] = rng.integers(0, 256)
            (tmp_path / name).write_bytes(bad)
            with watched():
                code, _, err = leave(capsys, "inspect", str(tmp_path / name))
            assert code == 0 or (code == 1 and err.startswith("Error: ")), name
        (tmp_path / name).write_bytes(good)


def test_an_npz_with_objects_is_refused(tmp_path, capsys):
    class Evil:
        def __reduce__(self):
            return os.system, ("touch evil",)

    np.savez(tmp_path / "a.npz", x=np.array([Evil()], object))
    with watched():
        code, _, err = leave(capsys, "inspect", str(tmp_path / "a.npz"))
    assert code == 1 and "damaged" in err
    with contextlib.suppress(struct.error):
        assert not (tmp_path / "evil").exists()
