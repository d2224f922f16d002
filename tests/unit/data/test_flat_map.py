import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def values(dataset):
    return [x.numpy().tolist() for x in dataset]


def interleaved(lengths, cycle, block):
    """What TensorFlow documents: places of a cycle visited in turn, each filled when its turn comes."""
    waiting = [[(i, j) for j in range(n)] for i, n in enumerate(lengths)]
    places, out, place = [None] * cycle, [], 0
    while waiting or any(p is not None for p in places):
        if places[place] is None and waiting:
            places[place] = waiting.pop(0)
        if places[place] is not None:
            taken, places[place] = places[place][:block], places[place][block:]
            out += taken
            if len(taken) < block:
                places[place] = None
        place = (place + 1) % cycle
    return out


@pytest.mark.parametrize("cycle, block", [(1, 1), (2, 1), (2, 3), (3, 2), (5, 1)])
@pytest.mark.parametrize("lengths", [(3, 1, 4), (0, 2, 0, 5), (2, 2), ()])
def test_interleave_takes_turns(lengths, cycle, block):
    source = Dataset.from_tensor_slices(np.array(lengths, np.int64)).enumerate()
    ds = source.interleave(lambda i, n: Dataset.range(n).map(lambda j: (i, j)), cycle, block)
    assert [(int(i), int(j)) for i, j in ds] == interleaved(lengths, cycle, block)


def test_windows_of_several_components_come_as_several_datasets():
    ds = Dataset.from_tensor_slices((np.arange(4), np.arange(4.0))).window(2)
    flat = ds.flat_map(lambda a, b: Dataset.zip((a.batch(2), b.batch(2))))
    assert [(a.numpy().tolist(), b.numpy().tolist()) for a, b in flat] == [([0, 1], [0, 1]), ([2, 3], [2, 3])]
    assert flat.element_spec == (TensorSpec((None,), "int64"), TensorSpec((None,), "float64"))


def test_the_function_must_give_a_dataset():
    for method in (Dataset.range(3).flat_map, Dataset.range(3).interleave):
        with pytest.raises(TypeError, match="must give a dataset"):
            list(method(lambda x: x))


@pytest.mark.parametrize("options", [{"cycle_length": 0}, {"cycle_length": -2}, {"block_length": 0}])
def test_lengths_are_positive(options):
    with pytest.raises(ValueError, match="_length"):
        Dataset.range(3).interleave(lambda x: Dataset.range(x), **options)


def test_the_cycle_has_a_length_by_itself():
    ds = Dataset.range(3).interleave(lambda x: Dataset.from_tensors(x).repeat(2), num_parallel_calls=-1)
    assert values(ds) == [0, 1, 2, 0, 1, 2]


def test_nothing_is_read_before_it_is_wanted():
    opened = []

    def rows(x):
        opened.append(int(x))
        return Dataset.range(100)

    ds = Dataset.range(5).flat_map(rows)
    assert opened == []
    next(iter(ds))
    assert opened == [0]


def test_datasets_that_differ_in_shape_have_an_unknown_one():
    ragged = Dataset.from_generator(
        lambda: iter([[1], [2, 3]]), output_signature=TensorSpec((None,), "int32")
    )
    assert ragged.flat_map(Dataset.from_tensors).element_spec == TensorSpec((None,), "int32")
    assert ragged.flat_map(Dataset.from_tensor_slices).element_spec == TensorSpec((), "int32")
