"""LearningRateScheduler, CSVLogger, TerminateOnNaN, SwapEMAWeights, RemoteMonitor."""

from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest
from tests.unit.callbacks.fakes import FakeModel, losses, run_epochs

from addax import callbacks as cb
from addax.optimizers import SGD


# LearningRateScheduler ----------------------------------------------------------------------------------
@pytest.mark.parametrize("schedule", [lambda epoch, lr: lr * 0.5, lambda epoch: 0.1 * 0.5 ** (epoch + 1)])
def test_the_schedule_sets_the_rate_and_the_logs_tell_it(schedule, capsys):
    model, history = FakeModel(), cb.History()
    callbacks = cb.CallbackList([cb.LearningRateScheduler(schedule, verbose=1), history], model=model)
    run_epochs(callbacks, losses(1, 1))
    assert history.history["learning_rate"] == pytest.approx([0.05, 0.025])
    assert "Epoch 1: LearningRateScheduler setting learning rate to 0.05" in capsys.readouterr().out


def test_an_error_inside_the_schedule_is_not_hidden():
    def schedule(epoch, lr):
        return lr + None

    with pytest.raises(TypeError, match="NoneType"):
        run_epochs(cb.CallbackList([cb.LearningRateScheduler(schedule)], model=FakeModel()), losses(1))


def test_a_schedule_must_give_a_number():
    callbacks = cb.CallbackList([cb.LearningRateScheduler(lambda epoch: "fast")], model=FakeModel())
    with pytest.raises(ValueError, match=r"gave no number[\s\S]*'fast'"):
        run_epochs(callbacks, losses(1))


# CSVLogger ----------------------------------------------------------------------------------------------
def test_each_epoch_is_a_line_that_is_on_disk_at_once(tmp_path):
    path = tmp_path / "new" / "log.csv"
    callbacks = cb.CallbackList([cb.CSVLogger(path, separator=";")], model=FakeModel())
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, {"val_loss": 2, "loss": 1})
    assert path.read_text().splitlines() == ["epoch;loss;val_loss", "0;1.0;2.0"]
    callbacks.on_epoch_end(1, {"loss": np.array([1.0, 2.0])})
    callbacks.on_train_end()
    assert path.read_text().splitlines()[2] == '1;"""[1.0, 2.0]""";NA'


def test_appending_goes_on_without_a_second_header(tmp_path):
    path = tmp_path / "log.csv"
    for append in (True, True, False):
        run_epochs(cb.CallbackList([cb.CSVLogger(path, append=append)], model=FakeModel()), losses(1, 2))
        lines = path.read_text().splitlines()
        assert lines.count("epoch,val_loss") == 1
    assert len(lines) == 3


# TerminateOnNaN -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_ends_training(loss, capsys):
    model = FakeModel()
    callbacks = cb.CallbackList([cb.TerminateOnNaN()], model=model)
    callbacks.on_train_batch_end(0, {"loss": 1.0})
    assert not model.stop_training
    callbacks.on_train_batch_end(4, {"loss": np.float32(loss)})
    assert model.stop_training and "Batch 4: Invalid loss" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="loss of batch 5"):
        cb.TerminateOnNaN(raise_error=True).on_batch_end(5, {"loss": loss})


# SwapEMAWeights -----------------------------------------------------------------------------------------
def _averaged():
    model = FakeModel(SGD(1.0, use_ema=True, ema_momentum=0.5))
    for _ in range(2):
        model.optimizer.apply([np.ones(2)], [model.weight])
    assert model.weight.numpy().tolist() == [-2.0, -1.0]  # the averages are [-1.5, -0.5]
    return model


def test_evaluation_and_prediction_see_the_averages():
    model = _averaged()
    callbacks = cb.CallbackList([cb.SwapEMAWeights()], model=model)
    for mode in ("test", "predict"):
        getattr(callbacks, f"on_{mode}_begin")()
        assert model.weight.numpy().tolist() == [-1.5, -0.5]
        getattr(callbacks, f"on_{mode}_end")()
        assert model.weight.numpy().tolist() == [-2.0, -1.0]


def test_averages_may_stand_between_epochs_and_stay_at_the_end():
    model = _averaged()
    callbacks = cb.CallbackList([cb.SwapEMAWeights(swap_on_epoch=True)], model=model)
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0)
    assert model.weight.numpy().tolist() == [-1.5, -0.5]
    callbacks.on_epoch_begin(1)
    assert model.weight.numpy().tolist() == [-2.0, -1.0]
    callbacks.on_epoch_end(1)
    model.optimizer.finalize_variable_values([model.weight])
    callbacks.on_train_end()
    assert model.weight.numpy().tolist() == [-1.5, -0.5]


def test_an_optimizer_without_averages_is_an_error():
    with pytest.raises(ValueError, match=r"use_ema=True[\s\S]*use_ema=False"):
        cb.CallbackList([cb.SwapEMAWeights()], model=FakeModel()).on_train_begin()


# RemoteMonitor ------------------------------------------------------------------------------------------
@pytest.fixture
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.server.received.append((self.path, self.headers["X-Key"], body))  # type: ignore[attr-defined]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.received = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("as_json", [True, False])
def test_metrics_are_posted(server, as_json):
    root = f"http://127.0.0.1:{server.server_address[1]}"
    callback = cb.RemoteMonitor(root, "/here", "f", headers={"X-Key": "k"}, send_as_json=as_json)
    cb.CallbackList([callback]).on_epoch_end(3, {"loss": np.float32(0.5)})
    path, key, body = server.received[0]
    if not as_json:
        body = urllib.parse.parse_qs(body)["f"][0]
    assert (path, key) == ("/here", "k") and json.loads(body) == {"epoch": 3, "loss": 0.5}


def test_a_server_that_is_not_there_warns():
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor root server"):
        cb.RemoteMonitor("http://127.0.0.1:9").on_epoch_end(0, {"loss": 1.0})
    with pytest.raises(ValueError, match="no web address"):
        cb.RemoteMonitor("file:///etc")
