"""How much of an epoch is waiting for data, told apart from the device's own work."""

from types import SimpleNamespace

import numpy as np
import pytest

import addax as keras
from addax.callbacks._progbar_logger import ProgbarLogger
from addax.engine import Tensor
from addax.training import _trainable, _waits


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self):
        return self.now


class Array:
    """A result that is ready at a time."""

    def __init__(self, clock, ready):
        self.clock, self.ready = clock, ready

    def is_deleted(self):
        return False

    def is_ready(self):
        return self.clock.now >= self.ready

    def block_until_ready(self):
        self.clock.now = max(self.clock.now, self.ready)


def share(monkeypatch, fetch, step, count=100, at_once=False, waited=None):
    """The share found where a batch takes `fetch` seconds to come and a step `step` seconds."""
    monkeypatch.setattr(_waits, "jax", SimpleNamespace(Array=Array))
    clock = Clock()
    waits = _waits.Waits(clock)

    def dispatches():
        for _ in range(count):
            clock.now += fetch
            yield SimpleNamespace(steps=1, waited=waited)

    done = 0.0
    for _ in waits.over(dispatches()):
        done = max(done, clock.now) + step
        if at_once:
            clock.now = done
        waits.note({"loss": Tensor(Array(clock, done))})
    return waits.share()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_slow_source_is_seen(monkeypatch, at_once):
    found = share(monkeypatch, fetch=0.09, step=0.01, at_once=at_once)
    assert found == pytest.approx(0.9 if at_once else 8 / 9, abs=0.02)


def test_a_source_that_is_quicker_than_the_steps_is_not_blamed(monkeypatch):
    assert share(monkeypatch, fetch=0.01, step=0.09) is None
    assert share(monkeypatch, fetch=0.03, step=0.03) is None


def test_short_epochs_are_not_judged(monkeypatch):
    assert share(monkeypatch, fetch=0.09, step=0.01, count=9) is None


def test_the_line_of_the_epoch_says_it(capsys):
    logger = ProgbarLogger()
    logger.set_params({"verbose": 2, "epochs": 1, "steps": 3})
    logger._set_run(SimpleNamespace(progress=SimpleNamespace(input_bound=0.427)))
    logger.on_epoch_begin(0)
    logger.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.rstrip().endswith("- loss: 1.0000 - input-bound 43%")


def test_fit_watches_streams_and_not_arrays(monkeypatch):
    class Half(_waits.Waits):
        def share(self):
            return 0.5

    monkeypatch.setitem(_trainable._loop._train_epoch.__globals__, "Waits", Half)
    seen = []
    note = keras.callbacks.LambdaCallback()
    note._set_run = lambda run: setattr(note, "run", run)
    note.on_epoch_end = lambda epoch, logs=None: seen.append(note.run.progress.input_bound)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
    model.fit(x, y, verbose=0, callbacks=[note])
    model.fit(iter([(x, y)]), verbose=0, callbacks=[note])
    assert seen == [None, 0.5]


def test_what_a_loop_that_looks_ahead_knows_counts(monkeypatch):
    assert share(monkeypatch, fetch=0.02, step=0.08, at_once=True, waited=0.0) is None
    assert share(monkeypatch, fetch=0.06, step=0.04, at_once=True, waited=0.05) == pytest.approx(
        0.5, abs=0.05
    )
