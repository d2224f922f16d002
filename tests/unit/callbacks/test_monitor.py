"""EarlyStopping, ModelCheckpoint and ReduceLROnPlateau: what they do, and what they say when they cannot."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.unit.callbacks.fakes import FakeModel, losses, run_epochs

from addax import callbacks as cb
from addax.optimizers import SGD, MultiOptimizer


def _run(callback, logs, model=None, before=None):
    model = model or FakeModel()
    return run_epochs(cb.CallbackList([callback], model=model), logs, before), model


# Which way is better ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("monitor", "up"),
    [("val_loss", False), ("loss", False), ("val_accuracy", True), ("head_auc", True), ("rmse", False),
     ("val_mean_absolute_error", False), ("f1_score", True), ("binary_crossentropy", False),
     ("sparse_acc", True)],
)  # fmt: skip
def test_names_tell_the_direction(monitor, up):
    callback = cb.EarlyStopping(monitor=monitor, patience=1)
    count, _ = _run(callback, [{monitor: float(v)} for v in (1, 2, 3, 4)])
    assert (count == 4) is up


def test_a_metric_tells_its_direction_before_its_name_does():
    metric = SimpleNamespace(name="loss_of_blood", _direction="up")
    model = FakeModel(metrics=[SimpleNamespace(name="compiled", metrics=[metric])])
    count, _ = _run(
        cb.EarlyStopping("val_loss_of_blood"), [{"val_loss_of_blood": v} for v in (1.0, 2.0, 3.0)], model
    )
    assert count == 3


def test_a_name_that_tells_nothing_needs_a_mode():
    with pytest.raises(ValueError, match=r"more or less of 'wobble' is better[\s\S]*mode='max'"):
        _run(cb.EarlyStopping("wobble"), [{"wobble": 1.0}])
    assert _run(cb.EarlyStopping("wobble", mode="max"), [{"wobble": v} for v in (1.0, 2.0)])[0] == 2


def test_an_unknown_mode_warns():
    with pytest.warns(UserWarning, match="mode 'biggest' is none of"):
        cb.EarlyStopping(mode="biggest")


# A metric that is not there -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make",
    [
        cb.EarlyStopping,
        cb.ReduceLROnPlateau,
        lambda **kw: cb.ModelCheckpoint("x.keras", save_best_only=True, **kw),
    ],
)
def test_a_missing_metric_warns_once_with_the_names_that_are_there(make):
    callback = make(monitor="val_acuracy")
    logs = [{"loss": 1.0, "val_accuracy": 0.5}] * 3
    with pytest.warns(UserWarning) as caught:
        count, _ = _run(callback, logs)
    text = str(caught[0].message)
    assert len(caught) == 1 and count == 3
    assert "monitors 'val_acuracy', which is not there" in text
    assert "'loss', 'val_accuracy'" in text and "Did you mean 'val_accuracy'" in text


def test_a_missing_validation_is_what_the_warning_names():
    with pytest.warns(UserWarning, match=r"validation_data= or validation_split="):
        _run(cb.EarlyStopping(), [{"loss": 1.0}])


# EarlyStopping ------------------------------------------------------------------------------------------
def test_training_ends_after_patience_and_the_best_weights_come_back(capsys):
    callback = cb.EarlyStopping(patience=2, restore_best_weights=True, verbose=1)
    model = FakeModel()
    count, _ = _run(
        callback, losses(3, 1, 2, 2, 2, 2), model, lambda epoch: model.weight.assign([epoch, epoch])
    )
    assert count == 4 and callback.stopped_epoch == 3 and callback.best_epoch == 1 and callback.best == 1.0
    assert model.weight.numpy().tolist() == [1.0, 1.0]
    assert "Epoch 4: early stopping" in capsys.readouterr().out


def test_small_changes_and_early_epochs_do_not_count():
    assert _run(cb.EarlyStopping(min_delta=0.5, patience=1), losses(2.0, 1.8, 1.6))[0] == 2
    assert _run(cb.EarlyStopping(patience=1, start_from_epoch=3), losses(1, 2, 3, 4, 5))[0] == 5
    assert _run(cb.EarlyStopping(patience=2, baseline=0.5), losses(0.9, 0.8, 0.7))[0] == 3


def test_state_does_not_leak_into_the_next_run():
    callback = cb.EarlyStopping(patience=1)
    assert _run(callback, losses(1, 2))[0] == 2
    assert _run(callback, losses(5, 4, 3))[0] == 3


def test_a_loss_that_is_nan_from_the_start_is_not_the_best():
    callback = cb.EarlyStopping(patience=2)
    assert _run(callback, losses(float("nan"), 2.0, 1.0))[0] == 3
    assert callback.best == 1.0


# ModelCheckpoint ----------------------------------------------------------------------------------------
def test_every_epoch_is_saved_under_its_name(tmp_path):
    path = tmp_path / "deep" / "m-{epoch:02d}-{val_loss:.1f}.keras"
    _, model = _run(cb.ModelCheckpoint(path), losses(1.5, 0.5))
    assert [Path(name).name for _, name in model.saved] == ["m-01-1.5.keras", "m-02-0.5.keras"]
    assert (tmp_path / "deep").is_dir()


def test_only_the_best_is_saved_and_a_gap_in_validation_does_not_count(capsys):
    callback = cb.ModelCheckpoint("w.weights.h5", save_best_only=True, save_weights_only=True, verbose=1)
    with pytest.warns(UserWarning, match="monitors 'val_loss'"):
        _, model = _run(callback, [{"val_loss": 2.0}, {"loss": 0.0}, {"val_loss": 3.0}, {"val_loss": 1.0}])
    assert model.saved == [("weights", "w.weights.h5")] * 2 and callback.best == 1.0
    out = capsys.readouterr().out
    assert "val_loss improved from 2.00000 to 1.00000, saving model to w.weights.h5" in out
    assert "did not improve from 2.00000" in out


def test_a_metric_that_is_never_there_saves_every_epoch():
    with pytest.warns(UserWarning, match="which is not there"):
        _, model = _run(cb.ModelCheckpoint("x.keras", save_best_only=True), [{"loss": 1.0}] * 2)
    assert len(model.saved) == 2


def test_a_threshold_must_be_beaten_in_every_run():
    callback = cb.ModelCheckpoint("x.keras", save_best_only=True, initial_value_threshold=1.0)
    assert len(_run(callback, losses(2.0, 0.5))[1].saved) == 1
    assert len(_run(callback, losses(2.0, 0.7))[1].saved) == 1


def test_batches_may_be_what_counts():
    callback, model = cb.ModelCheckpoint("b{epoch}-{batch}.keras", save_freq=3), FakeModel()
    callbacks = cb.CallbackList([callback], model=model)
    callbacks.on_train_begin()
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch)
        for batch in range(4):
            callbacks.on_train_batch_end(batch, {"loss": 1.0})
        callbacks.on_epoch_end(epoch, {"loss": 1.0})
    assert [name for _, name in model.saved] == ["b1-3.keras", "b2-2.keras"]


def test_wrong_paths_and_frequencies_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.keras or \.h5[\s\S]*received: model\.txt"):
        cb.ModelCheckpoint("model.txt")
    with pytest.raises(ValueError, match=r"\.weights\.h5"):
        cb.ModelCheckpoint("model.keras", save_weights_only=True)
    with pytest.raises(ValueError, match="save_freq"):
        cb.ModelCheckpoint("model.keras", save_freq="batch")
    with pytest.raises(KeyError, match=r"{val_los}[\s\S]*Did you mean 'val_loss'"):
        _run(cb.ModelCheckpoint("{val_los}.keras"), losses(1.0))
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(IsADirectoryError, match="the folder"):
        _run(cb.ModelCheckpoint(tmp_path / "m.keras"), losses(1.0))


# ReduceLROnPlateau --------------------------------------------------------------------------------------
def test_the_rate_falls_on_a_plateau_down_to_its_floor(capsys):
    model, history = FakeModel(), cb.History()
    callback = cb.ReduceLROnPlateau(factor=0.1, patience=2, min_lr=0.005, verbose=1)
    run_epochs(cb.CallbackList([callback, history], model=model), losses(1, 1, 1, 1, 1, 1, 1))
    rates = history.history["learning_rate"]
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.005, 0.005])
    assert "Epoch 3: ReduceLROnPlateau reducing learning rate to 0.01" in capsys.readouterr().out


def test_cooldown_and_old_spelling():
    model = FakeModel()
    callback = cb.ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2, epsilon=0.1)
    assert callback.min_delta == 0.1
    _run(callback, losses(1, 1, 1, 1, 1), model)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.025)
    with pytest.raises(ValueError, match="below 1"):
        cb.ReduceLROnPlateau(factor=1.0)
    with pytest.raises(TypeError, match="unknown"):
        cb.ReduceLROnPlateau(unknown=1)


def test_every_rate_of_a_multi_optimizer_falls():
    inner = [SGD(0.1, name="one"), SGD(1.0, name="two")]
    optimizer = MultiOptimizer(lambda v: inner[0])
    for one in inner:
        optimizer._add(one)
    history = cb.History()
    callbacks = cb.CallbackList(
        [cb.ReduceLROnPlateau(factor=0.5, patience=1), history], model=FakeModel(optimizer)
    )
    run_epochs(callbacks, losses(1, 1))
    assert [float(one.learning_rate) for one in inner] == pytest.approx([0.05, 0.5])
    assert history.history["learning_rate_two"] == [1.0, 1.0]


def test_early_stopping_watches_what_get_monitor_value_gives():
    class OfBoth(cb.EarlyStopping):
        def get_monitor_value(self, logs):
            return logs["loss"] + logs["penalty"]

    model = FakeModel()
    callback = OfBoth(monitor="val_loss", patience=1)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, penalty in enumerate((0.0, 0.5)):
        callback.on_epoch_end(epoch, {"loss": 1.0 - 0.1 * epoch, "penalty": penalty})
    assert callback.best == 1.0 and model.stop_training
