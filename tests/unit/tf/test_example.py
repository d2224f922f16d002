"""`tf.train.Example` and its parsing. The bytes are those that TensorFlow 2.21 writes."""

import numpy as np
import pytest

import addax.tf as tf


def of(kind, values):
    example = tf.train.Example()
    getattr(example.features.feature[kind[0]], kind).value.extend(values)
    return example


GOLDEN = {
    "0a1c0a1a0a016912151a130a1103ffffffffffffffffff01808080808020": of("int64_list", [3, -1, 1 << 40]),
    "0a130a110a0166120c120a0a080000003f000000c0": of("float_list", [0.5, -2.0]),
    "0a0e0a0c0a016212070a050a01780a00": of("bytes_list", [b"x", b""]),
}


@pytest.mark.parametrize("text", GOLDEN)
def test_the_bytes_are_those_of_tensorflow(text):
    assert GOLDEN[text].SerializeToString().hex() == text
    assert tf.train.Example.FromString(bytes.fromhex(text)) == GOLDEN[text]


def test_a_sequence_example():
    example = tf.train.SequenceExample()
    example.context.feature["n"].int64_list.value.append(2)
    example.feature_lists.feature_list["w"].feature.add().bytes_list.value.append(b"a")
    example.feature_lists.feature_list["w"].feature.add()
    text = "0a0c0a0a0a016e12051a030a010212100a0e0a017712090a050a030a01610a00"
    assert tf.train.SequenceExample.FromString(bytes.fromhex(text)) == example
    assert example.SerializeToString().hex() == text


def test_lists_take_their_kind_only():
    for make, value, kind in (
        (tf.train.Int64List, 0.5, TypeError),
        (tf.train.Int64List, 1 << 63, ValueError),
        (tf.train.FloatList, "a", TypeError),
        (tf.train.BytesList, "text", TypeError),
    ):
        with pytest.raises(kind):
            make(value=[value])
        with pytest.raises(kind):
            make().value.append(value)
    with pytest.raises(ValueError, match="one list"):
        tf.train.Feature(int64_list=tf.train.Int64List(), float_list=tf.train.FloatList())
    with pytest.raises(ValueError, match="no field 'feature'"):
        tf.train.Example(feature={})
    with pytest.raises(TypeError, match=r"tf\.train\.Feature"):
        tf.train.Features(feature={"a": 3})
    assert "value: 7" in str(of("int64_list", [7]))


def test_batches_and_defaults():
    data = [of("int64_list", [1, 2]).SerializeToString(), tf.train.Example().SerializeToString()]
    wanted = {"i": tf.io.FixedLenFeature([2], tf.int64, default_value=[8, 9])}
    assert tf.io.parse_example(data, wanted)["i"].numpy().tolist() == [[1, 2], [8, 9]]
    text = {"s": tf.io.FixedLenFeature([], tf.string, default_value="none")}
    assert tf.io.parse_example(data, text)["s"].numpy().tolist() == [b"none", b"none"]
    sequences = {"i": tf.io.FixedLenSequenceFeature([2], tf.int64, allow_missing=True)}
    assert tf.io.parse_example(data, sequences)["i"].numpy().tolist() == [[[1, 2]], [[0, 0]]]
    dataset = tf.data.Dataset.from_tensor_slices(data).map(lambda d: tf.io.parse_single_example(d, wanted))
    assert [row["i"].numpy().tolist() for row in dataset] == [[1, 2], [8, 9]]


def test_what_does_not_fit():
    data = of("int64_list", [1, 2]).SerializeToString()
    fixed, sequence = tf.io.FixedLenFeature, tf.io.FixedLenSequenceFeature
    for spec, words in (
        ({"x": fixed([], tf.int64)}, "no feature 'x'"),
        ({"x": sequence([], tf.int64)}, "no feature 'x'"),
        ({"i": fixed([], tf.int64)}, "another number"),
        ({"i": fixed([2], tf.float32)}, "another kind"),
        ({"i": sequence([3], tf.int64)}, "multiple of 3"),
        ({"i": fixed([2], tf.int32)}, "do not hold"),
        ({"i": [2]}, "not described"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=words):
            tf.io.parse_single_example(data, spec)
    with pytest.raises(ValueError):
        tf.io.parse_single_example(data[:-3], {"i": fixed([2], tf.int64)})
    assert np.asarray(tf.io.parse_single_example(data, {"i": fixed([1, 2], tf.int64)})["i"]).shape == (1, 2)
