"""Epochs, validation, stopping, progress: `fit`, `evaluate` and `predict` around the steps."""

import re

import numpy as np
import pandas as pd
import pytest

import addax as keras
from addax import layers
from addax.data import Dataset

RNG = np.random.RandomState(0)
X = RNG.rand(10, 3).astype("float32")
Y = (X @ [[1.0], [2.0], [-1.0]] + 0.5).astype("float32")
START = [RNG.rand(3, 1).astype("float32"), np.zeros(1, "float32")]
RATE = 0.1


def linear(**compile_arguments):
    """A model whose training NumPy can follow."""
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.set_weights(START)
    model.compile(keras.optimizers.SGD(RATE), "mse", **{"metrics": ["mae"], **compile_arguments})
    return model


MODEL = linear()


@pytest.fixture
def model():
    """The shared model at its start, so that its steps are compiled once."""
    MODEL.set_weights(START)
    MODEL.optimizer.learning_rate = RATE
    return MODEL


def by_numpy(batches, weights=START):
    """Training by hand: `(x, y, sample_weight)` batches of one epoch -> weights, loss and mae of the epoch."""
    w, b = (np.array(part, "float64") for part in weights)
    losses, errors, count = 0.0, 0.0, 0
    for x, y, *more in batches:
        share = (more[0] if more else np.ones(len(x)))[:, None]
        off = x @ w + b - y
        losses += float(np.mean(off**2 * share)) * len(x)
        errors += float(np.sum(np.abs(off)))
        count += len(x)
        w, b = w - RATE * 2 * x.T @ (off * share) / len(x), b - RATE * 2 * (off * share).sum(0) / len(x)
    return [w, b], losses / count, errors / count


def cut(size, *arrays):
    return [tuple(a[i : i + size] for a in arrays) for i in range(0, len(arrays[0]), size)]


def check(model, history, epochs, batches):
    weights = START
    for epoch in range(epochs):
        weights, loss, mae = by_numpy(batches, weights)
        assert history["loss"][epoch] == pytest.approx(loss, rel=1e-4)
        assert history["mae"][epoch] == pytest.approx(mae, rel=1e-4)
    for mine, theirs in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


class Batches(keras.utils.PyDataset):
    ended = 0

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return X[4 * i : 4 * i + 4], Y[4 * i : 4 * i + 4]

    def on_epoch_end(self):
        self.ended += 1


def batches():
    yield from cut(4, X, Y)


def endless():
    while True:
        yield from batches()


def dataset():
    return Dataset.from_tensor_slices((X, Y)).batch(4)


# Every form of the data trains alike ---------------------------------------------------------------------
FORMS = {
    "numpy": lambda: (X, Y),
    "float64": lambda: (X.astype("float64"), Y.astype("float64")),
    "flat y": lambda: (X, Y[:, 0]),
    "python lists": lambda: (X.tolist(), Y.tolist()),
    "list of one": lambda: ([X], [Y]),
    "frames": lambda: (pd.DataFrame(X), pd.DataFrame(Y)),
    "frame and series": lambda: (pd.DataFrame(X), pd.Series(Y[:, 0])),
    "tensors": lambda: (keras.ops.convert_to_tensor(X), keras.ops.convert_to_tensor(Y)),
    "generator": lambda: (endless(), None),
    "generator function": lambda: (batches, None),
    "sequence": lambda: (Batches(), None),
    "dataset": lambda: (dataset(), None),
    "endless dataset": lambda: (dataset().repeat(), None),
    "iterable": lambda: (Iterable(), None),
}


class Iterable:
    def __iter__(self):
        return batches()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_data_trains_alike(model, form):
    x, y = FORMS[form]()
    options = {} if y is None else {"batch_size": 4}
    steps = 3 if form in ("generator", "endless dataset") else None
    history = model.fit(x, y, epochs=2, shuffle=False, steps_per_epoch=steps, verbose=0, **options)
    check(model, history.history, 2, cut(4, X, Y))


