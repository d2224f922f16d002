"""Checkpoints by callback, weights by hand, whole models: what is saved is what comes back."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras

os.chdir(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp())
keras.utils.set_random_seed(43)
digits = load_digits()
train_images, train_labels = digits.data[:1000] / 16.0, digits.target[:1000]
test_images, test_labels = digits.data[1000:] / 16.0, digits.target[1000:]


def create_model():
    model = tf.keras.Sequential(
        [
            keras.layers.Dense(64, activation="relu", input_shape=(64,)),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        optimizer="adam",
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


model = create_model()
checkpoint_path = "training_1/cp.weights.h5"
cp_callback = tf.keras.callbacks.ModelCheckpoint(filepath=checkpoint_path, save_weights_only=True, verbose=1)
model.fit(
    train_images, train_labels, epochs=12, validation_data=(test_images, test_labels), callbacks=[cp_callback], verbose=0
)
assert os.listdir("training_1") == ["cp.weights.h5"]
trained = model.evaluate(test_images, test_labels, verbose=0)
fresh = create_model()
loss, acc = fresh.evaluate(test_images, test_labels, verbose=0)
print(f"Untrained model, accuracy: {100 * acc:5.2f}%, trained: {100 * trained[1]:5.2f}%")
assert acc < 0.4 and trained[1] > 0.85
fresh.load_weights(checkpoint_path)
np.testing.assert_allclose(fresh.evaluate(test_images, test_labels, verbose=0), trained, atol=1e-5)

# Every few steps, with the epoch in the name
template = "training_2/cp-{epoch:04d}.weights.h5"
batch_size = 32
n_batches = int(np.ceil(len(train_images) / batch_size))
model = create_model()
model.save_weights(template.format(epoch=0)) if os.makedirs("training_2") is None else None
every = tf.keras.callbacks.ModelCheckpoint(
    filepath=template, verbose=0, save_weights_only=True, save_freq=2 * n_batches
)
model.fit(train_images, train_labels, epochs=6, batch_size=batch_size, callbacks=[every], verbose=0)
saved = sorted(os.listdir("training_2"))
print(saved)
assert saved == [f"cp-{epoch:04d}.weights.h5" for epoch in (0, 2, 4, 6)]
last = create_model()
last.load_weights(os.path.join("training_2", saved[-1]))
np.testing.assert_allclose(last.predict(test_images, verbose=0), model.predict(test_images, verbose=0), atol=1e-5)

# The best one only
best = tf.keras.callbacks.ModelCheckpoint(
    "best.keras", monitor="val_sparse_categorical_accuracy", mode="max", save_best_only=True
)
history = model.fit(
    train_images, train_labels, epochs=4, validation_data=(test_images, test_labels), callbacks=[best], verbose=0
)
restored = tf.keras.models.load_model("best.keras")
_, acc = restored.evaluate(test_images, test_labels, verbose=0)
np.testing.assert_allclose(acc, max(history.history["val_sparse_categorical_accuracy"]), atol=1e-5)

# Whole models, and how the training goes on
predictions = model.predict(test_images, verbose=0)
for name in ("my_model.keras", "my_model.h5"):
    model.save(name)
    new_model = tf.keras.models.load_model(name)
    new_model.summary()
    np.testing.assert_allclose(new_model.predict(test_images, verbose=0), predictions, atol=1e-5)
new_model = tf.keras.models.load_model("my_model.keras")
assert int(new_model.optimizer.iterations) == int(model.optimizer.iterations) == 10 * n_batches
new_model.fit(train_images, train_labels, epochs=1, verbose=0)
assert int(new_model.optimizer.iterations) == 11 * n_batches

# SavedModel: a graph without the Python code
model.export("saved_model/my_model")
assert {"saved_model.pb", "variables"} <= set(os.listdir("saved_model/my_model"))
reloaded = tf.saved_model.load("saved_model/my_model")
served = reloaded.serve(tf.constant(test_images[:5], tf.float32))
np.testing.assert_allclose(served, model.predict(test_images[:5], verbose=0), atol=1e-4)


# Objects of one's own
@keras.utils.register_keras_serializable(package="mine", name="scaled")
class Scaled(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


custom = keras.Sequential([keras.Input((64,)), Scaled(2.0), keras.layers.Dense(1)])
custom.save("custom.keras")
same = keras.models.load_model("custom.keras")
np.testing.assert_allclose(same(test_images[:3]), custom(test_images[:3]), atol=1e-6)
clone = keras.models.model_from_json(custom.to_json())
assert clone.layers[0].factor == 2.0
clone.set_weights(custom.get_weights())
np.testing.assert_allclose(clone(test_images[:3]), custom(test_images[:3]), atol=1e-6)
