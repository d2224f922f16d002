"""Distributed training with Keras, as TensorFlow's tutorial has it: a model made and fitted under MirroredStrategy."""

import os

import numpy as np
import tensorflow as tf

cpus = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(cpus[0], [tf.config.LogicalDeviceConfiguration()] * 4)
strategy = tf.distribute.MirroredStrategy([f"CPU:{i}" for i in range(4)])
print(f"Number of devices: {strategy.num_replicas_in_sync}")
assert strategy.num_replicas_in_sync == 4

rng = np.random.default_rng(0)
labels = rng.integers(0, 10, 512)
images = rng.uniform(0, 60, (512, 12, 12, 1))
images[np.arange(512), labels, :, 0] += 190

BUFFER_SIZE = 512
BATCH_SIZE_PER_REPLICA = 16
BATCH_SIZE = BATCH_SIZE_PER_REPLICA * strategy.num_replicas_in_sync


def scale(image, label):
    image = tf.cast(image, tf.float32)
    image /= 255
    return image, label


everything = tf.data.Dataset.from_tensor_slices((images, labels))
train_dataset = everything.map(scale).cache().shuffle(BUFFER_SIZE, seed=1).batch(BATCH_SIZE)
eval_dataset = everything.map(scale).batch(BATCH_SIZE)

with strategy.scope():
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input((12, 12, 1)),
            tf.keras.layers.Conv2D(8, 3, activation="relu"),
            tf.keras.layers.BatchNormalization(momentum=0.8),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(32, activation="relu"),
            tf.keras.layers.Dense(10),
        ]
    )
    model.compile(
        loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer=tf.keras.optimizers.Adam(learning_rate=0.01),
        metrics=["accuracy"],
    )


def decay(epoch, rate):
    return 0.01 if epoch < 3 else 0.001


class PrintLR(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        print(f"\nLearning rate for epoch {epoch + 1} is {model.optimizer.learning_rate.numpy():.4f}")


folder = os.environ.get("PROGRAM_OUTPUT", ".")
callbacks = [
    tf.keras.callbacks.ModelCheckpoint(
        filepath=os.path.join(folder, "ckpt_{epoch}.weights.h5"), save_weights_only=True
    ),
    tf.keras.callbacks.LearningRateScheduler(decay),
    PrintLR(),
]
history = model.fit(train_dataset, epochs=5, callbacks=callbacks, verbose=2)
assert history.history["loss"][-1] < history.history["loss"][0]

model.load_weights(os.path.join(folder, "ckpt_5.weights.h5"))
eval_loss, eval_acc = model.evaluate(eval_dataset, verbose=0)
print(f"Eval loss: {eval_loss}, eval accuracy: {eval_acc}")
assert eval_acc > 0.9

path = os.path.join(folder, "my_model.keras")
model.save(path)
unreplicated = tf.keras.models.load_model(path)
unreplicated.compile(
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=tf.keras.optimizers.Adam(),
    metrics=["accuracy"],
)
again = unreplicated.evaluate(eval_dataset, verbose=0)
assert abs(again[0] - eval_loss) < 1e-3 and abs(again[1] - eval_acc) < 1e-6

with strategy.scope():
    replicated = tf.keras.models.load_model(path)
    loss, accuracy = replicated.evaluate(eval_dataset, verbose=0)
assert abs(accuracy - eval_acc) < 1e-6
