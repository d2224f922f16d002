"""The state of a run in one file: what goes in comes out, and nothing else."""

from __future__ import annotations

import os

import ml_dtypes
import numpy as np
import pytest

from addax.core import tree
from addax.saving import _state_file
from addax.saving._state_file import is_plain, opened_state, write_state

STATE = {
    "numbers": [1, 2.5, True, None, -(2**70), float("inf")],
    "texts": ("a", "é\0", b"\0\xff"),
    3: {"a key that is a number": ()},
    "arrays": [np.arange(6).reshape(2, 3), np.float32(0.1), np.zeros((0, 2)), np.ones(2, ml_dtypes.bfloat16)],
    "objects": np.array([[b"a\0b", "c"], [None, 1]], object),
    "words": np.array(["ab", "c"]),
}


def test_everything_comes_back_as_it_was(tmp_path):
    variables = [np.eye(2, dtype="float16"), np.array(True)]
    write_state(tmp_path / "s.h5", STATE, variables)
    with opened_state(tmp_path / "s.h5") as file:
        found, arrays = file.state, file.variables()
        assert file.shapes == [(2, 2), ()]
    assert list(found) == list(STATE)
    for mine, theirs in zip(tree.flatten(found), tree.flatten(STATE), strict=True):
        np.testing.assert_array_equal(mine, theirs)
        assert type(mine) is type(theirs)
    assert [a.dtype for a in found["arrays"]] == [a.dtype for a in STATE["arrays"]]
    for a, b in zip(arrays, variables, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == b.dtype


def test_what_is_no_plain_value_is_refused_and_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "s.h5"
    write_state(path, {"a": 1})
    circle: list = []
    circle.append(circle)
    for bad in (object(), {1, 2}, circle, np.array("2020", "datetime64[D]"), tmp_path):
        assert not is_plain({"x": bad})
        with pytest.raises(TypeError):
            write_state(path, [bad])
    monkeypatch.setattr(_state_file, "write_array", lambda *_: os.close(10**6))
    with pytest.raises(OSError):
        write_state(path, {"a": 2})
    with opened_state(path) as file:
        assert file.state == {"a": 1}
    assert os.listdir(tmp_path) == ["s.h5"]


def test_another_file_is_no_state(tmp_path):
    with pytest.raises(ValueError, match="File not found"), opened_state(tmp_path / "none.h5"):
        pass
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(ValueError, match="no HDF5 file"), opened_state(tmp_path / "text.h5"):
        pass
