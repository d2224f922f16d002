"""Seed 004, "Understanding the fit() method": fit, History, validation data, evaluate and predict."""

import os
import tempfile

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from tensorflow import keras

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
inputs = np.vstack([rng.normal([0, 3], 1, (500, 2)), rng.normal([3, 0], 1, (500, 2))]).astype("float32")
targets = np.vstack([np.zeros((500, 1)), np.ones((500, 1))]).astype("float32")
order = rng.permutation(1000)
inputs, targets = inputs[order], targets[order]


def get_model():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(
        optimizer=keras.optimizers.RMSprop(learning_rate=0.02),
        loss="mean_squared_error",
        metrics=["accuracy"],
    )
    return model


# Train
model = get_model()
history = model.fit(inputs, targets, epochs=10, batch_size=32)
print(history.history)
assert set(history.history) == {"loss", "accuracy"}
assert [len(values) for values in history.history.values()] == [10, 10]
assert history.history["accuracy"][-1] > 0.95
assert int(model.optimizer.iterations) == 10 * 32  # 1000 samples make 32 batches of 32

# This dictionary is used to plot the training loss and accuracy during training.
plt.plot(history.epoch, history.history["loss"], label="loss")
plt.plot(history.epoch, history.history["accuracy"], label="accuracy")
plt.legend()
plt.savefig(os.path.join(OUTPUT, "history.png"))
assert os.path.getsize(os.path.join(OUTPUT, "history.png")) > 1000

# Reserve 25% of training data for validation
num_validation_samples = int(0.25 * len(inputs))

# Create training and validation datasets
validation_inputs = inputs[:num_validation_samples]
validation_targets = targets[:num_validation_samples]
training_inputs = inputs[num_validation_samples:]
training_targets = targets[num_validation_samples:]
validation_data = (validation_inputs, validation_targets)
assert len(training_inputs) == 750 and len(validation_inputs) == 250

# Train the model
model = get_model()
history = model.fit(
    training_inputs,
    training_targets,
    epochs=5,
    batch_size=16,
    validation_data=validation_data,  # Can be a tuple (inputs, targets) or a Dataset object
)
assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}

# Evaluate the model on validation data
loss_and_metrics = model.evaluate(validation_inputs, validation_targets, batch_size=32)
loss = loss_and_metrics[0]
metric = loss_and_metrics[1]
print(loss, metric)
assert isinstance(loss_and_metrics, list) and len(loss_and_metrics) == 2
np.testing.assert_allclose(loss, history.history["val_loss"][-1], rtol=1e-4)
np.testing.assert_allclose(metric, history.history["val_accuracy"][-1], rtol=1e-4)

# A Dataset as validation data
dataset = tf.data.Dataset.from_tensor_slices(validation_data).batch(16)
history = model.fit(training_inputs, training_targets, epochs=1, validation_data=dataset, verbose=0)
np.testing.assert_allclose(model.evaluate(dataset, verbose=0)[0], history.history["val_loss"][0], rtol=1e-4)

# The model can now be used to make predictions on new data in two ways
predictions = model(inputs)
assert tf.is_tensor(predictions) and predictions.shape == (1000, 1)
by_call = predictions.numpy()
predictions = model.predict(inputs, batch_size=64)
assert isinstance(predictions, np.ndarray)
np.testing.assert_allclose(predictions, by_call, rtol=1e-4, atol=1e-5)
print(predictions[:3])  # Print first 3 predictions
assert ((predictions > 0.5) == targets).mean() > 0.95