def test_inputs_by_name_in_a_dict():
    a, b = keras.Input((1,), name="a"), keras.Input((2,), name="b")
    out = layers.Dense(1, name="out")(layers.Concatenate()([a, b]))
    model = keras.Model([a, b], out)
    model.set_weights(START)
    model.compile(keras.optimizers.SGD(RATE), {"out": "mse"}, metrics=["mae"])
    data = {"b": X[:, 1:], "a": X[:, :1]}
    history = model.fit(data, {"out": Y}, batch_size=4, epochs=1, shuffle=False, verbose=0)
    check(model, history.history, 1, cut(4, X, Y))
    listed = [X[:, :1], X[:, 1:]]
    np.testing.assert_allclose(
        model.predict(data, verbose=0), model.predict(listed, verbose=0), rtol=1e-6, atol=1e-6
    )
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    assert model.evaluate([frame[["a"]], frame[["b", "a"]]], Y, verbose=0)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64", "bool", "float16"])
def test_inputs_of_every_dtype(dtype):
    data = (X * 10).astype(dtype)
    model = linear()
    found = model.predict(data, verbose=0)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, data.astype("float32") @ START[0], rtol=1e-5)
    assert np.isfinite(model.fit(data, Y.astype(dtype), verbose=0).history["loss"][0])


def test_a_model_that_is_not_built_takes_integers():
    model = keras.Sequential([layers.Rescaling(1 / 255), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit((X * 255).astype("uint8"), Y, verbose=0)
    assert model.predict((X * 255).astype("uint8"), verbose=0).dtype == np.float32


# Weights, order, batches ---------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 3, 10, 64, None])
def test_every_sample_counts_once_whatever_the_batch_size(model, size):
    history = model.fit(X, Y, batch_size=size, shuffle=False, verbose=0).history
    check(model, history, 1, cut(size or 32, X, Y))
    loss, mae = model.evaluate(X, Y, batch_size=size, verbose=0)
    off = model.predict(X, batch_size=size, verbose=0) - Y
    assert loss == pytest.approx(np.mean(off**2), rel=1e-5)
    assert mae == pytest.approx(np.mean(np.abs(off)), rel=1e-5)


def test_sample_weights(model):
    weight = RNG.rand(10).astype("float32")
    history = model.fit(X, Y, batch_size=4, sample_weight=weight, shuffle=False, verbose=0).history
    check(model, history, 1, cut(4, X, Y, weight))
    streamed = iter([(X, Y, weight)])
    model.set_weights(START)
    check(model, model.fit(streamed, verbose=0).history, 1, [(X, Y, weight)])


def test_class_weights_weigh_the_loss():
    labels = np.arange(10) % 2
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy", weighted_metrics=["accuracy"])
    found = model.fit(X, labels, class_weight={0: 3.0, 1: 0.5}, verbose=0).history
    weights = np.where(labels == 0, 3.0, 0.5)
    assert found["loss"][0] == pytest.approx(
        model.evaluate(X, labels, sample_weight=weights, verbose=0)[0], rel=1e-5
    )
    one_hot = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation="softmax")])
    one_hot.compile(keras.optimizers.SGD(0.0), "categorical_crossentropy")
    loss = one_hot.fit(X, np.eye(2)[labels], class_weight={0: 3.0, 1: 0.5}, verbose=0).history["loss"][0]
    guess = one_hot.predict(X, verbose=0)
    assert loss == pytest.approx(np.mean(-np.log(guess[np.arange(10), labels]) * weights), rel=1e-5)


@pytest.mark.parametrize("shuffle", [True, "batch", False])
def test_shuffling(shuffle):
    seen = []

    class Watch(keras.Model):
        def train_step(self, data):
            seen.append(np.asarray(data[0])[:, 0].tolist())
            return {"loss": 0.0}

        def call(self, x):
            return x

    model = Watch()
    model.compile("sgd", "mse", run_eagerly=True)
    rows = np.arange(12, dtype="float32")[:, None]
    keras.utils.set_random_seed(1)
    model.fit(rows, rows, batch_size=4, epochs=2, shuffle=shuffle, verbose=0)
    first, second = seen[:3], seen[3:]
    in_order = np.arange(12).reshape(3, 4).tolist()
    assert sorted(sum(first, [])) == sorted(sum(second, [])) == list(range(12))
    assert (first == in_order and second == in_order) == (shuffle is False)
    assert (sorted(first) == in_order) == (shuffle in ("batch", False))


