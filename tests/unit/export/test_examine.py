"""Programs that MLIR's reader crashes on or never comes back from."""

import hashlib
import shutil
import subprocess
import time

import numpy as np
import pytest
from tests.unit.export.test_program import custom_call, trace_linear
from tests.unit.export.test_saved_model import dense_path, program_node, rewritten  # noqa: F401

from addax.export import InputSpec, _examine, read_saved_model, trace_program
from addax.serving._load import load_signatures

# `x + x` as jaxlib 0.10 serialized it; one other byte is enough.
ADDITION = (
    b"ML\xefR\rStableHLO_v1.0.0\x00\x01\x19\x05\x01\x05\t\x01\x03\x0b\x03\x07\x0f\x13\x17\x03+\x15\x07\x01\r\x0b\x13\x13"
    b"\x13\x13\x13\x03\t\x0b\x0b\x0b\x0b\x03\x07\x13\x17\x07\x02Q\x05\r\x17\x01\x03\x03\x17\x01\x03\x15\x17\x01\x03C\x17"
    b"\x01\x05\x0f\x17\x01\x07\x05\x03\x01#\x03\x1d\x0f\x1d\x11)\x03\t\x05\x11\x03\x01\x03\x01\t\x04M\x05\x01P\x03\x01"
    b"\x07\x04=\x03\x01\x05\x03P\x05\x03\x07\x04)\x03\x05\x0b\x03\x03\x07\x00\x05\x06\t\x03\x01\x05\x01\x01\x07\x04\x0b"
    b"\x03\x03\x06\x03\x01\x05\x01\x00\x8b\x13\x0f\x0b\x05\x15\x0f\x11\x0f\x0b\x11builtin\x00vhlo\x00module\x00func_v1"
    b"\x00add_v1\x00return_v1\x00-\x00main\x00public\x00\x08\x15\x05\x05\x01\x01\x0b\r\x0f\r\x11\x13"
)
CRASHES = ((85, 39), (103, 7), (41, 45))
HANGS = (96, 67)


def changed(place: int, byte: int) -> bytes:
    data = bytearray(ADDITION)
    data[place] = byte
    return bytes(data)


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(_examine, "_known", type(_examine._known)())
    monkeypatch.setattr(_examine, "_SECONDS", 1)


def no_process(monkeypatch):
    def run(*args, **kwargs):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", run)


@pytest.mark.parametrize("change", [*CRASHES, HANGS])
def test_what_the_reader_does_not_get_through_is_refused_in_words(change) -> None:
    start = time.monotonic()
    with pytest.raises(ValueError, match=r"evil: [\s\S]*StableHLO program"):
        _examine.check_module(changed(*change), "evil")
    assert time.monotonic() - start < 30


def test_a_program_is_looked_at_once(monkeypatch) -> None:
    _examine.check_module(ADDITION, "sum")
    no_process(monkeypatch)
    _examine.check_module(ADDITION, "sum")


def test_a_program_of_this_process_needs_no_look(monkeypatch) -> None:
    program = trace_linear()
    no_process(monkeypatch)
    _examine.check_module(program.module, "mine")


def test_a_program_with_too_much_in_it_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(_examine, "_MEMORY", 0)
    monkeypatch.setattr(_examine, "_MEMORY_A_BYTE", 0)
    with pytest.raises(ValueError, match=r"took more than \d+ s or 0 MB"):
        _examine.check_module(trace_large(), "large")


def trace_large() -> bytes:
    constant = np.random.default_rng(0).normal(size=1 << 20).astype("float32")
    program, _ = trace_program(lambda _, x: x + constant, [], [InputSpec("x", ())])
    _examine._known.clear()
    return program.module


def test_a_program_with_large_constants_is_read() -> None:
    _examine.check_module(trace_large(), "large")


def test_other_functions_than_main_are_no_program() -> None:
    with pytest.raises(ValueError, match="no function main, but"):
        _examine.check_module(ADDITION.replace(b"main", b"mine"), "evil")
    with pytest.raises(ValueError, match="Not a StableHLO program"):
        _examine.check_module(ADDITION.replace(b"main", b"m\xffin"), "evil")


@pytest.mark.parametrize("executable", [None, "/nowhere/python", "/bin/false"])
def test_without_a_process_only_trusted_files_are_read(executable, monkeypatch) -> None:
    monkeypatch.setattr(_examine.spawn, "get_executable", lambda: executable)
    with pytest.raises(RuntimeError, match=r"cannot be started[\s\S]*enable_unsafe_deserialization"):
        _examine.check_module(ADDITION, "sum")
    monkeypatch.setattr(_examine.serial, "in_safe_mode", lambda: False)
    with pytest.raises(ValueError, match="asks for more than computation"):
        _examine.check_module(custom_call("anything"), "evil")
    _examine.check_module(ADDITION, "sum")


def replaced(path, tmp_path, digest):
    """The SavedModel with the program that is never read, and what it says of its digest."""
    shutil.copytree(path, tmp_path / "m")

    def change(graph):
        attr = program_node(graph)["attr"]
        attr["module"] = {"s": changed(*HANGS)}
        digest(attr)

    rewritten(tmp_path / "m", change)
    return tmp_path / "m"


def rightly(attr):
    attr["_addax_module_sha256"] = {"s": hashlib.sha256(attr["module"]["s"]).hexdigest().encode()}


def test_accidental_damage_is_noticed_when_a_saved_model_is_read(dense_path, tmp_path) -> None:  # noqa: F811
    with pytest.raises(ValueError, match="not as it was written"):
        read_saved_model(replaced(dense_path, tmp_path, lambda attr: None))


@pytest.mark.parametrize(
    "digest", [rightly, lambda attr: attr.pop("_addax_module_sha256")], ids=["own", "no"]
)
def test_a_program_made_to_hold_up_is_refused_when_called_or_served(digest, dense_path, tmp_path) -> None:  # noqa: F811
    path = replaced(dense_path, tmp_path, digest)
    with pytest.raises(ValueError, match="made to hold up"):
        read_saved_model(path)(np.ones((1, 3)))
    with pytest.raises(ValueError, match="made to hold up"):
        load_signatures(path)


def test_a_saved_model_without_a_digest_is_read(dense_path, tmp_path) -> None:  # noqa: F811
    shutil.copytree(dense_path, tmp_path / "m")
    rewritten(tmp_path / "m", lambda graph: program_node(graph)["attr"].pop("_addax_module_sha256"))
    assert read_saved_model(tmp_path / "m")(np.ones((2, 3))).shape == (2, 4)
