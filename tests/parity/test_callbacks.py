"""Callbacks that decide something, against the real Keras on the same random logs."""

from __future__ import annotations

import keras as oracle
import numpy as np
import pytest
from tests.unit.callbacks.fakes import FakeModel, run_epochs

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


@pytest.mark.parametrize("save_freq", ["epoch", 4])
@pytest.mark.parametrize("best", [True, False])
def test_checkpoints_are_saved_when_keras_saves_them(tmp_path, save_freq, best):
    saved = []
    for library in (callbacks, oracle.callbacks):
        model = FakeModel()
        path = str(tmp_path / "m-{epoch}-{accuracy:.2f}.keras")
        callback = library.ModelCheckpoint(
            path, "accuracy", mode="max", save_freq=save_freq, save_best_only=best
        )
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


def test_public_names_are_those_of_keras_but_for_two():
    missing = {n for n in dir(oracle.callbacks) if n[0].isupper()} - set(callbacks.__all__)
    assert missing == {"BackupAndRestore", "OrbaxCheckpoint"}