# Epochs and steps ----------------------------------------------------------------------------------------
def test_steps_per_epoch_go_on_through_the_data(model):
    for data in ((X, Y), (dataset(), None), (dataset().repeat(), None)):
        model.set_weights(START)
        size = {"batch_size": 4} if data[1] is not None else {}
        history = model.fit(*data, epochs=3, steps_per_epoch=1, shuffle=False, verbose=0, **size).history
        weights = START
        for epoch, batch in enumerate(cut(4, X, Y)):
            weights, loss, _ = by_numpy([batch], weights)
            assert history["loss"][epoch] == pytest.approx(loss, rel=1e-4)


def test_initial_epoch(model):
    epochs = []
    note = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    history = model.fit(X, Y, initial_epoch=2, epochs=5, callbacks=[note], verbose=0)
    assert epochs == [2, 3, 4] == history.epoch and len(history.history["loss"]) == 3
    assert model.fit(X, Y, initial_epoch=5, epochs=5, verbose=0).history == {}


def test_a_generator_that_ends_stops_training(model):
    data = (batch for _ in range(2) for batch in cut(4, X, Y))
    with pytest.warns(UserWarning, match="training data ended after epoch 2"):
        history = model.fit(data, epochs=5, steps_per_epoch=3, verbose=0)
    check(model, history.history, 2, cut(4, X, Y))
    assert len(history.epoch) == 2


def test_data_without_a_batch_is_an_error(model):
    with pytest.raises(ValueError, match="empty"):
        model.fit(iter([]), verbose=0)
    with pytest.raises(ValueError, match="no batch"):
        model.predict(iter([]), verbose=0)
    with pytest.raises(ValueError, match="empty"):
        model.evaluate(lambda: iter([]), verbose=0)


def test_stop_training_ends_within_the_epoch(model):
    class Stop(keras.callbacks.Callback):
        batches = []

        def on_train_batch_end(self, batch, logs=None):
            self.batches.append((batch, logs["loss"]))
            self.model.stop_training = batch == 1

    stop = Stop()
    history = model.fit(X, Y, batch_size=2, epochs=3, callbacks=[stop], shuffle=False, verbose=0).history
    assert [batch for batch, _ in stop.batches] == [0, 1] and len(history["loss"]) == 1
    assert history["loss"][0] == pytest.approx(stop.batches[1][1])
    assert len(model.fit(X, Y, epochs=2, verbose=0).history["loss"]) == 2  # it is reset


def test_history_is_a_table_by_sorted_name(model):
    history = model.fit(X, Y, epochs=3, validation_split=0.2, verbose=0)
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    frame = pd.DataFrame(history.history)
    assert frame.shape == (3, 4) and all(frame.dtypes == "float64")
    assert model.history is history and history.epoch == [0, 1, 2] and history.params["epochs"] == 3


# Validation ----------------------------------------------------------------------------------------------
VALIDATION = {
    "tuple": lambda: (X[6:], Y[6:]),
    "list": lambda: [X[6:], Y[6:]],
    "with weights": lambda: (X[6:], Y[6:], np.ones(4)),
    "frames": lambda: (pd.DataFrame(X[6:]), pd.Series(Y[6:, 0])),
    "dataset": lambda: Dataset.from_tensor_slices((X[6:], Y[6:])).batch(3),
    "generator function": lambda: lambda: iter([(X[6:9], Y[6:9]), (X[9:], Y[9:])]),
    "python lists": lambda: (X[6:].tolist(), Y[6:].tolist()),
}


@pytest.mark.parametrize("form", VALIDATION)
def test_validation_data_in_every_form(model, form):
    history = model.fit(X[:6], Y[:6], epochs=2, validation_data=VALIDATION[form](), verbose=0).history
    loss, mae = model.evaluate(X[6:], Y[6:], verbose=0)
    assert history["val_loss"][1] == pytest.approx(loss, rel=1e-5)
    assert history["val_mae"][1] == pytest.approx(mae, rel=1e-5)


