"""Masks and recurrent layers as the guides of Keras tell them: layers of one's own, states, nested cells."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, ops

keras.utils.set_random_seed(53)

# Padding, and masks that layers hand on
raw_inputs = [[711, 632, 71], [73, 8, 3215, 55, 927], [83, 91, 1, 645, 1253, 927]]
padded_inputs = keras.utils.pad_sequences(raw_inputs, padding="post")
assert padded_inputs[0].tolist() == [711, 632, 71, 0, 0, 0]
embedding = layers.Embedding(input_dim=5000, output_dim=16, mask_zero=True)
masked_output = embedding(padded_inputs)
assert masked_output._keras_mask.numpy()[0].tolist() == [True] * 3 + [False] * 3
masking_layer = layers.Masking()
unmasked_embedding = tf.cast(tf.tile(tf.expand_dims(padded_inputs, axis=-1), [1, 1, 10]), tf.float32)
masked_embedding = masking_layer(unmasked_embedding)
assert masked_embedding._keras_mask.numpy()[1].tolist() == [True] * 5 + [False]
np.testing.assert_array_equal(embedding.compute_mask(padded_inputs), padded_inputs != 0)


class TemporalSplit(keras.layers.Layer):
    """Split the input into two halves along time."""

    def call(self, inputs):
        return tf.split(inputs, 2, axis=1)

    def compute_mask(self, inputs, mask=None):
        if mask is None:
            return None
        return tf.split(mask, 2, axis=1)


first_half, second_half = TemporalSplit()(masked_embedding)
assert first_half._keras_mask.numpy().all() and second_half._keras_mask.numpy().sum() == 0 + 2 + 3


class CustomEmbedding(keras.layers.Layer):
    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        self.input_dim, self.output_dim, self.mask_zero = input_dim, output_dim, mask_zero

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            shape=(self.input_dim, self.output_dim), initializer="random_normal", dtype="float32"
        )

    def call(self, inputs):
        return ops.take(self.embeddings, inputs, axis=0)

    def compute_mask(self, inputs, mask=None):
        if not self.mask_zero:
            return None
        return ops.not_equal(inputs, 0)


class MyActivation(keras.layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs):
        return ops.relu(inputs)


class TemporalSoftmax(keras.layers.Layer):
    def call(self, inputs, mask=None):
        assert mask is not None
        broadcast_float_mask = ops.expand_dims(ops.cast(mask, "float32"), -1)
        inputs_exp = ops.exp(inputs) * broadcast_float_mask
        inputs_sum = ops.sum(inputs_exp * broadcast_float_mask, axis=1, keepdims=True)
        return inputs_exp / inputs_sum


inputs = keras.Input(shape=(None,), dtype="int32")
x = CustomEmbedding(input_dim=10, output_dim=32, mask_zero=True)(inputs)
x = MyActivation()(x)
x = layers.Dense(1)(x)
outputs = TemporalSoftmax()(x)
model = keras.Model(inputs, outputs)
numbers = np.random.default_rng(0).integers(0, 10, (32, 100))
y = model(numbers)
np.testing.assert_allclose(tf.reduce_sum(y, axis=1), np.ones((32, 1)), rtol=1e-4)
assert np.all(y.numpy()[numbers == 0] == 0)

# States: an encoder hands them to a decoder
encoder_input = layers.Input(shape=(None,))
encoder_embedded = layers.Embedding(input_dim=100, output_dim=8)(encoder_input)
output, state_h, state_c = layers.LSTM(8, return_state=True, name="encoder")(encoder_embedded)
decoder_input = layers.Input(shape=(None,))
decoder_embedded = layers.Embedding(input_dim=200, output_dim=8)(decoder_input)
decoder_output = layers.LSTM(8, name="decoder")(decoder_embedded, initial_state=[state_h, state_c])
model = keras.Model([encoder_input, decoder_input], layers.Dense(3)(decoder_output))
assert model([np.ones((2, 5)), np.ones((2, 7))]).shape == (2, 3)
assert model.get_layer("decoder").count_params() == 4 * 8 * (8 + 8 + 1)

# Statefulness over batches
paragraphs = [np.random.default_rng(i).random((4, 5, 3)).astype("float32") for i in range(3)]
lstm_layer = layers.LSTM(6, stateful=True)
pieces = [lstm_layer(paragraph) for paragraph in paragraphs]
lstm_layer.reset_states() if hasattr(lstm_layer, "reset_states") else lstm_layer.reset_state()
whole = lstm_layer(tf.concat(paragraphs, axis=1))
np.testing.assert_allclose(pieces[-1], whole, atol=1e-5)

# Both directions
model = keras.Sequential()
model.add(keras.Input(shape=(5, 10)))
model.add(layers.Bidirectional(layers.LSTM(16, return_sequences=True)))
model.add(layers.Bidirectional(layers.LSTM(8)))
model.add(layers.Dense(10))
assert model.layers[0].output.shape == (None, 5, 32) and model.layers[1].output.shape == (None, 16)


# A cell of one's own, with nested inputs and states
class NestedCell(keras.Layer):
    def __init__(self, unit_1, unit_2, unit_3, **kwargs):
        self.unit_1, self.unit_2, self.unit_3 = unit_1, unit_2, unit_3
        self.state_size = [(unit_1,), (unit_2, unit_3)]
        self.output_size = [(unit_1,), (unit_2, unit_3)]
        super().__init__(**kwargs)

    def build(self, input_shapes):
        i1 = input_shapes[0][1]
        i2, i3 = input_shapes[1][1:]
        self.kernel_1 = self.add_weight(shape=(i1, self.unit_1), initializer="uniform", name="kernel_1")
        self.kernel_2_3 = self.add_weight(
            shape=(i2, i3, self.unit_2, self.unit_3), initializer="uniform", name="kernel_2_3"
        )

    def call(self, inputs, states):
        input_1, input_2 = inputs[0], inputs[1]
        s1, s2 = states
        output_1 = tf.matmul(input_1, self.kernel_1)
        output_2_3 = tf.einsum("bij,ijkl->bkl", input_2, self.kernel_2_3)
        state_1 = s1 + output_1
        state_2_3 = s2 + output_2_3
        return [output_1, output_2_3], [state_1, state_2_3]


class MinimalCell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="uniform", name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(self.units, self.units), initializer="uniform", name="recurrent")

    def call(self, inputs, states):
        prev_output = states[0]
        output = tf.matmul(inputs, self.kernel) + tf.matmul(prev_output, self.recurrent_kernel)
        return output, [output]


cells = [MinimalCell(8), MinimalCell(4)]
x = keras.Input((None, 5))
layer = layers.RNN(cells, return_sequences=True)
stacked = keras.Model(x, layer(x))
data = np.random.default_rng(1).random((2, 6, 5)).astype("float32")
steps = stacked(data).numpy()
assert steps.shape == (2, 6, 4)
a, b = np.zeros((2, 8), "float32"), np.zeros((2, 4), "float32")
for t in range(6):
    a = data[:, t] @ cells[0].kernel.numpy() + a @ cells[0].recurrent_kernel.numpy()
    b = a @ cells[1].kernel.numpy() + b @ cells[1].recurrent_kernel.numpy()
np.testing.assert_allclose(steps[:, -1], b, atol=1e-5)

# The same mask for a recurrent layer, in fit; a row's padding does not change its result
rng = np.random.default_rng(2)
lengths = rng.integers(3, 10, 300)
tokens = np.zeros((300, 12), "int32")
for row, length in enumerate(lengths):
    tokens[row, :length] = rng.integers(1, 5, length)
labels = (tokens == 1).sum(1) > (tokens == 2).sum(1)
counter = keras.Sequential(
    [layers.Embedding(5, 8, mask_zero=True), layers.GRU(16), layers.Dense(1, activation="sigmoid")]
)
counter.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
history = counter.fit(tokens, labels.astype("float32")[:, None], epochs=12, batch_size=32, verbose=0)
print(history.history["accuracy"])
assert history.history["accuracy"][-1] > 0.85
short = counter.predict(tokens[:, :10], verbose=0)
np.testing.assert_allclose(short, counter.predict(tokens, verbose=0), atol=1e-5)
