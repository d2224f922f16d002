"""Feature columns in training, on parsed examples, in files and clones. Their numbers are in tests/parity."""

from __future__ import annotations

import numpy as np
import pytest

import addax.tf as tf

fc = tf.feature_column
TAGS = [[b"a"], [], [b"b", b"z", b"c"], [b"c"]]
IDS = [[0, 3], [1], [], [2, 2, 0]]
AGES = np.array([5.0, 15.0, 30.0, 12.0], "float32")


def columns():
    tags = fc.categorical_column_with_vocabulary_list("tags", ["a", "b", "c"])
    ids = fc.categorical_column_with_identity("ids", 4)
    age = fc.numeric_column("age")
    return [fc.embedding_column(tags, 3), fc.indicator_column(ids), fc.bucketized_column(age, [10, 20]), age]


def features():
    return {
        "tags": tf.ragged.constant(TAGS).to_sparse(),
        "ids": tf.ragged.constant(IDS, dtype="int64").to_sparse(),
        "age": AGES,
    }


def examples():
    def feature(**kind):
        ((name, values),) = kind.items()
        lists = {"bytes": tf.train.BytesList, "int64": tf.train.Int64List, "float": tf.train.FloatList}
        return tf.train.Feature(**{f"{name}_list": lists[name](value=values)})

    found = []
    for tags, ids, age in zip(TAGS, IDS, AGES, strict=True):
        given = {"tags": feature(bytes=tags), "ids": feature(int64=ids), "age": feature(float=[float(age)])}
        found.append(tf.train.Example(features=tf.train.Features(feature=given)).SerializeToString())
    return found


def sequential():
    model = tf.keras.Sequential([tf.keras.layers.DenseFeatures(columns()), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def subclass():
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.features = tf.keras.layers.DenseFeatures(columns())
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x):
            return self.dense(self.features(x))

    model = Net()
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("make", [sequential, subclass])
def test_parsed_examples_and_sparse_tensors_in_memory_are_trained_on_alike(make) -> None:
    spec = fc.make_parse_example_spec(columns())
    dataset = tf.data.Dataset.from_tensor_slices((examples(), np.ones((4, 1), "float32"))).batch(2)
    dataset = dataset.map(lambda example, y: (tf.io.parse_example(example, spec), y))
    model = make()
    assert np.isfinite(model.fit(dataset, verbose=0).history["loss"]).all()
    expected = np.asarray(model(features()))  # op by op
    np.testing.assert_allclose(model.predict(dataset, verbose=0), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(
        model.predict(features(), batch_size=3, verbose=0), expected, rtol=1e-5, atol=1e-5
    )
    loss = model.evaluate(features(), np.ones((4, 1)), verbose=0)
    np.testing.assert_allclose(loss, np.mean((expected - 1) ** 2), rtol=1e-4, atol=1e-5)


def test_id_zero_of_a_sparse_feature_is_no_missing_one() -> None:
    layer = tf.keras.layers.DenseFeatures([columns()[1]])
    found = layer({"ids": tf.ragged.constant(IDS, dtype="int64")}).numpy()
    np.testing.assert_array_equal(found, [[1, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0], [1, 0, 2, 0]])


def test_a_saved_model_and_a_clone_have_the_columns(tmp_path) -> None:
    model = sequential()
    expected = model.predict(features(), verbose=0)
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(features(), verbose=0), expected, rtol=1e-6, atol=1e-6)
    clone = tf.keras.models.clone_model(model)
    clone.predict(features(), verbose=0)
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone.predict(features(), verbose=0), expected, rtol=1e-6, atol=1e-6)


def test_a_saved_graph_has_the_columns(tmp_path) -> None:
    inputs = {
        "tags": tf.keras.Input((2,), dtype="string", name="tags"),
        "ids": tf.keras.Input((2,), dtype="int64", name="ids"),
        "age": tf.keras.Input((1,), name="age"),
    }
    model = tf.keras.Model(inputs, tf.keras.layers.DenseFeatures(columns())(inputs))
    given = {
        "tags": np.array([["a", ""], ["b", "c"]]),
        "ids": np.array([[0, -1], [1, 3]]),
        "age": AGES[:2, None],
    }
    expected = model.predict(given, verbose=0)
    model.save(tmp_path / "m.keras")
    again = tf.keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(again.predict(given, verbose=0), expected, rtol=1e-6, atol=1e-6)
    with pytest.raises(ValueError, match="behind an Input take dense features"):
        model.predict({**given, "ids": tf.SparseTensor([[0, 0]], np.array([1]), [2, 2])}, verbose=0)


def test_a_config_that_names_no_column_is_refused() -> None:
    config = tf.keras.layers.DenseFeatures(columns()).get_config()
    for wrong in (
        {"column": "Popen", "config": {}},
        {"column": "NumericColumn", "config": {"cmd": "ls"}},
        "age",
    ):
        with pytest.raises((ValueError, TypeError)):
            tf.keras.layers.DenseFeatures.from_config({**config, "feature_columns": [wrong]})


def test_sequences_of_unequal_length_and_dense_numbers_are_refused() -> None:
    words = fc.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"])
    layer = tf.keras.experimental.SequenceFeatures(
        [fc.indicator_column(words), fc.sequence_numeric_column("speed")]
    )
    given = {
        "words": tf.ragged.constant([["a"], ["b", "a"]]),
        "speed": tf.ragged.constant([[1.0, 2.0], [3.0]]),
    }
    with pytest.raises(ValueError, match="differ in length"):
        layer(given)
    with pytest.raises(ValueError, match="must be sparse or ragged"):
        layer({**given, "speed": np.ones((2, 2), "float32")})
    with pytest.raises(ValueError, match="SequenceFeatures takes columns of sequences"):
        tf.keras.experimental.SequenceFeatures([fc.numeric_column("speed")])


def test_sequences_train_a_recurrent_layer() -> None:
    words = fc.sequence_categorical_column_with_vocabulary_list("words", ["a", "b"])

    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.features = tf.keras.experimental.SequenceFeatures(fc.embedding_column(words, 2))
            self.rnn = tf.keras.layers.GRU(3)

        def call(self, x):
            steps, lengths = self.features(x)
            return self.rnn(steps, mask=tf.sequence_mask(lengths, steps.shape[1]))

    model = Net()
    alone = model({"words": tf.ragged.constant([["a", "b"]])})
    found = model({"words": tf.ragged.constant([["a", "b"], ["b", "a", "a"]])})
    np.testing.assert_allclose(found[0], alone[0], rtol=1e-6, atol=1e-6)
    model.compile("sgd", "mse")
    before = model.features.weights[0].numpy()
    model.fit({"words": tf.ragged.constant([["a", "b"], ["b"]])}, np.ones((2, 3)), verbose=0)
    assert not np.array_equal(model.features.weights[0].numpy(), before)
