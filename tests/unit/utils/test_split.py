"""`split_dataset`: every kind of data, sizes, order and errors."""

from __future__ import annotations

import random

import numpy as np
import pytest

from addax.data import Dataset
from addax.utils import split_dataset


def rows(dataset):
    return [x.tolist() if isinstance(x, np.ndarray) else x for x in dataset.as_numpy_iterator()]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0.8, None, (8, 2)),
        (None, 3, (7, 3)),
        (2, 3, (2, 3)),
        (0.25, 0.5, (2, 5)),
        (1, 0.9, (1, 9)),
    ],
)
def test_sizes(left, right, expected):
    first, second = split_dataset(np.arange(10), left, right)
    found = rows(first), rows(second)
    assert (len(found[0]), len(found[1])) == expected
    assert found[0] == list(range(expected[0])) and found[1] == list(range(10 - expected[1], 10))


def test_shuffling_is_that_of_keras():
    """Keras shuffles by the standard library's generator with the seed."""
    order = list(range(10))
    random.Random(4).shuffle(order)
    left, right = split_dataset(np.arange(10), 0.5, shuffle=True, seed=4)
    assert rows(left) + rows(right) == order


def test_lists_and_tuples_of_arrays_become_tuples():
    left, _ = split_dataset([np.arange(4), np.eye(4)], 1)
    assert [(int(a), b.tolist()) for a, b in left.as_numpy_iterator()] == [(0, [1.0, 0.0, 0.0, 0.0])]


def test_datasets_keep_their_structure_and_their_batches():
    data = Dataset.from_tensor_slices({"a": np.arange(5), "b": [b"p", b"q", b"r", b"s", b"long"]})
    left, right = split_dataset(data.batch(2), 3)
    assert [batch["a"].tolist() for batch in left.as_numpy_iterator()] == [[0, 1], [2]]
    (batch,) = right.as_numpy_iterator()
    assert batch["b"].tolist() == [b"s", b"long"]


def test_objects_with_len_and_items():
    class Squares:
        def __len__(self):
            return 4

        def __getitem__(self, number):
            return np.float32(number), {"square": np.float32(number**2)}

    _, right = split_dataset(Squares(), 0.5)
    assert [(float(x), float(y["square"])) for x, y in right.as_numpy_iterator()] == [(2, 4), (3, 9)]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((np.arange(4),), ValueError, "needs a size"),
        ((np.arange(4), 4), ValueError, "out of range"),
        ((np.arange(4), 1.0), ValueError, "out of range"),
        ((np.arange(4), None, 0), ValueError, "out of range"),
        ((np.arange(4), 0.7, 0.7), ValueError, "cannot be split"),
        ((np.arange(4), 0.1), ValueError, "cannot be split"),
        ((np.arange(4), "half"), TypeError, "left_size"),
        ((np.arange(0), 1), ValueError, "empty"),
        (([], 1), ValueError, "empty"),
        (([np.arange(4), np.arange(3)], 1), ValueError, "different lengths"),
        (([[1, 2]], 1), ValueError, "no array"),
        (("text", 1), TypeError, "cannot split"),
        (
            (Dataset.range(3).map(lambda x: x), 0.5, None, False, None, "torch"),
            ValueError,
            "preferred_backend",
        ),
    ],
)
def test_errors(arguments, error, text):
    with pytest.raises(error, match=text):
        split_dataset(*arguments)


def test_elements_of_different_shapes_are_an_error():
    data = [np.zeros(2), np.zeros(3), np.zeros(2)]
    with pytest.raises(ValueError, match="same form"):
        split_dataset(Dataset.from_generator(lambda: data, output_types="float64"), 2)
