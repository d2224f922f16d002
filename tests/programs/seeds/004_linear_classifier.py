"""Seed 004, "Example: Linear classifier in pure TensorFlow", with all its plots and its GIFs."""

import os
import tempfile
from io import BytesIO

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

IMG = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
np.random.seed(0)
tf.random.set_seed(0)

# %% Generate two clouds of points
num_samples_per_class = 500
class_a_samples = np.random.multivariate_normal(
    mean=[0, 3],
    cov=[[1, 0], [0, 1]],
    size=num_samples_per_class,
)
class_b_samples = np.random.multivariate_normal(
    mean=[3, 0],
    cov=[[1, 0], [0, 1]],
    size=num_samples_per_class,
)

# The first 500 samples are from class A, the next 500 samples are from class B
inputs = np.vstack((class_a_samples, class_b_samples)).astype(np.float32)
# The first 500 labels are 0 (class A), and the next 500 are 1 (class B)
labels = np.vstack(
    (
        np.zeros((num_samples_per_class, 1), dtype=np.float32),
        np.ones((num_samples_per_class, 1), dtype=np.float32),
    )
)
class_a = inputs[:num_samples_per_class]
class_b = inputs[num_samples_per_class:]
assert inputs.shape == (1000, 2) and labels.shape == (1000, 1)

# %% Plot the two classes
# Class A is represented by green dots, and class B is represented by blue dots
plt.scatter(
    class_a[:, 0],
    class_a[:, 1],
    c="green",
    label="Class A",
)
plt.scatter(
    class_b[:, 0],
    class_b[:, 1],
    c="blue",
    label="Class B",
)
plt.legend()
plt.savefig(f"{IMG}/linear_classifier_data.png", transparent=False)
plt.clf()

# %% Create the variables, the forward pass and the loss
input_dim = 2  # input is a 2D vector
output_dim = 1  # output is a scalar, class B < 0.5 < class A
W = tf.Variable(initial_value=tf.random.uniform(shape=(input_dim, output_dim)))
b = tf.Variable(initial_value=tf.zeros(shape=(output_dim,)))


def model(inputs) -> tf.Tensor:
    return tf.matmul(inputs, W) + b


def square_loss(predictions, targets) -> tf.Tensor:
    # Calculate the loss per sample, results in tensor of shape (len(targets), 1)
    per_sample_loss = tf.square(targets - predictions)
    # Average the per-sample loss and return a single scalar loss value
    return tf.reduce_mean(per_sample_loss)


def training_step(inputs, targets, learning_rate: float = 0.001) -> tf.Tensor:
    with tf.GradientTape() as tape:
        predictions = model(inputs)
        loss = square_loss(predictions, targets)
    # Calculate the gradients of the loss with respect to the variables
    grad_loss_wrt_W, grad_loss_wrt_b = tape.gradient(loss, [W, b])
    # Update the variables using the gradients and the learning rate
    W.assign_sub(learning_rate * grad_loss_wrt_W)
    b.assign_sub(learning_rate * grad_loss_wrt_b)
    return loss


# %% Train
num_epochs = 50
# Save the loss scores so we can plot them later
loss_all = []
# Save all predictions so we can calculate and plot the accuracy later
predictions_all = []
# Save the parameters of the line too
parameters_all = []

for step in range(num_epochs):
    step_loss = training_step(inputs=inputs, targets=labels, learning_rate=0.1)
    loss_all.append(step_loss)
    predictions_all.append(model(inputs).numpy())
    parameters_all.append((W.numpy(), b.numpy()[0]))
    print(f"Step {step} loss: {step_loss}")
    print(f"Step {step}: Loss = {step_loss:.4f}")

assert isinstance(step_loss, tf.Tensor)
assert loss_all[-1] < 0.05 < loss_all[0]
assert all(later <= earlier + 1e-3 for earlier, later in zip(loss_all[5:], loss_all[6:]))
accuracy = ((predictions_all[-1] > 0.5) == labels).mean()
print("accuracy:", accuracy)
assert accuracy > 0.97

