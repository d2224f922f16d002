"""An embedding trained for sentiment, its vectors written to the files of the embedding projector."""

import io
import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Embedding, GlobalAveragePooling1D, TextVectorization

OUTPUT = os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp()
tf.keras.utils.set_random_seed(37)
embedding_layer = tf.keras.layers.Embedding(1000, 5)
result = embedding_layer(tf.constant([1, 2, 3]))
assert result.numpy().shape == (3, 5)
result = embedding_layer(tf.constant([[0, 1, 2], [3, 4, 5]]))
assert result.shape == (2, 3, 5)

rng = np.random.default_rng(8)
positive, negative = ["joy", "sun", "smile", "gift"], ["rain", "tears", "loss", "cold"]
neutral = ["table", "street", "paper", "window", "garden", "letter"]
texts, labels = [], []
for i in range(300):
    words = list(rng.choice(neutral, 5)) + list(rng.choice((negative, positive)[i % 2], 3))
    texts.append(" ".join(rng.permutation(words)))
    labels.append(i % 2)
ds = tf.data.Dataset.from_tensor_slices((texts, labels)).shuffle(300, seed=3, reshuffle_each_iteration=False)
train_ds, val_ds = ds.take(240).batch(32), ds.skip(240).batch(32)
train_ds = train_ds.cache().prefetch(buffer_size=tf.data.AUTOTUNE)

vectorize_layer = TextVectorization(max_tokens=30, output_mode="int", output_sequence_length=8)
vectorize_layer.adapt(train_ds.map(lambda x, y: x))
model = Sequential(
    [
        vectorize_layer,
        Embedding(30, 8, name="embedding"),
        GlobalAveragePooling1D(),
        Dense(16, activation="relu"),
        Dense(1),
    ]
)
tensorboard_callback = tf.keras.callbacks.TensorBoard(log_dir=os.path.join(OUTPUT, "logs"))
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.02),
    loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_ds, validation_data=val_ds, epochs=8, callbacks=[tensorboard_callback], verbose=0)
model.summary()
accuracy = model.evaluate(val_ds, verbose=0)[1]
print("accuracy", accuracy)
assert accuracy > 0.9

weights = model.get_layer("embedding").get_weights()[0]
vocab = vectorize_layer.get_vocabulary()
assert weights.shape == (30, 8) and len(vocab) == 16
with io.open(os.path.join(OUTPUT, "vectors.tsv"), "w", encoding="utf-8") as out_v:
    with io.open(os.path.join(OUTPUT, "metadata.tsv"), "w", encoding="utf-8") as out_m:
        for index, word in enumerate(vocab):
            if index == 0:
                continue
            vec = weights[index]
            out_v.write("\t".join([str(x) for x in vec]) + "\n")
            out_m.write(word + "\n")
vectors = np.loadtxt(os.path.join(OUTPUT, "vectors.tsv"))
assert vectors.shape == (15, 8)


def mean_cosine(first, second):
    unit = {w: weights[vocab.index(w)] / np.linalg.norm(weights[vocab.index(w)]) for w in first + second}
    return np.mean([unit[a] @ unit[b] for a in first for b in second if a != b])


print("within", mean_cosine(positive, positive), "across", mean_cosine(positive, negative))
assert mean_cosine(positive, positive) > mean_cosine(positive, negative) + 0.3
assert os.path.isdir(os.path.join(OUTPUT, "logs", "train"))
