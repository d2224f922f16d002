"""The next batch is fetched while the device works, and nobody sees a difference."""

import numpy as np
import pytest
from tests.waiting import until

import addax as keras
from addax.callbacks import BackupAndRestore
from addax.training import _ahead
from addax.training._chunks import Dispatch

ROWS = np.random.default_rng(0).normal(size=(6, 32, 8)).astype("float32")


@pytest.fixture(autouse=True)
def programs_run_where_they_are_called(monkeypatch):
    """As in a process of ours; here JAX may have begun its work before us, by the real Keras of other tests."""
    monkeypatch.setattr(_ahead, "runs_where_called", lambda: True)


def dispatches(events, count, overlap=True, fail_at=None, fail_in=None):
    for number in range(count):
        if number == fail_at:
            raise OSError("the source")
        events.append(f"fetch {number}")

        def run(number=number):
            if number == fail_in:
                raise ArithmeticError("the step")
            events.append(f"run {number}")
            return number

        yield Dispatch(run, 1, may_overlap=lambda: overlap)


def consumed(events, source):
    for dispatch in _ahead.looking_ahead(source):
        events.append(f"end {dispatch.run()}")
    return events


def test_order_of_what_the_caller_sees():
    events: list = []
    consumed(events, dispatches(events, 3))
    told = [e for e in events if not e.startswith("run")]
    assert told == ["fetch 0", "fetch 1", "end 0", "fetch 2", "end 1", "end 2"]
    for number in (1, 2):  # a step begins when all is done that follows the one before
        assert events.index(f"run {number}") > events.index(f"end {number - 1}")


def test_what_may_not_overlap_runs_where_it_is_called():
    events: list = []
    consumed(events, dispatches(events, 2, overlap=False))
    assert events == ["fetch 0", "run 0", "end 0", "fetch 1", "run 1", "end 1"]


def test_a_source_that_fails_leaves_the_steps_before_it_done():
    events: list = []
    with pytest.raises(OSError, match="the source"):
        consumed(events, dispatches(events, 3, fail_at=2))
    assert [e for e in events if e.startswith("end")] == ["end 0", "end 1"]


def test_an_error_of_a_step_comes_from_its_run():
    events: list = []
    with pytest.raises(ArithmeticError, match="the step"):
        consumed(events, dispatches(events, 3, fail_in=1))
    assert "run 2" not in events


def test_how_long_the_device_waited(monkeypatch):
    now = [0.0]
    begun = []

    def source():
        for number in range(3):
            if number:
                until(lambda n=number: len(begun) == n and begun[-1].ended() < float("inf"))
                now[0] += 0.5
            yield Dispatch(lambda: None, 1, may_overlap=lambda: True)

    monkeypatch.setattr(_ahead._Begun, "_run", _noting(_ahead._Begun._run, begun))
    waited = [dispatch.waited for dispatch in _ahead.looking_ahead(source(), lambda: now[0])]
    assert waited[:2] == [0.5, 0.5]


def net():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.build((None, 8))
    return model


def large(monkeypatch):
    """Have every step run by itself, as those of large nets do."""
    monkeypatch.setattr("addax.training._step.suits", lambda program: False)


def test_a_generator_that_asks_the_model_sees_every_step(monkeypatch):
    large(monkeypatch)
    one, other = net(), net()
    seen, expected = [], []

    def batches():
        for rows in ROWS:
            seen.append(one.predict_on_batch(ROWS[0]))
            yield rows, rows[:, :1]

    one.fit(batches(), verbose=0)
    for rows in ROWS:
        # A batch is fetched before the callbacks of the step before it, and after the step.
        expected.append(other.predict_on_batch(ROWS[0]))
        other.train_on_batch(rows, rows[:, :1])
    np.testing.assert_array_equal(seen, expected)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_steps_do_overlap(monkeypatch):
    large(monkeypatch)
    begun = []
    monkeypatch.setattr(_ahead._Begun, "_run", _noting(_ahead._Begun._run, begun))
    model = net()
    model.fit(((rows, rows[:, :1]) for rows in ROWS), verbose=0)
    assert len(begun) == len(ROWS) - 1  # the first one compiles


def test_a_backup_in_the_midst_of_an_epoch_is_exact(monkeypatch, tmp_path):
    large(monkeypatch)
    begun = []
    monkeypatch.setattr(_ahead._Begun, "_run", _noting(_ahead._Begun._run, begun))
    net().fit(
        ((rows, rows[:, :1]) for rows in ROWS),
        verbose=0,
        callbacks=[BackupAndRestore(tmp_path / "b", save_freq=2)],
    )
    assert not begun


def _noting(run, begun):
    def noted(self):
        begun.append(self)
        return run(self)

    return noted
