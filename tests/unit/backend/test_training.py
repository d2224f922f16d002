"""Losses, metrics, layers and Lambdas that are written with `K`, as old scripts have them, in training."""

import numpy as np

import addax as keras
from addax import backend as K
from addax.layers import Dense, Input, Lambda, Layer


def dice(y_true, y_pred, smooth=1.0):
    a, b = K.flatten(y_true), K.flatten(y_pred)
    return (2.0 * K.sum(a * b) + smooth) / (K.sum(a) + K.sum(b) + smooth)


class Attention(Layer):
    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], 1), initializer="normal")
        super().build(input_shape)

    def call(self, x):
        return K.sum(x * K.softmax(K.tanh(K.dot(x, self.w)), axis=1), axis=1)


class Divergence(Layer):
    def call(self, inputs):
        mean, log_var = inputs
        self.add_loss(K.mean(-0.5 * K.sum(1 + log_var - K.square(mean) - K.exp(log_var), axis=-1)))
        return inputs


def sampled(inputs):
    mean, log_var = inputs
    noise = K.random_normal(shape=(K.shape(mean)[0], K.int_shape(mean)[1]))
    return mean + K.exp(0.5 * log_var) * noise


def test_a_model_of_old_parts_trains() -> None:
    inputs = Input((6, 4))
    hidden = Attention()(inputs)
    mean, log_var = Divergence()([Dense(2)(hidden), Dense(2)(hidden)])
    code = Lambda(sampled, output_shape=(2,))([mean, log_var])
    distance = Lambda(lambda v: K.sqrt(K.sum(K.square(v[0] - v[1]), axis=1, keepdims=True)))([code, mean])
    outputs = Dense(1, activation="sigmoid")(K.concatenate([code, distance], axis=-1))
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.Adam(lr=1e-2), loss=lambda t, p: 1 - dice(t, p), metrics=[dice])
    x = np.random.default_rng(0).uniform(size=(16, 6, 4)).astype(np.float32)
    history = model.fit(x, np.ones((16, 1)), epochs=2, verbose=0).history
    assert sorted(history) == ["dice", "loss"]
    assert np.isfinite(history["loss"]).all()
    K.set_value(model.optimizer.lr, 0.5 * K.get_value(model.optimizer.lr))
    np.testing.assert_allclose(K.get_value(model.optimizer.learning_rate), 0.005)


def test_a_saliency_map() -> None:
    model = keras.Sequential(
        [
            Input((8, 8, 1)),
            keras.layers.Conv2D(2, 3, activation="relu", name="conv"),
            keras.layers.Flatten(),
            Dense(3, activation="softmax"),
        ]
    )
    conv = model.get_layer("conv").output
    pooled = K.mean(K.gradients(model.output[:, 1], conv)[0], axis=(0, 1, 2))
    weights, maps = K.function([model.input], [pooled, conv[0]])([np.ones((1, 8, 8, 1))])
    assert (weights.shape, maps.shape) == ((2,), (6, 6, 2))
    assert np.abs(weights).sum() > 0
