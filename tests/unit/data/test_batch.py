import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.data import Dataset, TensorSpec


def lists(dataset):
    return [x.numpy().tolist() for x in dataset]


@given(
    st.integers(0, 20), st.integers(1, 6), st.lists(st.integers(1, 5), min_size=1, max_size=3), st.booleans()
)
def test_rebatching_is_unbatching_and_batching(count, size, sizes, drop):
    batches = lists(Dataset.range(count).batch(size).rebatch(sizes, drop))
    flat, expected = list(range(count)), []
    while flat:
        turn = sizes[len(expected) % len(sizes)]
        if drop and len(flat) < turn:
            break
        expected.append(flat[:turn])
        flat = flat[turn:]
    assert batches == expected


def test_a_batch_of_arrays_is_one_gather():
    array = np.arange(12.0).reshape(6, 2)
    first, second = (np.asarray(x) for x in Dataset.from_tensor_slices(array).batch(3))
    assert np.shares_memory(first, array) and np.shares_memory(second, array)


def test_components_of_different_shapes_are_named():
    ds = Dataset.from_generator(
        lambda: iter([{"x": [1], "y": 0}, {"x": [1, 2], "y": 0}]),
        output_signature={"x": TensorSpec((None,), "int32"), "y": TensorSpec((), "int32")},
    )
    with pytest.raises(ValueError, match=r"component \['x'\](.|\n)*\(1,\)(.|\n)*\(2,\)(.|\n)*padded_batch"):
        list(ds.batch(2))
    assert len(list(ds.batch(1))) == 2


def test_datasets_cannot_be_batched():
    with pytest.raises(TypeError, match="flat_map"):
        list(Dataset.range(4).window(2).batch(2))


def test_unbatch_needs_equal_first_dimensions():
    ds = Dataset.from_tensors((np.ones(2), np.ones(3)))
    with pytest.raises(ValueError, match=r"\[0\]: \(2,\), \[1\]: \(3,\)"):
        list(ds.unbatch())
    with pytest.raises(ValueError, match="unbatch"):
        list(Dataset.from_tensors(1).unbatch())


def test_empty_batches_have_no_rows():
    ds = Dataset.from_generator(lambda: iter([[], [1, 2], []]), output_signature=TensorSpec((None,), "int32"))
    assert lists(ds.unbatch()) == [1, 2]
    assert lists(ds.rebatch(2)) == [[1, 2]]


@pytest.mark.parametrize("size", [0, -2, 2.5, "a", None])
def test_a_batch_size_is_a_positive_integer(size):
    with pytest.raises((ValueError, TypeError), match="batch_size"):
        Dataset.range(3).batch(size)


def test_sizes_may_be_tensors_and_numpy_numbers():
    ds = Dataset.range(5)
    assert lists(ds.batch(next(iter(Dataset.from_tensors(2))))) == [[0, 1], [2, 3], [4]]
    assert lists(ds.batch(np.int64(3)).rebatch(np.array([1, 2]))) == [[0], [1, 2], [3], [4]]
