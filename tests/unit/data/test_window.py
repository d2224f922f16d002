import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.data import Dataset, TensorSpec


@given(st.integers(0, 15), st.integers(1, 5), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_windows_start_every_shift_and_take_every_stride(count, size, shift, stride, drop):
    ds = Dataset.range(count).window(size, shift, stride, drop)
    expected = [list(range(start, count, stride))[:size] for start in range(0, count, shift)]
    if drop:
        expected = [window for window in expected if len(window) == size]
    assert [[int(x) for x in window] for window in ds] == expected
    assert len(ds) == len(expected)


def test_each_component_has_its_own_dataset():
    ds = Dataset.from_tensor_slices({"a": np.arange(3), "b": (np.ones((3, 2)), ["x", "y", "z"])}).window(2)
    first = next(iter(ds))
    assert [int(x) for x in first["a"]] == [0, 1] and len(first["a"]) == 2
    assert [x.numpy() for x in first["b"][1]] == [b"x", b"y"]
    assert first["b"][0].element_spec == TensorSpec((2,), "float64")
    assert repr(first["a"]).startswith("<_VariantDataset element_spec=TensorSpec(shape=()")


def test_windows_as_numpy_iterators():
    windows = Dataset.range(3).window(2).as_numpy_iterator()
    assert [list(window) for window in windows] == [[0, 1], [2]]


@pytest.mark.parametrize("options", [{"size": 0}, {"size": 2, "shift": 0}, {"size": 2, "stride": 0}])
def test_sizes_are_positive(options):
    with pytest.raises(ValueError, match="at least 1"):
        Dataset.range(3).window(**options)
