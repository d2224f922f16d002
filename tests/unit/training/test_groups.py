"""Steps that do not learn compute several batches at once, where a product with a large kernel gains by it."""

import numpy as np
import pytest

import addax as keras
from addax import data, layers, ops

ROWS, BATCH = 330, 16  # the last group is not full, and the last batch is smaller
X = np.random.RandomState(0).rand(ROWS, 200).astype("float32")
Y = np.random.RandomState(1).randint(0, 3, ROWS)


class Looks(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.outputs, self.logs = [], []

    def on_predict_batch_end(self, batch, logs=None):
        self.outputs.append(np.array(logs["outputs"]))

    def on_test_batch_end(self, batch, logs=None):
        self.logs.append(dict(logs))


def classifier(*more, **options):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [keras.Input((200,)), layers.Dense(128, "relu"), *more, layers.Dense(3, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy", "crossentropy"], **options)
    return model


def sizes(model):
    """Batches of a group, by kind of step."""
    found = {kind: r for (kind, _, _), r in model._steps._repeated.items() if r is not None}
    return {kind: r._grouped.size if r.is_grouped else 1 for kind, r in found.items()}


def by_hand(model, x):
    kernels = [np.array(w, "float64") for w in model.get_weights()]
    hidden = np.maximum(x @ kernels[0] + kernels[1], 0) @ kernels[2] + kernels[3]
    exps = np.exp(hidden - hidden.max(1, keepdims=True))
    return exps / exps.sum(1, keepdims=True)


def test_predict_and_evaluate_run_in_groups_and_fit_does_not():
    model = classifier()
    model.fit(X, Y, batch_size=BATCH, verbose=0)
    outputs = model.predict(X, batch_size=BATCH, verbose=0)
    loss, accuracy, _ = model.evaluate(X, Y, batch_size=BATCH, verbose=0)
    assert sizes(model) == {"train": 1, "test": 32, "predict": 32}
    wanted = by_hand(model, X)
    np.testing.assert_allclose(outputs, wanted, atol=1e-6)
    assert accuracy == pytest.approx(np.mean(wanted.argmax(1) == Y))
    assert loss == pytest.approx(-np.log(wanted[range(ROWS), Y]).mean(), rel=1e-5)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("stream", [False, True])
def test_who_looks_at_each_batch_sees_the_same_numbers(stream, steps):
    model, looks = (
        classifier(layers.BatchNormalization(), layers.Dropout(0.5), steps_per_execution=steps),
        Looks(),
    )
    given = (data.Dataset.from_tensor_slices((X, Y)).batch(BATCH),) if stream else (X, Y)
    options = {"verbose": 0} if stream else {"verbose": 0, "batch_size": BATCH}
    x = given if stream else given[:1]
    outputs = model.predict(*x, **options)
    assert sizes(model)["predict"] > 1
    np.testing.assert_array_equal(model.predict(*x, **options, callbacks=[looks]), outputs)
    assert [len(part) for part in looks.outputs] == [BATCH] * (ROWS // BATCH) + [ROWS % BATCH]
    np.testing.assert_array_equal(np.concatenate(looks.outputs), outputs)
    found = model.evaluate(*given, **options, return_dict=True)
    assert model.evaluate(*given, **options, return_dict=True, callbacks=[looks]) == found
    assert len(looks.logs) == ROWS // BATCH + 1
    assert float(looks.logs[-1]["loss"]) == found["loss"]


def test_a_group_behind_the_last_row_changes_nothing():
    model = classifier()
    whole = model.predict(X, batch_size=BATCH, verbose=0)
    for rows in (2 * BATCH, 2 * BATCH + 1, 7 * BATCH, 20 * BATCH + 5):
        part = model.predict(X[:rows], batch_size=BATCH, verbose=0)
        np.testing.assert_allclose(part, whole[:rows], atol=1e-6)


def test_a_batch_in_a_group_is_a_batch_to_the_model():
    class Centred(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(100)

        def call(self, x):
            return self.dense(x - ops.mean(x, axis=0))

    model = Centred()
    outputs = model.predict(X, batch_size=BATCH, verbose=0)
    assert sizes(model) == {"predict": 32}
    parts = [X[i : i + BATCH] for i in range(0, ROWS, BATCH)]
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(
        outputs, np.concatenate([p - p.mean(0) for p in parts]) @ kernel + bias, atol=1e-5
    )


def test_what_goes_from_step_to_step_goes_in_order():
    class Counts(layers.Layer):
        def build(self, shape):
            self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, x):
            self.seen.assign(self.seen * 2 + ops.sum(x))
            return x

    inputs = keras.Input((200,))
    counts = Counts()
    model = keras.Model(inputs, layers.Dense(128)(counts(inputs)))
    model.compile("sgd", "mse")
    ones = np.ones((10 * 8, 200), "float32") / 1600
    outputs = model.predict(ones, batch_size=8, verbose=0)
    assert sizes(model) == {"predict": 64}
    assert float(counts.seen) == 2**10 - 1
    np.testing.assert_allclose(outputs, ones @ model.get_weights()[1] + model.get_weights()[2], atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Dense(8),  # too small a kernel to gain
        lambda: keras.Sequential(
            [layers.Reshape((20, 10)), layers.Conv1D(8, 3), layers.Flatten(), layers.Dense(64)]
        ),
        lambda: keras.Sequential([layers.Embedding(1000, 64), layers.GlobalAveragePooling1D()]),
    ],
)
def test_steps_that_gain_nothing_are_not_grouped(layer):
    model = keras.Sequential([keras.Input((200,)), layer()])
    model.compile("sgd", "mse")
    model.predict(X, batch_size=BATCH, verbose=0)
    assert sizes(model) == {"predict": 1}


def test_large_arrays_and_much_work_make_groups_smaller():
    model = keras.Sequential([keras.Input((200,)), layers.Dense(4096)])
    model.predict(X, batch_size=64, verbose=0)
    assert sizes(model) == {"predict": 2}  # of 64 rows of 4,096 columns: 210 million FLOPs
    wide = keras.Sequential([keras.Input((20,)), layers.Dense(4096)])
    wide.predict(X[:, :20], batch_size=64, verbose=0)
    assert sizes(wide) == {"predict": 4}  # 4 MB


def test_validation_runs_in_groups():
    model = classifier()
    history = model.fit(X, Y, batch_size=BATCH, verbose=0, validation_data=(X[:200], Y[:200])).history
    assert sizes(model) == {"train": 1, "test": 32}
    assert history["val_loss"][0] == pytest.approx(
        model.evaluate(X[:200], Y[:200], batch_size=50, verbose=0)[0], rel=1e-5
    )


def test_variables_that_are_written_in_another_order_than_read_keep_their_values():
    class Crossed(layers.Layer):
        def build(self, shape):
            self.a, self.b, self.c = (
                self.add_weight(shape=(), initializer="zeros", trainable=False) for _ in range(3)
            )

        def call(self, x):
            a, b, c = (v + 0.0 for v in (self.a, self.b, self.c))
            self.c.assign(c + 3 * x[0, 0])
            self.a.assign(a + 1 * x[0, 0])
            self.b.assign(b + 2 * x[0, 0] + a)
            return x

    inputs = keras.Input((200,))
    crossed = Crossed()
    model = keras.Model(inputs, layers.Dense(128)(crossed(inputs)))
    model.predict(np.ones((4 * 8, 200), "float32"), batch_size=8, verbose=0)
    assert sizes(model) == {"predict": 64}
    assert [float(v) for v in (crossed.a, crossed.b, crossed.c)] == [4, 8 + 0 + 1 + 2 + 3, 12]
