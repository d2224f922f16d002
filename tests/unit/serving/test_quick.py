"""What is known to be quick runs where it was asked for; the rest goes to the thread."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from addax.serving import _batcher
from addax.serving._batcher import Batcher
from addax.serving._signature import ServedSignature, TensorInfo


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Everything is quick, however busy the machine is."""
    monkeypatch.setattr(_batcher, "_QUICK", 60.0)


def run_by(function, sizes=(1, 4)):
    where = []
    info = TensorInfo("x", (None,), "float32")

    def run(given):
        where.append(threading.current_thread().name)
        return {"x": function(given["x"])}

    batcher = Batcher(sizes, capacity=8)
    return batcher, ServedSignature("f", (info,), (info,), True, run), where


def ask(batcher, signature, rows=1):
    future = batcher.submit(signature, {"x": np.arange(rows, dtype="float32")}, wake=False)
    batcher.step()
    return future.result(60)["x"].tolist()


def test_programs_prove_themselves_each_for_itself():
    batcher, signature, where = run_by(lambda x: x + 1)
    batcher.start()
    for _ in range(20):
        assert ask(batcher, signature) == [1]
    assert where[0] == "addax-serving" and where[-1] == "MainThread"
    assert ask(batcher, signature, 3) == [1, 2, 3] and where[-1] == "addax-serving"  # of another size
    batcher.close()


def test_a_program_that_becomes_slow_leaves(monkeypatch):
    batcher, signature, where = run_by(lambda x: x)
    batcher.start()
    for _ in range(20):
        ask(batcher, signature)
    monkeypatch.setattr(_batcher, "_QUICK", 0.0)
    for _ in range(8):
        ask(batcher, signature)
    assert where[-1] == "addax-serving"
    batcher.close()


def test_a_step_takes_all_that_waits():
    batcher, signature, where = run_by(lambda x: x * 2)
    batcher.start()
    for rows in (1, 4):
        for _ in range(20):
            ask(batcher, signature, rows)
    del where[:]
    futures = [batcher.submit(signature, {"x": np.float32([n])}, wake=False) for n in range(3)]
    assert not batcher.step()
    assert [future.result(60)["x"].tolist() for future in futures] == [[0], [2], [4]]
    assert where == ["MainThread"]
    batcher.close()
