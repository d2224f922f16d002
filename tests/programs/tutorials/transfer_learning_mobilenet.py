"""MobileNetV2 without its top as a frozen base, a new head on it; then its last layers are tuned."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.keras.utils.set_random_seed(9)
digits = load_digits()
two = np.isin(digits.target, (0, 1))
pictures = np.repeat(np.repeat(digits.images[two][:192, ..., np.newaxis], 4, 1), 4, 2)
pictures = np.repeat(pictures * 15.9, 3, -1).astype("float32")
labels = digits.target[two][:192]
BATCH_SIZE, IMG_SHAPE = 32, (32, 32, 3)
dataset = tf.data.Dataset.from_tensor_slices((pictures, labels)).batch(BATCH_SIZE)
train_dataset = dataset.take(4)
validation_dataset = dataset.skip(4)
assert tf.data.experimental.cardinality(validation_dataset) == 2
AUTOTUNE = tf.data.AUTOTUNE
train_dataset = train_dataset.cache().prefetch(buffer_size=AUTOTUNE)
validation_dataset = validation_dataset.prefetch(buffer_size=AUTOTUNE)

data_augmentation = tf.keras.Sequential([tf.keras.layers.RandomBrightness(0.05)])
preprocess_input = tf.keras.applications.mobilenet_v2.preprocess_input
scaled = preprocess_input(np.array([[0.0, 127.5, 255.0]]))
np.testing.assert_allclose(scaled, [[-1.0, 0.0, 1.0]], atol=1e-6)

base_model = tf.keras.applications.MobileNetV2(input_shape=IMG_SHAPE, alpha=0.35, include_top=False, weights=None)
image_batch, label_batch = next(iter(train_dataset))
feature_batch = base_model(image_batch)
print(feature_batch.shape)
assert feature_batch.shape == (32, 1, 1, 1280) and len(base_model.layers) == 154

# Deep features of random weights say little, so an early layer gives them.
base_model = tf.keras.Model(base_model.input, base_model.get_layer("block_3_expand_relu").output)
feature_batch = base_model(image_batch)
assert feature_batch.shape == (32, 8, 8, 48)

# No weights to download: one pass sets the statistics of the random base, so that its features differ.
norms = [layer for layer in base_model.layers if isinstance(layer, tf.keras.layers.BatchNormalization)]
momentum = norms[0].momentum
for layer in norms:
    layer.momentum = 0.0
base_model(preprocess_input(image_batch), training=True)
for layer in norms:
    layer.momentum = momentum
assert np.all(norms[5].moving_variance.numpy() != 1.0)

base_model.trainable = False
pooling_layer = tf.keras.layers.AveragePooling2D(2)
prediction_layer = tf.keras.layers.Dense(1, activation="sigmoid")
inputs = tf.keras.Input(shape=IMG_SHAPE)
x = data_augmentation(inputs)
x = preprocess_input(x)
x = base_model(x, training=False)
x = tf.keras.layers.Flatten()(pooling_layer(x))
x = tf.keras.layers.Dropout(0.1)(x)
outputs = prediction_layer(x)
model = tf.keras.Model(inputs, outputs)
model.summary()
assert len(model.trainable_variables) == 2
assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == 4 * 4 * 48 + 1

base_learning_rate = 0.003
model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=base_learning_rate),
    loss=tf.keras.losses.BinaryCrossentropy(),
    metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.5, name="accuracy")],
)
loss0, accuracy0 = model.evaluate(validation_dataset, verbose=0)
assert np.isfinite(loss0)
before = [w.numpy().copy() for w in base_model.weights]
history = model.fit(train_dataset, epochs=6, validation_data=validation_dataset, verbose=0)
for old, new in zip(before, base_model.weights):
    np.testing.assert_array_equal(old, new.numpy())

# Fine-tuning of the top layers; batch normalization stays in inference mode.
base_model.trainable = True
print("Number of layers in the base model:", len(base_model.layers))
fine_tune_at = 20
for layer in base_model.layers[:fine_tune_at]:
    layer.trainable = False
model.compile(
    loss=tf.keras.losses.BinaryCrossentropy(),
    optimizer=tf.keras.optimizers.RMSprop(learning_rate=base_learning_rate / 30),
    metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0.5, name="accuracy")],
)
assert 2 < len(model.trainable_variables) < len(base_model.weights)
history_fine = model.fit(
    train_dataset,
    epochs=8,
    initial_epoch=len(history.epoch),
    validation_data=validation_dataset,
    verbose=0,
)
assert history_fine.epoch == [6, 7]
np.testing.assert_array_equal(before[0], base_model.weights[0].numpy())
changed = [not np.array_equal(old, new.numpy()) for old, new in zip(before, base_model.weights)]
assert any(changed)

image_batch, label_batch = validation_dataset.as_numpy_iterator().next()
predictions = model.predict_on_batch(image_batch).flatten()
predictions = tf.where(predictions < 0.5, 0, 1)
print("Predictions:\n", predictions.numpy())
print("Labels:\n", label_batch)
losses = history.history["loss"] + history_fine.history["loss"]
accuracies = history.history["accuracy"] + history_fine.history["accuracy"]
print(losses, accuracies, history_fine.history["val_accuracy"])
assert losses[-1] < 0.6 * losses[0] and accuracies[-1] > 0.8
assert predictions.shape == label_batch.shape