# The line that least squares gives in closed form is where this is heading.
solution, *_ = np.linalg.lstsq(np.hstack([inputs, np.ones((1000, 1))]), labels, rcond=None)
best = np.mean((np.hstack([inputs, np.ones((1000, 1))]) @ solution - labels) ** 2)
assert best <= float(square_loss(model(inputs), labels)) + 1e-6

# %% Plot the loss, all of it and a trimmed part
plt.plot(loss_all)
plt.title("Loss")
plt.savefig(f"{IMG}/linear_classifier_loss.png")
plt.clf()
plt.plot(range(1, 40), loss_all[1:40])
plt.savefig(f"{IMG}/linear_classifier_loss_trimmed.png")
plt.clf()


# %% Scatter plot of the predictions: green if the prediction is accurate, red if it is incorrect
def plot_prediction_acc(
    prediction: np.ndarray,
    inputs: np.ndarray,
    parameters: tuple[np.ndarray, float] = None,
    savename: str = "",
    title: str = "",
    buffer: BytesIO = None,
):
    plt.clf()
    plt.scatter(
        inputs[:, 0],
        inputs[:, 1],
        c=["green" if labels[idx] == pred else "red" for idx, pred in enumerate(prediction > 0.5)],
    )
    # Draw the red line separating the two classes
    if parameters:
        W, b = parameters
        x = np.linspace(-1, 5, 100)
        y = -W[0] / W[1] * x + (0.5 - b) / W[1]
        plt.plot(x, y, c="red")
        plt.xlim(-3, 6)
        plt.ylim(-3, 6)
    # Add a title to the plot
    if title:
        plt.title(title)
    # Save the plot to a file
    if savename:
        plt.savefig(f"{IMG}/{savename}.png", transparent=False)
    # Save the plot to a buffer
    if buffer:
        plt.savefig(buffer, format="png", transparent=False)


plot_prediction_acc(predictions_all[-1], inputs, parameters_all[-1], savename="last", title="Last prediction")
assert os.path.getsize(f"{IMG}/last.png") > 1000

# %% Make gif
try:
    import imageio
except ImportError:  # Pillow can write one as well
    imageio = None
    from PIL import Image


def draw_predictions(predictions: list, inputs: np.ndarray):
    for prediction_idx, prediction in enumerate(predictions):
        params = parameters_all[prediction_idx]
        buffer = BytesIO()
        plot_prediction_acc(
            prediction,
            inputs,
            parameters=params,
            buffer=buffer,
            title=f"Prediction {prediction_idx}",
        )
        buffer.seek(0)
        yield (plt.imread(buffer, format="png") * 255).astype("uint8")


def make_gif(predictions: list, inputs: np.ndarray, savename: str):
    if imageio is None:
        first, *rest = [Image.fromarray(img) for img in draw_predictions(predictions, inputs)]
        first.save(f"{IMG}/{savename}.gif", save_all=True, append_images=rest)
        return
    with imageio.get_writer(f"{IMG}/{savename}.gif", mode="I") as writer:
        for img in draw_predictions(predictions, inputs):
            writer.append_data(img)


# Slow down the GIF by increasing the `duration` argument
def make_gif_with_duration(predictions: list, inputs: np.ndarray, savename: str, duration: float):
    if imageio is None:
        first, *rest = [Image.fromarray(img) for img in draw_predictions(predictions, inputs)]
        first.save(f"{IMG}/{savename}.gif", save_all=True, append_images=rest, duration=duration)
        return
    imageio.mimsave(f"{IMG}/{savename}.gif", list(draw_predictions(predictions, inputs)), duration=duration)


plt.figure(figsize=(3, 3))
make_gif(predictions_all[:6], inputs, "prediction_accuracy")
make_gif_with_duration(predictions_all[:4], inputs, "prediction_accuracy_slow", duration=500)
for name in ("prediction_accuracy", "prediction_accuracy_slow"):
    with open(f"{IMG}/{name}.gif", "rb") as file:
        assert file.read(4) == b"GIF8"
