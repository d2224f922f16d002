"""Siamese networks: two inputs, one tower. The same tower learns from pairs, and another from triplets."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
digits = load_digits()
order = rng.permutation(len(digits.target))
x = (digits.images[order, ..., None] / 16).astype("float32")
y = digits.target[order]
x_train, y_train, x_test, y_test = x[:1200], y[:1200], x[1200:], y[1200:]


def make_pairs(x, y, count):
    """Half of the pairs show the same digit (label 0), half two different ones (label 1)."""
    left = rng.integers(0, len(x), count)
    labels = np.arange(count) % 2
    right = [rng.choice(np.flatnonzero((y == y[i]) if same == 0 else (y != y[i]))) for i, same in zip(left, labels)]
    return (x[left], x[right]), labels.astype("float32")


def tower(dims=16):
    inputs = layers.Input((8, 8, 1))
    h = layers.Conv2D(8, (3, 3), activation="relu", padding="same")(inputs)
    h = layers.MaxPooling2D(pool_size=(2, 2))(h)
    h = layers.Conv2D(16, (3, 3), activation="relu")(h)
    h = layers.Flatten()(h)
    h = layers.Dense(dims)(h)
    return keras.Model(inputs, h, name="tower")


def euclidean_distance(vects):
    a, b = vects
    sum_square = tf.math.reduce_sum(tf.math.square(a - b), axis=1, keepdims=True)
    return tf.math.sqrt(tf.math.maximum(sum_square, K.epsilon()))


def contrastive(margin=1.0):
    def contrastive_loss(y_true, y_pred):
        square_pred = tf.math.square(y_pred)
        margin_square = tf.math.square(tf.math.maximum(margin - y_pred, 0))
        return tf.math.reduce_mean((1 - y_true) * square_pred + y_true * margin_square)

    return contrastive_loss


embedding = tower()
left, right = layers.Input((8, 8, 1), name="left"), layers.Input((8, 8, 1), name="right")
distance = layers.Lambda(euclidean_distance, output_shape=(1,))([embedding(left), embedding(right)])
siamese = keras.Model(inputs=[left, right], outputs=distance)
assert siamese.count_params() == embedding.count_params()  # the weights are shared
assert len(siamese.trainable_weights) == 6

train_pairs, train_labels = make_pairs(x_train, y_train, 3000)
test_pairs, test_labels = make_pairs(x_test, y_test, 400)
siamese.compile(
    loss=contrastive(margin=1.0),
    optimizer=keras.optimizers.RMSprop(2e-3),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0.5)],
)
siamese.fit(
    list(train_pairs),
    train_labels,
    validation_data=(list(test_pairs), test_labels),
    batch_size=32,
    epochs=8,
    verbose=2,
)
results = siamese.evaluate(list(test_pairs), test_labels, verbose=0)
print("pairs:", results)
assert results[1] > 0.87
same = siamese.predict([x_test[:5], x_test[:5]], verbose=0)
assert same.shape == (5, 1) and np.all(same < 0.01)


def one_nearest(model):
    known = KNeighborsClassifier(1).fit(model.predict(x_train, verbose=0), y_train)
    return known.score(model.predict(x_test, verbose=0), y_test)


accuracy = one_nearest(embedding)
print("digits named by the nearest known one:", accuracy)
assert accuracy > 0.92


class DistanceLayer(layers.Layer):
    def call(self, anchor, positive, negative):
        ap_distance = tf.reduce_sum(tf.square(anchor - positive), -1)
        an_distance = tf.reduce_sum(tf.square(anchor - negative), -1)
        return ap_distance, an_distance


class TripletModel(keras.Model):
    """Trains the three-armed network that it wraps."""

    def __init__(self, siamese_network, margin=0.5):
        super().__init__()
        self.siamese_network = siamese_network
        self.margin = margin
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, inputs):
        return self.siamese_network(inputs)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self._compute_loss(data)
        gradients = tape.gradient(loss, self.siamese_network.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.siamese_network.trainable_weights))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def test_step(self, data):
        loss = self._compute_loss(data)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def _compute_loss(self, data):
        ap_distance, an_distance = self.siamese_network(data)
        return tf.maximum(ap_distance - an_distance + self.margin, 0.0)

    @property
    def metrics(self):
        return [self.loss_tracker]


def triplets(x, y, count):
    anchor = rng.integers(0, len(x), count)
    positive = [rng.choice(np.flatnonzero(y == y[i])) for i in anchor]
    negative = [rng.choice(np.flatnonzero(y != y[i])) for i in anchor]
    arms = [tf.data.Dataset.from_tensor_slices(x[rows]) for rows in (anchor, positive, negative)]
    return tf.data.Dataset.zip(tuple(arms)).batch(32).prefetch(8)


embedding = tower()
arms = [layers.Input(shape=(8, 8, 1), name=name) for name in ("anchor", "positive", "negative")]
network = keras.Model(inputs=arms, outputs=DistanceLayer()(*[embedding(arm) for arm in arms]))
model = TripletModel(network)
model.compile(optimizer=keras.optimizers.Adam(3e-3))
history = model.fit(triplets(x_train, y_train, 2000), epochs=6, validation_data=triplets(x_test, y_test, 320), verbose=2)
assert history.history["val_loss"][-1] < 0.1
accuracy = one_nearest(embedding)
print("digits named by the nearest known one, after triplets:", accuracy)
assert accuracy > 0.92
similarity = keras.metrics.CosineSimilarity()
anchor, positive, negative = next(iter(triplets(x_test, y_test, 320)))
positive_similarity = similarity(embedding(anchor), embedding(positive)).numpy()
similarity.reset_state()
assert positive_similarity > similarity(embedding(anchor), embedding(negative)).numpy()
