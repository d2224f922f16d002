"""Text from files of a directory tree; a bag of embeddings, then bidirectional LSTMs; strings in, at the end."""

import os
import re
import string
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.keras.utils.set_random_seed(31)
rng = np.random.default_rng(5)
GOOD, BAD = ["great", "lovely", "superb", "moving"], ["awful", "dull", "boring", "weak"]
REST = "the film was with a plot and some actors who played it in town while we saw this".split()
for part, n in (("train", 120), ("test", 40)):
    for label, words in (("neg", BAD), ("pos", GOOD)):
        os.makedirs(os.path.join(OUTPUT, "reviews", part, label))
        for i in range(n):
            text = list(rng.choice(REST, size=12))
            for place in rng.choice(12, size=2, replace=False):
                text[place] = rng.choice(words)
            with open(os.path.join(OUTPUT, "reviews", part, label, f"{i}_0.txt"), "w") as file:
                file.write(" ".join(text).capitalize() + "!<br />")

batch_size, seed = 16, 42
raw_train_ds = tf.keras.utils.text_dataset_from_directory(
    os.path.join(OUTPUT, "reviews/train"), batch_size=batch_size, validation_split=0.2, subset="training", seed=seed
)
raw_val_ds = tf.keras.utils.text_dataset_from_directory(
    os.path.join(OUTPUT, "reviews/train"), batch_size=batch_size, validation_split=0.2, subset="validation", seed=seed
)
raw_test_ds = tf.keras.utils.text_dataset_from_directory(os.path.join(OUTPUT, "reviews/test"), batch_size=batch_size)
assert raw_train_ds.class_names == ["neg", "pos"]
for text_batch, label_batch in raw_train_ds.take(1):
    for i in range(2):
        print("Review", text_batch.numpy()[i], "label", label_batch.numpy()[i])


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, "[%s]" % re.escape(string.punctuation), "")


vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization, max_tokens=100, output_mode="int", output_sequence_length=15
)
train_text = raw_train_ds.map(lambda x, y: x)
vectorize_layer.adapt(train_text)


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


AUTOTUNE = tf.data.AUTOTUNE
train_ds, val_ds, test_ds = (
    ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE) for ds in (raw_train_ds, raw_val_ds, raw_test_ds)
)
model = tf.keras.Sequential(
    [
        layers.Embedding(100, 16),
        layers.Dropout(0.2),
        layers.GlobalAveragePooling1D(),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    loss=losses.BinaryCrossentropy(),
    optimizer=tf.keras.optimizers.Adam(0.01),
    metrics=[tf.metrics.BinaryAccuracy(threshold=0.5)],
)
history = model.fit(train_ds, validation_data=val_ds, epochs=12, verbose=0)
loss, accuracy = model.evaluate(test_ds, verbose=0)
print("bag of words:", accuracy)
assert accuracy > 0.85 and history.history.keys() == {"loss", "val_loss", "binary_accuracy", "val_binary_accuracy"}

export_model = tf.keras.Sequential([vectorize_layer, model])
export_model.compile(loss=losses.BinaryCrossentropy(), optimizer="adam", metrics=["accuracy"])
metrics = export_model.evaluate(raw_test_ds, return_dict=True, verbose=0)
np.testing.assert_allclose(metrics["accuracy"], accuracy, atol=1e-6)
examples = tf.constant(["The film was superb and lovely!", "A boring, weak plot."])
good, bad = export_model.predict(examples, verbose=0)[:, 0]
print(good, bad)
assert good > 0.5 > bad

# A recurrent network over the texts themselves
encoder = tf.keras.layers.TextVectorization(max_tokens=100)
encoder.adapt(raw_train_ds.map(lambda text, label: text))
vocab = np.array(encoder.get_vocabulary())
assert list(vocab[:2]) == ["", "[UNK]"]
encoded_example = encoder(examples)[:2].numpy()
print(" ".join(vocab[encoded_example[0]]))
rnn = tf.keras.Sequential(
    [
        encoder,
        layers.Embedding(input_dim=len(encoder.get_vocabulary()), output_dim=16, mask_zero=True),
        layers.Bidirectional(layers.LSTM(16, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(8)),
        layers.Dense(16, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(1),
    ]
)
assert [layer.supports_masking for layer in rnn.layers][1:3] == [True, True]
sample_text = "the film was great"
alone = rnn.predict(tf.constant([sample_text]), verbose=0)[0]
padding = "the " * 30
together = rnn.predict(tf.constant([sample_text, padding]), verbose=0)[0]
np.testing.assert_allclose(alone, together, atol=1e-5)  # the mask hides what is padded
rnn.compile(
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    optimizer=tf.keras.optimizers.Adam(0.01),
    metrics=["accuracy"],
)
rnn.fit(raw_train_ds, epochs=6, validation_data=raw_val_ds, validation_steps=2, verbose=0)
loss, accuracy = rnn.evaluate(raw_test_ds, verbose=0)
print("recurrent:", accuracy)
assert accuracy > 0.85
