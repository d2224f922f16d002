"""Sequence examples in batches, and examples in JSON."""

import json

import numpy as np
import pytest

import addax.tf as tf

io = tf.io
FIXED = io.FixedLenSequenceFeature


def example(context, lists):
    found = tf.train.SequenceExample()
    for key, values in context.items():
        found.context.feature[key].int64_list.value.extend(values)
    for key, rows in lists.items():
        of_key = found.feature_lists.feature_list[key]
        for row in rows:
            of_key.feature.add().float_list.value.extend(row)
    return found.SerializeToString()


DATA = [
    example(
        {"c": [1], "v": [1, 2]}, {"x": [[1.0], [2.0], [3.0]], "y": [[1.0, 2.0], [], [3.0]], "z": [[1.0, 2.0]]}
    ),
    example({"c": [5]}, {"x": [[7.0]], "y": []}),
]


def test_a_batch():
    whole, lists, lengths = io.parse_sequence_example(
        DATA,
        {"c": io.FixedLenFeature([], tf.int64), "v": io.VarLenFeature(tf.int64)},
        {"x": FIXED([], tf.float32), "y": io.VarLenFeature(tf.float32)},
    )
    assert whole["c"].numpy().tolist() == [1, 5]
    assert tf.sparse.to_dense(whole["v"]).numpy().tolist() == [[1, 2], [0, 0]]
    assert lists["x"].numpy().tolist() == [[1, 2, 3], [7, 0, 0]]
    assert lists["y"].indices.numpy().tolist() == [[0, 0, 0], [0, 0, 1], [0, 2, 0]]
    assert lists["y"].dense_shape.numpy().tolist() == [2, 3, 2]
    assert {key: value.numpy().tolist() for key, value in lengths.items()} == {"x": [3, 1]}


def test_ragged_features():
    whole, lists, lengths = io.parse_sequence_example(
        DATA, {"n": io.RaggedFeature(tf.int64, "v")}, {"m": io.RaggedFeature(tf.float32, "y")}
    )
    assert whole["n"].to_list() == [[1, 2], []] and lengths == {}
    assert lists["m"].to_list() == [[[1, 2], [], [3]], []]


def test_lists_that_may_lack():
    wanted = {"z": FIXED([2], tf.float32, allow_missing=True)}
    _, lists, lengths = io.parse_sequence_example(DATA, None, wanted)
    assert lists["z"].numpy().tolist() == [[[1, 2]], [[0, 0]]] and lengths["z"].numpy().tolist() == [1, 0]
    with pytest.raises(ValueError, match="no feature 'z'"):
        io.parse_sequence_example(DATA, None, {"z": FIXED([2], tf.float32)})


def test_a_scalar_is_one_example():
    whole, lists, lengths = io.parse_sequence_example(
        DATA[0], {"c": io.FixedLenFeature([], tf.int64)}, {"x": FIXED([], tf.float32)}
    )
    assert (int(whole["c"]), lists["x"].shape, int(lengths["x"])) == (1, (3,), 3)
    whole, lists = io.parse_single_sequence_example(
        DATA[0], {"v": io.VarLenFeature(tf.int64)}, {"y": io.VarLenFeature(tf.float32)}
    )
    assert whole["v"].indices.numpy().tolist() == [[0], [1]]
    assert lists["y"].dense_shape.numpy().tolist() == [3, 2]
    assert io.parse_single_sequence_example(DATA[0], None, {"y": io.RaggedFeature(tf.float32)})[1][
        "y"
    ].to_list() == [[1, 2], [], [3]]


def test_in_a_dataset():
    data = tf.data.Dataset.from_tensor_slices(DATA).batch(2)
    found = data.map(lambda x: io.parse_sequence_example(x, None, {"x": FIXED([], tf.float32)})[1]["x"])
    assert [x.numpy().tolist() for x in found] == [[[1, 2, 3], [7, 0, 0]]]


@pytest.mark.parametrize(
    ("context", "lists", "what"),
    [
        (None, None, "Nothing is wanted"),
        ({"c": FIXED([], tf.int64)}, None, "not described"),
        (None, {"x": io.FixedLenFeature([], tf.float32)}, "not described"),
        (None, {"x": FIXED([], tf.float32, default_value=1.0)}, "default value"),
        (None, {"x": FIXED([], tf.int64)}, "another kind"),
        (None, {"y": FIXED([], tf.float32)}, "another number"),
        ({"v": io.FixedLenFeature([], tf.int64)}, None, "another number"),
    ],
)
def test_wrong_wishes(context, lists, what):
    with pytest.raises(ValueError, match=what):
        io.parse_sequence_example(DATA, context, lists)


def feature(**kinds):
    return json.dumps({"features": {"feature": {"a": kinds}}})


def values_of(text):
    found = tf.train.Example.FromString(io.decode_json_example(text).numpy()).features.feature["a"]
    return list(getattr(found, found.WhichOneof("kind")).value)


def test_json_of_examples():
    assert values_of(feature(int64List={"value": ["1", 2.0, 3, str(-(1 << 63))]})) == [1, 2, 3, -(1 << 63)]
    assert values_of(feature(float_list={"value": ["1.5", "Infinity", 2]})) == [1.5, np.inf, 2.0]
    assert values_of(feature(bytesList={"value": ["YWJj", "_-8"]})) == [b"abc", b"\xff\xef"]
    assert io.decode_json_example([["{}", '{"features": null}']]).numpy().tolist() == [[b"", b""]]
    assert values_of(feature(int64List={})) == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"x": 1}',
        b"\xff",
        "[" * 100000,
        '{"features": {"feature": []}}',
        feature(int64List={"value": [1.5]}),
        feature(int64List={"value": [True]}),
        feature(int64List={"value": [str(1 << 63)]}),
        feature(int64List={"value": ["1_0"]}),
        feature(int64List={"value": 3}),
        feature(int64List={"value": [1]}, floatList={"value": [1]}),
        feature(floatList={"value": [1e50]}),
        feature(floatList={"value": [True]}),
        feature(floatList={"value": ["x"]}),
        feature(bytesList={"value": ["a!"]}),
        feature(bytesList={"value": [3]}),
    ],
    ids=range(17),
)
def test_json_that_is_no_example(text):
    with pytest.raises(ValueError, match=r"no JSON|not that of an example"):
        io.decode_json_example(text)