def test_validation_split_holds_the_end_out_before_shuffling(model):
    history = model.fit(X, Y, epochs=1, validation_split=0.4, batch_size=3, shuffle=False, verbose=0).history
    check(model, history, 1, cut(3, X[:6], Y[:6]))
    assert history["val_loss"][0] == pytest.approx(model.evaluate(X[6:], Y[6:], verbose=0)[0], rel=1e-5)


@pytest.mark.parametrize(
    ("frequency", "epochs"), [(1, [1, 2, 3, 4]), (2, [2, 4]), ([1, 4], [1, 4]), ((3,), [3])]
)
def test_validation_frequency(model, frequency, epochs):
    seen = []
    note = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(epoch + 1) if "val_loss" in logs else None
    )
    options = {"validation_data": (X, Y), "validation_freq": frequency}
    history = model.fit(X, Y, epochs=4, callbacks=note, verbose=0, **options).history
    assert seen == epochs and len(history["val_loss"]) == len(epochs)


def test_validation_steps_and_batch_size(model):
    sizes = []

    class Sizes(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            sizes.append(batch)

    options = {"validation_data": (X, Y), "validation_batch_size": 2, "callbacks": [Sizes()]}
    model.fit(X, Y, verbose=0, **options)
    assert sizes == [0, 1, 2, 3, 4]
    history = model.fit(X, Y, validation_steps=2, verbose=0, **options).history
    expected = model.evaluate(X[:4], Y[:4], verbose=0)[0]
    assert sizes[5:] == [0, 1] and history["val_loss"][0] == pytest.approx(expected, rel=1e-5)


def test_an_endless_validation_needs_steps(model):
    with pytest.raises(ValueError, match="validation_steps"):
        model.fit(X, Y, validation_data=dataset().repeat(), verbose=0)
    history = model.fit(X, Y, epochs=2, validation_data=endless(), validation_steps=3, verbose=0).history
    assert history["val_loss"][1] == pytest.approx(model.evaluate(X, Y, verbose=0)[0], rel=1e-5)


def test_validation_steps_that_end_where_the_dataset_does(model):
    data = Dataset.from_tensor_slices((X[:9], Y[:9])).batch(3)
    history = model.fit(X, Y, epochs=5, validation_data=data, validation_steps=1, verbose=0).history
    assert len(history["val_loss"]) == 5


def test_a_validation_generator_that_ends_is_left_out(model):
    with pytest.warns(UserWarning, match="validation data ended after epoch 1"):
        history = model.fit(X, Y, epochs=2, validation_data=batches(), verbose=0).history
    assert len(history["loss"]) == 2 and len(history["val_loss"]) == 1


def test_validation_leaves_the_metrics_of_training_alone(model):
    plain = model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    model.set_weights(START)
    watched = model.fit(X, Y, epochs=2, shuffle=False, validation_data=(X, Y), verbose=0).history
    assert watched["loss"] == plain["loss"] and watched["mae"] == plain["mae"]


# Callbacks -----------------------------------------------------------------------------------------------
def test_hooks_come_in_order(model):
    calls = []

    def noting(name):
        return lambda self, *args, **kwargs: calls.append(name.removeprefix("on_"))

    hooks = [
        name for name in vars(keras.callbacks.Callback) if re.match("on_(train|test|epoch|predict)_", name)
    ]
    note = type("Note", (keras.callbacks.Callback,), {name: noting(name) for name in hooks})()
    model.fit(X, Y, batch_size=5, validation_data=(X, Y), callbacks=[note], verbose=0)
    train, test = ["train_batch_begin", "train_batch_end"], ["test_batch_begin", "test_batch_end"]
    epoch = ["epoch_begin", *train * 2, "test_begin", *test * 2, "test_end", "epoch_end"]
    assert calls == ["train_begin", *epoch, "train_end"]
    calls.clear()
    model.predict(X, callbacks=[note], verbose=0)
    assert calls == ["predict_begin", "predict_batch_begin", "predict_batch_end", "predict_end"]
    calls.clear()
    model.evaluate(X, Y, callbacks=[note], verbose=0)
    assert calls == ["test_begin", *test, "test_end"]


def test_callbacks_are_used_in_two_fits(model):
    stopping = keras.callbacks.EarlyStopping(monitor="loss", patience=0, mode="max")
    first = model.fit(X, Y, epochs=6, callbacks=[stopping], verbose=0).history["loss"]
    model.set_weights(START)
    second = model.fit(X, Y, epochs=6, callbacks=[stopping], verbose=0).history["loss"]
    assert len(first) == len(second) == 2


def test_early_stopping_restores_the_best_weights(model):
    seen = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(model.get_weights()))
    worse = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 if epoch < 2 else -0.1)
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    history = model.fit(
        X, Y, epochs=9, validation_data=(X, Y), callbacks=[worse, note, stopping], verbose=0
    ).history
    best = int(np.argmin(history["val_loss"]))
    assert best == 1 and len(history["loss"]) == 4
    for mine, theirs in zip(model.get_weights(), seen[best], strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_learning_rate_schedule_takes_effect(model):
    rates = keras.callbacks.LearningRateScheduler(lambda epoch: [0.1, 0.0][epoch])
    model.fit(X, Y, epochs=2, batch_size=4, callbacks=[rates], shuffle=False, verbose=0)
    weights, _, _ = by_numpy(cut(4, X, Y))
    np.testing.assert_allclose(model.get_weights()[0], weights[0], rtol=1e-4)
    assert float(model.optimizer.learning_rate) == 0.0


def test_checkpoints_are_written(model, tmp_path):
    path = str(tmp_path / "{epoch:02d}-{val_loss:.3f}.keras")
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.weights.h5", save_weights_only=True, save_best_only=True
    )
    history = model.fit(
        X,
        Y,
        epochs=2,
        validation_data=(X, Y),
        callbacks=[keras.callbacks.ModelCheckpoint(path), best],
        verbose=0,
    ).history
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == [
        *(f"{i + 1:02d}-{loss:.3f}.keras" for i, loss in enumerate(history["val_loss"])),
        "best.weights.h5",
    ]
    loaded = keras.models.load_model(tmp_path / names[1])
    np.testing.assert_allclose(
        loaded.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-6, atol=1e-6
    )
    assert np.isfinite(loaded.fit(X, Y, verbose=0).history["mae"][0])


