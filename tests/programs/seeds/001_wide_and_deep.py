"""Seed 001, "Combining Wide and Deep Models": memorization by a wide part, generalization by a deep part."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(0)

# A small table of birds: who flies? A rule (wings, not heavy), with exceptions to memorize.
rng = np.random.default_rng(0)
SPECIES = np.array(["eagle", "hummingbird", "penguin", "ostrich", "sparrow", "bat"])
REGIONS = np.array(["north", "south", "coast"])
rows = 600
table = {
    "species": rng.choice(SPECIES, size=(rows, 1)),
    "region": rng.choice(REGIONS, size=(rows, 1)),
    "wing_span": rng.uniform(0.0, 2.0, size=(rows, 1)).astype("float32"),
    "weight": rng.uniform(0.1, 30.0, size=(rows, 1)).astype("float32"),
}
can_fly = (table["wing_span"] * 15 > table["weight"]) & ~np.isin(table["species"], ["penguin", "ostrich"])
can_fly |= (table["species"] == "sparrow") & (table["region"] == "coast")
labels = can_fly.astype("float32")

inputs = {
    "species": keras.Input((1,), dtype="string", name="species"),
    "region": keras.Input((1,), dtype="string", name="region"),
    "wing_span": keras.Input((1,), name="wing_span"),
    "weight": keras.Input((1,), name="weight"),
}

species_lookup = layers.StringLookup(vocabulary=list(SPECIES), name="species_id")
region_lookup = layers.StringLookup(vocabulary=list(REGIONS), name="region_id")
species_id = species_lookup(inputs["species"])
region_id = region_lookup(inputs["region"])
assert species_lookup.vocabulary_size() == 7  # one bucket for words never seen

# Wide: sparse features, one-hot, and their cross
species_one_hot = layers.CategoryEncoding(num_tokens=7, output_mode="one_hot")(species_id)
region_one_hot = layers.CategoryEncoding(num_tokens=4, output_mode="one_hot")(region_id)
crossed = layers.HashedCrossing(num_bins=64, output_mode="one_hot")((inputs["species"], inputs["region"]))
wide = layers.concatenate([species_one_hot, region_one_hot, crossed])
assert tuple(wide.shape) == (None, 7 + 4 + 64)

# Deep: embeddings and numbers through a stack of dense layers
normalizer = layers.Normalization(axis=-1)
normalizer.adapt(np.concatenate([table["wing_span"], table["weight"]], axis=1))
numbers = normalizer(layers.concatenate([inputs["wing_span"], inputs["weight"]]))
embedded = layers.Flatten()(layers.Embedding(7, 4, name="species_embedding")(species_id))
deep = layers.concatenate([embedded, numbers])
for units in (32, 16):
    deep = layers.Dense(units, activation="relu")(deep)

both = layers.concatenate([deep, wide], name="both")
output = layers.Dense(1, activation="sigmoid")(both)
model = keras.Model(inputs, output)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.summary()

train = tf.data.Dataset.from_tensor_slices(({k: v[:500] for k, v in table.items()}, labels[:500]))
test = tf.data.Dataset.from_tensor_slices(({k: v[500:] for k, v in table.items()}, labels[500:]))
history = model.fit(train.shuffle(500).batch(32), validation_data=test.batch(50), epochs=12, verbose=2)
assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
assert history.history["val_accuracy"][-1] > 0.85

one_row = {name: tf.constant(values[:1]) for name, values in table.items()}
print({name: value.numpy() for name, value in one_row.items()}, "->", model(one_row).numpy())
assert model(one_row).shape == (1, 1)

# A word that was not in the vocabulary goes to the bucket 0.
assert species_lookup(tf.constant([["dragon"], ["eagle"]])).numpy().tolist() == [[0], [1]]
assert model({**one_row, "species": tf.constant([["dragon"]])}).shape == (1, 1)

# The wide part alone and the deep part alone, cut out of the same graph
wide_only = keras.Model([inputs["species"], inputs["region"]], wide)
row = wide_only([tf.constant([["bat"]]), tf.constant([["south"]])]).numpy()[0]
assert row.sum() == 3.0 and row[6] == 1.0 and row[7 + 2] == 1.0
