"""Dates as people write them to ISO dates: an LSTM encoder-decoder with attention, taught with forcing,
then used one character at a time through two models made of the same layers."""

import numpy as np
from tensorflow.keras.layers import LSTM, Attention, Concatenate, Dense, Embedding, Input
from tensorflow.keras.models import Model
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.utils import set_random_seed

set_random_seed(2)
rng = np.random.default_rng(2)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def example():
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1950, 2030)
    form = rng.integers(0, 2)
    source = f"{day:02d} {MONTHS[month - 1]} {year}" if form else f"{MONTHS[month - 1]} {day:02d} {year}"
    return source, f"\t{year}-{month:02d}-{day:02d}\n"


pairs = [example() for _ in range(2700)]
sources, targets = zip(*pairs)
source_index = {c: i for i, c in enumerate(sorted(set("".join(sources))))}
target_chars = sorted(set("".join(targets)))
target_index = {c: i for i, c in enumerate(target_chars)}


def encode(texts, index):
    return np.array([[index[c] for c in text] for text in texts])


encoder_in = encode(sources, source_index)
decoder_all = encode(targets, target_index)
decoder_in, decoder_out = decoder_all[:, :-1], decoder_all[:, 1:, None]

units = 48
encoder_inputs = Input(shape=(None,), name="source")
embedded = Embedding(len(source_index), 16)(encoder_inputs)
encoder_outputs, state_h, state_c = LSTM(units, return_sequences=True, return_state=True, name="encoder")(
    embedded
)

decoder_inputs = Input(shape=(None,), name="target")
decoder_embedding = Embedding(len(target_index), 16)
decoder_lstm = LSTM(units, return_sequences=True, return_state=True, name="decoder")
attention = Attention(use_scale=True)
joined = Concatenate(axis=-1)
hidden = Dense(units, activation="tanh")
softmax = Dense(len(target_index), activation="softmax")

decoder_outputs, _, _ = decoder_lstm(decoder_embedding(decoder_inputs), initial_state=[state_h, state_c])
context = attention([decoder_outputs, encoder_outputs])
outputs = softmax(hidden(joined([decoder_outputs, context])))
model = Model([encoder_inputs, decoder_inputs], outputs)
model.compile(Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(
    {"source": encoder_in[:2500], "target": decoder_in[:2500]},
    decoder_out[:2500],
    batch_size=64,
    epochs=5,
    validation_data=([encoder_in[2500:], decoder_in[2500:]], decoder_out[2500:]),
    verbose=2,
)
assert history.history["val_accuracy"][-1] > 0.95

# The same layers, taken apart for use
encoder_model = Model(encoder_inputs, [encoder_outputs, state_h, state_c])
memory_in, h_in, c_in = Input((None, units)), Input((units,)), Input((units,))
step, h_out, c_out = decoder_lstm(decoder_embedding(decoder_inputs), initial_state=[h_in, c_in])
step_context = attention([step, memory_in])
step_outputs = softmax(hidden(joined([step, step_context])))
decoder_model = Model([decoder_inputs, memory_in, h_in, c_in], [step_outputs, h_out, c_out])


def translate(codes):
    memory, h, c = encoder_model.predict(codes, verbose=0)
    char = np.full((len(codes), 1), target_index["\t"])
    texts = [""] * len(codes)
    for _ in range(decoder_in.shape[1]):
        probabilities, h, c = decoder_model.predict([char, memory, h, c], verbose=0)
        char = probabilities.argmax(axis=-1)
        texts = [text + target_chars[k] for text, k in zip(texts, char[:, 0])]
    return texts


texts = translate(encoder_in[2500:])
expected = [target[1:] for target in targets[2500:]]
exact = np.mean([a == b for a, b in zip(texts, expected)])
for source, text in list(zip(sources[2500:], texts))[:5]:
    print(source, "->", text.strip())
print("exactly right:", exact)
assert exact > 0.85

# What a step looks at
memory = encoder_model.predict(encoder_in[:4], verbose=0)[0]
_, scores = attention([memory[:, :1], memory], return_attention_scores=True)
assert scores.shape == (4, 1, 11)
np.testing.assert_allclose(np.sum(scores, axis=-1), 1, atol=1e-4)
