"""Callbacks that decide something, against the real Keras on the same random logs."""

from __future__ import annotations

import io
import json
import urllib.parse
import urllib.request

import keras as oracle
import numpy as np
import pytest
from tests.unit.callbacks.fakes import FakeModel, run_epochs

import addax
from addax import callbacks
from addax.optimizers import SGD


def _logs(seed, count=25):
    random = np.random.default_rng(seed)
    loss = np.cumsum(random.normal(-0.05, 0.2, count)) + 3
    return [
        {"loss": float(v), "accuracy": float(a)}
        for v, a in zip(loss, random.uniform(size=count), strict=True)
    ]


def _runs(make, seed, names):
    """What a callback of ours and one of Keras's do on the same logs."""
    results = []
    for library, optimizer in ((callbacks, SGD), (oracle.callbacks, oracle.optimizers.SGD)):
        model = FakeModel(optimizer(0.1))
        callback = make(library)
        callback.set_model(model)
        callback.set_params({"epochs": 25})
        count = run_epochs(
            callback, _logs(seed), lambda epoch, model=model: model.weight.assign([epoch, epoch])
        )
        state = {name: getattr(callback, name) for name in names}
        results.append((count, state, model.weight.numpy().tolist(), float(model.optimizer.learning_rate)))
    return results


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "options",
    [
        {"monitor": "loss", "patience": 2},
        {"monitor": "loss", "patience": 3, "min_delta": 0.1, "restore_best_weights": True},
        {
            "monitor": "accuracy",
            "mode": "max",
            "patience": 4,
            "restore_best_weights": True,
            "start_from_epoch": 5,
        },
        {"monitor": "loss", "patience": 3, "baseline": 2.9, "restore_best_weights": True},
        {"monitor": "loss"},
    ],
)
def test_early_stopping_decides_as_keras_does(seed, options):
    ours, theirs = _runs(
        lambda library: library.EarlyStopping(**options), seed, ["wait", "stopped_epoch", "best_epoch"]
    )
    assert ours == theirs


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "options",
    [
        {"patience": 1, "factor": 0.5},
        {"patience": 2, "cooldown": 3, "min_delta": 0.05},
        {"patience": 1, "min_lr": 0.03, "factor": 0.2},
    ],
)
def test_reduce_lr_decides_as_keras_does(seed, options):
    ours, theirs = _runs(
        lambda library: library.ReduceLROnPlateau(monitor="loss", **options),
        seed,
        ["wait", "cooldown_counter"],
    )
    assert ours[:3] == theirs[:3] and ours[3] == pytest.approx(theirs[3])


@pytest.mark.parametrize("options", [{}, {"separator": "\t"}, {"append": True}])
def test_csv_files_are_those_of_keras(tmp_path, options):
    for name, library in (("ours", callbacks), ("theirs", oracle.callbacks)):
        for _ in range(2):
            callback = library.CSVLogger(str(tmp_path / name), **options)
            callback.set_model(FakeModel())
            run_epochs(callback, _logs(0, 3))
    ours, theirs = ((tmp_path / name).read_text() for name in ("ours", "theirs"))
    assert ours.splitlines() == theirs.splitlines()


@pytest.mark.parametrize(
    "options",
    [
        {"save_freq": "epoch", "save_best_only": True},
        {"save_freq": 4, "save_best_only": True},
        {"save_freq": "epoch", "save_best_only": False},
        {"save_freq": 4, "save_best_only": False},
        {"save_best_only": True, "initial_value_threshold": 0.6},
        {"save_best_only": True, "monitor": "loss", "mode": "auto", "initial_value_threshold": 3.05},
        {"save_weights_only": True, "save_best_only": True},
        {"save_weights_only": True, "save_freq": 5},
    ],
)
def test_checkpoints_are_saved_when_keras_saves_them(tmp_path, options):
    saved = []
    ending = ".weights.h5" if options.get("save_weights_only") else ".keras"
    for library in (callbacks, oracle.callbacks):
        model = FakeModel()
        path = str(tmp_path / "m-{epoch}-{accuracy:.2f}") + ending
        callback = library.ModelCheckpoint(path, **{"monitor": "accuracy", "mode": "max", **options})
        callback.set_model(model)
        if library is oracle.callbacks:
            callback._set_monitor_op()  # Keras forgets to before the first epoch ends
        callback.on_train_begin()
        for epoch, logs in enumerate(_logs(1, 8)):
            callback.on_epoch_begin(epoch)
            for batch in range(3):
                callback.on_train_batch_end(batch, logs)
            callback.on_epoch_end(epoch, logs)
        saved.append(model.saved)
    assert saved[0] == saved[1] and saved[0]


