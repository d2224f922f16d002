import ml_dtypes
import numpy as np
import pytest

from addax.formats import (
    TENSOR_SCHEMA,
    dtype_code,
    dtype_from_code,
    shape_from_message,
    shape_message,
    tensor_from_message,
    tensor_message,
)

DTYPES = [
    "float32",
    "float64",
    "float16",
    "int8",
    "uint8",
    "int64",
    "bool",
    "complex64",
    "uint32",
    "bfloat16",
]


@pytest.mark.parametrize("name", DTYPES)
def test_arrays_round_trip_through_the_wire(name):
    dtype = np.dtype(getattr(ml_dtypes, name, name))
    array = np.arange(6).reshape(2, 3).astype(dtype)
    data = TENSOR_SCHEMA.encode("Tensor", tensor_message(array))
    result = tensor_from_message(TENSOR_SCHEMA.decode("Tensor", data))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, array)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("né", np.array("né".encode(), object)), (["a", b"b"], np.array([b"a", b"b"], object))],
)
def test_strings_round_trip(value, expected):
    np.testing.assert_array_equal(tensor_from_message(tensor_message(value)), expected)


def test_codes_are_tensorflows():
    assert [dtype_code(name) for name in ("float32", "int64", "bool", "bfloat16")] == [1, 9, 10, 14]
    assert dtype_from_code(14) == ml_dtypes.bfloat16
    assert dtype_code(np.dtype("float16")) == 19


def test_unknown_dtypes_are_named():
    with pytest.raises(ValueError, match="datetime64"):
        dtype_code("datetime64[s]")
    with pytest.raises(ValueError, match="received 99"):
        dtype_from_code(99)


def test_unknown_dimensions_are_minus_one():
    assert shape_message((None, 3)) == {"dim": [{"size": -1}, {"size": 3}]}
    assert shape_from_message(shape_message((None, 3))) == (None, 3)
    with pytest.raises(ValueError, match="rank"):
        shape_from_message({"unknown_rank": True})


def test_values_in_the_typed_fields_are_read():
    message = {"dtype": 1, "tensor_shape": shape_message((2,)), "float_val": [1.0, 2.0]}
    np.testing.assert_array_equal(tensor_from_message(message), np.float32([1, 2]))


def test_one_value_for_all_elements_costs_no_memory():
    message = {"dtype": 9, "tensor_shape": shape_message((1 << 20, 1 << 20)), "int64_val": [7]}
    result = tensor_from_message(message)
    assert result.shape == (1 << 20, 1 << 20)
    assert result[5, 5] == 7
    assert result.strides == (0, 0)


@pytest.mark.parametrize(
    "message",
    [
        {"dtype": 1, "tensor_shape": shape_message((2,)), "tensor_content": b"\0" * 7},
        {"dtype": 1, "tensor_shape": shape_message((3,)), "tensor_content": b"\0" * 8},
        {"dtype": 1, "tensor_shape": shape_message((3,)), "float_val": [1.0, 2.0]},
        {"dtype": 1, "tensor_shape": shape_message((None,)), "float_val": [1.0]},
        {"dtype": 14, "tensor_shape": shape_message((1,)), "float_val": [1.0]},
        {"dtype": 7, "tensor_shape": shape_message((3,)), "string_val": [b"a", b"b"]},
        {"tensor_shape": shape_message(())},
        {"dtype": 1, "tensor_shape": shape_message((1 << 62, 4)), "tensor_content": b""},
    ],
)
def test_contents_that_do_not_fit_are_value_errors(message):
    with pytest.raises(ValueError, match="expected|Expected"):
        tensor_from_message(message)
