"""`tf.data.experimental`: the older spellings give what the methods give."""

import numpy as np
import pytest

import addax.tf as tf

experimental = tf.data.experimental
RANGE = tf.data.Dataset.range(6)


def plain(dataset):
    return [np.asarray(x).tolist() if not isinstance(x, tuple) else tuple(map(int, x)) for x in dataset]


@pytest.mark.parametrize(
    "transformation, expected",
    [
        (experimental.map_and_batch(lambda x: x * 2, 4), [[0, 2, 4, 6], [8, 10]]),
        (experimental.map_and_batch(lambda x: x * 2, 4, drop_remainder=True), [[0, 2, 4, 6]]),
        (experimental.enumerate_dataset(10), [(10 + i, i) for i in range(6)]),
        (experimental.take_while(lambda x: x < 2), [0, 1]),
        (experimental.scan(np.int64(0), lambda s, x: (s + x, s)), [0, 0, 1, 3, 6, 10]),
        (experimental.parallel_interleave(lambda x: tf.data.Dataset.from_tensors(x), 2), list(range(6))),
        (experimental.prefetch_to_device("/cpu:0"), list(range(6))),
        (experimental.copy_to_device("/cpu:0"), list(range(6))),
        (experimental.ignore_errors(), list(range(6))),
        (experimental.unique(), list(range(6))),
    ],
)
def test_transformations(transformation, expected):
    assert plain(RANGE.apply(transformation)) == expected


def test_unbatch_and_shuffle_and_repeat():
    assert plain(RANGE.batch(4).apply(experimental.unbatch())) == list(range(6))
    assert sorted(plain(RANGE.apply(experimental.shuffle_and_repeat(6, 2, seed=1)))) == sorted(
        [*range(6)] * 2
    )


def test_group_by_reducer():
    reducer = experimental.Reducer(
        lambda key: (tf.constant(0, tf.int64), key), lambda s, x: (s[0] + x, s[1]), lambda s: s[0] * 10 + s[1]
    )
    assert plain(RANGE.apply(experimental.group_by_reducer(lambda x: x % 2, reducer))) == [60, 91]


def test_functions_of_datasets(tmp_path):
    assert int(experimental.at(RANGE, 4)) == 4
    with pytest.raises(IndexError):
        experimental.at(RANGE, 6)
    experimental.save(RANGE, str(tmp_path))
    assert plain(experimental.load(str(tmp_path))) == list(range(6))
    assert experimental.get_structure(RANGE) == RANGE.element_spec
    assert int(experimental.get_single_element(RANGE.take(1))) == 0
    pairs = experimental.from_list([(1, "a"), (2, "b")])
    assert [(int(a), b.numpy()) for a, b in pairs] == [(1, b"a"), (2, b"b")]
    assert [int(x) for x in experimental.Counter(3, 2).take(2)] == [3, 5]


def test_optionals():
    iterator = iter(RANGE.take(1))
    first, second = (experimental.get_next_as_optional(iterator) for _ in range(2))
    assert bool(first.has_value()) and int(first.get_value()) == 0
    assert not bool(second.has_value())
    assert second.element_spec == RANGE.element_spec
    with pytest.raises(ValueError, match="no value"):
        second.get_value()


def test_records_and_batches_of_features(tmp_path):
    def example(i):
        feature = {
            "x": tf.train.Feature(float_list=tf.train.FloatList(value=[i, 2.0 * i])),
            "y": tf.train.Feature(int64_list=tf.train.Int64List(value=[i % 2])),
        }
        return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()

    path = str(tmp_path / "a.tfrecord")
    records = tf.data.Dataset.from_tensor_slices([example(i) for i in range(5)])
    experimental.TFRecordWriter(path).write(records)
    features = {"x": tf.io.FixedLenFeature([2], tf.float32), "y": tf.io.FixedLenFeature([], tf.int64)}
    dataset = experimental.make_batched_features_dataset(
        path, 2, features, label_key="y", num_epochs=1, shuffle=False
    )
    found = [(x["x"].numpy()[:, 0].tolist(), y.numpy().tolist()) for x, y in dataset]
    assert found == [([0, 1], [0, 1]), ([2, 3], [0, 1]), ([4], [0])]
    parsed = records.batch(5).apply(experimental.parse_example_dataset(features))
    assert next(iter(parsed))["x"].shape == (5, 2)
    with pytest.raises(ValueError, match="label_key"):
        experimental.make_batched_features_dataset(path, 2, features, label_key="z")
    with pytest.raises(TypeError, match="strings"):
        experimental.TFRecordWriter(path).write(RANGE)


def test_tables_of_datasets():
    words = tf.data.Dataset.from_tensor_slices(["a", "b", "c"])
    table = experimental.index_table_from_dataset(words, vocab_size=2)
    assert table.lookup(tf.constant(["b", "a", "c"])).numpy().tolist() == [1, 0, -1]
    open_table = experimental.index_table_from_dataset(words, num_oov_buckets=1)
    assert open_table.lookup(tf.constant(["c", "zz"])).numpy().tolist() == [2, 3]
    pairs = tf.data.Dataset.zip((words, tf.data.Dataset.from_tensor_slices(["x", "y", "z"])))
    assert experimental.table_from_dataset(pairs).lookup(tf.constant(["c", "q"])).numpy().tolist() == [
        b"z",
        b"",
    ]


def test_padding_of_a_dataset():
    dataset = tf.data.Dataset.from_tensor_slices({"a": [1, 2]}).apply(experimental.pad_to_cardinality(4))
    assert [(int(e["a"]), bool(e["valid"])) for e in dataset] == [
        (1, True),
        (2, True),
        (0, False),
        (0, False),
    ]
    for bad in (RANGE, tf.data.Dataset.from_tensor_slices({"a": [1, 2, 3, 4, 5]})):
        with pytest.raises((TypeError, ValueError), match="pad_to_cardinality"):
            bad.apply(experimental.pad_to_cardinality(4))
