"""The progress bar in a terminal, in a notebook, in a file, and switched off."""

from __future__ import annotations

import io
import logging
import os
import re
from types import SimpleNamespace

import pytest
from tests.unit.callbacks.fakes import FakeModel

from addax import callbacks as cb
from addax.callbacks import _progress
from addax.core import config

PLAIN = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


class AsciiFile(io.StringIO):
    @property
    def encoding(self):
        return "ascii"

    def write(self, text):
        text.encode("ascii")
        return super().write(text)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(_progress, "time", clock)
    return clock


def _print_to(monkeypatch, stream):
    """Make a stream the standard output of the bar (that of the process belongs to pytest)."""
    monkeypatch.setattr(_progress, "sys", SimpleNamespace(stdout=stream, modules={}))
    monkeypatch.setattr(_progress._screen, "open", False)
    return stream


@pytest.fixture
def terminal(monkeypatch):
    stream = _print_to(monkeypatch, Terminal())
    monkeypatch.setattr(_progress.shutil, "get_terminal_size", lambda *_, **__: os.terminal_size((80, 24)))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stream


@pytest.fixture
def file(monkeypatch):
    return _print_to(monkeypatch, io.StringIO())


def test_a_terminal_redraws_one_line(terminal, clock):
    bar = cb.Progbar(45, stateful_metrics=["accuracy"])
    clock.now += 1.0
    bar.update(1, [("accuracy", 0.5), ("loss", 0.0005)])
    clock.now += 0.074
    bar.update(38, [("accuracy", 0.98), ("loss", 0.0005)])
    clock.now += 0.014
    bar.update(45, [("accuracy", 0.99), ("loss", 0.0005)])
    lines = [line.rstrip() for line in PLAIN.sub("", terminal.getvalue()).split("\r")[1:]]
    full = "━" * 20
    assert lines == [
        f" 1/45 {full} 44s 1s/step - accuracy: 0.5000 - loss: 5.0000e-04",
        f"38/45 {full} 0s 2ms/step - accuracy: 0.9800 - loss: 5.0000e-04",
        f"45/45 {full} 1s 2ms/step - accuracy: 0.9900 - loss: 5.0000e-04",
    ]
    assert terminal.getvalue().endswith("\n") and "\x1b[32m" in terminal.getvalue()


def test_redrawing_is_throttled_and_covers_what_stood_there(terminal, clock):
    bar = cb.Progbar(1000)
    clock.now += 1
    bar.update(1, [("loss", 123456.0)])
    length = len(terminal.getvalue())
    for step in range(2, 200):
        clock.now += 0.0001
        bar.update(step, [("loss", 1.0)])
    assert len(terminal.getvalue()) == length
    clock.now += 0.05
    assert bar.due(200)
    bar.update(200, [("loss", 1.0)])
    first, second = PLAIN.sub("", terminal.getvalue()).split("\r")[1:]
    assert len(second) >= len(first)


def test_a_long_line_is_cut_so_that_it_never_wraps_while_it_moves(terminal, clock):
    bar = cb.Progbar(10)
    clock.now += 1
    bar.update(5, [(f"a_long_metric_{i}", 1.0) for i in range(9)])
    assert len(PLAIN.sub("", terminal.getvalue()).strip("\r")) == 79
    clock.now += 1
    bar.update(10, [("a_long_metric_0", 1.0)])
    assert "a_long_metric_8: 1.0000" in terminal.getvalue()


def test_text_goes_below_an_open_bar(terminal, clock):
    bar = cb.Progbar(10)
    clock.now += 1
    bar.update(5)
    _progress.say("Epoch 1: saved")
    assert re.search(r"step\s*\nEpoch 1: saved\n$", PLAIN.sub("", terminal.getvalue()))
    _progress.say("more")
    assert terminal.getvalue().endswith("saved\nmore\n")


