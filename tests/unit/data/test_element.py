import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

from addax.data._element import UnequalShapes, concatenate, empty, stack, take, to_host
from addax.engine import Tensor, Variable


@pytest.mark.parametrize(
    "value, dtype",
    [
        (1, "int32"),
        (2**40, "int64"),
        (1.5, "float32"),
        (True, "bool"),
        ([1, 2], "int32"),
        ([[1.0], [2.0]], "float32"),
        ([np.float64(1.0)], "float64"),
        ([np.ones(2), np.ones(2)], "float64"),
        (np.ones(2), "float64"),
        (np.int8(3), "int8"),
        (jnp.ones(2), "float32"),
        (Tensor(np.ones(2)), "float64"),
        (Variable(1.0), "float32"),
        ([Tensor(np.ones(2, "float32"))], "float32"),
        (pd.Series([1, 2]), "int64"),
        (pd.Series([True, False], dtype=object), "bool"),
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), "float64"),
        (np.zeros(2, "float16"), "float16"),
    ],
)
def test_numbers_become_arrays_of_the_dtype_that_tensorflow_gives(value, dtype):
    array = to_host(value)
    assert type(array) is np.ndarray and array.dtype == dtype
    np.testing.assert_array_equal(array, np.asarray(value))


@pytest.mark.parametrize("value", ["é", b"\xc3\xa9", np.str_("é"), np.array("é", object)])
def test_text_becomes_bytes(value):
    array = to_host(value)
    assert array.dtype == object and array.shape == () and array[()] == b"\xc3\xa9"


@pytest.mark.parametrize(
    "value", [["a", "bc"], np.array(["a", "bc"]), pd.Series(["a", "bc"]), np.array([b"a", b"bc"])]
)
def test_columns_of_text_become_arrays_of_bytes(value):
    assert to_host(value).tolist() == [b"a", b"bc"]


def test_a_memory_mapped_array_is_not_read(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(5))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    array = to_host(mapped)
    assert type(array) is np.ndarray and np.shares_memory(array, mapped)


@pytest.mark.parametrize(
    "value",
    [object(), {1}, pd.Series(["a", None]), pd.Series([pd.Timestamp(0)]), np.array([1, None], object)],
)
def test_other_things_are_an_error_that_shows_them(value):
    with pytest.raises(TypeError, match="label cannot be turned into a tensor"):
        to_host(value, "label")


def test_rows_of_different_length_are_an_error():
    with pytest.raises(ValueError, match="rows of label differ in length"):
        to_host([[1], [2, 3]], "label")


def test_stacking_names_the_component_that_differs():
    with pytest.raises(
        UnequalShapes, match=r"component \['x'\](.|\n)*\(2,\)(.|\n)*\(3,\)(.|\n)*padded_batch"
    ):
        stack([{"x": np.ones(2), "y": np.ones(1)}, {"x": np.ones(3), "y": np.ones(1)}])
    with pytest.raises(UnequalShapes, match="dtypes"):
        stack([np.ones(2), np.ones(2, int)])
    with pytest.raises(UnequalShapes, match="shapes"):
        concatenate([np.ones((1, 2)), np.ones((1, 3))])


def test_sixty_four_bits_that_were_narrowed_somewhere_go_together_with_the_others():
    assert stack([np.array(1, "int64"), np.array(2, "int32")]).tolist() == [1, 2]
    assert concatenate([np.ones(2, "float32"), np.ones(1, "float64")]).dtype == "float64"


@pytest.mark.parametrize("indices", [[2, 3, 4], [0], [4, 3], [1, 1], [[0, 1], [3, 2]], [], 3])
def test_taking_is_indexing(indices):
    array = np.arange(10).reshape(5, 2)
    indices = np.array(indices, int)
    np.testing.assert_array_equal(take(array, indices), array[indices])


def test_taking_a_run_copies_nothing():
    array = np.arange(10)
    assert np.shares_memory(take(array, np.arange(2, 6)), array)
    assert not np.shares_memory(take(array, np.array([2, 4])), array)


def test_room_for_numbers_begins_where_jax_takes_it_over():
    for shape, dtype in [((3, 5), np.float32), ((0, 2), np.int64), ((), np.uint8), ((1000,), np.uint32)]:
        array = empty(shape, dtype)
        assert (array.shape, array.dtype) == (shape, dtype) and array.flags.writeable
        assert array.ctypes.data % 64 == 0 or not array.size
