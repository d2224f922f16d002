"""tf.data as the guide tells it: sources, batches, windows, text, CSV, generators, resampling, iterators."""

import collections
import os
import pathlib
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf

folder = pathlib.Path(os.environ.get("PROGRAM_OUTPUT") or tempfile.mkdtemp())
dataset = tf.data.Dataset.from_tensor_slices([8, 3, 0, 8, 2, 1])
assert [elem.numpy() for elem in dataset] == [8, 3, 0, 8, 2, 1]
it = iter(dataset)
assert next(it).numpy() == 8
assert dataset.reduce(0, lambda state, value: state + value).numpy() == 22
dataset1 = tf.data.Dataset.from_tensor_slices(tf.random.uniform([4, 10], minval=1, maxval=10, dtype=tf.int32))
assert dataset1.element_spec == tf.TensorSpec(shape=(10,), dtype=tf.int32)
dataset2 = tf.data.Dataset.from_tensor_slices(
    (tf.random.uniform([4]), tf.random.uniform([4, 100], maxval=100, dtype=tf.int32))
)
dataset3 = tf.data.Dataset.zip((dataset1, dataset2))
for a, (b, c) in dataset3:
    assert (a.shape, b.shape, c.shape) == ((10,), (), (100,))
dataset4 = tf.data.Dataset.from_tensors(tf.SparseTensor(indices=[[0, 0], [1, 2]], values=[1, 2], dense_shape=[3, 4]))
assert tf.sparse.to_dense(next(iter(dataset4))).numpy()[1, 2] == 2


# Generators
def count(stop):
    i = 0
    while i < stop:
        yield i
        i += 1


ds_counter = tf.data.Dataset.from_generator(count, args=[25], output_types=tf.int32, output_shapes=())
batches = [b.numpy() for b in ds_counter.repeat().batch(10).take(10)]
assert batches[2].tolist() == [20, 21, 22, 23, 24, 0, 1, 2, 3, 4]


def gen_series():
    i = 0
    rng = np.random.default_rng(0)
    while True:
        size = rng.integers(0, 10)
        yield i, rng.normal(size=(size,))
        i += 1


ds_series = tf.data.Dataset.from_generator(gen_series, output_types=(tf.int32, tf.float32), output_shapes=((), (None,)))
ds_series_batch = ds_series.shuffle(20).padded_batch(10)
ids, sequence_batch = next(iter(ds_series_batch))
assert ids.shape == (10,) and sequence_batch.shape[0] == 10
spec = tf.data.Dataset.from_generator(
    gen_series, output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float32))
)
assert spec.element_spec[1].shape.as_list() == [None]

# Lines of text, of several files
for name, lines in (("a.txt", ["one", "two", "three"]), ("b.txt", ["1", "2", "3"]), ("c.txt", ["i", "ii", "iii"])):
    (folder / name).write_text("\n".join(["header"] + lines) + "\n")
paths = [str(folder / name) for name in ("a.txt", "b.txt", "c.txt")]
lines = [line.numpy() for line in tf.data.TextLineDataset(paths)]
assert lines[:3] == [b"header", b"one", b"two"] and len(lines) == 12
files_ds = tf.data.Dataset.from_tensor_slices(paths)
lines_ds = files_ds.interleave(tf.data.TextLineDataset, cycle_length=3)
assert [line.numpy() for line in lines_ds.take(6)] == [b"header"] * 3 + [b"one", b"1", b"i"]
skipped = tf.data.TextLineDataset(paths[0]).skip(1).filter(lambda line: tf.not_equal(tf.strings.substr(line, 0, 1), "o"))
assert [line.numpy() for line in skipped] == [b"two", b"three"]

# CSV
df = pd.DataFrame({"survived": [0, 1, 1, 0], "sex": ["m", "f", "f", "m"], "age": [22.0, 38.0, 26.0, 35.0], "deck": ["A", "B", "C", "A"]})
csv = folder / "train.csv"
df.to_csv(csv, index=False)
titanic_slices = tf.data.Dataset.from_tensor_slices(dict(df))
first = next(iter(titanic_slices))
assert first["sex"].numpy() == b"m" and first["age"].numpy() == 22.0
titanic_batches = tf.data.experimental.make_csv_dataset(str(csv), batch_size=4, label_name="survived", shuffle=False, num_epochs=1)
for feature_batch, label_batch in titanic_batches.take(1):
    assert label_batch.numpy().tolist() == [0, 1, 1, 0]
    assert feature_batch["deck"].numpy().tolist() == [b"A", b"B", b"C", b"A"]
