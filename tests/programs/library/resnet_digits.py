"""A small residual network on the digits: functional blocks, a tf.data pipeline, callbacks that steer the rate."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers, regularizers

keras.utils.set_random_seed(1)


def conv_bn(x, filters, kernel_size, strides=1, name=None):
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=regularizers.l2(1e-4),
        name=name and name + "_conv",
    )(x)
    return layers.BatchNormalization(momentum=0.9, name=name and name + "_bn")(x)


def residual_block(x, filters, strides=1, name=None):
    shortcut = x
    if strides != 1 or x.shape[-1] != filters:
        shortcut = conv_bn(x, filters, 1, strides, name=name + "_0")
    x = layers.ReLU()(conv_bn(x, filters, 3, strides, name=name + "_1"))
    x = conv_bn(x, filters, 3, name=name + "_2")
    return layers.Activation("relu", name=name + "_out")(layers.Add()([shortcut, x]))


def build_resnet(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Activation("relu")(conv_bn(inputs, 16, 3, name="stem"))
    for stage, (filters, strides) in enumerate([(16, 1), (16, 1), (32, 2)]):
        x = residual_block(x, filters, strides, name=f"stage{stage}_a")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x), name="resnet")


digits = load_digits()
images = np.expand_dims(digits.images, -1).astype("float32") / 16.0
x_train, x_test, y_train, y_test = train_test_split(images, digits.target, test_size=0.25, random_state=0)


def augment(image, label):
    image = tf.pad(image, [[1, 1], [1, 1], [0, 0]])
    image = tf.image.random_crop(image, (8, 8, 1))
    return image, label


train = (
    tf.data.Dataset.from_tensor_slices((x_train, y_train))
    .shuffle(len(x_train))
    .map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    .batch(64)
    .prefetch(tf.data.AUTOTUNE)
)
test = tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(256).cache()

model = build_resnet((8, 8, 1), 10)
model.summary()
assert model.count_params() == sum(int(np.prod(w.shape)) for w in model.weights)
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.02, momentum=0.9, nesterov=True),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(k=2, name="top2")],
)
history = model.fit(
    train,
    epochs=12,
    validation_data=test,
    callbacks=[
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=1, verbose=1),
        keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5, restore_best_weights=True),
    ],
    verbose=2,
)
loss, accuracy, top2 = model.evaluate(test, verbose=0)
print(f"test loss {loss:.3f}, accuracy {accuracy:.3f}, top 2 {top2:.3f}")
assert accuracy > 0.92
assert top2 >= accuracy
assert np.mean(model.predict(x_test, verbose=0).argmax(axis=-1) == y_test) > 0.92
assert "learning_rate" in history.history
