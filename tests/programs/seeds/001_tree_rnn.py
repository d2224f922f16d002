"""Seed 001, "Doesn't support dynamic architectures": a tree RNN, whose structure is that of its data, by subclassing."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
VOCABULARY = ["not", "good", "bad", "film", "very"]
POSITIVE, NEGATIVE = 1.0, 0.0

# A tree is a word or a pair of trees.
DATA = [
    (("good", "film"), POSITIVE),
    (("bad", "film"), NEGATIVE),
    (("not", ("good", "film")), NEGATIVE),
    (("not", ("bad", "film")), POSITIVE),
    ((("very", "good"), "film"), POSITIVE),
    ((("very", "bad"), "film"), NEGATIVE),
    (("not", (("very", "bad"), "film")), POSITIVE),
    (("not", (("very", "good"), "film")), NEGATIVE),
]


def to_ids(tree):
    """Turns the words at the leaves into tensors of one word number each."""
    if isinstance(tree, str):
        return tf.constant([VOCABULARY.index(tree)])
    return tuple(to_ids(branch) for branch in tree)


class TreeRNN(keras.Model):
    def __init__(self, units=8):
        super().__init__()
        self.embedding = layers.Embedding(len(VOCABULARY), units)
        self.combine = layers.Dense(units, activation="tanh")
        self.classify = layers.Dense(1)

    def encode(self, tree):
        if not isinstance(tree, tuple):
            return self.embedding(tree)
        left, right = tree
        return self.combine(tf.concat([self.encode(left), self.encode(right)], axis=-1))

    def call(self, tree):
        return self.classify(self.encode(tree))


def depth(tree):
    return 0 if isinstance(tree, str) else 1 + max(map(depth, tree))


assert {depth(tree) for tree, _ in DATA} == {1, 2, 3}

model = TreeRNN()
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(learning_rate=0.05)
examples = [(to_ids(tree), tf.constant([[label]])) for tree, label in DATA]

for tree, _ in examples:
    assert model(tree).shape == (1, 1)
assert len(model.trainable_variables) == 5

losses = []
for step in range(40):
    with tf.GradientTape() as tape:
        loss = tf.add_n([loss_fn(label, model(tree)) for tree, label in examples]) / len(examples)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    losses.append(float(loss))
    if step % 10 == 0:
        print(f"Step {step} loss: {loss:.4f}")

assert losses[-1] < 0.2 * losses[0]
for (tree, label), (words, _) in zip(examples, DATA):
    probability = tf.sigmoid(model(tree)).numpy().item()
    print(f"{probability:.2f} {words}")
    assert (probability > 0.5) == (label.numpy().item() == POSITIVE)

# The same weights whatever the tree: a single leaf has the embedding as its code.
np.testing.assert_array_equal(model.encode(to_ids("good")).numpy()[0], model.embedding.get_weights()[0][1])
