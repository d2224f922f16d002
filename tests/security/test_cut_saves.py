"""A save that is killed, or has no room, leaves the old file or the new one, and nothing in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and limits of the size of files")
_SCRIPT = Path(__file__).with_name("_cut_saves.py")
KINDS = ("keras", "weights", "h5", "shards", "checkpoint", "checkpoints", "dataset", "saved_model")
_GONE = (
    "shards",
    "saved_model",
)  # for a moment nothing is there: an index goes before its shards, a folder aside


def _run(folder: Path, *kinds: str) -> dict[str, dict]:
    command = [sys.executable, "-W", "ignore", str(_SCRIPT), str(folder), *kinds]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, env={**os.environ}, check=False
    )
    assert done.returncode == 0, done.stderr
    return {line["kind"]: line for line in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    return _run(tmp_path_factory.mktemp("saves"), *KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_save_that_is_killed_leaves_the_old_or_the_new(kind, outcomes):
    found = outcomes[kind]["killed"]
    allowed = {"old", "new", "finished", "cut"} | ({"none"} if kind in _GONE else set())
    assert set(found) <= allowed, found
    assert found["finished"] and found["old"] >= 3 and found["new"] >= 1, found
    assert found["cut"] == 3, found  # killed in the midst of the bytes


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_an_error_and_the_old_file_stays(kind, outcomes):
    assert outcomes[kind]["full"] == {"old": 3, "OSError": 3, "left behind": 0}