def test_an_error_in_a_step_does_not_end_the_training_of_callbacks(model):
    ended = []
    note = keras.callbacks.LambdaCallback(on_train_end=lambda logs: ended.append(1))

    def broken():
        yield X, Y
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        model.fit(broken(), callbacks=[note], verbose=0)
    assert ended == []  # a backup must survive


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_stopping_evaluation_and_prediction(model, method):
    class Stop(keras.callbacks.Callback):
        def on_test_batch_end(self, batch, logs=None):
            self.model.stop_evaluating = True

        def on_predict_batch_end(self, batch, logs=None):
            self.model.stop_predicting = True

    if method == "predict":
        assert len(model.predict(X, batch_size=4, callbacks=[Stop()], verbose=0)) == 4
        assert len(model.predict(X, batch_size=4, verbose=0)) == 10
    else:
        first = model.evaluate(X[:4], Y[:4], verbose=0)
        stopped = model.evaluate(X, Y, batch_size=4, callbacks=[Stop()], verbose=0)
        assert stopped == pytest.approx(first)
        assert model.evaluate(X, Y, batch_size=4, verbose=0) != pytest.approx(first)


def test_limits_of_the_settings(model):
    keras.config.set_max_epochs(2)
    keras.config.set_max_steps_per_epoch(1)
    try:
        history = model.fit(X, Y, epochs=5, batch_size=4, validation_data=(X, Y), shuffle=False, verbose=0)
        assert len(model.predict(X, batch_size=4, verbose=0)) == 4
    finally:
        keras.config.set_max_epochs(None)
        keras.config.set_max_steps_per_epoch(None)
    loss = by_numpy(cut(4, X, Y)[:1])[1]
    assert len(history.epoch) == 2 and history.history["loss"][0] == pytest.approx(loss, rel=1e-4)