selected = tf.data.experimental.make_csv_dataset(
    str(csv), batch_size=2, label_name="survived", select_columns=["age", "survived"], shuffle=False
)
assert list(next(iter(selected))[0]) == ["age"]
low_level = tf.data.experimental.CsvDataset([str(csv)], [tf.int32, tf.string, tf.float32, tf.string], header=True)
assert [value.numpy() for value in next(iter(low_level))] == [0, b"m", 22.0, b"A"]

# Files by class
for label in ("daisy", "rose"):
    (folder / "flowers" / label).mkdir(parents=True)
    for i in range(3):
        picture = np.full((4, 4, 3), 60 * i + (label == "rose") * 30, np.uint8)
        tf.io.write_file(str(folder / "flowers" / label / f"{i}.png"), tf.io.encode_png(picture))
list_ds = tf.data.Dataset.list_files(str(folder / "flowers/*/*"), shuffle=False)


def process_path(file_path):
    label = tf.strings.split(file_path, os.sep)[-2]
    return tf.io.read_file(file_path), label


labeled_ds = list_ds.map(process_path)
assert [text.numpy() for _, text in labeled_ds] == [b"daisy"] * 3 + [b"rose"] * 3


def parse_image(filename):
    parts = tf.strings.split(filename, os.sep)
    image = tf.io.decode_png(tf.io.read_file(filename), channels=3)
    image = tf.image.convert_image_dtype(image, tf.float32)
    image = tf.image.resize(image, [8, 8])
    return image, parts[-2] == "rose"


images = list(list_ds.map(parse_image, num_parallel_calls=tf.data.AUTOTUNE).batch(6))
assert images[0][0].shape == (6, 8, 8, 3) and images[0][1].numpy().tolist() == [False] * 3 + [True] * 3

# Batches
inc_dataset = tf.data.Dataset.range(100)
dec_dataset = tf.data.Dataset.range(0, -100, -1)
batched_dataset = tf.data.Dataset.zip((inc_dataset, dec_dataset)).batch(7, drop_remainder=True)
assert batched_dataset.element_spec[0].shape.as_list() == [7] and len(batched_dataset) == 14
padded = tf.data.Dataset.range(100).map(lambda x: tf.fill([tf.cast(x, tf.int32)], x)).padded_batch(4, padded_shapes=(None,))
assert [batch.shape.as_list() for batch in padded.take(2)] == [[4, 3], [4, 7]]

# Epochs
repeats = tf.data.TextLineDataset(paths[0])
assert len(list(repeats.repeat(3).batch(3))) == 4
assert len(list(repeats.batch(3).repeat(3))) == 6
shuffled = tf.data.Dataset.range(20).shuffle(5, seed=1)
values = [int(x) for x in shuffled]
assert sorted(values) == list(range(20)) and values != list(range(20)) and values[0] < 5

# Python within map
import random  # noqa: E402


def random_scale(image):
    return np.asarray(image) * random.choice([1.0, 2.0])


def tf_random_scale(image, label):
    im_shape = image.shape
    [image] = tf.py_function(random_scale, [image], [tf.float32])
    image.set_shape(im_shape)
    return image, label


scaled = list_ds.map(parse_image).map(tf_random_scale)
assert next(iter(scaled))[0].shape == (8, 8, 3)

# Windows
range_ds = tf.data.Dataset.range(1000)
batches = range_ds.batch(10, drop_remainder=True)


def label_next_5_steps(batch):
    return batch[:-5], batch[-5:]


features, label = next(iter(batches.map(label_next_5_steps)))
assert features.numpy().tolist() == [0, 1, 2, 3, 4] and label.numpy().tolist() == [5, 6, 7, 8, 9]
windows = range_ds.window(5, shift=1)
assert [int(x) for x in next(iter(windows))] == [0, 1, 2, 3, 4]


def make_window_dataset(ds, window_size=5, shift=1, stride=1):
    windows = ds.window(window_size, shift=shift, stride=stride)

    def sub_to_batch(sub):
        return sub.batch(window_size, drop_remainder=True)

    return windows.flat_map(sub_to_batch)


ds = make_window_dataset(range_ds, window_size=10, shift=5, stride=3)
assert [example.numpy().tolist() for example in ds.take(2)] == [list(range(0, 30, 3)), list(range(5, 35, 3))]
dense_labels_ds = ds.map(lambda batch: (batch[:-1], batch[1:]))
assert next(iter(dense_labels_ds))[1].numpy()[0] == 3

