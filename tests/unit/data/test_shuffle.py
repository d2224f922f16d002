import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from addax.data import UNKNOWN_CARDINALITY, Dataset, TensorSpec
from addax.data._shuffle import _exchange
from addax.random._seed import set_global_seed


def numbers(dataset):
    return [int(x) for x in dataset]


def streamed(count):
    """The numbers below `count`, from a source that can only be read one by one."""
    return Dataset.from_generator(lambda: iter(range(count)), output_signature=TensorSpec((), "int64"))


@given(st.integers(0, 60), st.integers(1, 70), st.integers(0, 2**40))
def test_an_order_holds_every_element_and_none_comes_before_it_was_in_the_buffer(count, size, seed):
    order = numbers(Dataset.range(count).shuffle(size, seed))
    assert sorted(order) == list(range(count))
    assert all(element < position + size for position, element in enumerate(order))


@given(st.integers(0, 60), st.integers(1, 70), st.integers(1, 9), st.integers(0, 3))
def test_the_order_does_not_depend_on_how_elements_are_read(count, size, batch, seed):
    order = numbers(Dataset.range(count).shuffle(size, seed))
    assert numbers(streamed(count).shuffle(size, seed)) == order
    assert numbers(Dataset.range(count).shuffle(size, seed).batch(batch).unbatch()) == order
    assert (
        numbers(Dataset.from_tensor_slices(np.arange(count)).shuffle(size, seed).batch(batch).unbatch())
        == order
    )


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_the_exchange_of_a_block_is_that_of_its_elements_in_turn(places):
    buffer, expected_buffer = np.arange(100, 105), np.arange(100, 105)
    incoming, expected = np.arange(len(places)), []
    for i, place in enumerate(places):
        expected.append(int(expected_buffer[place]))
        expected_buffer[place] = i
    assert _exchange(buffer, incoming, np.array(places)).tolist() == expected
    assert buffer.tolist() == expected_buffer.tolist()


def test_iterations_and_repetitions_differ_unless_told_otherwise():
    free = Dataset.range(20).shuffle(20, seed=1)
    first, second = numbers(free), numbers(free)
    assert first != second
    assert numbers(Dataset.range(20).shuffle(20, seed=1).repeat(2)) == first + second
    fixed = Dataset.range(20).shuffle(20, seed=1, reshuffle_each_iteration=False)
    assert numbers(fixed) == numbers(fixed) == first
    assert numbers(fixed.repeat(2)) == first + first


def test_every_place_is_equally_likely():
    counts = np.zeros((4, 4))
    ds = Dataset.range(4).shuffle(4, seed=5)
    for _ in range(2000):
        counts[np.arange(4), numbers(ds)] += 1
    assert abs(counts / 2000 - 0.25).max() < 0.05


def test_no_seed_means_the_global_one():
    set_global_seed(3)
    first = numbers(Dataset.range(20).shuffle(20))
    assert numbers(Dataset.range(20).shuffle(20)) != first
    set_global_seed(3)
    assert numbers(Dataset.range(20).shuffle(20)) == first


def test_the_buffer_may_be_as_large_as_the_dataset_whatever_that_is():
    assert sorted(numbers(streamed(9).shuffle(UNKNOWN_CARDINALITY))) == list(range(9))
    ds = Dataset.range(9)
    assert sorted(numbers(ds.shuffle(ds.cardinality(), seed=np.int64(-3)))) == list(range(9))


@pytest.mark.parametrize("size", [0, -1, 1.5, None])
def test_a_buffer_without_places_is_an_error(size):
    with pytest.raises((ValueError, TypeError), match="buffer_size"):
        Dataset.range(3).shuffle(size)
