import numpy as np
import pytest

from addax.data import Dataset, TensorSpec


def test_arrays_side_by_side_are_still_a_gather():
    x, y = np.arange(8.0).reshape(4, 2), np.arange(6)
    ds = Dataset.zip((Dataset.from_tensor_slices(x), {"y": Dataset.from_tensor_slices(y)})).shuffle(4, seed=1)
    feed = ds.batch(3)._as_arrays()
    assert feed is not None and feed.arrays[0].shape == (4, 2) and feed.arrays[1]["y"].shape == (4,)
    for features, labels in ds.batch(3):
        np.testing.assert_array_equal(features.numpy()[:, 0], 2 * labels["y"].numpy())


def test_zip_ends_for_good_with_its_shortest_part():
    read = []

    def generate():
        for i in range(9):
            read.append(i)
            yield i

    stream = Dataset.from_generator(generate, output_signature=TensorSpec((), "int64"))
    iterator = iter(Dataset.zip((Dataset.range(2), stream)))
    assert [(int(a), int(b)) for a, b in iterator] == [(0, 0), (1, 1)]
    assert next(iterator, None) is None and read == [0, 1]
    batches = Dataset.zip((stream, Dataset.range(5), stream.take(4))).batch(3)
    assert [a.numpy().tolist() for a, _, _ in batches] == [[0, 1, 2], [3]]


@pytest.mark.parametrize("args, kwargs", [((), {}), ((Dataset.range(2), 3), {}), (([Dataset.range(2)],), {})])
def test_zip_takes_datasets(args, kwargs):
    with pytest.raises(TypeError, match=r"zip\(\)"):
        Dataset.zip(*args, **kwargs)


def test_zip_by_name():
    assert [int(a) for a, _ in Dataset.zip(datasets=(Dataset.range(2), Dataset.range(3)))] == [0, 1]


def test_concatenated_parts_need_the_same_elements():
    with pytest.raises(TypeError, match="different elements(.|\n)*int64(.|\n)*string"):
        Dataset.range(3).concatenate(Dataset.from_tensors("a"))
    with pytest.raises(TypeError, match="different elements"):
        Dataset.range(3).concatenate(Dataset.from_tensors((1, 2)))
    with pytest.raises(TypeError, match="must be a dataset"):
        Dataset.range(3).concatenate([1])


def test_batches_cross_the_seam():
    ds = Dataset.range(3).concatenate(Dataset.range(10, 12)).batch(2)
    assert [x.numpy().tolist() for x in ds] == [[0, 1], [2, 10], [11]]
