"""Which hooks are called, with what, and which may be left out."""

from __future__ import annotations

import pytest
from tests.unit.callbacks.fakes import FakeModel

from addax import callbacks as cb
from addax.callbacks._callback import HOOKS

BATCH_HOOKS = [hook for hook in HOOKS if "batch" in hook]


class Recorder(cb.Callback):
    """Overrides every hook."""

    def __init__(self):
        super().__init__()
        self.calls = []


def _recording(hook):
    def method(self, *args):
        self.calls.append((hook, *args))

    return method


for _hook in HOOKS:
    setattr(Recorder, _hook, _recording(_hook))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_reaches_the_callback_with_a_dict_of_floats(hook):
    recorder = Recorder()
    args = (3,) if "batch" in hook or "epoch" in hook else ()
    getattr(cb.CallbackList([recorder]), hook)(*args, {"loss": 1})
    getattr(cb.CallbackList([recorder]), hook)(*args)
    assert recorder.calls == [(hook, *args, {"loss": 1.0}), (hook, *args, {})]
    assert isinstance(recorder.calls[0][-1], dict)


@pytest.mark.parametrize("edge", ["begin", "end"])
def test_old_batch_hooks_are_called_for_training(edge):
    calls = []
    old = type(
        "Old", (cb.Callback,), {f"on_batch_{edge}": lambda self, batch, logs=None: calls.append(batch)}
    )()
    every = cb.CallbackList([old])
    getattr(every, f"on_train_batch_{edge}")(7)
    assert calls == [7] and every.wants_batches("train") and not every.wants_batches("test")


def test_all_callbacks_share_one_dict_in_which_they_may_write():
    writer = cb.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.__setitem__("extra", 9.0))
    history = cb.History()
    callbacks = cb.CallbackList([writer, history])
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, {"loss": 1})
    assert history.history == {"loss": [1.0], "extra": [9.0]}


@pytest.mark.parametrize(
    ("make", "modes"),
    [
        (lambda: [], ""),
        (lambda: [cb.History(), cb.EarlyStopping(), cb.CSVLogger("x.csv"), cb.ReduceLROnPlateau()], ""),
        (lambda: [cb.ModelCheckpoint("x.keras")], ""),
        (lambda: [cb.ModelCheckpoint("x.keras", save_freq=3)], "train"),
        (lambda: [cb.TensorBoard()], ""),
        (lambda: [cb.TensorBoard(update_freq=5)], "train"),
        (lambda: [cb.TensorBoard(profile_batch=2)], "train"),
        (lambda: [cb.TerminateOnNaN()], "train"),
        (lambda: [cb.LambdaCallback(on_train_batch_end=print)], "train"),
        (lambda: [cb.LambdaCallback(on_batch_begin=print)], "train"),
        (lambda: [cb.LambdaCallback(on_test_batch_end=print)], "test"),
        (lambda: [cb.LambdaCallback(on_predict_batch_begin=print)], "predict"),
        (lambda: [Recorder()], "train test predict"),
        (lambda: [cb.CallbackList([Recorder()])], "train test predict"),
    ],
)
def test_batches_are_wanted_only_by_those_who_look(make, modes):
    callbacks = cb.CallbackList(make())
    assert [m for m in ("train", "test", "predict") if callbacks.wants_batches(m)] == modes.split()


@pytest.mark.parametrize(
    ("verbose", "steps", "wanted"),
    [(1, 3, True), ("auto", 3, True), (2, 3, False), (2, None, True), (0, 3, False)],
)
def test_the_progress_bar_wants_batches_only_where_it_shows_them(verbose, steps, wanted):
    callbacks = cb.CallbackList(add_progbar=True, verbose=verbose, steps=steps, epochs=1)
    assert callbacks.wants_batches("train") is wanted
    assert callbacks.wants_batches("train", progress=False) is False


def test_objects_that_are_no_subclass_are_called_where_they_have_hooks():
    class Duck:
        def set_model(self, model):
            self.model = model

        def set_params(self, params):
            self.params = params

        def on_epoch_end(self, epoch, logs):
            self.seen = (epoch, logs["loss"])

    duck = Duck()
    callbacks = cb.CallbackList(duck, model=FakeModel(), epochs=2)
    callbacks.on_epoch_begin(1)
    callbacks.on_epoch_end(1, {"loss": 2})
    assert duck.seen == (1, 2.0) and duck.params == {"epochs": 2} and duck.model.name == "fake"


def test_defaults_are_added_once_and_know_model_and_numbers():
    model = FakeModel()
    mine = cb.History()
    callbacks = cb.CallbackList(
        [mine], add_history=True, add_progbar=True, model=model, epochs=2, verbose=0, steps=4
    )
    assert [type(c).__name__ for c in callbacks.callbacks] == ["History", "ProgbarLogger"]
    assert model.history is mine and mine.model is model and mine.params["epochs"] == 2
    assert callbacks.callbacks[1].target == 4


def test_a_callback_that_is_appended_is_called():
    calls = []
    callbacks = cb.CallbackList()
    callbacks.on_train_begin()
    callbacks.append(cb.LambdaCallback(on_train_begin=lambda logs: calls.append(1)))
    callbacks.on_train_begin()
    assert calls == [1]


def test_what_is_no_callback_is_refused():
    with pytest.raises(TypeError, match=r"no callback[\s\S]*Write EarlyStopping\(\)"):
        cb.CallbackList([cb.EarlyStopping])
    with pytest.raises(TypeError, match=r"no callback[\s\S]*LambdaCallback"):
        cb.CallbackList([print])


def test_lambda_callback_names_the_nearest_hook():
    with pytest.raises(TypeError, match=r"'on_epoch_ends'[\s\S]*'on_epoch_end'"):
        cb.LambdaCallback(on_epoch_ends=print)
