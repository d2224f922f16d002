"""Crosses of features. The hashes are those of TensorFlow 2.21, to the last bit."""

import numpy as np
import pytest

import addax.tf as tf

WORDS = tf.SparseTensor([[0, 0], [1, 0], [1, 1]], ["a", "b", "c"], [2, 2])
NUMBERS = tf.SparseTensor([[0, 0], [1, 0]], [3, 4], [2, 1])
DENSE, INTEGERS = tf.constant([["x"], ["y"]]), tf.constant([[1], [2]])


@pytest.mark.parametrize(
    ("inputs", "texts", "hashes"),
    [
        (
            [DENSE, WORDS],
            [b"a_X_x", b"b_X_y", b"c_X_y"],
            [1484974617627318892, 5470948523078679805, 6571367263544129360],
        ),
        ([INTEGERS, DENSE], [b"1_X_x", b"2_X_y"], [854275097015501859, 3006502044339696797]),
        ([NUMBERS], [b"3", b"4"], [1424184489956106035, 7063646998832180613]),
        ([tf.constant([[-1, -2]])], [b"-1", b"-2"], [4320402171578694657, 5590782307785592952]),
        (
            [WORDS, INTEGERS, NUMBERS, DENSE],
            [b"a_X_3_X_1_X_x", b"b_X_4_X_2_X_y", b"c_X_4_X_2_X_y"],
            [4117749524641216971, 4084472914212088102, 6588212889604181024],
        ),
    ],
)  # fmt: skip
def test_sparse_crosses(inputs, texts, hashes):
    assert tf.sparse.cross(inputs).values.numpy().tolist() == texts
    found = tf.sparse.cross_hashed(inputs).values
    assert (found.numpy().tolist(), found.dtype) == (hashes, tf.int64)


def test_the_form_of_a_sparse_cross():
    found = tf.sparse.cross([WORDS, tf.constant([[1, 2], [3, 4]])], separator="-")
    assert found.values.numpy().tolist() == [b"a-1", b"a-2", b"b-3", b"b-4", b"c-3", b"c-4"]
    assert found.indices.numpy().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [1, 3]]
    assert found.dense_shape.numpy().tolist() == [2, 4]
    empty = tf.sparse.cross(
        [tf.SparseTensor(np.zeros((0, 2), int), tf.constant([], tf.string), [2, 2]), NUMBERS]
    )
    assert empty.dense_shape.numpy().tolist() == [2, 0]
    assert tf.sparse.cross([]).dense_shape.numpy().tolist() == [0, 0]


def test_buckets_and_keys():
    letters = tf.SparseTensor([[0, 0], [1, 0]], ["d", "e"], [2, 1])
    assert tf.sparse.cross_hashed([WORDS, letters], 100).values.numpy().tolist() == [82, 61, 41]
    assert tf.sparse.cross_hashed([WORDS, letters], 100, hash_key=7).values.numpy().tolist() == [10, 23, 88]


def test_ragged_crosses():
    ragged = tf.ragged.constant([["a"], ["b", "c"]])
    found = tf.ragged.cross_hashed([INTEGERS, ragged])
    assert found.to_list() == [[6586076667385110638], [4367275301703982342, 9033768576385780375]]
    found = tf.ragged.cross_hashed([ragged, INTEGERS], hash_key=9)
    assert found.to_list() == [[4617374097062563522], [2849679589076912000, 4237845806810262518]]
    assert tf.ragged.cross([DENSE, WORDS]).to_list() == [[b"x_X_a"], [b"y_X_b", b"y_X_c"]]


@pytest.mark.parametrize(
    "cross", [tf.sparse.cross, tf.sparse.cross_hashed, tf.ragged.cross, tf.ragged.cross_hashed]
)
def test_wrong_tensors(cross):
    for inputs, what in (
        ([tf.constant([1, 2])], "rank 2"),
        ([WORDS, tf.constant([["f"]])], "as many rows"),
        ([tf.constant([[1.0]])], "strings and integers"),
        ([tf.constant([[True]])], "strings and integers"),
    ):
        with pytest.raises(ValueError, match=what):
            cross(inputs)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="num_buckets"):
        tf.ragged.cross_hashed([DENSE], -1)
    with pytest.raises(TypeError, match="ragged"):
        tf.sparse.cross([tf.ragged.constant([["a"]])])
