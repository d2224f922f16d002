"""The same model, data and weights in the real Keras: histories, results and final weights agree."""

import keras as theirs
import numpy as np
import pytest

import addax as ours

pytestmark = pytest.mark.grid

RNG = np.random.RandomState(0)
X = RNG.rand(24, 4).astype("float32")
CLASSES = RNG.randint(0, 3, 24)
Y = (X @ RNG.rand(4, 1) + 0.1).astype("float32")
SIDES = (ours, theirs)


def classifier(keras):
    """A Sequential network."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, activation="tanh"), layers.Dense(3, activation="softmax")]
    )


def two_outputs(keras):
    """A functional model with two inputs and two outputs."""
    layers = keras.layers
    a, b = keras.Input((4,), name="a"), keras.Input((1,), name="b")
    hidden = layers.Dense(5, activation="relu")(layers.Concatenate()([a, b]))
    return keras.Model(
        [a, b], [layers.Dense(1, name="value")(hidden), layers.Dense(3, "softmax", name="kind")(hidden)]
    )


def normalized(keras):
    """A model with state that training moves."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, use_bias=False),
            layers.BatchNormalization(momentum=0.8),
            layers.Dense(1),
        ]
    )


def penalized(keras):
    """Losses besides the compiled one."""
    layers = keras.layers
    hidden = layers.Dense(4, kernel_regularizer="l2", activity_regularizer="l1")
    return keras.Sequential([keras.Input((4,)), hidden, layers.Dense(1, bias_regularizer="l1")])


def both(make, compile_arguments, run):
    """The results of `run(model, keras)` and the final weights, of Addax and of Keras, from equal weights."""
    weights, results = None, []
    ours.utils.set_random_seed(0)
    for keras in SIDES:
        model = make(keras)
        weights = weights or model.get_weights()
        model.set_weights(weights)
        model.compile(**compile_arguments(keras))
        results.append((run(model, keras), model.get_weights()))
    return results


def check(results):
    (mine, my_weights), (other, their_weights) = results
    assert_close(mine, other)
    for a, b in zip(my_weights, their_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def assert_close(mine, other):
    if isinstance(other, dict):
        assert list(mine) == list(other)
        for name, value in other.items():
            assert_close(mine[name], value)
    elif isinstance(other, list) and isinstance(other[0], np.ndarray):
        for a, b in zip(mine, other, strict=True):
            assert_close(a, b)
    else:
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)


def fitted(x, y, **fit_arguments):
    def run(model, keras):
        return model.fit(x, y, shuffle=False, verbose=0, **fit_arguments).history

    return run


def everything(x, y, batch_size, **fit_arguments):
    """Fit, evaluate and predict."""
    fit = fitted(x, y, batch_size=batch_size, **fit_arguments)

    def run(model, keras):
        return {
            "history": fit(model, keras),
            "evaluate": model.evaluate(x, y, batch_size=batch_size, verbose=0),
            "named": model.evaluate(x, y, batch_size=batch_size, verbose=0, return_dict=True),
            "predict": model.predict(x, batch_size=batch_size, verbose=0),
        }

    return run


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda keras: keras.optimizers.Adam(0.02, clipnorm=0.5),
        lambda keras: keras.optimizers.RMSprop(keras.optimizers.schedules.ExponentialDecay(0.02, 2, 0.5)),
    ],
    ids=["adam", "rmsprop with a schedule"],
)
def test_classification(optimizer):
    def compiled(keras):
        metrics = ["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2")]
        return {"optimizer": optimizer(keras), "loss": "sparse_categorical_crossentropy", "metrics": metrics}

    check(both(classifier, compiled, fitted(X, CLASSES, epochs=3, batch_size=8, validation_split=0.3333)))


