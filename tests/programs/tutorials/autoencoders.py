"""Three autoencoders: a subclassed dense one, a denoising convolutional one, and one that finds anomalies."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, precision_score, recall_score
from sklearn.model_selection import train_test_split
from tensorflow.keras import layers, losses
from tensorflow.keras.models import Model

tf.keras.utils.set_random_seed(29)
images = load_digits().images.astype("float32") / 16.0
x_train, x_test = images[:1500], images[1500:]


class Autoencoder(Model):
    def __init__(self, latent_dim, shape):
        super().__init__()
        self.latent_dim = latent_dim
        self.shape = shape
        self.encoder = tf.keras.Sequential([layers.Flatten(), layers.Dense(latent_dim, activation="relu")])
        self.decoder = tf.keras.Sequential(
            [
                layers.Dense(int(tf.math.reduce_prod(shape)), activation="sigmoid"),
                layers.Reshape(shape),
            ]
        )

    def call(self, x):
        encoded = self.encoder(x)
        return self.decoder(encoded)


shape = x_test.shape[1:]
autoencoder = Autoencoder(32, shape)
autoencoder.compile(optimizer=tf.keras.optimizers.Adam(0.005), loss=losses.MeanSquaredError())
autoencoder.fit(x_train, x_train, epochs=12, shuffle=True, validation_data=(x_test, x_test), verbose=0)
encoded_imgs = autoencoder.encoder(x_test).numpy()
decoded_imgs = autoencoder.decoder(encoded_imgs).numpy()
error = np.mean((decoded_imgs - x_test) ** 2)
print("dense", error, "of", np.var(x_test))
assert encoded_imgs.shape == (len(x_test), 32) and error < 0.35 * np.var(x_test)

# Noise removed by a convolutional one
x_train, x_test = x_train[..., tf.newaxis], x_test[..., tf.newaxis]
noise_factor = 0.3
x_train_noisy = x_train + noise_factor * tf.random.normal(shape=x_train.shape)
x_test_noisy = x_test + noise_factor * tf.random.normal(shape=x_test.shape)
x_train_noisy = tf.clip_by_value(x_train_noisy, clip_value_min=0.0, clip_value_max=1.0)
x_test_noisy = tf.clip_by_value(x_test_noisy, clip_value_min=0.0, clip_value_max=1.0)


class Denoise(Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.Sequential(
            [
                layers.Input(shape=(8, 8, 1)),
                layers.Conv2D(16, (3, 3), activation="relu", padding="same", strides=2),
                layers.Conv2D(16, (3, 3), activation="relu", padding="same"),
            ]
        )
        self.decoder = tf.keras.Sequential(
            [
                layers.Conv2DTranspose(16, kernel_size=3, strides=2, activation="relu", padding="same"),
                layers.Conv2D(1, kernel_size=(3, 3), activation="sigmoid", padding="same"),
            ]
        )

    def call(self, x):
        return self.decoder(self.encoder(x))


denoise = Denoise()
denoise.compile(optimizer=tf.keras.optimizers.Adam(0.005), loss=losses.MeanSquaredError())
denoise.fit(x_train_noisy, x_train, epochs=12, validation_data=(x_test_noisy, x_test), verbose=0)
denoise.encoder.summary()
denoise.decoder.summary()
cleaned = denoise(x_test_noisy).numpy()
noisy_error = float(np.mean((x_test_noisy.numpy() - x_test) ** 2))
clean_error = float(np.mean((cleaned - x_test) ** 2))
print("noise", noisy_error, "->", clean_error)
assert clean_error < 0.75 * noisy_error

# Rhythms that are not like the normal ones
rng = np.random.default_rng(3)
t = np.linspace(0, 2 * np.pi, 40)
normal = np.array([np.sin(2 * t + rng.uniform(0, 0.5)) for _ in range(500)])
strange = np.array([np.sin(3 * t + rng.uniform(0, 0.5)) for _ in range(250)])
data = np.concatenate([normal, strange]) + rng.normal(scale=0.1, size=(750, 40))
labels = np.concatenate([np.ones(500), np.zeros(250)])
train_data, test_data, train_labels, test_labels = train_test_split(data, labels, test_size=0.2, random_state=21)
min_val, max_val = tf.reduce_min(train_data), tf.reduce_max(train_data)
train_data = (train_data - min_val) / (max_val - min_val)
test_data = (test_data - min_val) / (max_val - min_val)
train_data, test_data = tf.cast(train_data, tf.float32), tf.cast(test_data, tf.float32)
train_labels, test_labels = train_labels.astype(bool), test_labels.astype(bool)
normal_train_data = train_data[train_labels]
normal_test_data = test_data[test_labels]
anomalous_train_data = train_data[~train_labels]
assert normal_train_data.shape[0] + anomalous_train_data.shape[0] == 600


class AnomalyDetector(Model):
    def __init__(self):
        super().__init__()
        self.encoder = tf.keras.Sequential(
            [layers.Dense(16, activation="relu"), layers.Dense(8, activation="relu"), layers.Dense(4, activation="relu")]
        )
        self.decoder = tf.keras.Sequential(
            [layers.Dense(8, activation="relu"), layers.Dense(16, activation="relu"), layers.Dense(40, activation="sigmoid")]
        )

    def call(self, x):
        return self.decoder(self.encoder(x))


detector = AnomalyDetector()
detector.compile(optimizer=tf.keras.optimizers.Adam(0.005), loss="mae")
history = detector.fit(
    normal_train_data, normal_train_data, epochs=30, batch_size=32, validation_data=(test_data, test_data), verbose=0
)
assert history.history["loss"][-1] < history.history["val_loss"][-1]
reconstructions = detector.predict(normal_train_data, verbose=0)
train_loss = tf.keras.losses.mae(reconstructions, normal_train_data)
threshold = np.mean(train_loss) + 3 * np.std(train_loss)


def predict(model, data, threshold):
    reconstructions = model(data)
    loss = tf.keras.losses.mae(reconstructions, data)
    return tf.math.less(loss, threshold)


preds = predict(detector, test_data, threshold)
print(
    f"Accuracy = {accuracy_score(test_labels, preds)}, Precision = {precision_score(test_labels, preds)}, "
    f"Recall = {recall_score(test_labels, preds)}"
)
assert accuracy_score(test_labels, preds) > 0.9
