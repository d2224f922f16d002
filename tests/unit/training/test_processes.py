"""Seeds across processes, memory over many models, and several threads at once."""

import gc
import subprocess
import sys
import threading
import weakref

import numpy as np

import addax as keras
from addax import layers
from addax.engine import Compiled, Variable

X = np.random.RandomState(0).rand(24, 4).astype("float32")
Y = X[:, :1] * 2

TRAINING = """
import hashlib
import numpy as np
import addax as keras
from addax import layers
from addax.data import Dataset

keras.utils.set_random_seed(11)
X = np.random.rand(20, 4).astype("float32")
model = keras.Sequential([layers.Dense(5, activation="relu"), layers.Dropout(0.4), layers.Dense(1)])
model.compile("adam", "mse")
losses = model.fit(X, X[:, :1], epochs=2, batch_size=6, verbose=0).history["loss"]
data = Dataset.from_tensor_slices((X, X[:, :1])).shuffle(20).batch(6, drop_remainder=True)
losses += model.fit(data, epochs=2, verbose=0).history["loss"]
noise = keras.random.normal((3,))
digest = hashlib.sha256(b"".join(np.asarray(a).tobytes() for a in [*model.get_weights(), noise]))
print(digest.hexdigest(), [loss.hex() for loss in losses])
"""


def test_two_processes_with_one_seed_train_bit_for_bit_alike():
    def start():
        return subprocess.Popen([sys.executable, "-c", TRAINING], stdout=subprocess.PIPE, text=True)

    first, second = (process.communicate()[0] for process in (start(), start()))
    assert first == second and len(first.split()[0]) == 64


def living(*kinds):
    gc.collect()
    return sum(isinstance(thing, kinds) for thing in gc.get_objects())


def one_life(eager):
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eager)
    model.fit(X, Y, batch_size=24, callbacks=[keras.callbacks.EarlyStopping("loss")], verbose=0)
    model.predict(X, verbose=0)
    return weakref.ref(model)


def test_models_that_are_gone_leave_nothing_behind():
    refs = [one_life(eager=False), one_life(eager=True)]
    before = living(Variable, Compiled, keras.Model)
    refs += [one_life(eager=number > 1) for number in range(30)]
    assert living(Variable, Compiled, keras.Model) <= before
    assert all(ref() is None for ref in refs)


def test_a_loop_of_fits_and_predicts_does_not_grow():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")

    def use():
        model.fit(X, Y, verbose=0)
        model.predict(X, verbose=0)
        model.evaluate(X, Y, verbose=0)

    use()
    before, traces = living(Variable, Compiled), [c.traces for c in model._steps._compiled.values()]
    for _ in range(30):
        use()
    assert living(Variable, Compiled) <= before
    assert [c.traces for c in model._steps._compiled.values()] == traces


def test_a_fresh_model_predicts_right_from_eight_threads():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(6, activation="relu"), layers.Dense(1)])
    hidden, out = model.get_weights()[::2]
    expected = np.maximum(X @ hidden, 0) @ out
    barrier, wrong = threading.Barrier(8), []

    def work(number):
        barrier.wait()
        for _ in range(3):
            for size in (24, 5 + number % 2):
                found = model.predict(X, batch_size=size, verbose=0)
                if not np.allclose(found, expected, rtol=1e-4, atol=1e-5):
                    wrong.append(number)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_model_that_is_not_built_is_built_once_by_several_threads():
    model = keras.Sequential([layers.Dense(3), layers.Dense(1)])
    results, errors = [], []
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        try:
            results.append(model.predict(X, verbose=0))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [] and len(model.weights) == 4
    for found in results:
        np.testing.assert_allclose(found, results[0], rtol=1e-6)


def test_two_models_train_in_two_threads():
    models = [keras.Sequential([keras.Input((4,)), layers.Dense(1)]) for _ in range(2)]
    models[1].set_weights(models[0].get_weights())
    histories = {}

    def work(i):
        models[i].compile("sgd", "mse")
        histories[i] = models[i].fit(X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0).history["loss"]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert histories[0] == histories[1]
    np.testing.assert_array_equal(models[0].get_weights()[0], models[1].get_weights()[0])
