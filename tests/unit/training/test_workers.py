"""Batches made by worker processes: order, errors, and workers that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback

import numpy as np
import pytest
from tests.unit.training import _sources

import addax as keras
from addax.training._feed import make_feed

PROCESSES = {"workers": 2, "use_multiprocessing": True, "max_queue_size": 3}


def test_processes_give_batches_in_order_and_see_what_an_epoch_changed():
    feed = make_feed(_sources.Numbers(**PROCESSES))
    for shift in (0, 100, 200):
        found = list(feed.epoch())
        assert [int(x[0, 0]) for x, _ in found] == [number + shift for number in range(6)]
        makers = {int(y[0, 0]) for _, y in found}
        assert os.getpid() not in makers and 1 <= len(makers) <= 2


def test_random_numbers_follow_from_the_seed_whoever_makes_a_batch():
    def drawn(**options):
        np.random.seed(3)
        return [x.ravel().tolist() for (x,) in make_feed(_sources.Random(**options)).epoch()]

    first = drawn(**PROCESSES)
    assert first == drawn(**{**PROCESSES, "workers": 1}) and len({tuple(x) for x in first}) == 6


def test_an_error_comes_with_the_traceback_of_the_worker():
    feed = make_feed(_sources.Failing(**PROCESSES))
    with pytest.raises(KeyError, match="record 3 is bad") as raised:
        list(feed.epoch())
    text = "".join(traceback.format_exception(raised.value))
    assert "_sources.py" in text and 'raise KeyError(f"record {index} is bad")' in text


def test_a_worker_that_is_killed_is_an_error_and_no_wait():
    feed = make_feed(_sources.Dying(**PROCESSES))
    with pytest.raises(RuntimeError, match="A worker process of Dying ended") as raised:
        list(feed.epoch())
    assert "killed" in str(raised.value)


def test_what_cannot_be_sent_says_so():
    source = _sources.Numbers(**PROCESSES)
    source.function = lambda: 0
    with pytest.raises(TypeError, match="cannot be sent to worker processes"):
        list(make_feed(source).epoch())


SCRIPT = """
import numpy as np
import keras

class Data(keras.utils.Sequence):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return np.ones((2, 3)), np.ones((2, 1))

def train():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    data = Data(workers=1, use_multiprocessing=True)
    print(len(model.fit(data, epochs=2, validation_data=data, verbose=0).history["val_loss"]), "epochs")

{guard}train()
"""


@pytest.mark.parametrize("guard", ["if __name__ == '__main__':\n    ", ""], ids=["guarded", "not guarded"])
def test_a_script_with_its_own_class(guard, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT.format(guard=guard))
    run = subprocess.run(
        [sys.executable, "-m", "addax", "run", str(path)], capture_output=True, text=True, timeout=120
    )
    if guard:
        assert run.stdout.split() == ["2", "epochs"], run.stderr
    else:
        assert run.returncode == 1 and "needs `if __name__ == '__main__':`" in run.stderr


def test_fit_evaluate_and_predict_take_it():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    source = _sources.Numbers(3, **PROCESSES)
    assert len(model.fit(source, verbose=0).history["loss"]) == 1
    assert model.predict(source, verbose=0).shape == (6, 1)
