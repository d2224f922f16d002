import numpy as np
import pytest

from addax.data import INFINITE_CARDINALITY, Dataset


@pytest.mark.parametrize("bounds", [(5,), (2, 5), (5, 0, -2), (0, 7, 3), (3, 3), (5, 2), (np.int64(4),)])
def test_ranges_are_those_of_python(bounds):
    ds = Dataset.range(*bounds)
    assert [int(x) for x in ds] == list(range(*map(int, bounds)))
    assert len(ds) == len(range(*map(int, bounds)))
    assert [x.numpy().tolist() for x in ds.batch(100)] in ([], [list(range(*map(int, bounds)))])


def test_the_dtype_can_be_chosen():
    assert [x.numpy() for x in Dataset.range(2, output_type="float32")] == [np.float32(0), np.float32(1)]
    assert Dataset.range(2, output_type="uint8").element_spec.dtype == "uint8"


@pytest.mark.parametrize("bounds, error", [((), ValueError), ((1, 2, 0), ValueError), ((1.5,), TypeError)])
def test_wrong_bounds_are_an_error(bounds, error):
    with pytest.raises(error, match="range|integer"):
        Dataset.range(*bounds)


def test_a_counter_has_no_end():
    ds = Dataset.counter(5, -2, "int32")
    assert int(ds.cardinality()) == INFINITE_CARDINALITY
    assert [int(x) for x in ds.take(3)] == [5, 3, 1]


def test_random_numbers_repeat_unless_told_otherwise():
    fixed, free = (
        Dataset.random(seed=1).take(3),
        Dataset.random(seed=1, rerandomize_each_iteration=True).take(3),
    )
    numbers = [int(x) for x in fixed]
    assert numbers == [int(x) for x in fixed] == [int(x) for x in free] != [int(x) for x in free]
    assert len(set(numbers)) == 3 and all(0 <= n < 2**32 for n in numbers)
