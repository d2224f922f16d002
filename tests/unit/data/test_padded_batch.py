import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.data import Dataset, TensorSpec


def ragged(rows, shape=(None,), dtype="int32"):
    return Dataset.from_generator(lambda: iter(rows), output_signature=TensorSpec(shape, dtype))


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=9),
    st.integers(1, 4),
    st.none() | st.integers(5, 7),
)
def test_rows_are_filled_up_at_their_end(rows, size, width):
    batches = list(ragged(rows).padded_batch(size, None if width is None else [width], -1))
    assert len(batches) == -(-len(rows) // size)
    for i, batch in enumerate(batches):
        group = rows[i * size : (i + 1) * size]
        wide = width or max(map(len, group))
        assert batch.numpy().tolist() == [row + [-1] * (wide - len(row)) for row in group]


@pytest.mark.parametrize("dtype, filler", [("float32", 0.0), ("bool", False), ("string", b""), ("int64", 0)])
def test_every_dtype_has_a_filler(dtype, filler):
    value = {"string": "a", "bool": True}.get(dtype, 1)
    batch = next(iter(ragged([[value], [value, value]], dtype=dtype).padded_batch(2)))
    assert batch.dtype == dtype and batch.numpy()[0, 1] == filler


def test_shapes_and_values_by_component():
    ds = Dataset.from_generator(
        lambda: iter([{"a": [[1.0]], "b": 1}, {"a": [[1.0, 2.0]], "b": 2}]),
        output_signature={"a": TensorSpec((None, None), "float32"), "b": TensorSpec((), "int32")},
    )
    batched = ds.padded_batch(2, {"a": [2, None], "b": []}, {"a": 9.0, "b": 0})
    assert batched.element_spec["a"] == TensorSpec((None, 2, None), "float32")
    assert next(iter(batched))["a"].numpy().tolist() == [[[1, 9], [9, 9]], [[1, 2], [9, 9]]]


def test_functions_on_the_host_can_be_padded():
    ds = Dataset.range(1, 4).map(lambda n: np.ones(int(n), "float32")).padded_batch(3)
    assert next(iter(ds)).numpy().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert ds.element_spec == TensorSpec((None, None), "float32")


def test_an_element_that_is_too_large_is_an_error():
    with pytest.raises(ValueError, match=r"component element(.|\n)*\(2,\)(.|\n)*\(3,\)"):
        list(ragged([[1, 2, 3]]).padded_batch(2, [2]))


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"padded_shapes": ([2], [2])}, ValueError, "padded_shapes"),
        ({"padding_values": {"a": 0}}, ValueError, "padding_values"),
        ({"padded_shapes": [2, 2]}, ValueError, "rank 2"),
        ({"padding_values": 0.5}, TypeError, "dtype int32"),
        ({"padding_values": "x"}, TypeError, "dtype int32"),
        ({"padding_values": np.int64(0)}, TypeError, "dtype int32"),
    ],
)
def test_wrong_arguments_are_an_error(options, error, words):
    with pytest.raises(error, match=words):
        list(ragged([[1], [2, 3]]).padded_batch(2, **options))


def test_tensorflows_way_of_a_single_number_works():
    assert next(iter(ragged([[1]]).padded_batch(1, padded_shapes=3))).shape == (1, 3)
    assert next(iter(ragged([[1]]).padded_batch(1, padded_shapes=(-1,)))).shape == (1, 1)
