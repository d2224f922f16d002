"""`tf.lookup`. The buckets are those of TensorFlow 2.21."""

import numpy as np
import pytest

import addax.tf as tf

lookup = tf.lookup


def table(keys, values, default, **dtypes):
    return lookup.StaticHashTable(lookup.KeyValueTensorInitializer(keys, values, **dtypes), default)


def test_strings_and_numbers_both_ways():
    words = table(["a", "b"], [1.5, 2.5], -1.0)
    assert words.lookup(tf.constant([["b", "x"], ["a", "a"]])).numpy().tolist() == [[2.5, -1.0], [1.5, 1.5]]
    names = table([1, 2], ["one", "two"], "many", key_dtype=tf.int64)
    assert names[tf.constant([2, 9], tf.int64)].numpy().tolist() == [b"two", b"many"]
    keys, values = names.export()
    assert keys.numpy().tolist() == [1, 2] and values.numpy().tolist() == [b"one", b"two"]
    assert int(words.size()) == 2 and words.key_dtype == tf.string and words.value_dtype == tf.float32


def test_integers_in_compiled_code_and_pipelines():
    squares = table(tf.constant([7, -3, 5]), tf.constant([49, 9, 25]), -1)
    compiled = tf.function(lambda x: squares.lookup(x) * 2)
    assert compiled(tf.constant([5, 6, -3, 7])).numpy().tolist() == [50, -2, 18, 98]
    dataset = tf.data.Dataset.from_tensor_slices([7, 8]).map(squares.lookup)
    assert [int(x) for x in dataset] == [49, -1]
    words = table(["a", "b"], [0, 1], 2)
    dataset = tf.data.Dataset.from_tensor_slices(["b", "c", "a"]).map(words.lookup).batch(3)
    assert next(iter(dataset)).numpy().tolist() == [1, 2, 0]


def test_buckets_of_a_vocabulary():
    words = lookup.KeyValueTensorInitializer(["emerson", "lake", "palmer"], tf.constant([0, 1, 2], tf.int64))
    names = lookup.StaticVocabularyTable(words, 5)
    assert names.lookup(tf.constant(["lake", "king", "crimson", "palmer"])).numpy().tolist() == [1, 6, 7, 2]
    assert int(names.size()) == 8
    known = lookup.KeyValueTensorInitializer(tf.constant([10], tf.int64), tf.constant([0], tf.int64))
    numbers = lookup.StaticVocabularyTable(known, 7)
    assert numbers[tf.constant([1, 22, 333, 10], tf.int64)].numpy().tolist() == [6, 2, 6, 0]
    assert lookup.StaticVocabularyTable(None, 1)[tf.constant(["a", "b"])].numpy().tolist() == [0, 0]


def test_files(tmp_path):
    file = tmp_path / "words.tsv"
    file.write_text("a\t3\nb\t4\nc\t5\n")
    content = lookup.TextFileInitializer(file, tf.string, 0, tf.int64, 1, vocab_size=2)
    found = lookup.StaticHashTable(content, 0).lookup(tf.constant(["a", "b", "c"]))
    assert found.numpy().tolist() == [3, 4, 0]
    lines = lookup.TextFileIndex
    back = lookup.TextFileInitializer(file, tf.int64, lines.LINE_NUMBER, tf.string, lines.WHOLE_LINE)
    assert lookup.StaticHashTable(back, "").lookup(tf.constant([1], tf.int64)).numpy().tolist() == [b"b\t4"]
    for arguments, words in (
        ((tf.string, 0, tf.int64, 2), "too few columns"),
        ((tf.int64, 0, tf.int64, 1), "no number"),
    ):
        with pytest.raises(ValueError, match=words):
            lookup.TextFileInitializer(file, *arguments)


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="value for each key"):
        lookup.KeyValueTensorInitializer(["a"], [1, 2])
    with pytest.raises(ValueError, match="two values"):
        table(["a", "a"], [1, 2], 0)
    with pytest.raises(TypeError, match="another dtype"):
        table(["a"], [1], 0).lookup(tf.constant([1]))
    with pytest.raises(TypeError, match="another dtype"):
        table([1], [1], 0).lookup(tf.constant([1.0]))
    with pytest.raises(ValueError, match="buckets"):
        lookup.StaticVocabularyTable(None, 0)
    empty = table(tf.constant([], tf.int32), tf.constant([], tf.int32), 4)
    np.testing.assert_array_equal(empty.lookup(tf.constant([1, 2])), [4, 4])