# Resampling of unequal classes
rng = np.random.default_rng(2)
labels = (rng.random(4000) < 0.05).astype("int64")
unequal = tf.data.Dataset.from_tensor_slices((rng.normal(size=(4000, 2)).astype("float32"), labels)).repeat()


def class_share(ds, n=20):
    counts = collections.Counter()
    for _, label in ds.batch(64).take(n):
        counts.update(label.numpy().tolist())
    return counts[1] / sum(counts.values())


negative_ds = unequal.filter(lambda features, label: label == 0)
positive_ds = unequal.filter(lambda features, label: label == 1)
balanced_ds = tf.data.Dataset.sample_from_datasets([negative_ds, positive_ds], [0.5, 0.5])
assert class_share(unequal) < 0.1 and 0.4 < class_share(balanced_ds) < 0.6
resampled = unequal.rejection_resample(lambda features, label: label, target_dist=[0.5, 0.5], initial_dist=[0.95, 0.05])
resampled = resampled.map(lambda extra_label, features_and_label: features_and_label)
assert class_share(resampled, 10) > 0.3

# Grouping, scanning, state
grouped = tf.data.Dataset.range(10).group_by_window(
    key_func=lambda x: x % 2, reduce_func=lambda key, ds: ds.batch(3), window_size=3
)
assert sorted(len(batch) for batch in grouped) == [2, 2, 3, 3]
scanned = tf.data.Dataset.range(6).scan(tf.constant(0, tf.int64), lambda state, x: (state + x, state + x))
assert [int(x) for x in scanned] == [0, 1, 3, 6, 10, 15]
assert [int(x) for x in tf.data.Dataset.range(10).take_while(lambda x: x < 4)] == [0, 1, 2, 3]
assert [int(x) for x in tf.data.Dataset.from_tensor_slices([1, 1, 2, 3, 3]).unique()] == [1, 2, 3]
assert [int(x) for x in tf.data.Dataset.range(8).shard(num_shards=3, index=1)] == [1, 4, 7]
chosen = tf.data.Dataset.choose_from_datasets(
    [tf.data.Dataset.from_tensors(x).repeat() for x in ("a", "b")], tf.data.Dataset.range(2).repeat(2)
)
assert [x.numpy() for x in chosen] == [b"a", b"b", b"a", b"b"]
by_length = tf.data.Dataset.range(1, 9).map(lambda n: tf.range(n)).bucket_by_sequence_length(
    element_length_func=lambda x: tf.shape(x)[0], bucket_boundaries=[4, 7], bucket_batch_sizes=[2, 2, 2]
)
assert all(batch.shape[0] <= 2 for batch in by_length)

range_it = iter(tf.data.Dataset.range(20))
assert [int(next(range_it)) for _ in range(5)] == [0, 1, 2, 3, 4]
ckpt = tf.train.Checkpoint(step=tf.Variable(0), iterator=range_it)
manager = tf.train.CheckpointManager(ckpt, str(folder / "my_ckpt"), max_to_keep=3)
save_path = manager.save()
assert [int(next(range_it)) for _ in range(5)] == [5, 6, 7, 8, 9]
ckpt.restore(manager.latest_checkpoint)
assert [int(next(range_it)) for _ in range(5)] == [5, 6, 7, 8, 9]

saved = tf.data.Dataset.range(7)
saved.save(str(folder / "saved"))
assert [int(x) for x in tf.data.Dataset.load(str(folder / "saved"))] == list(range(7))
cached = tf.data.Dataset.range(4).cache(str(folder / "cache"))
assert [int(x) for x in cached] == [int(x) for x in cached] == [0, 1, 2, 3]

# Keras
x = np.linspace(-1, 1, 200).astype("float32")[:, None]
fmnist_train_ds = tf.data.Dataset.from_tensor_slices((x, (x[:, 0] > 0).astype("int32"))).shuffle(200).batch(20)
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
model.compile(
    optimizer=tf.keras.optimizers.Adam(0.1),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(fmnist_train_ds.repeat(), epochs=3, steps_per_epoch=10, verbose=0)
loss, accuracy = model.evaluate(fmnist_train_ds, verbose=0)
assert accuracy > 0.9
predict_ds = tf.data.Dataset.from_tensor_slices(x).batch(20)
assert model.predict(predict_ds, steps=4, verbose=0).shape == (80, 2)