# Progress ------------------------------------------------------------------------------------------------
def test_silence(model, capsys):
    model.fit(X, Y, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    assert capsys.readouterr().out == ""


def test_one_line_for_each_epoch(model, capsys):
    model.fit(X, Y, batch_size=4, epochs=2, validation_data=(X, Y), verbose=2)
    lines = capsys.readouterr().out.splitlines()
    number = r"\d+\.\d{4}(e-\d\d)?"
    line = rf"3/3 - \d+s - \d+(us|ms|s)/step - loss: {number} - mae: {number} - val_loss: {number} - val_mae: {number}"
    assert lines[0] == "Epoch 1/2" and lines[2] == "Epoch 2/2" and len(lines) == 4
    assert re.fullmatch(line, lines[1]) and re.fullmatch(line, lines[3])


@pytest.mark.parametrize("verbose", [1, True, "auto"])
def test_a_bar(model, capsys, verbose):
    model.fit(X, Y, batch_size=4, verbose=verbose)
    model.evaluate(X, Y, batch_size=4, verbose=verbose)
    model.predict(X, batch_size=4, verbose=verbose)
    out = capsys.readouterr().out
    assert out.count("3/3") == 3 and "Epoch" not in out  # one epoch has no number
    assert out.count(" - loss: ") == out.count(" - mae: ") == 2


def test_a_bar_without_a_known_end(model, capsys):
    model.fit(batches(), verbose=1)
    model.predict((x for x, _ in batches()), verbose=2)
    out = capsys.readouterr().out
    assert "3/3" in out and "Unknown" not in out.splitlines()[-1]


# Evaluate and predict ------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["numpy", "frames", "tensors", "sequence", "dataset", "generator function"])
def test_every_form_of_data_is_evaluated_and_predicted_alike(model, form):
    x, y = FORMS[form]()
    loss, mae = by_numpy([(X, Y)])[1:]
    assert model.evaluate(x, y, verbose=0) == pytest.approx([loss, mae], rel=1e-4)
    named = model.evaluate(x, y, verbose=0, return_dict=True)
    assert named == {"loss": pytest.approx(loss, rel=1e-4), "mae": pytest.approx(mae, rel=1e-4)}
    found = model.predict(x, verbose=0)
    assert type(found) is np.ndarray
    np.testing.assert_allclose(found, X @ START[0], rtol=1e-4)


def test_steps_of_evaluate_and_predict(model):
    assert model.predict(dataset().repeat(), steps=4, verbose=0).shape == (14, 1)
    assert model.predict(X, batch_size=2, steps=3, verbose=0).shape == (6, 1)
    loss = model.evaluate(dataset().repeat(), steps=1, verbose=0)[0]
    assert loss == pytest.approx(model.evaluate(X[:4], Y[:4], verbose=0)[0], rel=1e-5)
    with pytest.raises(ValueError, match="steps"):
        model.predict(dataset().repeat(), verbose=0)


def test_predictions_keep_the_structure_of_the_outputs():
    x = keras.Input((3,))
    h = layers.Dense(2)(x)
    model = keras.Model(x, {"a": h, "b": [h * 2.0, h[:, 0]]})
    found = model.predict(X, batch_size=4, verbose=0)
    assert found["a"].shape == (10, 2) and found["b"][1].shape == (10,)
    np.testing.assert_allclose(found["b"][0], 2 * found["a"], rtol=1e-6)
    outputs = []
    note = keras.callbacks.LambdaCallback(
        on_predict_batch_end=lambda batch, logs: outputs.append(logs["outputs"])
    )
    model.predict(X, batch_size=5, callbacks=[note], verbose=0)
    assert len(outputs) == 2 and outputs[0]["a"].shape == (5, 2)


def test_predictions_are_the_callers_own(model):
    first = model.predict(X, verbose=0)
    first[:] = 7.0
    assert not np.any(model.predict(X, verbose=0) == 7.0)
