"""A training loop from scratch: tf.data, a tape in a tf.function, metrics, validation."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
digits = load_digits()
x = (digits.data / 16).astype("float32")
y = digits.target

batch_size = 64
train_dataset = tf.data.Dataset.from_tensor_slices((x[:1400], y[:1400])).shuffle(1400).batch(batch_size)
val_dataset = tf.data.Dataset.from_tensor_slices((x[1400:], y[1400:])).batch(batch_size)
assert len(train_dataset) == 22

inputs = keras.Input(shape=(64,), name="digits")
h = layers.Dense(64, activation="relu")(inputs)
h = layers.Dropout(0.1)(h)
model = keras.Model(inputs=inputs, outputs=layers.Dense(10)(h))

optimizer = keras.optimizers.Adam(learning_rate=5e-3)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
train_acc_metric = keras.metrics.SparseCategoricalAccuracy()
val_acc_metric = keras.metrics.SparseCategoricalAccuracy()
traces = []


@tf.function
def train_step(x, y):
    traces.append(x.shape)
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss_value = loss_fn(y, logits)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    train_acc_metric.update_state(y, logits)
    return loss_value


@tf.function
def test_step(x, y):
    val_logits = model(x, training=False)
    val_acc_metric.update_state(y, val_logits)


train_accuracy, val_accuracy, losses = [], [], []
for epoch in range(6):
    for step, (x_batch, y_batch) in enumerate(train_dataset):
        loss_value = train_step(x_batch, y_batch)
        if step % 10 == 0:
            print(f"epoch {epoch}, step {step}: loss {float(loss_value):.4f}")
    losses.append(float(loss_value))
    train_accuracy.append(float(train_acc_metric.result()))
    train_acc_metric.reset_state()

    for x_batch, y_batch in val_dataset:
        test_step(x_batch, y_batch)
    val_accuracy.append(float(val_acc_metric.result()))
    val_acc_metric.reset_state()
    print(f"epoch {epoch}: accuracy {train_accuracy[-1]:.4f}, validation accuracy {val_accuracy[-1]:.4f}")

assert int(optimizer.iterations) == 6 * 22
assert len(traces) <= 3  # one per shape of a batch, the last one being smaller
assert losses[-1] < losses[0]
assert train_accuracy[-1] > 0.9 and val_accuracy[-1] > 0.85
assert float(val_acc_metric.result()) == 0.0  # reset

# The same numbers without tf.function
val_acc_metric.update_state(y[1400:], model(x[1400:], training=False))
np.testing.assert_allclose(float(val_acc_metric.result()), val_accuracy[-1], atol=1e-5)
