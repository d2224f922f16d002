"""A U-Net that finds noisy discs and squares: a PyDataset, a dice loss of one's own, checkpoints of the best epoch."""

import os

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)
SIZE = 32


def scene(rng):
    """A picture with one to three shapes, and where they are."""
    rows, cols = np.mgrid[0:SIZE, 0:SIZE]
    mask = np.zeros((SIZE, SIZE), bool)
    for _ in range(rng.integers(1, 4)):
        r, c, radius = rng.integers(6, SIZE - 6), rng.integers(6, SIZE - 6), rng.integers(3, 7)
        if rng.random() < 0.5:
            mask |= (rows - r) ** 2 + (cols - c) ** 2 <= radius**2
        else:
            mask |= (abs(rows - r) <= radius) & (abs(cols - c) <= radius)
    image = np.where(mask, rng.uniform(0.6, 1.0), rng.uniform(0.0, 0.3)) + rng.normal(0, 0.25, mask.shape)
    return image.astype("float32")[..., None], mask.astype("float32")[..., None]


class Scenes(keras.utils.PyDataset):
    def __init__(self, count, batch_size, seed, **kwargs):
        super().__init__(**kwargs)
        rng = np.random.default_rng(seed)
        pairs = [scene(rng) for _ in range(count)]
        self.images = np.stack([image for image, _ in pairs])
        self.masks = np.stack([mask for _, mask in pairs])
        self.batch_size = batch_size
        self.order = np.arange(count)

    def __len__(self):
        return len(self.order) // self.batch_size

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.images[rows], self.masks[rows]

    def on_epoch_end(self):
        np.random.shuffle(self.order)


def double_conv(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
    return x


def unet(shape, widths=(8, 16), bottom=32):
    inputs = x = keras.Input(shape)
    skips = []
    for width in widths:
        x = double_conv(x, width)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.1)(double_conv(x, bottom))
    for width, skip in zip(reversed(widths), reversed(skips)):
        x = layers.Conv2DTranspose(width, 2, strides=2, padding="same")(x)
        x = layers.concatenate([x, skip])
        x = double_conv(x, width)
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x))


def dice_loss(y_true, y_pred):
    axes = (1, 2, 3)
    overlap = ops.sum(y_true * y_pred, axis=axes)
    total = ops.sum(y_true, axis=axes) + ops.sum(y_pred, axis=axes)
    return 1.0 - (2.0 * overlap + 1.0) / (total + 1.0)


def bce_dice(y_true, y_pred):
    return ops.mean(keras.losses.binary_crossentropy(y_true, y_pred), axis=(1, 2)) + dice_loss(y_true, y_pred)


train, valid = Scenes(256, 16, seed=1), Scenes(64, 32, seed=2)
model = unet((SIZE, SIZE, 1))
assert model.output_shape == (None, SIZE, SIZE, 1)
model.compile(
    optimizer=keras.optimizers.AdamW(5e-3, weight_decay=1e-4),
    loss=bce_dice,
    metrics=[keras.metrics.BinaryIoU(target_class_ids=[1], threshold=0.5, name="iou"), dice_loss],
)
best = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "best.keras")
history = model.fit(
    train,
    validation_data=valid,
    epochs=5,
    callbacks=[
        keras.callbacks.ModelCheckpoint(best, monitor="val_iou", mode="max", save_best_only=True),
        keras.callbacks.TerminateOnNaN(),
    ],
    verbose=2,
)
restored = keras.models.load_model(best, custom_objects={"bce_dice": bce_dice, "dice_loss": dice_loss})
scores = restored.evaluate(valid, return_dict=True, verbose=0)
print(scores)
assert abs(scores["iou"] - max(history.history["val_iou"])) < 1e-5
assert scores["iou"] > 0.85

masks = restored.predict(valid.images, verbose=0) > 0.5
truth = valid.masks > 0.5
assert (masks & truth).sum() / (masks | truth).sum() > 0.85
