"""Sizes that an export leaves open, where code asks for them by `tf.shape`."""

import numpy as np
import pytest

import addax.tf as tf


def loop(x):
    total = tf.zeros([tf.shape(x)[0]])
    for i in tf.range(tf.shape(x)[1]):
        total = total + x[:, i]
    return total


FUNCTIONS = {
    "made": lambda x: tf.zeros([tf.shape(x)[0], 2]) + x[:, :1],
    "reshaped": lambda x: tf.reshape(x, [tf.shape(x)[0], -1, 1]),
    "whole": lambda x: tf.reshape(x * 2, tf.shape(x)),
    "computed with": lambda x: x / tf.cast(tf.shape(x)[0] * 2, tf.float32),
    "as a tensor": lambda x: tf.range(tf.shape(x)[0]) + 1,
    "sliced": lambda x: tf.ones(tf.shape(x)[:1]),
    "loop": loop,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_open_sizes_are_used_like_numbers(name, tmp_path):
    module = tf.Module()
    module.run = tf.function(FUNCTIONS[name], input_signature=[tf.TensorSpec([None, None], name="x")])
    tf.saved_model.save(module, tmp_path / "m", signatures=module.run)
    for shape in ((2, 3), (4, 1)):
        x = np.arange(np.prod(shape), dtype="float32").reshape(shape)
        (found,) = (
            tf.saved_model.load(tmp_path / "m").signatures["serving_default"](x=tf.constant(x)).values()
        )
        np.testing.assert_allclose(found, FUNCTIONS[name](tf.constant(x)))


def test_texts_have_a_shape():
    assert tf.shape(tf.constant([["a", "b"]])).numpy().tolist() == [1, 2]


def test_tables_take_rows():
    content = tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b"]), tf.constant([0, 1], tf.int64))
    rows = tf.strings.split(tf.constant(["a b", "q"]))
    assert tf.lookup.StaticHashTable(content, -1).lookup(rows).to_list() == [[0, 1], [-1]]
    assert tf.lookup.StaticVocabularyTable(content, 1).lookup(rows).to_list() == [[0, 1], [2]]
