import pytest

from addax.data import INFINITE_CARDINALITY, Dataset


def test_each_round_starts_the_input_anew():
    started = []

    def generate():
        started.append(True)
        yield from range(2)

    ds = Dataset.from_generator(generate, output_types="int32", output_shapes=()).repeat(3)
    assert [int(x) for x in ds] == [0, 1] * 3 and len(started) == 3


def test_batches_cross_the_rounds():
    assert [x.numpy().tolist() for x in Dataset.range(3).repeat(2).batch(4)] == [[0, 1, 2, 0], [1, 2]]


@pytest.mark.parametrize("count", [None, -1, 3])
def test_an_empty_input_stays_empty(count):
    empty = Dataset.range(5).filter(lambda x: x > 9)
    assert list(empty.repeat(count)) == []
    assert list(empty.repeat(count).batch(2)) == []


def test_the_size_is_known():
    assert len(Dataset.range(3).repeat(4)) == 12
    assert int(Dataset.range(3).repeat().cardinality()) == INFINITE_CARDINALITY
    assert len(Dataset.range(0).repeat()) == 0
