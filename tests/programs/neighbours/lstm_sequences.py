"""Text-like classification: padded sequences of word numbers through a masked embedding and an LSTM."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
max_features, maxlen = 50, 12

# "Reviews" of word numbers; the words below 25 are friendly, the others are not.
lengths = rng.integers(3, maxlen + 1, 600)
moods = rng.integers(0, 2, 600)
reviews = [
    np.where(
        rng.random(n) < 0.8, rng.integers(1, 25, n) + 25 * mood, rng.integers(1, max_features, n)
    ).tolist()
    for n, mood in zip(lengths, moods)
]
x = keras.utils.pad_sequences(reviews, maxlen=maxlen, padding="post")
assert x.shape == (600, maxlen) and x.min() == 0

inputs = keras.Input(shape=(None,), dtype="int32")
h = layers.Embedding(max_features, 16, mask_zero=True)(inputs)
h = layers.LSTM(16, return_sequences=True)(h)
h = layers.LSTM(16)(h)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.summary()
assert model.get_layer(index=2).count_params() == 4 * ((16 + 16) * 16 + 16)

model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    x[:500], moods[:500], batch_size=32, epochs=4, validation_data=(x[500:], moods[500:]), verbose=2
)
assert history.history["val_accuracy"][-1] > 0.85
assert history.history["loss"][-1] < history.history["loss"][0]

# The mask makes padding invisible.
short = x[lengths <= 8][:5]
np.testing.assert_allclose(
    model.predict(short, verbose=0), model.predict(short[:, :8], verbose=0), rtol=1e-4, atol=1e-5
)
mask = layers.Embedding(max_features, 4, mask_zero=True).compute_mask(short)
np.testing.assert_array_equal(np.asarray(mask), short != 0)

# The state of an LSTM
lstm = layers.LSTM(3, return_sequences=True, return_state=True)
sequence, h, c = lstm(tf.random.normal((2, 5, 4)))
assert sequence.shape == (2, 5, 3) and h.shape == c.shape == (2, 3)
np.testing.assert_allclose(sequence[:, -1].numpy(), h.numpy(), rtol=1e-5, atol=1e-6)
continued, _, _ = lstm(tf.zeros((2, 1, 4)), initial_state=[h, c])
assert continued.shape == (2, 1, 3)
