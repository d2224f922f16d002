from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.waiting import until

from addax.serving._batcher import Batcher
from addax.serving._errors import QueueFull
from addax.serving._signature import ServedSignature, TensorInfo

X = TensorInfo("x", (None, None), "float32")


@pytest.fixture
def gate():
    return threading.Event()


@pytest.fixture
def started(gate):
    """A signature that waits for the gate, what it was run on, and a batcher that runs something else already."""
    seen: list[tuple[int, ...]] = []

    def run(inputs):
        gate.wait(20)
        seen.append(inputs["x"].shape)
        return {"x": inputs["x"] + 1}

    signature = ServedSignature("f", (X,), (X,), True, run)
    batcher = Batcher([1, 4, 8], capacity=100)
    batcher.start()
    batcher.submit(signature, {"x": np.zeros((1, 7), np.float32)})
    until(lambda: not batcher.waiting)
    yield signature, seen, batcher
    gate.set()
    batcher.close(20)


def rows(*values: float, width: int = 2) -> dict[str, np.ndarray]:
    return {"x": np.repeat(np.float32(values)[:, None], width, axis=1)}


def test_what_waits_is_joined_and_padded(started, gate):
    signature, seen, batcher = started
    futures = [batcher.submit(signature, rows(*values)) for values in ((1, 2), (3,), (4, 5))]
    gate.set()
    assert [f.result(20)["x"][:, 0].tolist() for f in futures] == [[2, 3], [4], [5, 6]]
    assert seen == [(1, 7), (8, 2)]


def test_other_shapes_go_by_themselves_and_lose_no_place(started, gate):
    signature, seen, batcher = started
    futures = [batcher.submit(signature, rows(n, width=2 + n % 2)) for n in range(4)]
    gate.set()
    assert [f.result(20)["x"][0, 0] for f in futures] == [1, 2, 3, 4]
    assert seen[1:] == [(4, 2), (4, 3)]


def test_a_batch_has_no_more_than_the_largest_size(started, gate):
    signature, seen, batcher = started
    futures = [batcher.submit(signature, rows(*range(5))) for _ in range(3)]
    futures.append(batcher.submit(signature, rows(*range(17))))
    gate.set()
    assert [len(f.result(20)["x"]) for f in futures] == [5, 5, 5, 17]
    assert [shape[0] for shape in seen[1:]] == [8, 8, 8, 8, 8, 1]


def test_cancelled_work_is_left_out(started, gate):
    signature, seen, batcher = started
    futures = [batcher.submit(signature, rows(n)) for n in range(2)]
    assert futures[0].cancel()
    gate.set()
    assert futures[1].result(20)["x"].tolist() == [[2, 2]]
    assert seen[1:] == [(1, 2)]


def test_closing_finishes_what_waits(started, gate):
    signature, _, batcher = started
    futures = [batcher.submit(signature, rows(n)) for n in range(20)]
    threading.Timer(0.1, gate.set).start()
    batcher.close(20)
    assert all(f.done() for f in futures)
    with pytest.raises(QueueFull):
        batcher.submit(signature, rows(1))


def test_nothing_is_lost_or_mixed_up(started, gate):
    signature, _, batcher = started
    gate.set()

    def ask(n):
        return batcher.submit(signature, rows(*range(n, n + n % 11 + 1), width=n % 3 + 1)).result(20)["x"]

    with ThreadPoolExecutor(16) as pool:
        for n, found in enumerate(pool.map(ask, range(600))):
            assert found.shape == (n % 11 + 1, n % 3 + 1)
            assert found[:, 0].tolist() == [m + 1 for m in range(n, n + n % 11 + 1)]
