"""Seed 001, "Functional API": an autoencoder made by combining an encoder and a decoder."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)

encoder_input = keras.Input(shape=(28, 28, 1), name="img")
x = layers.Dense(16, activation="relu")(encoder_input)
x = layers.Dense(10, activation="relu")(x)
x = layers.Dense(5, activation="relu")(x)
encoder_output = layers.Dense(3, activation="relu")(x)

encoder = keras.Model(encoder_input, encoder_output, name="encoder")

x = layers.Dense(5, activation="relu")(encoder_output)
x = layers.Dense(10, activation="relu")(x)
x = layers.Dense(16, activation="relu")(x)
decoder_output = layers.Dense(1, activation="sigmoid")(x)

autoencoder = keras.Model(encoder_input, decoder_output, name="autoencoder")
encoder.summary()
autoencoder.summary()

# The dense layers work on the last axis of the image.
assert tuple(encoder_output.shape) == (None, 28, 28, 3)
assert tuple(autoencoder.output_shape) == (None, 28, 28, 1)
assert encoder.count_params() == (1 * 16 + 16) + (16 * 10 + 10) + (10 * 5 + 5) + (5 * 3 + 3)
assert encoder.layers[1] is autoencoder.layers[1]  # they share their layers
assert autoencoder.inputs[0].name == encoder.inputs[0].name == "img"

images = np.pad(np.kron(load_digits().images[:96] / 16.0, np.ones((1, 3, 3))), ((0, 0), (2, 2), (2, 2)))
images = images[..., None].astype("float32")
assert images.shape == (96, 28, 28, 1)

autoencoder.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
history = autoencoder.fit(images, images, epochs=4, batch_size=32, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]

codes = encoder.predict(images[:4], verbose=0)
assert codes.shape == (4, 28, 28, 3)

# Training the autoencoder trained the encoder: its output is an intermediate tensor of the larger model.
inner = keras.Model(autoencoder.input, autoencoder.layers[4].output)
np.testing.assert_allclose(inner.predict(images[:4], verbose=0), codes, rtol=1e-5, atol=1e-6)

# "You can treat any model as if it were a layer, by calling it as input or an output of another layer."
decoder_input = keras.Input(shape=(28, 28, 3), name="encoded_img")
y = decoder_input
for layer in autoencoder.layers[5:]:
    y = layer(y)
decoder = keras.Model(decoder_input, y, name="decoder")

autoencoder_input = keras.Input(shape=(28, 28, 1), name="picture")
nested = keras.Model(autoencoder_input, decoder(encoder(autoencoder_input)), name="nested")
nested.summary()
assert [layer.name for layer in nested.layers] == ["picture", "encoder", "decoder"]
assert nested.count_params() == autoencoder.count_params()
np.testing.assert_allclose(nested(images[:4]).numpy(), autoencoder(images[:4]).numpy(), rtol=1e-5, atol=1e-6)
nested.compile(optimizer="adam", loss="mse")
before = nested.evaluate(images, images, verbose=0)
nested.fit(images, images, epochs=2, verbose=0)
after = nested.evaluate(images, images, verbose=0)
print("nested:", before, "->", after)
assert after < before
assert tf.is_tensor(nested(images[:1]))
