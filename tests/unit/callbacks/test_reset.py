"""A callback object that is used again starts afresh; only a backup gives it its state back."""

from __future__ import annotations

import pytest
from tests.unit.callbacks.fakes import FakeModel

from addax import callbacks as cb
from addax.optimizers import SGD
from addax.saving._state_file import is_plain

FIRST = [{"loss": loss, "val_loss": loss} for loss in (0.1, 0.2, 0.3, 0.4)]
SECOND = [{"loss": loss, "val_loss": loss} for loss in (5.0, 4.0, 4.5)]
CALLBACKS = {
    "EarlyStopping": lambda folder: cb.EarlyStopping(patience=2, restore_best_weights=True),
    "ReduceLROnPlateau": lambda folder: cb.ReduceLROnPlateau(patience=1, cooldown=3),
    "ModelCheckpoint": lambda folder: cb.ModelCheckpoint(folder / "m.keras", save_best_only=True),
    "ModelCheckpoint by batches": lambda folder: cb.ModelCheckpoint(folder / "m.keras", save_freq=3),
    "CSVLogger": lambda folder: cb.CSVLogger(folder / "log.csv"),
    "History": lambda folder: cb.History(),
    "LearningRateScheduler": lambda folder: cb.LearningRateScheduler(lambda epoch, rate: rate),
    "SwapEMAWeights": lambda folder: cb.SwapEMAWeights(swap_on_epoch=True),
    "TensorBoard": lambda folder: cb.TensorBoard(folder / "logs", update_freq=2),
    "TerminateOnNaN": lambda folder: cb.TerminateOnNaN(),
    "LambdaCallback": lambda folder: cb.LambdaCallback(),
    "ProgbarLogger": lambda folder: cb.ProgbarLogger(),
}


def run(callback, logs, finish=True):
    """A run of `fit`, without the end of training if it is interrupted; what the callback has done to the model."""
    model = FakeModel(SGD(0.5, use_ema=True))
    model.optimizer.build([model.weight])
    callbacks = cb.CallbackList([callback], model=model, verbose=0, epochs=len(logs), steps=2)
    callbacks.on_train_begin()
    for epoch, one in enumerate(logs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(2):
            callbacks.on_train_batch_begin(batch)
            callbacks.on_train_batch_end(batch, {"loss": one["loss"]})
        model.weight.assign([epoch, epoch])
        callbacks.on_epoch_end(epoch, dict(one))
        if model.stop_training:
            break
    if finish:
        callbacks.on_train_end(logs[-1])
    rate = float(model.optimizer.learning_rate)
    return model.saved, model.stop_training, model.weight.numpy().tolist(), rate


def comparable(state):
    return {k: [w.tolist() for w in v] if k == "best_weights" and v else v for k, v in state.items()}


@pytest.mark.parametrize("finish", [True, False])
@pytest.mark.parametrize("name", CALLBACKS)
def test_a_second_run_is_as_the_first_one_of_a_new_object(name, finish, tmp_path):
    used, new = CALLBACKS[name](tmp_path), CALLBACKS[name](tmp_path)
    run(used, FIRST, finish)
    assert run(used, SECOND) == run(new, SECOND)
    assert comparable(used.get_state()) == comparable(new.get_state())
    if name == "CSVLogger":
        assert (tmp_path / "log.csv").read_text().splitlines()[1:] == ["0,5.0,5.0", "1,4.0,4.0", "2,4.5,4.5"]


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_state_is_plain_and_makes_a_new_object_go_on(name, tmp_path):
    used, new = CALLBACKS[name](tmp_path), CALLBACKS[name](tmp_path)
    run(used, FIRST[:2], finish=False)
    state = used.get_state()
    assert is_plain(state)
    model = used.model or FakeModel()
    callbacks = cb.CallbackList([new], model=model, verbose=0, epochs=4, steps=2)
    callbacks.on_train_begin()
    new.set_state(state)
    assert comparable(new.get_state()) == comparable(state)
    for callback in (used, new):
        callback.on_train_end({})  # files are closed