def test_no_color_is_respected(terminal, clock, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    clock.now += 1
    cb.Progbar(1).update(1)
    assert "\x1b" not in terminal.getvalue()


def test_a_notebook_redraws_less_often(terminal, clock, monkeypatch):
    _progress.sys.modules["ipykernel"] = SimpleNamespace()
    monkeypatch.setattr(Terminal, "__module__", "ipykernel.iostream")
    monkeypatch.setattr(Terminal, "isatty", lambda self: False)
    bar = cb.Progbar(100)
    clock.now += 0.3
    bar.update(1)
    clock.now += 0.2
    bar.update(2)
    assert terminal.getvalue().count("\r") == 1
    clock.now += 0.1
    bar.update(3)
    assert terminal.getvalue().count("\r") == 2 and "\x1b" in terminal.getvalue()


def test_a_file_gets_one_plain_line_an_epoch_and_a_sign_of_life_in_long_ones(file, clock):
    bar = cb.Progbar(100)
    for step in range(1, 101):
        clock.now += 0.5
        bar.update(step, [("loss", float(step))])
    lines = file.getvalue().splitlines()
    assert "\x1b" not in file.getvalue() and "\r" not in file.getvalue()
    assert [line.split()[0] for line in lines] == ["60/100", "100/100"]
    assert lines[-1] == f"100/100 {'━' * 20} 50s 500ms/step - loss: 100.0000"


def test_a_file_without_unicode_gets_another_bar(monkeypatch, clock):
    stream = _print_to(monkeypatch, AsciiFile())
    cb.Progbar(1).update(1)
    assert stream.getvalue().startswith(f"1/1 {'=' * 20} 0s")


def test_verbose_two_is_one_line_and_zero_is_silence(file, clock):
    bar = cb.Progbar(45, verbose=2)
    bar.update(44, [("loss", 1.0)])
    clock.now += 0.09
    bar.update(45, [("loss", 0.1)])
    assert file.getvalue() == "45/45 - 0s - 90ms/step - loss: 0.1000\n"
    silent = cb.Progbar(2, verbose=0)
    silent.update(2, [("loss", 0.1)])
    assert file.getvalue().count("\n") == 1


def test_printing_can_be_switched_off(file, caplog):
    config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, logger="addax"):
            cb.Progbar(1, verbose=1).update(1, [("loss", 0.5)])
            _progress.say("hello")
    finally:
        config.enable_interactive_logging()
    assert file.getvalue() == "" and "loss: 0.5000" in caplog.text and "hello" in caplog.text
    assert "\x1b" not in caplog.text


def test_means_are_weighted_by_steps_unless_the_metric_keeps_its_own(terminal, clock):
    bar = cb.Progbar(10, stateful_metrics=["accuracy"], interval=0.0)
    clock.now += 1
    bar.update(1, [("loss", 4.0), ("accuracy", 0.1)])
    clock.now += 1
    bar.add(3, [("loss", 0.0), ("accuracy", 0.2)])
    assert PLAIN.sub("", terminal.getvalue()).rstrip().endswith("loss: 1.0000 - accuracy: 0.2000")
    with pytest.raises(ValueError, match="not both"):
        cb.Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_an_unknown_length_counts_up(terminal, clock):
    bar = cb.Progbar(None, unit_name="sample")
    clock.now += 70
    bar.update(7)
    assert PLAIN.sub("", terminal.getvalue()).strip() == "7/Unknown 70s 10s/sample"


def test_times_left_are_written_as_clocks():
    assert [_progress._clock(s) for s in (5, 65, 3605)] == ["5s", "1:05", "1:00:05"]
    assert [_progress._time(s) for s in (2, 0.5, 2e-5)] == ["2s", "500ms", "20us"]


# The callback -------------------------------------------------------------------------------------------
def _fit(callbacks, epochs=2, steps=3):
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for step in range(steps):
            callbacks.on_train_batch_end(step, {"loss": 1.0})
        callbacks.on_test_begin()
        callbacks.on_test_batch_end(0, {"loss": 9.0})
        callbacks.on_test_end({"loss": 9.0})
        callbacks.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 9.0})
    callbacks.on_train_end()


@pytest.mark.parametrize("steps", [3, None])
@pytest.mark.parametrize("verbose", [1, "auto", 2])
def test_fit_shows_epochs_and_their_metrics(file, clock, verbose, steps):
    params = {"verbose": verbose, "epochs": 2, "steps": steps}
    callbacks = cb.CallbackList(add_progbar=True, model=FakeModel(), **params)
    _fit(callbacks)
    lines = file.getvalue().splitlines()
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 4
    assert lines[1].startswith("3/3 ") and lines[3].endswith("- loss: 0.5000 - val_loss: 9.0000")


def test_one_epoch_has_no_number_and_silence_is_silence(file, clock):
    _fit(cb.CallbackList(add_progbar=True, verbose=1, epochs=1, steps=3), epochs=1)
    assert "Epoch" not in file.getvalue() and file.getvalue().count("\n") == 1
    _fit(cb.CallbackList(add_progbar=True, verbose=0, epochs=2, steps=3))
    assert file.getvalue().count("\n") == 1


@pytest.mark.parametrize("mode", ["test", "predict"])
def test_evaluate_and_predict_show_a_bar_of_their_own(file, clock, mode):
    callbacks = cb.CallbackList(add_progbar=True, verbose=1, epochs=1, steps=2)
    getattr(callbacks, f"on_{mode}_begin")()
    for step in range(2):
        getattr(callbacks, f"on_{mode}_batch_end")(step, {"loss": 2.0})
    getattr(callbacks, f"on_{mode}_end")({"loss": 1.0} if mode == "test" else None)
    line = file.getvalue()
    assert line.startswith("2/2 ") and line.count("\n") == 1
    assert line.rstrip().endswith("- loss: 1.0000" if mode == "test" else "/step")


def test_logs_are_read_only_when_they_are_shown(terminal, clock):
    callbacks = cb.CallbackList(add_progbar=True, verbose=1, epochs=1, steps=100)
    callbacks.on_epoch_begin(0)
    clock.now += 1
    reads = []

    def source():
        reads.append(1)
        return {"loss": 1.0}

    for step in range(50):
        callbacks.on_train_batch_end(step, cb.LazyLogs(source))
    assert len(reads) == 1
