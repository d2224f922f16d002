"""Forecasts of a noisy seasonal series by a stateful LSTM: batches follow one another in time, the states are
reset between epochs, and the model is then driven by its own forecasts with a batch of one."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import LSTM, Dense, Input
from tensorflow.keras.models import Sequential

tf.keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)
STREAMS, WINDOW = 8, 10
time = np.arange(1200)
phases = rng.uniform(0, 2 * np.pi, (STREAMS, 1))
series = np.sin(2 * np.pi * time / 24 + phases) + 0.5 * np.sin(2 * np.pi * time / 60 + 2 * phases)
series = (series + rng.normal(0, 0.02, series.shape)).astype("float32")


def windows(values):
    """Consecutive windows so that row i of one batch goes on in row i of the next: (steps * streams, window, 1)."""
    steps = (values.shape[1] - 1) // WINDOW
    inputs = values[:, : steps * WINDOW].reshape(len(values), steps, WINDOW, 1)
    targets = values[:, 1 : steps * WINDOW + 1].reshape(len(values), steps, WINDOW, 1)
    return [np.concatenate(np.swapaxes(part, 0, 1)) for part in (inputs, targets)]


x_train, y_train = windows(series[:, :1001])
x_test, y_test = windows(series[:, 1000:])


def build(batch_size):
    model = Sequential()
    model.add(Input(batch_shape=(batch_size, None, 1)))
    model.add(LSTM(24, stateful=True, return_sequences=True))
    model.add(LSTM(24, stateful=True, return_sequences=True))
    model.add(Dense(1))
    return model


def reset(model):
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()


model = build(STREAMS)
model.compile(loss="mean_squared_error", optimizer=tf.keras.optimizers.Adam(0.01))
for epoch in range(12):
    loss = model.fit(x_train, y_train, epochs=1, batch_size=STREAMS, shuffle=False, verbose=0).history["loss"][0]
    reset(model)
    print(f"epoch {epoch + 1}: {loss:.4f}")

# Warmed up on the end of what it knows, the states help
cold = model.evaluate(x_test, y_test, batch_size=STREAMS, verbose=0)
reset(model)
model.predict(x_train[-20 * STREAMS :], batch_size=STREAMS, verbose=0)
state = [value.numpy() for value in model.layers[0].states]
assert np.any(state[0] != 0)
warm = model.evaluate(x_test, y_test, batch_size=STREAMS, verbose=0)
persistence = np.mean((x_test - y_test) ** 2)
print(f"persistence {persistence:.4f}, cold {cold:.4f}, warm {warm:.4f}")
assert warm < 0.25 * persistence
assert warm < cold
reset(model)
assert all(np.all(value.numpy() == 0) for value in model.layers[0].states)

# With the same start twice, the same forecasts twice; without a reset, others
first = model.predict(x_test[:STREAMS], batch_size=STREAMS, verbose=0)
second = model.predict(x_test[:STREAMS], batch_size=STREAMS, verbose=0)
assert not np.allclose(first, second, atol=1e-4)
reset(model)
np.testing.assert_allclose(model.predict(x_test[:STREAMS], batch_size=STREAMS, verbose=0), first, atol=1e-5)

# A twin for a single stream runs freely on its own forecasts
single = build(1)
single.set_weights(model.get_weights())
last = single.predict(series[:1, 800:1001, None], verbose=0)[:, -1:]
forecast = []
for _ in range(24):
    forecast.append(float(last[0, 0, 0]))
    last = single(last).numpy()
error = np.mean((np.array(forecast) - series[0, 1001:1025]) ** 2)
print(f"free run over 24 steps: {error:.3f}, of variance {series[0].var():.3f}")
assert error < 0.35 * series[0].var()
