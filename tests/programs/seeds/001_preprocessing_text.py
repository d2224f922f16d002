"""Seed 001, "Loading and Preprocessing Files": tf.keras.preprocessing for text."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing.text import text_to_word_sequence

assert text_to_word_sequence("The cat, the DOG!") == ["the", "cat", "the", "dog"]

# One text file per sample, one folder per class
folder = os.path.join(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp(), "reviews")
texts = {
    "neg": ["what a dull film", "dull and long", "I fell asleep", "too long"],
    "pos": ["a great film", "great fun", "loved it", "what a joy"],
}
for kind, lines in texts.items():
    os.makedirs(os.path.join(folder, kind))
    for index, line in enumerate(lines):
        with open(os.path.join(folder, kind, f"{index}.txt"), "w") as file:
            file.write(line)

dataset = tf.keras.preprocessing.text_dataset_from_directory(folder, batch_size=8, shuffle=False)
assert dataset.class_names == ["neg", "pos"]
batch, labels = next(iter(dataset))
print(batch)
assert batch.shape == (8,) and batch.dtype == tf.string
assert [text.decode() for text in batch.numpy()] == texts["neg"] + texts["pos"]
assert labels.numpy().tolist() == [0, 0, 0, 0, 1, 1, 1, 1]

# Words to integers, integers to a classifier
words = [text_to_word_sequence(text.decode()) for text in batch.numpy()]
lookup = tf.keras.layers.StringLookup(vocabulary=sorted({word for line in words for word in line}))
ids = tf.keras.preprocessing.sequence.pad_sequences([lookup(line).numpy() for line in words], padding="post")
assert ids.shape == (8, 4) and ids.min() == 0

tf.random.set_seed(1)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Embedding(lookup.vocabulary_size() + 1, 8),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=tf.keras.optimizers.Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(ids, labels.numpy(), epochs=30, verbose=0)
loss, accuracy = model.evaluate(ids, labels.numpy(), verbose=0)
print(loss, accuracy)
assert accuracy == 1.0
assert np.isfinite(loss)
