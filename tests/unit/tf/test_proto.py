"""`tf.make_tensor_proto` and `tf.make_ndarray`, and the scripts of code points."""

import numpy as np
import pytest

import addax.tf as tf


def test_fields():
    proto = tf.make_tensor_proto(2.5)
    assert proto.float_val == [2.5] and proto.dtype == 1 and not proto.tensor_shape.dim
    assert tf.make_tensor_proto(["a", "b"]).string_val == [b"a", b"b"]
    assert tf.make_tensor_proto([3, 4]).tensor_content == np.array([3, 4], "<i4").tobytes()
    assert proto == tf.make_tensor_proto(2.5) and proto.HasField("dtype") and proto.ByteSize() == 10
    with pytest.raises(AttributeError, match="float_val"):
        proto.floats  # noqa: B018
    assert "float_val: 2.5" in str(proto)


def test_the_last_value_fills_up():
    np.testing.assert_array_equal(
        tf.make_ndarray(tf.make_tensor_proto([1, 2, 3], shape=[2, 2])), [[1, 2], [3, 3]]
    )
    np.testing.assert_array_equal(tf.make_ndarray(tf.make_tensor_proto("a", shape=[2])), [b"a", b"a"])


@pytest.mark.parametrize(
    "dtype", ["float16", "bfloat16", "complex64", "complex128", "uint8", "int64", "bool"]
)
def test_round_trips(dtype):
    for value in (1, [1, 0]):
        array = tf.cast(tf.constant(value), dtype).numpy()
        found = tf.make_ndarray(tf.make_tensor_proto(array))
        np.testing.assert_array_equal(found, array)
        assert found.dtype == array.dtype


@pytest.mark.parametrize(
    ("args", "error", "text"),
    [
        ((1.5, tf.int32), TypeError, "int32"),
        (("a", tf.int32), TypeError, "int32"),
        ((1, tf.string), TypeError, "string"),
        ((None,), ValueError, "None"),
        (([1, None],), ValueError, "None"),
        (([1, 2], None, [2, 1], True), TypeError, "shape"),
        (([1, 2, 3], None, [2]), ValueError, "elements"),
        (([1, 2], None, [3], False, True), ValueError, "elements"),
        ((1, None, [1], True, True), ValueError, "both"),
    ],
)
def test_what_does_not_fit(args, error, text):
    with pytest.raises(error, match=text):
        tf.make_tensor_proto(*args)


def test_scripts():
    ragged = tf.strings.unicode_decode(["aЖ", "漢"], "UTF-8")
    assert tf.strings.unicode_script(ragged).to_list() == [[25, 8], [17]]
    assert tf.strings.unicode_script([-1, 0x110000]).numpy().tolist() == [-1, -1]
    assert tf.function(tf.strings.unicode_script)(tf.constant([97])).numpy().tolist() == [25]
    with pytest.raises(ValueError, match="integers"):
        tf.strings.unicode_script([1.0])
