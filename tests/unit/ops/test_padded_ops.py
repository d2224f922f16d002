"""Operations on ragged tensors in compiled code give what they give for the ragged tensors themselves."""

from __future__ import annotations

import numpy as np
import pytest

import addax.tf as tf
from addax.engine import Compiled, PaddedRows
from addax.training._ragged import filled, unfilled

LENGTHS = [2, 5, 1]
A = tf.RaggedTensor.from_row_lengths(np.random.default_rng(1).normal(size=(8, 3)).astype("float32"), LENGTHS)
B = tf.RaggedTensor.from_row_lengths(np.random.default_rng(2).integers(1, 9, (8, 3)).astype("int32"), LENGTHS)

SAME = {
    "arithmetic": lambda a, b: (a + 1.0) * tf.cast(b, "float32") - 2.0,
    "within the values": lambda a, b: a * tf.constant([1.0, 2.0, 3.0]),
    "by row": lambda a, b: a * tf.constant([[[1.0]], [[2.0]], [[3.0]]]),
    "choice": lambda a, b: tf.where(a > 0.0, a, tf.zeros_like(a)),
    "sum": lambda a, b: tf.reduce_sum(a, axis=1),
    "mean": lambda a, b: tf.reduce_mean(b, axis=1),
    "mean of all": lambda a, b: tf.reduce_mean(a),
    "prod": lambda a, b: tf.reduce_prod(a, axis=1),
    "max": lambda a, b: tf.reduce_max(b, axis=1),
    "min": lambda a, b: tf.reduce_min(a, axis=-2),
    "any": lambda a, b: tf.reduce_any(a > 0.0, axis=1),
    "all": lambda a, b: tf.reduce_all(a > 0.0, axis=1),
    "inner sum": lambda a, b: tf.reduce_sum(a, axis=2),
    "softmax": lambda a, b: tf.nn.softmax(a),
    "softmax of rows": lambda a, b: tf.nn.softmax(tf.reduce_sum(a, axis=2)),
    "matmul": lambda a, b: tf.matmul(a, tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])),
    "lookup": lambda a, b: tf.gather(tf.reshape(tf.range(20.0), (10, 2)), b),
    "one_hot": lambda a, b: tf.one_hot(b, 9),
    "joined": lambda a, b: tf.concat([a, tf.cast(b, "float32")], axis=-1),
    "joined rows": lambda a, b: tf.concat([a, a[:, :2], a], axis=1),
    "first steps": lambda a, b: a[:, :2],
    "later steps": lambda a, b: a[:, 1:],
    "last step": lambda a, b: a[:, -1:],
    "without the last": lambda a, b: a[:, :-1],
    "column": lambda a, b: a[:, :, 1],
    "stacked": lambda a, b: tf.stack([a, a * 2.0], axis=-1),
    "new axis": lambda a, b: tf.expand_dims(a, -1),
    "dense": lambda a, b: a.to_tensor(default_value=-1.0, shape=[None, 7, 3]),
    "cut": lambda a, b: a.to_tensor(shape=[None, 2, 3]),
    "size": lambda a, b: tf.size(a),
    "batch size": lambda a, b: tf.shape(a)[0],
}


@pytest.mark.parametrize("name", SAME)
def test_an_operation_means_the_same_in_compiled_code(name: str) -> None:
    function = SAME[name]
    found, expected = Compiled(function)(filled(A), filled(B)), function(A, B)
    if isinstance(found, PaddedRows):
        found = unfilled(found)
        assert found.row_lengths().numpy().tolist() == expected.row_lengths().numpy().tolist()
        found, expected = found.flat_values, expected.flat_values
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        lambda a: tf.reduce_sum(a, axis=0),
        lambda a: tf.reshape(a, [-1]),
        lambda a: a[0],
        lambda a: a[:, 0],
        lambda a: tf.concat([a, a], axis=0),
        lambda a: tf.transpose(a),
        lambda a: a + tf.ones((3, 6, 1)),
        lambda a: a.flat_values,
        lambda a: tf.shape(a)[1],
    ],
)
def test_what_needs_the_rows_is_refused(function) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError), match=r"hint|sizes of 1"):
        Compiled(function)(filled(A))
