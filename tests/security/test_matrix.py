"""The table of `security.md`, whole: each row of attacks at each door, or why it cannot get there.

A cell is what the carriers of the row are at the door, and the bombs that its own format allows. Before it is attacked,
each carrier passes what is harmless, so that a refusal says something. The last tests see to it that no cell is empty.
"""

from __future__ import annotations

import functools
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.security import _files as files
from tests.security._attacks import ROWS, Attack, always
from tests.security._bombs import OWN_BOMBS
from tests.security._entries import CARRIERS, DOORS
from tests.security._watch import tree_of, watched
from tests.security.test_configs import MARKER
from tests.security.test_files import secret  # noqa: F401 - a fixture
from tests.security.test_get_file import folder

from addax.core import config

REFUSALS = (TypeError, ValueError)
# What the making of fixtures, or get_file for a file of this machine, does.
_OF_TEST = (
    "shutil.rmtree",
    "shutil.move",
    "shutil.copyfile",
    "shutil.copymode",
    "urllib.Request",
    "os.symlink",
)
# What is contained rather than refused at certain doors, and why.
CONTAINED = {
    (
        "sizes without bytes",
        "get_file",
        "many small",
    ): "It unpacks to 16 MB; a gigabyte is the least that is refused.",
    ("sizes without bytes", "get_file", "one large"): "Likewise.",
    ("sizes without bytes", "load_model .h5", "shared"): "What weight_names does not list is not read.",
    ("sizes without bytes", "load_weights .h5", "shared"): "Likewise.",
    ("sizes without bytes", "layers.deserialize", "a config"): "The layer is not built: no variable is made.",
    ("sizes without bytes", "saving.deserialize_keras_object", "a config"): "Likewise.",
}
NO_SIZES = "A config of this kind makes no variables, and JSON has no sizes to lie about."


# The cells ------------------------------------------------------------------------------------------------
def attacks(row: str, door: str) -> list[tuple[str, str, Attack]]:
    """The attacks of a cell: carrier, name, attack."""
    found = [
        (carrier, name, attack)
        for carrier, named in ROWS[row].items()
        if carrier in DOORS[door].carriers
        for name, attack in named.items()
    ]
    if row == "sizes without bytes" and door in OWN_BOMBS:
        found.append(("own", "its own sizes", always(None)))
    return found


def reason(row: str, door: str) -> str:
    """Why a row cannot come through a door."""
    without = DOORS[door].without
    found = [without.get(carrier, without.get("*", "")) for carrier in ROWS[row]]
    if row == "sizes without bytes":
        found = [
            NO_SIZES if carrier == "config" and "named" in DOORS[door].carriers else text
            for carrier, text in zip(ROWS[row], found, strict=True)
        ]
    return " ".join(dict.fromkeys(found)) if all(found) else ""


CELLS = [(row, door) for row in ROWS for door in DOORS if attacks(row, door)]


@functools.cache
def passes(door: str, carrier: str) -> None:
    """Check that what is harmless passes; what is imported on first use is imported before anything is watched."""
    with tempfile.TemporaryDirectory() as tmp:
        harmless(door, carrier, Path(tmp))


def harmless(door: str, carrier: str, tmp: Any) -> Any:
    """Send through a door what is as it should be."""
    good = {
        "config": _WITHOUT_WEIGHTS
        if door == "load_model FeatureSpace"
        else files.dense(kernel_initializer="ones"),
        "hdf5": _plain,
        "zip": [("assets/layers/other/a.txt", b"text")],
        "tar": [folder("d")],
        "index": "beside",
        "pickle": pickle.dumps(np.array([[1, 2]] + [[]], object)[:1], 4),
        "named": _NAMED[door.split(".")[-2]] if carrier == "named" else None,
    }
    return DOORS[door].carriers[carrier](good[carrier], tmp)


def _plain(group: Any) -> None:
    group["0"], group["1"] = np.ones((3, 2), "float32"), np.zeros(2, "float32")


_WITHOUT_WEIGHTS = files.entry("Rescaling", {"scale": 2.0, "name": "r"})
_NAMED = {
    "activations": "relu",
    "constraints": files.entry("NonNeg", {}, "keras.constraints"),
    "dtype_policies": files.entry("DTypePolicy", {"name": "float32"}, "keras"),
    "initializers": files.entry("Zeros", {}, "keras.initializers"),
    "losses": files.entry("MeanSquaredError", {}, "keras.losses"),
    "metrics": files.entry("MeanSquaredError", {}, "keras.metrics"),
    "optimizers": files.entry("SGD", {}, "keras.optimizers"),
    "quantizers": files.entry("AbsMaxQuantizer", {"axis": -1}, "keras.quantizers"),
    "regularizers": files.entry("L2", {}, "keras.regularizers"),
    "schedules": files.entry(
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 1, "decay_rate": 0.5},
        "keras.optimizers.schedules",
    ),
}


@pytest.mark.parametrize(("row", "door"), CELLS, ids=lambda value: value)
def test_it_is_refused(row, door, secret, tmp_path, monkeypatch):  # noqa: F811
    for number, (carrier, name, attack) in enumerate(attacks(row, door)):
        if carrier != "own":
            passes(door, carrier)
        monkeypatch.setattr(config._settings, "unsafe_deserialization", False)  # one of the attacks sets it
        tmp = tmp_path / f"inside-{number}"
        tmp.mkdir()
        content = attack.content(secret)
        before = tree_of(secret)
        load = (lambda _, tmp=tmp: OWN_BOMBS[door](tmp)) if carrier == "own" else None
        load = load or (lambda content, tmp=tmp, carrier=carrier: DOORS[door].carriers[carrier](content, tmp))
        contained = attack.contained or DOORS[door].shows or (row, door, name) in CONTAINED
        with watched(*_OF_TEST) as seen:
            try:
                made = load(content)
            except REFUSALS:
                pass
            else:
                assert contained, f"{carrier}, {name}: it was let in"
                assert not isinstance(content, str) or made == content, f"{name}: it became {made}"
        assert not seen.unmarshalled(MARKER), name
        assert not any(path.startswith(str(secret)) for path in seen.opened), name
        assert tree_of(secret) == before, name
        assert not (tmp_path / "evil").exists() and not os.path.exists("/tmp/addax_evil"), name


# The matrix -----------------------------------------------------------------------------------------------
def test_no_cell_is_empty():
    empty = [
        (row, door)
        for row in ROWS
        for door in DOORS
        if not attacks(row, door) and len(reason(row, door)) < 10
    ]
    assert not empty


def test_each_door_says_of_each_carrier_what_it_is_or_why_there_is_none():
    for name, door in DOORS.items():
        assert set(door.carriers) | set(door.without) <= {*CARRIERS, "*"}, name
        missing = set(CARRIERS) - set(door.carriers) - set(door.without)
        assert not missing or "*" in door.without, (name, missing)
    assert set(OWN_BOMBS) <= set(DOORS)
    assert {(row, door) for row, door, _ in CONTAINED} <= {(row, door) for row in ROWS for door in DOORS}


def test_an_attack_that_gets_in_is_noticed(secret, tmp_path):  # noqa: F811
    """The check itself can fail: a door that follows a file's wish is found out."""
    with pytest.raises(AssertionError), watched():
        os.system("true")
    with watched() as seen:
        open(secret / "secret.raw", "rb").close()
    assert any(path.startswith(str(secret)) for path in seen.opened)