@pytest.mark.parametrize("schedule", [lambda epoch, rate: rate * 0.9, lambda epoch: 0.1 / (epoch + 1)])
def test_schedules_set_the_rates_that_keras_sets(schedule):
    seen = []
    for library, optimizer in ((callbacks, SGD), (oracle.callbacks, oracle.optimizers.SGD)):
        callback = library.LearningRateScheduler(schedule)
        callback.set_model(FakeModel(optimizer(0.1)))
        for epoch in range(4):
            callback.on_epoch_begin(epoch)
            logs = {"loss": 1.0}  # Keras leaves an empty dict as it is
            callback.on_epoch_end(epoch, logs)
            seen.append(logs)
    assert [{k: pytest.approx(v) for k, v in logs.items()} for logs in seen[:4]] == seen[4:]


@pytest.mark.parametrize("losses", [(1.0, float("nan"), 1.0), (float("-inf"),), (1.0, 0.0)])
def test_training_ends_at_the_nan_at_which_keras_ends_it(losses):
    ends = []
    for library in (callbacks, oracle.callbacks):
        model, callback = FakeModel(), library.TerminateOnNaN()
        callback.set_model(model)
        for batch, loss in enumerate(losses):
            callback.on_batch_end(batch, {"loss": np.float32(loss)})
            ends.append(model.stop_training)
    assert ends[: len(losses)] == ends[len(losses) :]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_server_gets_what_keras_sends(as_json, monkeypatch):
    sent = []
    options = {"root": "http://127.0.0.1:9", "path": "/p", "field": "f", "headers": {"X-Key": "k"}}

    class Requests:
        class exceptions:  # noqa: N801
            RequestException = OSError

        def post(self, url, data=None, json=None, headers=None):
            form = data and urllib.parse.urlencode(data)
            sent.append((url, headers["X-Key"], json if data is None else form))

    def urlopen(request, timeout=None):
        body = request.data.decode()
        sent.append((request.full_url, request.get_header("X-key"), json.loads(body) if as_json else body))
        return io.BytesIO()

    monkeypatch.setattr("keras.src.callbacks.remote_monitor.requests", Requests())
    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    for library in (callbacks, oracle.callbacks):
        callback = library.RemoteMonitor(**options, send_as_json=as_json)
        callback.on_epoch_end(2, {"loss": np.float32(0.5), "accuracy": 0.25})
    assert sent[0] == sent[1]


def test_a_run_calls_what_keras_calls_and_averages_stand_in_the_model_when_they_do_there():
    x = np.random.default_rng(0).normal(size=(10, 3)).astype("float32")
    results = []

    def noted(*args):
        """The number of the epoch or batch, and the names in the logs."""
        logs = [sorted(arg) for arg in args if isinstance(arg, dict)]
        return [arg for arg in args if isinstance(arg, int)], *logs

    for library in (addax, oracle):
        seen = []

        class Note(library.callbacks.Callback):
            def __getattribute__(self, name, seen=seen):
                if not name.startswith("on_"):
                    return super().__getattribute__(name)
                return lambda *args, logs=None: seen.append((name, *noted(*args, logs)))

        for hook in dir(library.callbacks.Callback):
            if hook.startswith("on_") and not hook.startswith("on_batch"):
                setattr(Note, hook, lambda self, *args: None)
        model = library.Sequential([library.Input((3,)), library.layers.Dense(1)])
        model.layers[0].set_weights([np.ones((3, 1)), np.zeros(1)])
        optimizer = library.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
        model.compile(optimizer, "mse", metrics=["mae"])
        swap, stop = library.callbacks.SwapEMAWeights(swap_on_epoch=True), library.callbacks.EarlyStopping
        history = model.fit(
            x,
            x[:, :1],
            epochs=3,
            batch_size=4,
            shuffle=False,
            validation_data=(x, x[:, :1]),
            callbacks=[swap, Note(), stop(start_from_epoch=1, patience=5, restore_best_weights=True)],
            verbose=0,
        )
        results.append((seen, history.history, model.get_weights()))
    (seen, history, weights), (their_seen, their_history, their_weights) = results
    assert seen == their_seen
    assert {k: pytest.approx(v, rel=1e-5) for k, v in history.items()} == their_history
    for a, b in zip(weights, their_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_public_names_are_those_of_keras():
    assert {n for n in dir(oracle.callbacks) if n[0].isupper()} <= set(callbacks.__all__)
