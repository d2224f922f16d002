"""BackupAndRestore: a run that was interrupted goes on bit for bit as if it had not been."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import addax as keras
from addax import callbacks as cb
from addax import layers
from addax.data import Dataset
from addax.engine import GradientTape

X = np.random.RandomState(0).rand(44, 4).astype("float32")
Y = X.sum(axis=1, keepdims=True)
BATCH, BATCHES = 8, 6  # the last batch is smaller
SEED = 3


class Interrupt(cb.Callback):
    """Raises at the n-th batch, at an epoch, or behind the n-th backup of the process, as a machine that fails."""

    def __init__(self, batch=None, epoch=None, save=None):
        super().__init__()
        self.batch, self.epoch, self.save = batch, epoch, save

    def _set_run(self, run):
        write = run.save

        def save(*args):
            write(*args)
            if self.save is not None:
                self.save -= 1
                if not self.save:
                    raise KeyboardInterrupt

        run.save = save

    def on_train_batch_end(self, batch, logs=None):
        if self.batch is not None:
            self.batch -= 1
            if not self.batch:
                raise KeyboardInterrupt

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt

    def _wants_batches(self, mode):
        return mode == "train" and self.batch is not None


class Draws(cb.Callback):
    """A user's callback with a state, which draws from NumPy's generator."""

    def on_train_begin(self, logs=None):
        self.drawn = []

    def on_epoch_end(self, epoch, logs=None):
        self.drawn.append(float(np.random.rand()))

    def get_state(self):
        return {"drawn": np.array(self.drawn)}

    def set_state(self, state):
        self.drawn = state["drawn"].tolist()


class Batches(keras.utils.PyDataset):
    """Batches by index, with random noise."""

    def __len__(self):
        return BATCHES

    def __getitem__(self, index):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return X[rows] + np.random.rand(1, 4).astype("float32"), Y[rows]


def generator(count=None):
    while count is None or count:
        rows = np.random.randint(0, 44, BATCH)
        yield X[rows], Y[rows]
        count = count and count - 1


def shuffled():
    return Dataset.from_tensor_slices((X, Y)).shuffle(20).batch(BATCH)


def held_out():
    """A validation that takes up where it stopped."""
    arrays = {"x": X, "y": Y, "batch_size": BATCH}
    return {**arrays, "validation_data": shuffled().repeat(), "validation_steps": 2}


FEEDS = {
    "arrays": lambda: {"x": X, "y": Y, "batch_size": BATCH},
    "arrays, epochs across passes": lambda: {"x": X, "y": Y, "batch_size": BATCH, "steps_per_epoch": 4},
    "arrays, batches shuffled": lambda: {"x": X, "y": Y, "batch_size": BATCH, "shuffle": "batch"},
    "a Dataset": lambda: {"x": shuffled()},
    "a Dataset that repeats": lambda: {"x": shuffled().repeat().prefetch(2), "steps_per_epoch": 5},
    "arrays, and a Dataset held out": held_out,
    "a PyDataset": lambda: {"x": Batches()},
    "a function that makes generators": lambda: {"x": lambda: generator(BATCHES)},
    "a generator": lambda: {"x": generator(), "steps_per_epoch": 5},
}


def make_model():
    net = [layers.Dense(3, activation="tanh"), layers.Dropout(0.3), layers.Dense(1)]
    model = keras.Sequential([keras.Input((4,)), *net])
    model.compile(keras.optimizers.Adam(0.01, use_ema=True), "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


def everything(model):
    return [*model.variables, *model.optimizer.variables]


@pytest.fixture(scope="module")
def model():
    """One model, so that its steps are compiled once; `train` makes it new."""
    model = make_model()
    model.initial = [v.numpy() for v in everything(model)]
    return model


def train(model, seed, folder, *more, feed="arrays", save_freq="epoch", epochs=4, **options):
    """Train as a script does that is started (again): nothing is known of earlier runs. Gives history and state."""
    keras.utils.set_random_seed(seed)
    for variable, value in zip(everything(model), model.initial, strict=True):
        variable.assign(value if seed == SEED else value + np.ones_like(value))
    folder.mkdir(exist_ok=True)
    backup = cb.BackupAndRestore(folder / "backup", save_freq=save_freq)
    decay = cb.LearningRateScheduler(lambda epoch, rate: rate * 0.9)
    callbacks = [Draws(), backup, decay, cb.CSVLogger(folder / "log.csv"), *more]
    data = {**FEEDS[feed](), **options}
    history = model.fit(**data, epochs=epochs, callbacks=callbacks, verbose=0)
    return history.history, history.epoch, [v.numpy() for v in everything(model)]


def assert_goes_on(model, folder, *interrupts, more=lambda: (), **options):
    """Train without a stop; train, be interrupted, start again with another seed: both give the same bits."""
    history, epochs, state = train(model, SEED, folder / "one", *more(), **options)
    for number, interrupt in enumerate(interrupts):
        other = folder / str(number)
        with pytest.raises(KeyboardInterrupt):
            train(model, SEED, other, *more(), interrupt, **options)
        assert (other / "backup").exists()
        resumed, other_epochs, other_state = train(model, 77, other, *more(), **options)
        assert resumed == history and other_epochs == epochs
        for a, b in zip(state, other_state, strict=True):
            np.testing.assert_array_equal(a, b)
        assert (other / "log.csv").read_bytes() == (folder / "one/log.csv").read_bytes()
        assert not (other / "backup").exists()


@pytest.mark.parametrize("feed", FEEDS)
def test_a_run_goes_on_from_the_midst_of_an_epoch(feed, model, tmp_path):
    assert_goes_on(model, tmp_path, Interrupt(batch=11), Interrupt(save=4), feed=feed, save_freq=3)


@pytest.mark.parametrize("feed", ["arrays, epochs across passes", "a Dataset", "a generator"])
def test_a_run_goes_on_from_the_end_of_an_epoch(feed, model, tmp_path):
    assert_goes_on(model, tmp_path, Interrupt(epoch=2), feed=feed)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no forks")
def test_a_run_that_is_killed_over_and_over_gives_the_same_bits(tmp_path):
    places = ["in a batch", "while writing", "before renaming", "at the end"]
    script = Path(__file__).with_name("killed.py")
    done = subprocess.run([sys.executable, script, tmp_path, *places], capture_output=True, text=True)
    whole, *killed, last, files = done.stdout.splitlines()
    assert killed == ["SIGKILL "] * len(places), done.stderr
    assert last == whole and whole.startswith("done ")
    assert files == "['best.weights.h5', 'log.csv', 'result']"  # nothing is left of the backups


@pytest.mark.skipif(sys.platform == "win32", reason="there are no forks")
def test_a_run_from_a_pipeline_that_is_killed_at_any_step_sees_the_same_stream(tmp_path):
    script = Path(__file__).with_name("killed_stream.py")
    done = subprocess.run([sys.executable, script, tmp_path, "3", "15", "28"], capture_output=True, text=True)
    ended, lives, whole, killed = done.stdout.splitlines()
    assert (ended, lives) == ("done", "SIGKILL " * 3 + "done"), done.stderr
    assert whole == killed and len(ast.literal_eval(whole)) == 33


def test_averages_that_stand_in_the_model_go_on_as_such(model, tmp_path):
    swap = lambda: [cb.SwapEMAWeights(swap_on_epoch=True)]  # noqa: E731
    assert_goes_on(model, tmp_path, Interrupt(epoch=2), more=swap)


def test_a_run_that_had_been_stopped_does_not_train_on(model, tmp_path):
    class Killed(cb.Callback):
        def on_train_end(self, logs=None):
            raise KeyboardInterrupt

    stop = lambda: [cb.EarlyStopping("loss", mode="max", patience=1, restore_best_weights=True)]  # noqa: E731
    folder = tmp_path / "two"
    whole = train(model, SEED, tmp_path / "one", *stop(), epochs=9)
    with pytest.raises(KeyboardInterrupt):
        train(model, SEED, folder, Killed(), *stop(), epochs=9)
    looks = Interrupt(epoch=2)  # never reached
    history, epochs, state = train(model, 77, folder, looks, *stop(), epochs=9)
    assert epochs == [0, 1] and history == whole[0]
    for a, b in zip(state, whole[2], strict=True):
        np.testing.assert_array_equal(a, b)


def test_many_steps_still_run_at_once(model, tmp_path):
    seen = []

    class Backup(cb.BackupAndRestore):
        def _save(self, logs):
            seen.append((self._run.progress.epoch, self._run.progress.step))

    backup = Backup(tmp_path / "backup", save_freq=4)
    model.fit(X, Y, batch_size=BATCH, epochs=2, callbacks=[backup], verbose=0)
    assert seen == [(0, 4), (1, 2), (1, 6)]
    callbacks = cb.CallbackList([cb.BackupAndRestore("folder", save_freq=4)])
    assert not callbacks.wants_batches("train", progress=False) and callbacks.batches_to_go(64) == 4
    assert cb.CallbackList([cb.BackupAndRestore("folder")]).batches_to_go(64) == 64


# Files ---------------------------------------------------------------------------------------------------
def interrupted(model, folder, **options):
    """A folder with the backups of two epochs."""
    backup = cb.BackupAndRestore(folder, **options)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=BATCH, epochs=4, callbacks=[backup, Interrupt(epoch=2)], verbose=0)


def test_a_damaged_backup_is_refused_or_the_one_before_is_used(model, tmp_path):
    interrupted(model, tmp_path, double_checkpoint=True)
    latest = tmp_path / "latest.backup.h5"
    data = bytearray(latest.read_bytes())
    at = data.index(model.get_weights()[0].tobytes())  # nothing but the checksum can tell
    data[at] ^= 1
    latest.write_bytes(data)
    backup = cb.BackupAndRestore(tmp_path)
    options = {"batch_size": BATCH, "epochs": 3, "callbacks": [backup], "verbose": 0}
    with pytest.warns(UserWarning, match="checksum"):
        assert model.fit(X, Y, **options).epoch == [0, 1, 2]  # the second one anew
    assert not tmp_path.exists()
    interrupted(model, tmp_path)
    latest.write_bytes(latest.read_bytes()[:3000])
    before = model.get_weights()
    with pytest.raises(ValueError, match="damaged"):
        model.fit(X, Y, **options)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_backup_of_another_model_or_other_data_is_refused(model, tmp_path):
    interrupted(model, tmp_path)
    backup = cb.BackupAndRestore(tmp_path)
    with pytest.raises(ValueError, match=r"other data[\s\S]*6 batches[\s\S]*11 batches"):
        model.fit(X, Y, batch_size=4, epochs=4, callbacks=[backup], verbose=0)
    other = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="wide"), layers.Dense(1)])
    other.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"another model[\s\S]*wide/kernel \(4, 2\)"):
        other.fit(X, Y, batch_size=BATCH, callbacks=[backup], verbose=0)


def test_a_backup_may_stay_and_training_go_on_from_it_later(model, tmp_path):
    options = {"batch_size": BATCH, "verbose": 0}
    backup = cb.BackupAndRestore(tmp_path, delete_checkpoint=False)
    model.fit(X, Y, epochs=2, callbacks=[backup], **options)
    assert model.fit(X, Y, epochs=3, callbacks=[backup], **options).epoch == [0, 1, 2]
    (tmp_path / "mine.txt").write_text("stays")
    model.fit(X, Y, epochs=3, callbacks=[cb.BackupAndRestore(tmp_path)], **options)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert model.fit(X, Y, epochs=1, callbacks=[cb.BackupAndRestore(tmp_path)], **options).epoch == [0]


def test_a_signal_of_the_end_leads_to_a_backup_and_then_does_what_it_did(model, tmp_path):
    class Announce(cb.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 2:
                signal.raise_signal(signal.SIGTERM)

    backup = cb.BackupAndRestore(tmp_path, save_freq=False, save_before_preemption=True)
    options = {"batch_size": BATCH, "verbose": 0}

    def end(*_):
        raise SystemExit

    old = signal.signal(signal.SIGTERM, end)
    try:
        with pytest.raises(SystemExit):
            model.fit(X, Y, callbacks=[backup, Announce()], **options)
        assert signal.getsignal(signal.SIGTERM) is end
    finally:
        signal.signal(signal.SIGTERM, old)
    seen = []
    note = cb.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))
    model.fit(X, Y, callbacks=[cb.BackupAndRestore(tmp_path), note], **options)
    assert seen == [3, 4, 5]


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Empty `backup_dir`"):
        cb.BackupAndRestore("")
    for save_freq in ("batch", 0, False, 1.5):
        with pytest.raises(ValueError, match="Invalid value for argument `save_freq`"):
            cb.BackupAndRestore(tmp_path, save_freq=save_freq)
    with pytest.raises(ValueError, match="works in fit"):
        cb.CallbackList([cb.BackupAndRestore(tmp_path)]).on_train_begin()


# Models of all kinds -------------------------------------------------------------------------------------
class TwoOptimizers(keras.Model):
    """Makes the slots of its own optimizer in the first step, and draws from a generator of its own."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)
        self.second = keras.optimizers.Adam(0.05)
        self.seeds = keras.random.SeedGenerator(5)

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        x, y = data
        x = x + keras.random.normal((4,), seed=self.seeds)
        with GradientTape() as tape:
            loss = keras.ops.mean((self(x) - y) ** 2)
        self.second.apply_gradients(
            zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables, strict=True)
        )
        return {"loss": loss}


@pytest.mark.parametrize("eager", [False, True])
def test_variables_that_come_into_being_in_the_first_step_go_on(eager, tmp_path):
    def run(*more):
        keras.utils.set_random_seed(1)
        model = TwoOptimizers()
        model.build((None, 4))
        model.compile("sgd", run_eagerly=eager)
        backup = cb.BackupAndRestore(tmp_path, save_freq=2)
        model.fit(X, Y, batch_size=11, epochs=2, callbacks=[backup, *more], verbose=0)
        return [v.numpy() for v in (*model.variables, *model.second.variables)]

    whole = run()
    with pytest.raises(KeyboardInterrupt):
        run(Interrupt(batch=3))
    for a, b in zip(whole, run(), strict=True):
        np.testing.assert_array_equal(a, b)
