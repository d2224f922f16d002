"""Ragged and sparse tensors with tapes, functions, datasets, layers and examples."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax.ops._ragged import RaggedTensor

RAGGED = tf.ragged.constant([[1, 2], [], [3]])
SPARSE = tf.SparseTensor([[0, 0], [0, 1], [2, 0]], [1, 3, 0], [3, 2])


def test_gradients_reach_values_and_tables():
    table = tf.Variable(np.arange(12.0, dtype="float32").reshape(6, 2))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.reduce_mean(tf.gather(table, tf.ragged.constant([[1, 2], [3]])), axis=1) ** 2)
    expected = [[0, 0], [3, 4], [3, 4], [12, 14], [0, 0], [0, 0]]
    np.testing.assert_allclose(tf.convert_to_tensor(tape.gradient(loss, table)), expected)
    floats = tf.ragged.constant([[1.0, 2.0], [3.0]])
    with tf.GradientTape() as tape:
        tape.watch(floats)
        loss = tf.reduce_sum(floats * floats)
    assert tape.gradient(loss, floats).to_list() == [[2.0, 4.0], [6.0]]
    weights = tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        product = tf.sparse.sparse_dense_matmul(tf.sparse.from_dense([[1.0, 0.0], [0.0, 2.0]]), weights)
        loss = tf.reduce_sum(product**2)
    assert tape.gradient(loss, weights).numpy().tolist() == [[2.0], [16.0]]


def test_functions_take_and_give_them():
    traces = []

    @tf.function
    def double(x):
        traces.append(1)
        return tf.reduce_sum(x, axis=1), x * 2

    sums, doubled = double(RAGGED)
    assert sums.numpy().tolist() == [3, 0, 3] and doubled.to_list() == [[2, 4], [], [6]]
    assert double(tf.ragged.constant([[7, 8], [], [9]]))[1].to_list() == [[14, 16], [], [18]]
    assert len(traces) == 1
    assert double(tf.ragged.constant([[7], [8, 9]]))[1].to_list() == [[14], [16, 18]]
    assert len(traces) == 2  # other rows


def test_datasets_of_rows():
    assert [x.numpy().tolist() for x in tf.data.Dataset.from_tensor_slices(RAGGED)] == [[1, 2], [], [3]]
    both = tf.data.Dataset.from_tensor_slices({"a": RAGGED, "b": [5, 6, 7]})
    assert both.element_spec["a"] == tf.RaggedTensorSpec([None], tf.int32, 0)
    assert [(e["a"].numpy().tolist(), int(e["b"])) for e in both] == [([1, 2], 5), ([], 6), ([3], 7)]
    deep = tf.data.Dataset.from_tensor_slices(tf.ragged.constant([[[1], [2, 3]], [[4]]]))
    assert [x.to_list() for x in deep] == [[[1], [2, 3]], [[4]]]
    assert [x.to_list() for x in deep.batch(2)] == [[[[1], [2, 3]], [[4]]]]
    with pytest.raises(ValueError, match="first dimension"):
        tf.data.Dataset.from_tensor_slices((RAGGED, [1, 2]))


def test_ragged_batches():
    numbers = tf.data.Dataset.range(1, 6).map(lambda n: (tf.range(int(n)), n))
    first, second, third = numbers.ragged_batch(2)
    assert first[0].to_list() == [[0], [0, 1]] and first[1].numpy().tolist() == [1, 2]
    assert third[0].to_list() == [[0, 1, 2, 3, 4]]
    assert len(list(numbers.apply(tf.data.experimental.dense_to_ragged_batch(2, drop_remainder=True)))) == 2
    iterator = iter(numbers.ragged_batch(2))
    next(iterator)
    state = iterator.get_state()
    other = iter(numbers.ragged_batch(2))
    other.set_state(state)
    assert next(other)[0].to_list() == second[0].to_list()


def test_layers():
    assert keras.layers.Embedding(10, 3)(RAGGED).shape.as_list() == [3, None, 3]
    text = keras.layers.TextVectorization(ragged=True)
    text.adapt(["a b", "c"])
    assert text(["a b c", "c"]).to_list() == [[4, 3, 2], [2]]
    dense = keras.layers.Dense(2, kernel_initializer="ones")
    assert dense(tf.sparse.from_dense([[1.0, 0.0], [0.0, 2.0]])).numpy().tolist() == [[1, 1], [2, 2]]
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    sparse = tf.sparse.from_dense([[1.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(
        model.predict(sparse, verbose=0), model.predict(tf.sparse.to_dense(sparse), verbose=0)
    )
    with pytest.raises(TypeError, match="do not know: matmul.*\n.*\n.*to_tensor"):  # no steps, so no features
        model.fit(tf.ragged.constant([[1.0], [2.0, 3.0]]), np.zeros(2), verbose=0)


def test_sparse_lookups_of_embeddings():
    table = tf.Variable(np.arange(10.0, dtype="float32").reshape(5, 2))
    for combiner, first in (("mean", [4, 5]), ("sum", [8, 10]), ("sqrtn", [8 / 2**0.5, 10 / 2**0.5])):
        found = tf.nn.embedding_lookup_sparse(table, SPARSE, None, combiner)
        np.testing.assert_allclose(found, [first, [0, 0], [0, 1]], rtol=1e-6)
    weights = SPARSE.with_values([1.0, 3.0, 2.0])
    np.testing.assert_allclose(tf.nn.embedding_lookup_sparse(table, SPARSE, weights)[0], [5, 6])
    ids = tf.SparseTensor([[0, 0], [1, 0], [1, 1]], [-1, 2, 3], [3, 2])
    found = tf.nn.safe_embedding_lookup_sparse(table, ids, default_id=4)
    np.testing.assert_allclose(found, [[8, 9], [5, 6], [8, 9]])
    with pytest.raises(ValueError, match="combiner"):
        tf.nn.embedding_lookup_sparse(table, SPARSE, combiner="max")


def example(**lists):
    feature = {}
    for name, values in lists.items():
        if isinstance(values[0], bytes):
            feature[name] = tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
        elif isinstance(values[0], float):
            feature[name] = tf.train.Feature(float_list=tf.train.FloatList(value=values))
        else:
            feature[name] = tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def test_examples_of_any_length():
    records = [example(a=[1, 2], b=[b"x"], i=[3, 0], v=[0.5, 1.5]), example(b=[b"y", b"z"])]
    features = {
        "a": tf.io.VarLenFeature(tf.int64),
        "c": tf.io.RaggedFeature(tf.string, value_key="b"),
        "s": tf.io.SparseFeature("i", "v", tf.float32, 4),
    }
    found = tf.io.parse_example(records, features)
    assert found["a"].indices.numpy().tolist() == [[0, 0], [0, 1]]
    assert found["a"].dense_shape.numpy().tolist() == [2, 2]
    assert found["c"].to_list() == [[b"x"], [b"y", b"z"]]
    assert tf.sparse.to_dense(found["s"]).numpy().tolist() == [[1.5, 0, 0, 0.5], [0, 0, 0, 0]]
    one = tf.io.parse_single_example(records[0], features)
    assert one["a"].values.numpy().tolist() == [1, 2] and one["a"].dense_shape.numpy().tolist() == [2]
    assert tf.sparse.to_dense(one["s"]).numpy().tolist() == [1.5, 0, 0, 0.5]
    parsed = (
        tf.data.Dataset.from_tensor_slices(records).batch(2).map(lambda r: tf.io.parse_example(r, features))
    )
    (batch,) = parsed
    assert batch["c"].to_list() == [[b"x"], [b"y", b"z"]]


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: tf.RaggedTensor.from_row_splits([1, 2, 3], [0, 2]), "0 to 3"),
        (lambda: tf.RaggedTensor.from_row_lengths([1, 2], [3, -1]), "rise"),
        (lambda: tf.RaggedTensor.from_value_rowids([1, 2], [1, 0]), "rising"),
        (lambda: tf.RaggedTensor.from_tensor([[1, 2]], lengths=[1], padding=0), "not both"),
        (lambda: tf.ragged.constant([[1], 2]), "depth"),
        (lambda: tf.ragged.constant([[1], [[2]]]), "depth"),
        (lambda: RAGGED[:, 0], "slice of one"),
        (lambda: RAGGED + tf.ragged.constant([[1], [2], [3]] * 2), "other rows"),
        (lambda: RAGGED + tf.ragged.constant([[1, 2, 4], [], [3]]), "other rows"),
        (lambda: RAGGED.with_values([1, 2]), "as many"),
        (lambda: RAGGED.merge_dims(1, 0), "merge_dims"),
        (lambda: tf.concat([RAGGED, RAGGED[:1]], axis=1), "as many rows"),
        (lambda: tf.ragged.boolean_mask(RAGGED, tf.ragged.constant([[True], [], [False]])), "other rows"),
        (lambda: tf.RaggedTensor.from_sparse(tf.SparseTensor([[0, 1]], [1], [1, 2])), "gaps"),
        (lambda: tf.SparseTensor([[0, 1]], [1, 2], [1, 2]), "do not fit"),
        (lambda: tf.sparse.to_dense(tf.SparseTensor([[1], [0]], [1, 2], [2])), "reorder"),
        (lambda: tf.sparse.reshape(SPARSE, [5]), "number of elements"),
        (lambda: tf.sparse.add(SPARSE, tf.sparse.from_dense([1])), "shape"),
        (lambda: tf.sparse.to_indicator(SPARSE, 2), "vocabulary"),
    ],
)
def test_what_does_not_fit_is_said(make, text):
    with pytest.raises(ValueError, match=text):
        make()


@pytest.mark.parametrize(
    "make", [lambda: tf.matmul(RAGGED, RAGGED), lambda: tf.reshape(SPARSE, [6]), lambda: bool(RAGGED)]
)
def test_operations_without_a_meaning_are_refused(make):
    with pytest.raises(TypeError, match="ragged|sparse"):
        make()


def test_rows_of_python():
    assert len(RAGGED) == 3 and [row.numpy().tolist() for row in RAGGED] == [[1, 2], [], [3]]
    with pytest.raises(IndexError):
        RAGGED[3]
    assert isinstance(tf.map_fn(lambda x: x + 1, RAGGED), RaggedTensor)
    assert tf.RaggedTensorSpec([None, None], tf.int32).is_compatible_with(RAGGED)
    assert not tf.RaggedTensorSpec([None, None], tf.float32).is_compatible_with(RAGGED)
    assert tf.SparseTensorSpec([3, None], tf.int32).is_compatible_with(SPARSE)