def test_several_outputs():
    def compiled(keras):
        return {
            "optimizer": keras.optimizers.SGD(0.1),
            "loss": {"value": "mse", "kind": keras.losses.SparseCategoricalCrossentropy()},
            "loss_weights": {"value": 0.5, "kind": 2.0},
            "metrics": {"value": ["mae", "mse"], "kind": ["accuracy"]},
            "weighted_metrics": {"value": ["mae"]},
        }

    x = {"a": X, "b": Y[::-1].copy()}
    y = [Y, CLASSES]
    weight = RNG.rand(24)
    run = everything(
        x, y, epochs=2, batch_size=8, sample_weight=[weight, weight[::-1]], validation_data=(x, y)
    )
    check(both(two_outputs, compiled, run))


def test_an_output_without_a_loss():
    compiled = lambda keras: {"optimizer": "sgd", "loss": ["mse", None], "metrics": [["mae"], ["accuracy"]]}  # noqa: E731
    check(both(two_outputs, compiled, fitted([X, Y], [Y, CLASSES], epochs=1)))


def test_moving_averages_and_a_smaller_last_batch():
    compiled = lambda keras: {"optimizer": keras.optimizers.Adam(0.05), "loss": "mse", "metrics": ["mae"]}  # noqa: E731
    check(
        both(normalized, compiled, everything(X, Y, epochs=3, batch_size=7, validation_data=(X[:5], Y[:5])))
    )


def test_penalties():
    compiled = lambda keras: {"optimizer": keras.optimizers.SGD(0.1), "loss": keras.losses.Huber(0.2)}  # noqa: E731
    check(both(penalized, compiled, fitted(X, Y, epochs=2, batch_size=8)))


@pytest.mark.parametrize("weights", ["class_weight", "sample_weight"])
def test_weights(weights):
    def compiled(keras):
        loss = "categorical_crossentropy"
        return {"optimizer": "adam", "loss": loss, "metrics": ["accuracy"], "weighted_metrics": ["acc"]}

    given = {"class_weight": {0: 0.5, 1: 2.0, 2: 1.0}, "sample_weight": RNG.rand(24)}[weights]
    check(
        both(
            classifier,
            compiled,
            everything(X, np.eye(3)[CLASSES], epochs=2, batch_size=8, **{weights: given}),
        )
    )


def test_shortened_epochs_and_late_validation():
    compiled = lambda keras: {"optimizer": "sgd", "loss": "mse"}  # noqa: E731
    options = {"steps_per_epoch": 1, "validation_freq": 2, "validation_data": (X, Y), "validation_steps": 1}
    check(both(penalized, compiled, fitted(X, Y, epochs=3, batch_size=8, validation_batch_size=5, **options)))


def test_averaged_weights():
    def compiled(keras):
        return {"optimizer": keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.7), "loss": "mse"}

    check(both(penalized, compiled, fitted(X, Y, epochs=2, batch_size=8)))


def test_a_custom_step():
    """With `compute_loss` and the built-in metrics; Keras on JAX has no imperative step, so it runs its own."""

    class Custom(ours.Sequential):
        def train_step(self, data):
            import addax.tf as tf

            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x, y, y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            self._track_loss(loss, x)
            return self.compute_metrics(x, y, y_pred)

    def make(keras):
        model = normalized(keras)
        return Custom([keras.Input((4,)), *model.layers]) if keras is ours else model

    run = fitted(X, Y, epochs=2, batch_size=8)
    check(both(make, lambda keras: {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, run))


def test_single_batches():
    def run(model, keras):
        batches = [(X[i : i + 8], Y[i : i + 8]) for i in (0, 8, 16)]
        logs = [model.train_on_batch(*batch, return_dict=True) for batch in batches]
        logs.append(model.test_on_batch(X[:8], Y[:8], return_dict=True))
        listed = [model.train_on_batch(*batches[0]), model.test_on_batch(*batches[1])]
        return {"logs": dict(enumerate(logs)), "listed": dict(enumerate(listed))}

    check(both(normalized, lambda keras: {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]}, run))
