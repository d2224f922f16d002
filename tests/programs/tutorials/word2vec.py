"""Word vectors by skip-grams with negative samples."""

import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(2)
rng = np.random.default_rng(0)
animals, colours = ["cat", "dog", "cow", "fox"], ["red", "blue", "green", "pink"]
sentences = [
    " ".join(rng.choice(animals if rng.random() < 0.5 else colours, size=6)) for _ in range(60)
]
vectorize = tf.keras.layers.TextVectorization(max_tokens=16, output_sequence_length=6)
vectorize.adapt(sentences)
sequences = list(vectorize(tf.constant(sentences)).numpy())
vocab = vectorize.get_vocabulary()
sampling_table = tf.keras.preprocessing.sequence.make_sampling_table(len(vocab))
assert sampling_table.shape == (len(vocab),)

targets, contexts, labels = [], [], []
for sequence in sequences:
    pairs, _ = tf.keras.preprocessing.sequence.skipgrams(
        sequence, vocabulary_size=len(vocab), window_size=2, negative_samples=0, seed=3
    )
    for target, context in pairs:
        context_class = tf.expand_dims(tf.constant([context], dtype="int64"), 1)
        negatives, _, _ = tf.random.log_uniform_candidate_sampler(
            true_classes=context_class, num_true=1, num_sampled=4, unique=True, range_max=len(vocab), seed=4
        )
        targets.append(target)
        contexts.append(tf.concat([tf.squeeze(context_class, 1), negatives], 0).numpy())
        labels.append([1, 0, 0, 0, 0])
targets, contexts, labels = np.array(targets), np.array(contexts), np.array(labels)
dataset = tf.data.Dataset.from_tensor_slices(((targets, contexts), labels))
dataset = dataset.shuffle(2000, seed=5).batch(64, drop_remainder=True).cache().prefetch(tf.data.AUTOTUNE)


class Word2Vec(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim):
        super().__init__()
        self.target_embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim, name="w2v_embedding")
        self.context_embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)

    def call(self, pair):
        target, context = pair
        if len(target.shape) == 2:
            target = tf.squeeze(target, axis=1)
        word = self.target_embedding(target)
        return tf.einsum("be,bce->bc", word, self.context_embedding(context))


model = Word2Vec(len(vocab), 8)
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.02),
    loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(dataset, epochs=15, verbose=0)
print(history.history["accuracy"][0], "->", history.history["accuracy"][-1])
assert history.history["accuracy"][-1] > 0.4
weights = model.get_layer("w2v_embedding").get_weights()[0]
weights = weights / np.linalg.norm(weights, axis=1, keepdims=True)
index = {w: i for i, w in enumerate(vocab)}
within = np.mean([weights[index[a]] @ weights[index[b]] for a in animals for b in animals if a != b])
across = np.mean([weights[index[a]] @ weights[index[c]] for a in animals for c in colours])
print("within", within, "across", across)
assert within > across + 0.2
print("OK")
