"""A model with its own train_step and test_step, in the two usual styles."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


class CustomModel(keras.Model):
    """Compiled loss and metrics, own gradient step."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


class LowLevelModel(keras.Model):
    """Its own loss and metrics too."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.mae_metric = keras.metrics.MeanAbsoluteError(name="mae")
        self.loss_fn = keras.losses.MeanSquaredError()

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.loss_fn(y, y_pred)
        grads = tape.gradient(loss, self.trainable_variables)
        grads, norm = tf.clip_by_global_norm(grads, 5.0)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        self.mae_metric.update_state(y, y_pred)
        return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result(), "norm": norm}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        self.loss_tracker.update_state(self.loss_fn(y, y_pred))
        self.mae_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    @property
    def metrics(self):
        return [self.loss_tracker, self.mae_metric]


rng = np.random.default_rng(0)
x = rng.random((256, 8)).astype("float32")
y = x.sum(axis=1, keepdims=True)

keras.utils.set_random_seed(0)
inputs = keras.Input(shape=(8,))
hidden = layers.Dense(16, activation="relu")(inputs)
model = CustomModel(inputs, layers.Dense(1)(hidden))
start = model.get_weights()
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
history = model.fit(x, y, epochs=3, batch_size=32, shuffle=False, verbose=2)
assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]

# It trains as the built-in step does.
plain = keras.Model(model.input, model.output)
plain.set_weights(start)
plain.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
expected = plain.fit(x, y, epochs=3, batch_size=32, shuffle=False, verbose=0)
np.testing.assert_allclose(history.history["loss"], expected.history["loss"], rtol=1e-3)

low = LowLevelModel(inputs, layers.Dense(1)(layers.Dense(16, activation="relu")(inputs)))
low.compile(optimizer=keras.optimizers.Adam(0.01))
history = low.fit(x, y, epochs=3, validation_data=(x, y), verbose=2)
print(history.history)
assert set(history.history) == {"loss", "mae", "norm", "val_loss", "val_mae"}
assert history.history["loss"][-1] < history.history["loss"][0]
scores = low.evaluate(x, y, verbose=0, return_dict=True)
error = low.predict(x, verbose=0) - y
np.testing.assert_allclose(scores["mae"], np.mean(np.abs(error)), rtol=1e-4)
np.testing.assert_allclose(scores["loss"], np.mean(error**2), rtol=1e-3)
