"""A neighbour of every seed: the same habits with the old Keras imported under its own name."""

# Any TensorFlow 2 with the package tf_keras runs this.

import numpy as np
import tensorflow as tf
import tf_keras as keras
from tf_keras import layers
from tf_keras.callbacks import EarlyStopping
from tf_keras.models import Sequential

tf.random.set_seed(0)
model = Sequential([layers.Dense(8, activation="relu", input_shape=(3,)), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
x = np.random.default_rng(0).normal(size=(128, 3)).astype("float32")
history = model.fit(
    x, x.sum(axis=1), epochs=5, validation_split=0.25, callbacks=[EarlyStopping(patience=2)], verbose=2
)
assert {"loss", "mae", "val_loss", "val_mae"} == set(history.history)
assert history.history["loss"][-1] < history.history["loss"][0]
assert tf.is_tensor(model(x))
assert keras.backend.floatx() == "float32"
