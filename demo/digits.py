"""The main job: a digit classifier, written for TensorFlow and run by Addax.

    addax run demo/digits.py [output folder]

Trains on real handwritten digits, prints the test accuracy, saves the model and a picture of its learning
curves.
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from addax.datasets import digits

WANTED_ACCURACY = 0.95


def build_model():
    model = tf.keras.models.Sequential(
        [
            tf.keras.Input(shape=(8, 8)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def plot_learning_curves(history, path):
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axes, name in ((left, "loss"), (right, "accuracy")):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="training")
        axes.plot(epochs, history["val_" + name], label="validation")
        axes.set(xlabel="epoch", title=name)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw(image):
    return "\n".join("".join(" .:-=+*#%@"[int(9 * grey)] * 2 for grey in row) for row in image)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    tf.keras.utils.set_random_seed(7)

    (x_train, y_train), (x_test, y_test) = digits.load_data()
    x_train, x_test = x_train / 16.0, x_test / 16.0

    model = build_model()
    model.summary()
    history = model.fit(x_train, y_train, epochs=30, validation_split=0.1)
    loss, accuracy = model.evaluate(x_test, y_test)

    model.save(folder / "digits.keras")
    plot_learning_curves(history.history, folder / "learning-curves.png")

    reloaded = tf.keras.models.load_model(folder / "digits.keras")
    probabilities = reloaded.predict(x_test[:1], verbose=0)[0]
    print(f"\n{draw(x_test[0])}\n")
    print(f"The saved model reads this as {np.argmax(probabilities)}; it is {y_test[0]}.")
    print(f"Wrote {folder / 'digits.keras'} and {folder / 'learning-curves.png'}")
    print(f"Test accuracy: {accuracy:.4f}")
    if accuracy <= WANTED_ACCURACY:
        sys.exit(f"The test accuracy is not above {WANTED_ACCURACY}.")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo-output"))
