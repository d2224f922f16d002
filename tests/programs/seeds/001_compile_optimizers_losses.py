"""Seed 001, "The compiler takes the following inputs": optimizers, losses and metrics by name, object and function."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

rng = np.random.default_rng(0)
x = rng.normal(size=(192, 4)).astype("float32")
labels = (x[:, 0] > 0).astype("int64") + (x[:, 1] > 0)
one_hot = tf.one_hot(labels, 3).numpy()


def my_objective(y_true, y_pred):
    """A custom objective: the mean of the squared differences, one value per sample."""
    return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)


def top_class(y_true, y_pred):
    hits = tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1))
    return tf.cast(hits, tf.float32)


optimizers = [
    "rmsprop",
    "adagrad",
    "adam",
    "sgd",
    keras.optimizers.RMSprop(learning_rate=0.01),
    keras.optimizers.Adagrad(learning_rate=0.1),
    keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, nesterov=True),
]
losses = [
    "categorical_crossentropy",
    "mse",
    keras.losses.CategoricalCrossentropy(),
    keras.losses.MeanSquaredError(),
    my_objective,
]

runs = [(optimizer, "categorical_crossentropy") for optimizer in optimizers] + [
    ("adam", loss) for loss in losses
]
for optimizer, loss in runs:
    keras.utils.set_random_seed(11)
    model = keras.Sequential(
        [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(3, activation="softmax")]
    )
    model.compile(
        optimizer=optimizer,
        loss=loss,
        metrics=["accuracy", keras.metrics.CategoricalAccuracy(name="cat"), top_class],
    )
    history = model.fit(x, one_hot, epochs=2, batch_size=64, verbose=0)
    logs = history.history
    print(getattr(optimizer, "name", optimizer), getattr(loss, "name", loss), logs["loss"])
    assert set(logs) == {"loss", "accuracy", "cat", "top_class"}
    assert logs["loss"][1] < logs["loss"][0]
    np.testing.assert_allclose(logs["accuracy"], logs["cat"], atol=1e-6)
    np.testing.assert_allclose(logs["accuracy"], logs["top_class"], atol=1e-6)

# A custom objective that equals a built-in one gives the same number.
model.compile(loss="mse")
built_in = model.evaluate(x, one_hot, verbose=0, return_dict=True)["loss"]
model.compile(loss=my_objective)
own = model.evaluate(x, one_hot, verbose=0, return_dict=True)["loss"]
np.testing.assert_allclose(own, built_in, rtol=1e-5)

# An unknown name is refused.
for arguments in ({"optimizer": "no_such_optimizer"}, {"loss": "no_such_loss"}):
    try:
        model.compile(**arguments)
        model.fit(x, one_hot, verbose=0)
    except ValueError as error:
        assert list(arguments.values())[0] in str(error), error
        print("as promised:", str(error)[:100])
    else:
        raise AssertionError(f"{arguments} must be refused")
