"""More operations on ragged tensors, and their shape; the numbers are those of TensorFlow 2.21."""

from __future__ import annotations

import numpy as np
import pytest

import addax.tf as tf

IDS = tf.ragged.constant([[4, 2], [], [1, 3, 5]])
FEATURES = IDS.with_values(np.array([[1.0, 2.0], [3.0, 6.0], [0.0, 1.0], [2.0, 1.0], [4.0, 1.0]], "float32"))


def test_the_shape_knows_what_is_ragged() -> None:
    shape = tf.shape(FEATURES)
    assert repr(shape) == "<DynamicRaggedShape lengths=[3, (2, 0, 3), 2] num_row_partitions=1>"
    assert (int(shape[0]), int(shape[-1]), shape.rank) == (3, 2, 3)
    assert shape.static_lengths() == [3, (2, 0, 3), 2]
    assert shape.inner_shape.numpy().tolist() == [5, 2]
    assert [shape.is_uniform(axis) for axis in range(3)] == [True, False, True]
    assert shape == tf.shape(FEATURES * 2.0) and shape != tf.shape(IDS)
    assert shape[:2] == tf.shape(IDS)
    with pytest.raises(ValueError, match="Dimension 1 has no size: it is ragged"):
        shape[1]
    with pytest.raises(IndexError, match="no such dimension"):
        shape[3]


def test_a_shape_makes_ragged_tensors() -> None:
    shape = tf.shape(IDS)
    assert tf.ones(shape).to_list() == [[1.0, 1.0], [], [1.0, 1.0, 1.0]]
    assert tf.fill(shape, 7).to_list() == [[7, 7], [], [7, 7, 7]]
    assert tf.broadcast_to([[1], [2], [3]], shape).to_list() == [[1, 1], [], [3, 3, 3]]
    assert tf.broadcast_to(9, shape).to_list() == [[9, 9], [], [9, 9, 9]]
    with pytest.raises(ValueError, match="does not broadcast to a ragged shape"):
        tf.broadcast_to([[1, 2], [2, 3], [3, 4]], shape)


def test_sizes_and_ranks() -> None:
    assert (int(tf.size(FEATURES)), int(tf.rank(FEATURES))) == (10, 3)


def test_softmax_is_along_the_last_axis() -> None:
    rows = tf.nn.softmax(tf.cast(IDS, "float32"))
    np.testing.assert_allclose(rows[2], [0.0158762, 0.1173104, 0.8668134], rtol=1e-5, atol=1e-6)
    assert rows.row_lengths().numpy().tolist() == [2, 0, 3]
    np.testing.assert_allclose(
        tf.reduce_sum(tf.nn.softmax(FEATURES), axis=-1).flat_values, 1, rtol=1e-6, atol=1e-6
    )


def test_running_sums_stay_in_their_row() -> None:
    assert tf.cumsum(IDS, axis=1).to_list() == [[4, 6], [], [1, 4, 9]]
    assert tf.math.cumprod(IDS, axis=1).to_list() == [[4, 8], [], [1, 3, 15]]
    with pytest.raises(ValueError, match="axis 1 or later"):
        tf.cumsum(IDS)


def test_variance_and_deviation_of_rows() -> None:
    variance = tf.math.reduce_variance(FEATURES, axis=1).numpy()
    np.testing.assert_allclose(variance[[0, 2]], [[1, 4], [8 / 3, 0]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(tf.math.reduce_std(FEATURES, axis=1).numpy()[0], [1, 2], rtol=1e-5, atol=1e-5)


def test_choosing_and_parting() -> None:
    assert [part.to_list() for part in tf.split(IDS, [1, 2])] == [[[4, 2]], [[], [1, 3, 5]]]
    assert tf.gather_nd(IDS, [[0, 1], [2, 2]]).numpy().tolist() == [2, 5]
    assert tf.where(IDS > 2).numpy().tolist() == [[0, 0], [2, 1], [2, 2]]
    full = tf.ragged.constant([[1, 2], [3, 4, 5]])
    assert tf.gather(full, [1, 0], axis=1).numpy().tolist() == [[2, 1], [4, 3]]
    assert tf.reshape(FEATURES, [-1]).shape == [10]
    for function in (lambda: tf.gather_nd(IDS, [[1, 0]]), lambda: tf.gather(IDS, [0], axis=1)):
        with pytest.raises(IndexError):
            function()
    with pytest.raises(TypeError, match="no other shape than the flat one"):
        tf.reshape(FEATURES, [5, 2])


def test_products_sums_and_dropout_of_values() -> None:
    product = tf.matmul(FEATURES, tf.constant([[1.0], [10.0]]))
    assert product.to_list() == [[[21.0], [63.0]], [], [[10.0], [12.0], [14.0]]]
    assert tf.add_n([IDS, IDS, IDS]).to_list() == [[12, 6], [], [3, 9, 15]]
    dropped = tf.nn.dropout(tf.ones_like(FEATURES), 0.5, seed=1)
    assert set(np.ravel(dropped.flat_values.numpy()).tolist()) <= {0.0, 2.0}


def test_rows_in_datasets_make_ragged_batches() -> None:
    dataset = tf.data.Dataset.from_tensor_slices((FEATURES, [0, 1, 2]))
    assert [x.shape[0] for x, _ in dataset] == [2, 0, 3]
    (first, y), (second, _) = dataset.batch(2)
    assert (first.shape.as_list(), y.numpy().tolist()) == ([2, None, 2], [0, 1])
    assert first.row_lengths().numpy().tolist() == [2, 0] and second.row_lengths().numpy().tolist() == [3]
    assert dataset.batch(2).element_spec[0] == tf.RaggedTensorSpec([None, None, 2], tf.float32, 1)
    whole = [row for batch, _ in dataset.shuffle(3, seed=1).repeat(2).batch(6) for row in batch.to_list()]
    assert sorted(map(len, whole)) == [0, 0, 2, 2, 3, 3]
