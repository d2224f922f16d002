"""Tables that change."""

import pytest

import addax.tf as tf

Table = tf.lookup.experimental.MutableHashTable


def test_texts():
    table = Table(tf.string, tf.int64, -1)
    table.insert(["a", "b"], [1, 2])
    table.insert("a", 5)
    assert table.lookup([["a", "c"]]).numpy().tolist() == [[5, -1]] and int(table["b"]) == 2
    table.remove(["a", "z"])
    keys, values = table.export()
    assert keys.numpy().tolist() == [b"b"] and values.numpy().tolist() == [2] and int(table.size()) == 1
    names = Table(tf.string, tf.string, "none")
    names["x"] = "y"
    assert names.lookup(["x", "z"]).numpy().tolist() == [b"y", b"none"]


def test_vectors_and_compiled_code():
    table = Table(tf.int64, tf.float32, [0.0, 0.0])

    @tf.function
    def put(key):
        table.insert(key, [[3.0, 4.0]])
        return table.lookup(key), table.size()

    for count, key in enumerate([7, 8], 1):
        found, size = put(tf.constant([key], tf.int64))
        assert found.numpy().tolist() == [[3.0, 4.0]] and int(size) == count
    assert put.experimental_get_tracing_count() == 1
    others = tf.constant([[9.0, 9.0], [8.0, 8.0]])
    assert table.lookup([5, 7], dynamic_default_values=others).numpy().tolist() == [[9.0, 9.0], [3.0, 4.0]]


def test_what_does_not_fit():
    table = Table(tf.int64, tf.float32, [0.0, 0.0])
    with pytest.raises(ValueError, match="shape"):
        table.insert([1], [3.0])
    with pytest.raises(TypeError, match="dtype"):
        table.lookup(["a"])


def test_keys_that_are_never_put_in():
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=-2, deleted_key=-3)
    table.insert([1, 2], [3, 4])
    table.erase([1])
    assert table.lookup([1, 2]).numpy().tolist() == [-1, 4]
    with pytest.raises(ValueError, match="empty"):
        table.insert([-2], [1])
    with pytest.raises(ValueError, match="same"):
        tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, 0)


def test_in_data_sets():
    table = Table(tf.string, tf.int32, -1)
    table.insert(["a"], [1])
    ds = tf.data.Dataset.from_tensor_slices(["a", "b"]).map(table.lookup)
    assert [int(x) for x in ds] == [1, -1]
