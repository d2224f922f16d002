"""A convolutional variational autoencoder whose sampling layer adds the divergence by add_loss; new digits are
drawn from it, and the picture of its latent space tells the digits apart."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

keras.utils.set_random_seed(0)
LATENT = 4


class Sampling(layers.Layer):
    def __init__(self, weight=1.0, **kwargs):
        super().__init__(**kwargs)
        self.weight = weight
        self.seed = keras.random.SeedGenerator(7)

    def call(self, mean, log_var):
        divergence = -0.5 * ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=-1)
        self.add_loss(self.weight * ops.mean(divergence))
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return mean + ops.exp(0.5 * log_var) * noise


class Encoder(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv1 = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")
        self.conv2 = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")
        self.flatten = layers.Flatten()
        self.mean = layers.Dense(LATENT)
        self.log_var = layers.Dense(LATENT)
        self.sampling = Sampling()

    def call(self, inputs):
        x = self.flatten(self.conv2(self.conv1(inputs)))
        mean, log_var = self.mean(x), self.log_var(x)
        return mean, log_var, self.sampling(mean, log_var)


class Decoder(layers.Layer):
    def build(self, input_shape):
        self.net = keras.Sequential(
            [
                keras.Input((input_shape[-1],)),
                layers.Dense(2 * 2 * 32, activation="relu"),
                layers.Reshape((2, 2, 32)),
                layers.Conv2DTranspose(16, 3, strides=2, padding="same", activation="relu"),
                layers.Conv2DTranspose(1, 3, strides=2, padding="same"),
            ]
        )

    def call(self, z):
        return self.net(z)


class VAE(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.encoder = Encoder(name="encoder")
        self.decoder = Decoder(name="decoder")

    def call(self, inputs):
        return self.decoder(self.encoder(inputs)[2])


def reconstruction(y_true, y_pred):
    """Nats for a picture, from logits."""
    loss = ops.binary_crossentropy(y_true, y_pred, from_logits=True)
    return ops.sum(loss, axis=(1, 2, 3))


digits = load_digits()
images = (digits.images[..., None] / 16).astype("float32")
train, held_out = images[:1500], images[1500:]
vae = VAE()
vae.compile(optimizer=keras.optimizers.Adam(5e-3), loss=reconstruction, metrics=[reconstruction])
history = vae.fit(train, train, epochs=15, batch_size=50, validation_data=(held_out, held_out), verbose=2)
assert len(vae.losses) == 1
logs = history.history
assert logs["loss"][-1] > logs["reconstruction"][-1]  # the divergence is in the loss, not in the metric

# A picture of the mean of all pictures costs more than one from the model, and so does the best code of no latents.
mean_image = np.clip(train.mean(axis=0), 1e-3, 1 - 1e-3)
baseline = -(held_out * np.log(mean_image) + (1 - held_out) * np.log(1 - mean_image)).sum(axis=(1, 2, 3)).mean()
scores = vae.evaluate(held_out, held_out, verbose=0, return_dict=True)
print(f"held out: {scores}, mean image: {baseline:.2f}")
assert scores["loss"] < baseline - 1.5
assert 1.0 < scores["loss"] - scores["reconstruction"] < 15.0

# Nearby codes are like digits
codes = np.asarray(vae.encoder(train)[0])
held_out_codes = np.asarray(vae.encoder(held_out)[0])
neighbours = KNeighborsClassifier(5).fit(codes, digits.target[:1500])
accuracy = neighbours.score(held_out_codes, digits.target[1500:])
print("digits told apart by their codes:", accuracy)
assert accuracy > 0.7

# Draws from the prior look more like digits than noise does
drawn = ops.sigmoid(vae.decoder(keras.random.normal((200, LATENT), seed=3)))
drawn = np.asarray(drawn).reshape(200, 64)
nearest = np.linalg.norm(drawn[:, None] - images.reshape(-1, 64)[None], axis=-1).min(axis=1)
print("mean distance of a drawn picture to the nearest digit:", nearest.mean())
assert nearest.mean() < 1.9
