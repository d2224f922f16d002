"""tf.data: the transformations of an input pipeline, and a model trained on it."""

import numpy as np
import tensorflow as tf

AUTOTUNE = tf.data.AUTOTUNE

dataset = tf.data.Dataset.from_tensor_slices([8, 3, 0, 8, 2, 1])
assert [int(element) for element in dataset] == [8, 3, 0, 8, 2, 1]
assert int(dataset.reduce(0, lambda state, value: state + value)) == 22
assert list(dataset.as_numpy_iterator()) == [8, 3, 0, 8, 2, 1]
assert dataset.element_spec == tf.TensorSpec(shape=(), dtype=tf.int32)
assert len(dataset) == int(dataset.cardinality()) == 6

batches = [batch.numpy().tolist() for batch in tf.data.Dataset.range(7).batch(3)]
assert batches == [[0, 1, 2], [3, 4, 5], [6]]
batches = [batch.numpy().tolist() for batch in tf.data.Dataset.range(7).batch(3, drop_remainder=True)]
assert batches == [[0, 1, 2], [3, 4, 5]]

squares = tf.data.Dataset.range(5).map(lambda x: x**2, num_parallel_calls=AUTOTUNE)
assert list(squares.as_numpy_iterator()) == [0, 1, 4, 9, 16]
even = tf.data.Dataset.range(6).filter(lambda x: x % 2 == 0)
assert list(even.as_numpy_iterator()) == [0, 2, 4]
assert list(tf.data.Dataset.range(5).skip(1).take(3).as_numpy_iterator()) == [1, 2, 3]
assert list(tf.data.Dataset.range(2).repeat(2).as_numpy_iterator()) == [0, 1, 0, 1]
assert list(tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(3)).as_numpy_iterator()) == [
    0,
    1,
    0,
    1,
    2,
]
zipped = tf.data.Dataset.zip((tf.data.Dataset.range(3), squares))
assert [(int(a), int(b)) for a, b in zipped] == [(0, 0), (1, 1), (2, 4)]
assert [int(i) * 10 + int(x) for i, x in tf.data.Dataset.range(5, 7).enumerate()] == [5, 16]

shuffled = tf.data.Dataset.range(100).shuffle(100, seed=1)
first, second = list(shuffled.as_numpy_iterator()), list(shuffled.as_numpy_iterator())
assert sorted(first) == sorted(second) == list(range(100))
assert first != list(range(100)) and first != second  # reshuffled each iteration


def numbers():
    for i in range(3):
        yield i, [1] * i


generated = tf.data.Dataset.from_generator(
    numbers, output_signature=(tf.TensorSpec((), tf.int64), tf.TensorSpec((None,), tf.int64))
)
assert [(int(i), ones.numpy().tolist()) for i, ones in generated] == [(0, []), (1, [1]), (2, [1, 1])]
padded = generated.padded_batch(3, padded_shapes=((), (None,)))
assert next(iter(padded))[1].numpy().tolist() == [[0, 0], [1, 0], [1, 1]]

# Dictionaries, strings, functions of several elements
features = tf.data.Dataset.from_tensor_slices(({"x": [[1.0], [2.0]], "name": ["a", "b"]}, [0, 1]))
for row, label in features:
    print({key: value.numpy() for key, value in row.items()}, label.numpy())
    assert row["x"].shape == (1,) and row["name"].dtype == tf.string
swapped = features.map(lambda row, label: (label, row["x"] * 10))
assert [(int(label), float(x[0])) for label, x in swapped] == [(0, 10.0), (1, 20.0)]

# A whole pipeline into fit
tf.random.set_seed(0)
x = np.random.default_rng(0).random((512, 4)).astype("float32") * 255
y = (x.mean(axis=1) > 127).astype("int32")


def scale(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


train = (
    tf.data.Dataset.from_tensor_slices((x, y))
    .map(scale, num_parallel_calls=AUTOTUNE)
    .cache()
    .shuffle(512)
    .batch(32)
    .prefetch(AUTOTUNE)
)
model = tf.keras.Sequential(
    [tf.keras.layers.Dense(16, activation="relu"), tf.keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(tf.keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
history = model.fit(train, epochs=6, verbose=2)
assert history.history["accuracy"][-1] > 0.85
assert model.predict(train.map(lambda x, y: x), verbose=0).shape == (512, 1)
