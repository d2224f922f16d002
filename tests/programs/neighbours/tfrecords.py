"""TFRecord files as the TensorFlow tutorial writes them: examples of features, written, read back and trained on."""

import os
import sys
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

OUTPUT = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()


def _bytes_feature(value):
    """Returns a bytes_list from a string / byte."""
    if isinstance(value, type(tf.constant(0))):
        value = value.numpy()
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _float_feature(value):
    return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))


def _int64_feature(value):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


assert "bytes_list" in str(_bytes_feature(b"test_string"))
feature = _float_feature(np.exp(1))
assert tf.train.Feature.FromString(feature.SerializeToString()) == feature


def serialize_example(feature0, feature1, feature2, feature3):
    feature = {
        "feature0": _int64_feature(int(feature0)),
        "feature1": _int64_feature(feature1),
        "feature2": _bytes_feature(feature2),
        "feature3": _float_feature(feature3),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


n = 500
rng = np.random.default_rng(0)
feature0 = rng.choice([False, True], n)
feature1 = rng.integers(0, 5, n)
feature2 = np.array([b"cat", b"dog", b"chicken", b"horse", b"goat"])[feature1]
feature3 = rng.normal(size=n).astype("float32")

filename = os.path.join(OUTPUT, "test.tfrecord")
with tf.io.TFRecordWriter(filename) as writer:
    for row in zip(feature0, feature1, feature2, feature3):
        writer.write(serialize_example(*row))

raw_dataset = tf.data.TFRecordDataset([filename])
for raw_record in raw_dataset.take(1):
    example = tf.train.Example()
    example.ParseFromString(raw_record.numpy())
    assert example.features.feature["feature2"].bytes_list.value[0] == feature2[0]
    assert sorted(example.features.feature) == ["feature0", "feature1", "feature2", "feature3"]

feature_description = {
    "feature0": tf.io.FixedLenFeature([], tf.int64, default_value=0),
    "feature1": tf.io.FixedLenFeature([], tf.int64, default_value=0),
    "feature2": tf.io.FixedLenFeature([], tf.string, default_value=""),
    "feature3": tf.io.FixedLenFeature([], tf.float32, default_value=0.0),
    "feature4": tf.io.FixedLenFeature([2], tf.float32, default_value=[1.0, 2.0]),
}


def _parse_function(example_proto):
    return tf.io.parse_single_example(example_proto, feature_description)


parsed = list(raw_dataset.map(_parse_function))
assert len(parsed) == n
np.testing.assert_allclose([float(row["feature3"]) for row in parsed], feature3, rtol=1e-6)
assert [row["feature2"].numpy() for row in parsed] == list(feature2)
assert parsed[7]["feature4"].numpy().tolist() == [1.0, 2.0]

batches = raw_dataset.batch(100).map(lambda batch: tf.io.parse_example(batch, feature_description))
assert sum(int(tf.reduce_sum(batch["feature1"])) for batch in batches) == feature1.sum()

# Images as bytes of a serialized tensor, read back into a training pipeline.
digits = load_digits()
images = (digits.images / 16).astype("float32")
filename = os.path.join(OUTPUT, "digits.tfrecord.gz")
with tf.io.TFRecordWriter(filename, tf.io.TFRecordOptions(compression_type="GZIP")) as writer:
    for image, label in zip(images, digits.target):
        feature = {"image": _bytes_feature(tf.io.serialize_tensor(image)), "label": _int64_feature(label)}
        writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())


def read(record):
    wanted = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    example = tf.io.parse_single_example(record, wanted)
    image = tf.ensure_shape(tf.io.parse_tensor(example["image"], tf.float32), (8, 8))
    return image, example["label"]


dataset = tf.data.TFRecordDataset(filename, compression_type="GZIP").map(
    read, num_parallel_calls=tf.data.AUTOTUNE
)
dataset = dataset.cache().shuffle(2000, seed=1).batch(64).prefetch(tf.data.AUTOTUNE)
tf.keras.utils.set_random_seed(3)
model = tf.keras.Sequential(
    [
        tf.keras.Input((8, 8)),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(64, "relu"),
        tf.keras.layers.Dense(10),
    ]
)
loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(tf.keras.optimizers.Adam(0.005), loss, metrics=["accuracy"])
history = model.fit(dataset, epochs=8, verbose=2)
assert history.history["accuracy"][-1] > 0.93

sequence = tf.train.SequenceExample()
sequence.context.feature["length"].int64_list.value.append(3)
for word in ("a", "small", "step"):
    sequence.feature_lists.feature_list["words"].feature.add().bytes_list.value.append(word.encode())
context, lists = tf.io.parse_single_sequence_example(
    sequence.SerializeToString(),
    context_features={"length": tf.io.FixedLenFeature([], tf.int64)},
    sequence_features={"words": tf.io.FixedLenSequenceFeature([], tf.string)},
)
assert int(context["length"]) == 3 and lists["words"].numpy().tolist() == [b"a", b"small", b"step"]
print("records read:", n + len(images))
