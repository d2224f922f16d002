"""class_weight, sample_weight, weighted metrics, pandas frames and dictionaries as data."""

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(0)
frame = pd.DataFrame(rng.normal(size=(200, 3)).astype("float32"), columns=["a", "b", "c"])
frame["target"] = (frame["a"] + frame["b"] > 1.0).astype("int32")
target = frame.pop("target")


def get_model(**kwargs):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", **kwargs)
    return model


# Frames and series go straight in.
model = get_model(metrics=["accuracy"])
history = model.fit(frame, target, epochs=5, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]
assert model.predict(frame, verbose=0).shape == (200, 1)

# A class weight is a sample weight given by label.
weights = {0: 1.0, 1: 4.0}
by_class = get_model()
by_class.fit(frame, target, epochs=3, class_weight=weights, shuffle=False, verbose=0)
by_sample = get_model()
by_sample.fit(frame, target, epochs=3, sample_weight=target.map(weights).to_numpy(), shuffle=False, verbose=0)
np.testing.assert_allclose(by_class.get_weights()[0], by_sample.get_weights()[0], rtol=1e-4)
plain = get_model()
plain.fit(frame, target, epochs=3, shuffle=False, verbose=0)
print("rare class found:", plain.predict(frame, verbose=0).mean(), by_class.predict(frame, verbose=0).mean())
assert by_class.predict(frame, verbose=0).mean() > plain.predict(frame, verbose=0).mean()

# Weighted and unweighted metrics
model = get_model(
    metrics=[keras.metrics.MeanSquaredError(name="mse")],
    weighted_metrics=[keras.metrics.MeanSquaredError(name="wmse")],
)
sample_weight = rng.random(200).astype("float32")
scores = model.evaluate(
    frame, target, sample_weight=sample_weight, batch_size=200, verbose=0, return_dict=True
)
error = (model.predict(frame, verbose=0)[:, 0] - target.to_numpy()) ** 2
np.testing.assert_allclose(scores["mse"], error.mean(), rtol=1e-4)
np.testing.assert_allclose(scores["wmse"], np.average(error, weights=sample_weight), rtol=1e-4)

# A weight in the third place of a Dataset
dataset = tf.data.Dataset.from_tensor_slices((frame.to_numpy(), target.to_numpy(), sample_weight)).batch(200)
weighted = get_model()
weighted.set_weights(model.get_weights())
from_dataset = weighted.evaluate(dataset, verbose=0, return_dict=True)
np.testing.assert_allclose(from_dataset["loss"], scores["loss"], rtol=1e-5)

# A dictionary of columns by the names of the inputs
inputs = {name: keras.Input((1,), name=name) for name in frame.columns}
output = layers.Dense(1, activation="sigmoid")(layers.concatenate(list(inputs.values())))
named = keras.Model(inputs, output)
named.compile("adam", "binary_crossentropy")
columns = {name: values.to_numpy()[:, None] for name, values in frame.items()}
history = named.fit(columns, target, epochs=2, validation_split=0.2, verbose=0)
assert set(history.history) == {"loss", "val_loss"}
assert named.predict(columns, verbose=0).shape == (200, 1)
