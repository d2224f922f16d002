"""Inception modules as a layer class inside a subclassed model, trained by a loop under tf.function."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(3)
rng = np.random.default_rng(3)
CLASSES = ["horizontal", "vertical", "checks", "dot", "ring"]


def texture(kind):
    rows, cols = np.mgrid[0:16, 0:16]
    period, phase = rng.uniform(3, 6), rng.uniform(0, 6)
    if kind == 0:
        image = np.sin(2 * np.pi * rows / period + phase)
    elif kind == 1:
        image = np.sin(2 * np.pi * cols / period + phase)
    elif kind == 2:
        image = np.sin(2 * np.pi * rows / period + phase) * np.sin(2 * np.pi * cols / period + phase) * 2
    else:
        distance = np.hypot(rows - rng.uniform(5, 10), cols - rng.uniform(5, 10))
        radius = rng.uniform(2, 4)
        image = 2.0 * (distance < radius if kind == 3 else np.abs(distance - radius - 1) < 0.8) - 1
    return (image + rng.normal(0, 0.5, image.shape))[..., None]


def make(count):
    labels = rng.integers(0, len(CLASSES), count)
    return np.stack([texture(k) for k in labels]).astype(np.float32), labels.astype(np.int32)


class InceptionModule(layers.Layer):
    """Four branches side by side: 1x1, 1x1-3x3, 1x1-5x5 and pool-1x1."""

    def __init__(self, f1, f3, f5, fpool, **kwargs):
        super().__init__(**kwargs)
        self.branch1 = layers.Conv2D(f1, 1, padding="same", activation="relu")
        self.branch3 = keras.Sequential(
            [
                layers.Conv2D(f3 // 2, 1, activation="relu"),
                layers.Conv2D(f3, 3, padding="same", activation="relu"),
            ]
        )
        self.branch5 = [
            layers.Conv2D(f5 // 2, 1, activation="relu"),
            layers.Conv2D(f5, (5, 5), padding="same", activation=tf.nn.relu),
        ]
        self.pool = layers.MaxPool2D(3, strides=1, padding="same")
        self.project = layers.Conv2D(fpool, 1, activation="relu")

    def call(self, x):
        wide = x
        for layer in self.branch5:
            wide = layer(wide)
        return tf.concat([self.branch1(x), self.branch3(x), wide, self.project(self.pool(x))], axis=-1)


class MiniInception(keras.Model):
    def __init__(self, num_classes):
        super().__init__(name="mini_inception")
        self.stem = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")
        self.module_a = InceptionModule(4, 8, 4, 4)
        self.down = layers.MaxPooling2D(2)
        self.module_b = InceptionModule(8, 16, 8, 8)
        self.pool = layers.GlobalAvgPool2D()
        self.dropout = layers.Dropout(0.2)
        self.head = layers.Dense(num_classes)

    def call(self, inputs, training=False):
        x = self.down(self.module_a(self.stem(inputs)))
        x = self.dropout(self.pool(self.module_b(x)), training=training)
        return self.head(x)


x_train, y_train = make(1000)
x_test, y_test = make(300)
train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1000).batch(50)
test_ds = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(100)

model = MiniInception(len(CLASSES))
loss_object = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = tf.keras.optimizers.Adam(learning_rate=5e-3)
train_loss = tf.keras.metrics.Mean(name="train_loss")
train_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="train_accuracy")
test_loss = tf.keras.metrics.Mean(name="test_loss")
test_accuracy = tf.keras.metrics.SparseCategoricalAccuracy(name="test_accuracy")


@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
        loss = loss_object(labels, predictions)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    train_loss(loss)
    train_accuracy(labels, predictions)


@tf.function
def test_step(images, labels):
    predictions = model(images, training=False)
    test_loss(loss_object(labels, predictions))
    test_accuracy(labels, predictions)


for epoch in range(8):
    for metric in (train_loss, train_accuracy, test_loss, test_accuracy):
        metric.reset_state()
    for images, labels in train_ds:
        train_step(images, labels)
    for test_images, test_labels in test_ds:
        test_step(test_images, test_labels)
    print(
        f"Epoch {epoch + 1}, "
        f"Loss: {train_loss.result():0.3f}, Accuracy: {train_accuracy.result() * 100:0.2f}, "
        f"Test Loss: {test_loss.result():0.3f}, Test Accuracy: {test_accuracy.result() * 100:0.2f}"
    )

assert model.module_b(tf.zeros((2, 4, 4, 20))).shape == (2, 4, 4, 40)
assert len(model.trainable_variables) == 2 + 6 * 2 * 2 + 2
assert float(test_accuracy.result()) > 0.93
matrix = tf.math.confusion_matrix(y_test, tf.argmax(model(x_test), axis=1), num_classes=len(CLASSES)).numpy()
print(matrix)
assert np.trace(matrix) > 0.93 * len(x_test)
