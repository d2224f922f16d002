"""Sparse tensors as elements, and sizes of what functions give that run on the host.

The expectations are what TensorFlow 2.21 gives, but for integers of 64 bits.
"""

import numpy as np
import pytest

import addax.tf as tf

Dataset = tf.data.Dataset


def sparse():
    return tf.SparseTensor([[0, 1], [2, 0], [2, 3]], [1.0, 2.0, 3.0], [3, 4])


def plain(x):
    return x.indices.numpy().tolist(), np.asarray(x.values).tolist(), x.dense_shape.numpy().tolist()


def test_slices():
    ds = Dataset.from_tensor_slices(sparse())
    assert ds.element_spec == tf.SparseTensorSpec([4], "float32")
    assert [plain(x) for x in ds] == [([[1]], [1.0], [4]), ([], [], [4]), ([[0], [3]], [2.0, 3.0], [4])]
    pairs = Dataset.from_tensor_slices({"s": sparse(), "n": [1, 2, 3]})
    assert [int(x["n"]) for x in pairs] == [1, 2, 3]
    texts = Dataset.from_tensor_slices(tf.SparseTensor([[0, 0]], ["a"], [2, 2]))
    assert [plain(x)[1] for x in texts] == [[b"a"], []]


def test_batches():
    ds = Dataset.from_tensor_slices(sparse())
    first, last = ds.batch(2)
    assert plain(first) == ([[0, 1]], [1.0], [2, 4])
    assert plain(last) == ([[0, 0], [0, 3]], [2.0, 3.0], [1, 4])
    assert ds.batch(2).element_spec.shape == [None, 4]
    assert ds.batch(2, drop_remainder=True).element_spec.shape == [2, 4]
    assert [plain(x) for x in ds.batch(2).unbatch()] == [plain(x) for x in ds]
    assert [plain(x)[2] for x in ds.batch(2).rebatch(3)] == [[3, 4]]


def test_batches_of_whole_tensors():
    found = list(Dataset.from_tensors(sparse()).repeat(3).batch(2))
    assert [plain(x)[2] for x in found] == [[2, 3, 4], [1, 3, 4]]
    assert plain(found[0])[0][-1] == [1, 2, 3]


def test_batches_take_the_smallest_shape_that_holds_all():
    ds = Dataset.range(1, 4).map(lambda n: tf.sparse.from_dense(tf.ones([n])))
    assert ds.element_spec.shape == [None]
    (batch,) = ds.batch(3)
    assert tf.sparse.to_dense(batch).numpy().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_other_transformations():
    ds = Dataset.from_tensor_slices(sparse())
    assert [len(x.values) for x in ds.filter(lambda s: tf.reduce_sum(s.values) > 1.0)] == [2]
    assert len(list(ds.shuffle(3, seed=1).repeat(2).take(5).skip(1).prefetch(1).cache())) == 4
    assert len(list(ds.concatenate(ds))) == 6
    dense = ds.batch(2).map(tf.sparse.to_dense)
    assert [x.numpy().tolist() for x in dense][1] == [[2.0, 0.0, 0.0, 3.0]]
    assert dense.element_spec == tf.TensorSpec(
        [None, None]
    )  # it runs on the host, where only running tells sizes


def test_iterators_go_on():
    ds = Dataset.from_tensor_slices(sparse()).batch(2).unbatch()
    first = iter(ds)
    next(first)
    again = iter(ds)
    again.set_state(first.get_state())
    assert [plain(x) for x in again] == [plain(x) for x in first] == [plain(x) for x in ds][1:]


def test_a_scalar_has_no_rows():
    with pytest.raises(ValueError, match="rows"):
        Dataset.from_tensor_slices(tf.SparseTensor(np.zeros((1, 0)), [3], np.zeros(0)))


def example(number):
    made = tf.train.Example()
    made.features.feature["a"].int64_list.value.append(number)
    made.features.feature["b"].float_list.value.extend([1.0, 2.0])
    made.features.feature["s"].bytes_list.value.extend([b"x"] * (number + 1))
    return made.SerializeToString()


def test_sparse_features_of_examples_have_a_sparse_spec():
    ds = Dataset.from_tensor_slices([example(i) for i in range(3)])
    features = {"s": tf.io.VarLenFeature(tf.string)}
    spec = ds.map(lambda x: tf.io.parse_single_example(x, features)).element_spec
    assert spec["s"] == tf.SparseTensorSpec([None], "string")
