"""Integrated gradients of an image in batches of the path, gathered by a tf.TensorArray in a tf.function."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.keras.utils.set_random_seed(17)
digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
model = tf.keras.Sequential(
    [
        tf.keras.Input((8, 8, 1)),
        tf.keras.layers.Conv2D(16, 3, activation="relu", padding="same"),
        tf.keras.layers.MaxPooling2D(),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(10),
    ]
)
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(images, digits.target, epochs=6, batch_size=32, verbose=0)
probabilities = tf.nn.softmax(model(images[:200]), axis=-1)
top = tf.math.top_k(input=probabilities, k=3)
accuracy = np.mean(top.indices[:, 0].numpy() == digits.target[:200])
assert accuracy > 0.85
assert np.all(np.diff(top.values.numpy(), axis=1) <= 0)


def f(x):
    """A simplified model function."""
    return tf.where(x < 0.8, x, 0.8)


x = tf.linspace(start=0.0, stop=1.0, num=6)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = f(x)
np.testing.assert_array_equal(tape.gradient(y, x), [1, 1, 1, 1, 0, 0])


def interpolate_images(baseline, image, alphas):
    alphas_x = alphas[:, tf.newaxis, tf.newaxis, tf.newaxis]
    baseline_x = tf.expand_dims(baseline, axis=0)
    input_x = tf.expand_dims(image, axis=0)
    return baseline_x + alphas_x * (input_x - baseline_x)


def compute_gradients(images, target_class_idx):
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = model(images)
        probs = tf.nn.softmax(logits, axis=-1)[:, target_class_idx]
    return tape.gradient(probs, images)


def integral_approximation(gradients):
    grads = (gradients[:-1] + gradients[1:]) / tf.constant(2.0)
    return tf.math.reduce_mean(grads, axis=0)


@tf.function
def one_batch(baseline, image, alpha_batch, target_class_idx):
    return compute_gradients(interpolate_images(baseline, image, alpha_batch), target_class_idx)


@tf.function
def integrated_gradients(baseline, image, target_class_idx, m_steps=50, batch_size=16):
    alphas = tf.linspace(start=0.0, stop=1.0, num=m_steps + 1)
    gradient_batches = tf.TensorArray(tf.float32, size=m_steps + 1)
    for alpha in tf.range(0, len(alphas), batch_size):
        from_ = alpha
        to = tf.minimum(from_ + batch_size, len(alphas))
        alpha_batch = alphas[from_:to]
        gradient_batch = one_batch(baseline, image, alpha_batch, target_class_idx)
        gradient_batches = gradient_batches.scatter(tf.range(from_, to), gradient_batch)
    total_gradients = gradient_batches.stack()
    avg_gradients = integral_approximation(gradients=total_gradients)
    return (image - baseline) * avg_gradients


baseline = tf.zeros(shape=(8, 8, 1))
for index in (0, 1, 5):
    image, target = tf.constant(images[index]), tf.constant(digits.target[index])
    attributions = integrated_gradients(baseline, image, target, m_steps=240)
    assert attributions.shape == (8, 8, 1)
    start, end = (tf.nn.softmax(model(x[tf.newaxis]))[0, int(target)] for x in (baseline, image))
    delta = float(tf.reduce_sum(attributions) - (end - start))
    print(f"digit {int(target)}: from {float(start):.3f} to {float(end):.3f}, error {delta:+.5f}")
    assert abs(delta) < 0.03
    mask = tf.reduce_sum(tf.math.abs(attributions), axis=-1)
    assert np.all(mask.numpy()[digits.images[index] == 0] == 0)  # no ink, no attribution
