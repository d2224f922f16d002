"""Seed 001, "Functional API": models are layers; an ensemble, shared models and models inside models."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


def get_model():
    inputs = keras.Input(shape=(16,))
    outputs = layers.Dense(1)(inputs)
    return keras.Model(inputs, outputs)


model1, model2, model3 = get_model(), get_model(), get_model()
inputs = keras.Input(shape=(16,))
outputs = layers.average([model1(inputs), model2(inputs), model3(inputs)])
ensemble_model = keras.Model(inputs=inputs, outputs=outputs)

x = np.random.default_rng(0).normal(size=(10, 16)).astype("float32")
members = [member.predict(x, verbose=0) for member in (model1, model2, model3)]
np.testing.assert_allclose(
    ensemble_model.predict(x, verbose=0), np.mean(members, axis=0), rtol=1e-4, atol=1e-6
)
assert ensemble_model.count_params() == 3 * 17

# One model applied to two inputs shares its weights.
tower = keras.Sequential([keras.Input((16,)), layers.Dense(8, activation="tanh")], name="tower")
left, right = keras.Input((16,), name="left"), keras.Input((16,), name="right")
similarity = layers.Dot(axes=1, normalize=True)([tower(left), tower(right)])
siamese = keras.Model([left, right], similarity)
assert siamese.count_params() == 16 * 8 + 8
np.testing.assert_allclose(siamese([x, x]).numpy(), np.ones((10, 1)), atol=1e-4)
np.testing.assert_allclose(siamese({"left": x, "right": -x}).numpy(), -np.ones((10, 1)), atol=0.6)
assert len(siamese.trainable_weights) == 2


# A functional model and a Sequential one inside a subclassed one, inside a Sequential one.
class Wrapper(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.head = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(2)])

    def call(self, inputs):
        return self.head(self.inner(inputs))


mixed = keras.Sequential([keras.Input((16,)), Wrapper(ensemble_model), layers.Softmax()])
probabilities = mixed(x)
assert probabilities.shape == (10, 2)
np.testing.assert_allclose(tf.reduce_sum(probabilities, axis=1).numpy(), np.ones(10), rtol=1e-5, atol=1e-6)
assert mixed.count_params() == 3 * 17 + (1 * 4 + 4) + (4 * 2 + 2)

mixed.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
weights = [w.copy() for w in model2.get_weights()]
mixed.fit(x, np.arange(10) % 2, epochs=3, verbose=0)
assert any(
    np.any(old != new) for old, new in zip(weights, model2.get_weights())
)  # trained through all levels

# Freezing an inner model freezes it in the outer one.
ensemble_model.trainable = False
mixed.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
weights = [w.copy() for w in model2.get_weights()]
mixed.fit(x, np.arange(10) % 2, epochs=1, verbose=0)
assert all(np.array_equal(old, new) for old, new in zip(weights, model2.get_weights()))
assert len(mixed.trainable_weights) == 4
