"""An image changed by the sign of the gradient, so that a classifier errs; and what of it the classifier looked at."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
images = rng.normal(0.0, 0.15, size=(256, 12, 12, 1)).astype("float32")
labels = rng.integers(0, 2, 256)
images[labels == 0, 2:6, 2:6] += 0.6
images[labels == 1, 6:10, 6:10] += 0.6
model = tf.keras.Sequential(
    [
        tf.keras.Input((12, 12, 1)),
        tf.keras.layers.Conv2D(8, 3, activation="relu"),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(images, labels, epochs=8, verbose=0)
assert model.evaluate(images, labels, verbose=0)[1] > 0.97
model.trainable = False

loss_object = tf.keras.losses.CategoricalCrossentropy()


def create_adversarial_pattern(image, label):
    with tf.GradientTape() as tape:
        tape.watch(image)
        prediction = model(image)
        loss = loss_object(label, prediction)
    return tf.sign(tape.gradient(loss, image))


x = tf.convert_to_tensor(images[:64])
y = tf.one_hot(labels[:64], 2)
pattern = create_adversarial_pattern(x, y)
assert set(np.unique(pattern)) <= {-1.0, 0.0, 1.0}
accuracies = []
for epsilon in (0.0, 0.2, 0.4):
    changed = tf.clip_by_value(x + epsilon * pattern, -1.0, 2.0)
    accuracies.append(float(np.mean(np.argmax(model(changed), -1) == labels[:64])))
print("accuracy by epsilon", accuracies)
assert accuracies[0] > 0.95 and accuracies[2] < 0.5

# Integrated gradients
m_steps = 20
alphas = tf.linspace(start=0.0, stop=1.0, num=m_steps + 1)


def interpolate_images(baseline, image, alphas):
    alphas_x = alphas[:, tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.expand_dims(baseline, 0) + alphas_x * (tf.expand_dims(image, 0) - tf.expand_dims(baseline, 0))


def compute_gradients(images, target_class_idx):
    with tf.GradientTape() as tape:
        tape.watch(images)
        probs = model(images)[:, target_class_idx]
    return tape.gradient(probs, images)


def integral_approximation(gradients):
    grads = (gradients[:-1] + gradients[1:]) / tf.constant(2.0)
    return tf.math.reduce_mean(grads, axis=0)


@tf.function
def integrated_gradients(baseline, image, target_class_idx):
    gradients = compute_gradients(interpolate_images(baseline, image, alphas), target_class_idx)
    return (image - baseline) * integral_approximation(gradients)


image, target = x[0], int(labels[0])
baseline = tf.zeros_like(image)
attributions = integrated_gradients(baseline, image, target)
change = float(model(image[None])[0, target] - model(baseline[None])[0, target])
print("sum", float(tf.reduce_sum(attributions)), "change", change)
assert abs(float(tf.reduce_sum(attributions)) - change) < 0.05
print("OK")
