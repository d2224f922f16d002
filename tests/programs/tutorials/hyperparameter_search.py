"""A small tuner: choices of hyperparameters, early stopping, the best epoch, and a log of each trial."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
keras.utils.set_random_seed(47)
digits = load_digits()
img_train, label_train = digits.images[:1200].astype("float32") / 16.0, digits.target[:1200]
img_test, label_test = digits.images[1200:].astype("float32") / 16.0, digits.target[1200:]


class HyperParameters:
    """What is drawn for one trial."""

    def __init__(self, rng):
        self.rng, self.values = rng, {}

    def Int(self, name, min_value, max_value, step=1):
        return self.values.setdefault(name, int(self.rng.choice(np.arange(min_value, max_value + 1, step))))

    def Choice(self, name, values):
        return self.values.setdefault(name, values[self.rng.integers(len(values))])

    def Boolean(self, name):
        return self.values.setdefault(name, bool(self.rng.integers(2)))


def model_builder(hp):
    model = keras.Sequential()
    model.add(keras.layers.Flatten(input_shape=(8, 8)))
    hp_units = hp.Int("units", min_value=16, max_value=64, step=16)
    model.add(keras.layers.Dense(units=hp_units, activation=hp.Choice("activation", ["relu", "tanh"])))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(rate=0.25))
    model.add(keras.layers.Dense(10))
    hp_learning_rate = hp.Choice("learning_rate", values=[1e-2, 1e-3, 1e-6])
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=hp_learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


rng = np.random.default_rng(0)
trials = []
with tf.summary.create_file_writer(os.path.join(OUTPUT, "hparam_tuning")).as_default():
    for number in range(5):
        keras.backend.clear_session()
        hp = HyperParameters(rng)
        if number == 0:
            hp.values["learning_rate"] = 1e-2
        if number == 1:
            hp.values["learning_rate"] = 1e-6
        model = model_builder(hp)
        stop_early = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
        history = model.fit(
            img_train, label_train, epochs=5, validation_split=0.2, callbacks=[stop_early], verbose=0
        )
        score = max(history.history["val_accuracy"])
        tf.summary.scalar("val_accuracy", score, step=number)
        trials.append((score, hp))
        print(number, hp.values, f"{score:.3f}")
assert trials[0][0] > trials[1][0]
best_score, best_hps = max(trials, key=lambda trial: trial[0])
assert best_hps.values["learning_rate"] > 1e-6

hypermodel = model_builder(best_hps)
history = hypermodel.fit(img_train, label_train, epochs=8, validation_split=0.2, verbose=0)
val_acc_per_epoch = history.history["val_accuracy"]
best_epoch = val_acc_per_epoch.index(max(val_acc_per_epoch)) + 1
hypermodel = model_builder(best_hps)
hypermodel.fit(img_train, label_train, epochs=best_epoch, validation_split=0.2, verbose=0)
eval_result = hypermodel.evaluate(img_test, label_test, verbose=0)
print("[test loss, test accuracy]:", eval_result, "after", best_epoch, "epochs")
assert eval_result[1] > 0.8
