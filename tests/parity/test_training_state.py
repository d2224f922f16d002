"""Steps of the form `train_step(state, data)`, against the real Keras on JAX."""

from __future__ import annotations

import jax
import keras as oracle
import numpy as np
import pytest

import addax

X = np.arange(24.0).reshape(8, 3).astype("float32") / 8
Y = X.sum(1, keepdims=True)


def own_steps(keras):
    """A model that does all by itself, as Keras's guide on JAX has it."""

    class Model(keras.Model):
        def losses_and_updates(self, trainable, others, x, y, training):
            y_pred, others = self.stateless_call(trainable, others, x, training=training)
            return self.compute_loss(x, y, y_pred), (y_pred, others)

        def updated(self, values, loss, y, y_pred):
            logs, new = {}, []
            for metric in self.metrics:
                these = values[len(new) : len(new) + len(metric.variables)]
                arguments = (loss,) if metric.name == "loss" else (y, y_pred)
                these = metric.stateless_update_state(these, *arguments)
                logs[metric.name] = metric.stateless_result(these)
                new += these
            return logs, new

        def train_step(self, state, data):
            trainable, others, slots, metrics = state
            x, y = data
            gradient = jax.value_and_grad(self.losses_and_updates, has_aux=True)
            (loss, (y_pred, others)), grads = gradient(trainable, others, x, y, True)
            trainable, slots = self.optimizer.stateless_apply(slots, grads, trainable)
            logs, metrics = self.updated(metrics, loss, y, y_pred)
            return logs, (trainable, others, slots, metrics)

        def test_step(self, state, data):
            trainable, others, metrics = state
            loss, (y_pred, others) = self.losses_and_updates(trainable, others, *data, False)
            logs, metrics = self.updated(metrics, loss, data[1], y_pred)
            return logs, (trainable, others, metrics)

    return Model


def steps_around_those_of_keras(keras):
    class Model(keras.Model):
        def train_step(self, state, data):
            logs, state = super().train_step(state, data)
            return {**logs, "twice": 2 * logs["loss"]}, state

        def test_step(self, state, data):
            return super().test_step(state, data)

        def predict_step(self, state, data):
            outputs, others = super().predict_step(state, data)
            return outputs * 2, others

    return Model


def trained(keras, steps):
    penalty = None if steps is own_steps else "l2"  # whose value is not in the functional form
    inputs = keras.Input((3,))
    hidden = keras.layers.BatchNormalization()(keras.layers.Dropout(0.5, seed=3)(inputs))
    outputs = keras.layers.Dense(1, kernel_initializer="ones", kernel_regularizer=penalty)(hidden)
    model = steps(keras)(inputs, outputs)
    model.compile("adam", "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=3, batch_size=4, shuffle=False, verbose=0).history
    return (
        {name: history[name] for name in sorted(history)},
        model.evaluate(X, Y, verbose=0),
        model.predict(X, verbose=0),
        [np.asarray(w) for w in model.weights],
    )


@pytest.mark.parametrize("steps", [own_steps, steps_around_those_of_keras])
def test_steps_with_a_state_train_as_in_keras(steps):
    found, expected = trained(addax, steps), trained(oracle, steps)
    assert list(found[0]) == list(expected[0])
    jax.tree_util.tree_map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6), found, expected
    )


def test_a_state_of_another_form_is_refused():
    class Forgetful(addax.Model):
        def train_step(self, state, data):
            logs, (trainable, *rest) = super().train_step(state, data)
            return logs, (trainable[:-1], *rest)

    inputs = addax.Input((3,))
    model = Forgetful(inputs, addax.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="2 trainable_variables"):
        model.fit(X, Y, verbose=0)


def test_logs_alone_are_refused():
    class Alone(addax.Model):
        def train_step(self, state, data):
            return {"loss": 1.0}

    inputs = addax.Input((3,))
    model = Alone(inputs, addax.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match="must return a pair"):
        model.fit(X, Y, verbose=0)
