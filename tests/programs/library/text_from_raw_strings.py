"""Reviews in text files to a verdict: the vectorization is a part of the model, whose input is a string;
saved, loaded and asked again. A second classifier, on bags of pairs of words, is trained on a dataset."""

import os
import re
import string

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
GOOD = ["great", "wonderful", "moving", "clever", "funny"]
BAD = ["dull", "awful", "boring", "clumsy", "silly"]
THINGS = ["film", "plot", "cast", "music", "ending", "dialogue"]
FILLERS = ["to be honest", "in my opinion", "I saw it twice", "with some friends", "on a rainy day"]


def review(positive):
    parts = []
    for _ in range(rng.integers(1, 4)):
        negated = rng.random() < 0.3
        words = GOOD if positive != negated else BAD
        verb = "was not" if negated else rng.choice(["was", "is really", "seemed"])
        parts.append(f"The {rng.choice(THINGS)} {verb} {rng.choice(words)}" + rng.choice(["!", ".", ","]))
        if rng.random() < 0.5:
            parts.append(str(rng.choice(FILLERS)) + rng.choice(["<br />", "."]))
    return " ".join(parts)


folder = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "reviews")
for split, count in (("train", 600), ("test", 200)):
    for label, name in enumerate(("neg", "pos")):
        os.makedirs(os.path.join(folder, split, name))
        for number in range(count):
            with open(os.path.join(folder, split, name, f"{number}.txt"), "w", encoding="utf-8") as file:
                file.write(review(label == 1))

raw_train_ds = keras.utils.text_dataset_from_directory(
    os.path.join(folder, "train"), batch_size=32, validation_split=0.2, subset="training", seed=42
)
raw_val_ds = keras.utils.text_dataset_from_directory(
    os.path.join(folder, "train"), batch_size=32, validation_split=0.2, subset="validation", seed=42
)
raw_test_ds = keras.utils.text_dataset_from_directory(os.path.join(folder, "test"), batch_size=32)
assert raw_train_ds.class_names == ["neg", "pos"]
for texts, labels in raw_train_ds.take(1):
    print(texts.numpy()[0], labels.numpy()[0])
    assert texts.dtype == tf.string and labels.shape == (32,)


@keras.utils.register_keras_serializable()
def standardize(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, f"[{re.escape(string.punctuation)}]", "")


vectorize = layers.TextVectorization(
    standardize=standardize, max_tokens=100, output_mode="int", output_sequence_length=24
)
vectorize.adapt(raw_train_ds.map(lambda text, label: text))
vocabulary = vectorize.get_vocabulary()
print(vocabulary[:8])
assert vocabulary[:3] == ["", "[UNK]", "the"] and "br" not in vocabulary and "great" in vocabulary
assert vectorize(["The FILM was zzz!<br />"]).numpy()[0, :5].tolist() == [
    2, vocabulary.index("film"), vocabulary.index("was"), 1, 0
]  # fmt: skip

inputs = keras.Input(shape=(1,), dtype=tf.string, name="text")
x = vectorize(inputs)
x = layers.Embedding(len(vocabulary), 16, name="embedding")(x)
x = layers.Conv1D(24, 3, padding="valid", activation="relu")(x)
x = layers.GlobalMaxPooling1D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(1, activation="sigmoid", name="verdict")(x)
model = keras.Model(inputs, outputs)
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
history = model.fit(
    raw_train_ds,
    validation_data=raw_val_ds,
    epochs=8,
    callbacks=[keras.callbacks.EarlyStopping(patience=3)],
    verbose=2,
)
loss, accuracy = model.evaluate(raw_test_ds, verbose=0)
print("accuracy from raw text:", accuracy)
assert accuracy > 0.93

examples = tf.constant([["The film was great!"], ["The plot was awful."], ["The cast was not funny"], ["The music was not dull."]])
verdicts = model.predict(examples, verbose=0)
print(verdicts.ravel().round(2))
assert (verdicts[:, 0] > 0.5).tolist() == [True, False, False, True]

path = os.path.join(os.environ.get("PROGRAM_OUTPUT", "."), "reviews.keras")
model.save(path)
loaded = keras.models.load_model(path)
np.testing.assert_allclose(loaded.predict(examples, verbose=0), verdicts, atol=1e-6)
assert loaded.get_layer(index=1).get_vocabulary() == vocabulary

# A linear model over pairs of words, vectorized in the pipeline, and the whole put together afterwards
bigrams = layers.TextVectorization(max_tokens=400, ngrams=2, output_mode="tf-idf")
bigrams.adapt(raw_train_ds.map(lambda text, label: text))
train_ds = raw_train_ds.map(lambda text, label: (bigrams(text), label), num_parallel_calls=4).cache()
width = len(bigrams.get_vocabulary())
linear = keras.Sequential([keras.Input((width,)), layers.Dense(1)])
linear.compile(
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    optimizer=keras.optimizers.Adam(0.02),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
)
linear.fit(train_ds, epochs=4, verbose=2)
whole = keras.Sequential([keras.Input((), dtype="string"), bigrams, linear, layers.Activation("sigmoid")])
whole.compile(loss="binary_crossentropy", metrics=["accuracy"])
loss, accuracy = whole.evaluate(raw_test_ds, verbose=0)
print("accuracy from pairs of words:", accuracy)
assert accuracy > 0.93
