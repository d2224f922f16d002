"""Saving and loading .keras files and weights of a model with custom objects."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
keras.utils.set_random_seed(0)


@keras.utils.register_keras_serializable(package="programs")
class Scale(layers.Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.gain = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="gain")

    def call(self, inputs):
        return inputs * self.gain * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


class Shift(layers.Layer):  # not registered
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, inputs):
        return inputs + self.by

    def get_config(self):
        config = super().get_config()
        config.update({"by": self.by})
        return config


@keras.utils.register_keras_serializable(package="programs")
def squash(x):
    return tf.tanh(x) * 0.5


x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = x[:, :1] ** 2
model = keras.Sequential(
    [
        keras.Input((4,)),
        layers.Dense(8, activation=squash),
        Scale(2.0, name="scale"),
        Shift(0.5),
        layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
model.fit(x, y, epochs=2, verbose=0)
expected = model.predict(x, verbose=0)

path = os.path.join(OUTPUT, "model.keras")
model.save(path)

try:
    keras.models.load_model(path)
except (TypeError, ValueError) as error:
    print("as promised:", str(error).splitlines()[0][:100])
    assert "Shift" in str(error)
else:
    raise AssertionError("an unknown class must be named")

restored = keras.models.load_model(path, custom_objects={"Shift": Shift})
assert isinstance(restored.layers[1], Scale) and restored.layers[1].factor == 2.0
assert restored.layers[2].by == 0.5
np.testing.assert_allclose(restored.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-6)

# The optimizer and its state, loss and metrics came along.
assert int(restored.optimizer.iterations) == int(model.optimizer.iterations) == 4
np.testing.assert_allclose(float(restored.optimizer.learning_rate), 0.01, rtol=1e-5)
np.testing.assert_allclose(restored.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0), rtol=1e-4)
one = model.fit(x, y, epochs=1, shuffle=False, verbose=0).history["loss"]
other = restored.fit(x, y, epochs=1, shuffle=False, verbose=0).history["loss"]
np.testing.assert_allclose(one, other, rtol=1e-4)
np.testing.assert_allclose(restored.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-3, atol=1e-5)

with keras.utils.custom_object_scope({"Shift": Shift}):
    again = keras.models.load_model(path)
np.testing.assert_allclose(again.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-6)

# Weights alone
weights = os.path.join(OUTPUT, "model.weights.h5")
model.save_weights(weights)
clone = keras.models.clone_model(model)
assert not np.allclose(clone.predict(x, verbose=0), model.predict(x, verbose=0))
clone.load_weights(weights)
np.testing.assert_allclose(clone.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)

# The old single file; without compile, as old files name their losses in ways of their own
legacy = os.path.join(OUTPUT, "model.h5")
model.save(legacy)
old = keras.models.load_model(legacy, custom_objects={"Shift": Shift}, compile=False)
np.testing.assert_allclose(old.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5, atol=1e-6)


# A subclassed model with get_config
@keras.utils.register_keras_serializable(package="programs")
class Regressor(keras.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hidden = [layers.Dense(units, activation="relu"), Scale(3.0)]
        self.head = layers.Dense(1)

    def call(self, inputs):
        for layer in self.hidden:
            inputs = layer(inputs)
        return self.head(inputs)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


regressor = Regressor(6)
regressor.compile("sgd", "mse")
regressor.fit(x, y, epochs=1, verbose=0)
subclassed = os.path.join(OUTPUT, "regressor.keras")
regressor.save(subclassed)
restored = keras.models.load_model(subclassed)
assert isinstance(restored, Regressor) and restored.units == 6
np.testing.assert_allclose(restored.predict(x, verbose=0), regressor.predict(x, verbose=0), rtol=1e-5, atol=1e-6)

# A missing file
try:
    keras.models.load_model(os.path.join(OUTPUT, "absent.keras"))
except (ValueError, OSError) as error:
    assert "absent.keras" in str(error)
else:
    raise AssertionError("a missing file must be an error")
