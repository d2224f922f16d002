"""Ragged tensors with dimensions of one size. What TensorFlow gives is in tests/parity/test_composites.py."""

import numpy as np

import addax.tf as tf

RAGGED = tf.ragged.constant([[3, 1, 4, 1], [], [5, 9, 2], [6], []])


def test_the_length_is_kept_without_rows():
    empty = tf.RaggedTensor.from_uniform_row_length(tf.zeros([0]), 2)
    assert empty.shape == [0, 2] and int(empty.uniform_row_length) == 2
    assert tf.RaggedTensor.from_uniform_row_length(tf.zeros([0]), 0, nrows=3).shape == [3, 0]


def test_compiled_code_keeps_it():
    whole = tf.expand_dims(RAGGED, 0)
    twice = tf.function(lambda x: x * 2)
    assert twice(whole).shape == [1, 5, None]
    assert twice(tf.RaggedTensor.from_row_lengths(RAGGED, [5])).shape == [1, None, None]  # another trace
    assert twice.experimental_get_tracing_count() == 2


def test_slices_and_new_axes():
    whole = tf.expand_dims(RAGGED, 0)
    assert whole[:, ::2].shape == [1, 3, None] and whole[tf.newaxis].shape == [1, 1, 5, None]
    assert whole[:, tf.newaxis].shape == [1, 1, 5, None]
    assert whole[:, 1:, :1].to_list() == [[[], [5], [6], []]]


def test_specs_and_data_sets():
    whole = tf.expand_dims(RAGGED, 0)
    assert tf.type_spec_from_value(whole) == tf.RaggedTensorSpec([1, 5, None], "int32", 2)
    (row,) = tf.data.Dataset.from_tensor_slices(whole)
    assert row.to_list() == RAGGED.to_list()


def test_shapes_of_ragged_tensors():
    shape = tf.shape(tf.expand_dims(RAGGED, 0))
    assert shape.is_uniform(1) and not shape.is_uniform(2) and int(shape[1]) == 5
    assert shape.static_lengths() == [1, 5, (4, 0, 3, 1, 0)]
    assert tf.ones(shape).shape == [1, 5, None]


def test_rows_of_rows_are_mapped():
    whole = tf.RaggedTensor.from_uniform_row_length(RAGGED, 5)
    found = tf.map_fn(lambda x: x + 1, whole)
    np.testing.assert_array_equal(found.flat_values, whole.flat_values + 1)
