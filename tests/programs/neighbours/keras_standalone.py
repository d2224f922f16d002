"""The names of Keras imported from the package `keras` itself, and mixed with TensorFlow."""

import keras
import numpy as np
import tensorflow as tf
from keras import Model, ops
from keras.callbacks import EarlyStopping
from keras.layers import Dense, Input, Layer
from keras.models import Sequential
from keras.optimizers import Adam
from keras.utils import to_categorical

keras.utils.set_random_seed(0)
model = Sequential([Input((4,)), Dense(8, activation="relu"), Dense(3, activation="softmax")])
model.compile(optimizer=Adam(learning_rate=0.01), loss="categorical_crossentropy", metrics=["accuracy"])
x = np.random.default_rng(0).normal(size=(150, 4)).astype("float32")
y = to_categorical(x[:, :3].argmax(axis=1), 3)
history = model.fit(x, y, epochs=10, validation_split=0.2, callbacks=[EarlyStopping(patience=3)], verbose=2)
assert history.history["accuracy"][-1] > history.history["accuracy"][0]

# keras.ops on symbolic and on concrete tensors
inputs = Input((3,))
outputs = ops.sqrt(ops.sum(ops.square(inputs), axis=-1, keepdims=True))
norm = Model(inputs, outputs)
np.testing.assert_allclose(norm.predict(np.array([[3.0, 4.0, 0.0]]), verbose=0), [[5.0]], rtol=1e-6, atol=1e-6)
np.testing.assert_allclose(ops.convert_to_numpy(ops.relu(np.array([-1.0, 2.0]))), [0.0, 2.0])


class Gate(Layer):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, x):
        return x * ops.sigmoid(self.w)


with tf.GradientTape() as tape:
    gate = Gate()
    total = tf.reduce_sum(gate(tf.ones((2, 3))))
gradient = tape.gradient(total, gate.trainable_variables)[0]
np.testing.assert_allclose(gradient.numpy(), [0.5, 0.5, 0.5], rtol=1e-5, atol=1e-6)
assert float(total) == 3.0
assert tf.keras.layers.Dense is keras.layers.Dense
assert isinstance(model, tf.keras.Model)
