"""`split_dataset`: small data in two parts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.data import Dataset
from addax.data._batch import BatchNode


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Split data that fits in memory into a left and a right part.

    Args:
        dataset: A `Dataset` (a batched one is split by rows and batched again), an array, a list or tuple of arrays
            of the same length, or an object with `len()` and `[]`, such as a dataset of PyTorch or grain.
        left_size: The left part: a number of elements, or a fraction.
        right_size: The right part, which is at the end; the rest if None.
        shuffle: Whether the elements are shuffled first.
        seed: Seed of the order.
        preferred_backend: None or `"tensorflow"`: datasets are always `tf.data.Dataset`s.

    Returns:
        The two parts as datasets.

    Raises:
        TypeError: If the data or a size has another type.
        ValueError: If the data is empty, its elements differ in shape, or a size is out of range.

    Example:
        >>> left, right = split_dataset(np.arange(10), left_size=0.8)
        >>> [int(x) for x in right]
        [8, 9]
    """
    if preferred_backend not in (None, "jax", "tensorflow"):
        raise ValueError(
            message(
                "split_dataset() makes `tf.data.Dataset`s.",
                expected='preferred_backend="tensorflow" or None',
                received=preferred_backend,
            )
        )
    if left_size is None and right_size is None:
        raise ValueError(message("split_dataset() needs a size.", expected="`left_size` or `right_size`"))
    batch_size = None
    if isinstance(dataset, Dataset) and isinstance(dataset._node, BatchNode):
        batch_size = dataset._node.size
        dataset = dataset.unbatch()
    samples = _samples(dataset)
    if not samples:
        raise ValueError(message("There is nothing to split: the data is empty."))
    if shuffle:
        random.Random(seed).shuffle(samples)
    left, right = _sizes(left_size, right_size, len(samples))
    halves = []
    for part in (samples[:left], samples[len(samples) - right :]):
        half = Dataset.from_tensor_slices(_stacked(part))
        halves.append(half if batch_size is None else half.batch(batch_size))
    return halves[0], halves[1]


def _samples(data: Any) -> list[Any]:
    """The elements, one by one."""
    if isinstance(data, Dataset):
        return list(data.as_numpy_iterator())
    if isinstance(data, np.ndarray):
        return list(data)
    if isinstance(data, list | tuple):
        _check_arrays(data)
        return list(zip(*data, strict=True))
    if hasattr(data, "__getitem__") and hasattr(data, "__len__") and not isinstance(data, dict | str | bytes):
        return [data[number] for number in range(len(data))]
    raise TypeError(
        message(
            "split_dataset() cannot split this.",
            expected="a Dataset, an array, a list or tuple of arrays, or an object with len() and []",
            received=data,
        )
    )


def _check_arrays(arrays: Sequence[Any]) -> None:
    """Raise ValueError unless these are arrays of one length."""
    if not arrays:
        raise ValueError(message("There is nothing to split: the data is empty."))
    for number, array in enumerate(arrays):
        if not isinstance(array, np.ndarray):
            raise ValueError(
                message(
                    f"Item {number} of the data is no array.", expected="NumPy arrays", received=type(array)
                )
            )
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(message("The arrays have different lengths.", received=str(lengths)))


def _stacked(samples: list[Any]) -> Any:
    """A nest of arrays, each with the samples along the first axis; lists become tuples."""
    columns = zip(*(tree.flatten(_tuples(sample)) for sample in samples), strict=True)
    try:
        stacked = [_column(values) for values in columns]
        return tree.pack_sequence_as(_tuples(samples[0]), stacked)
    except ValueError as error:
        raise ValueError(
            message(f"The elements do not have the same form: {error}.", hint="Pad them first.")
        ) from error


def _tuples(sample: Any) -> Any:
    if isinstance(sample, dict):
        return {key: _tuples(value) for key, value in sample.items()}
    return tuple(map(_tuples, sample)) if isinstance(sample, list | tuple) else sample


def _column(values: Sequence[Any]) -> np.ndarray:
    if isinstance(values[0], bytes | str):
        column = np.empty(len(values), object)
        column[:] = values
        return column
    return np.stack([np.asarray(value) for value in values])


def _sizes(left: Any, right: Any, total: int) -> tuple[int, int]:
    """The numbers of elements."""
    for name, size in (("left_size", left), ("right_size", right)):
        if size is not None and type(size) not in (int, float):
            raise TypeError(
                message(f"`{name}` is wrong.", expected="an integer, a fraction or None", received=size)
            )
        most = 1 if type(size) is float else total
        if size is not None and not 0 < size < most:
            raise ValueError(
                message(
                    f"`{name}` is out of range.",
                    expected=f"an integer from 1 to {total - 1}, or a fraction between 0 and 1",
                    received=size,
                )
            )
    counts = [round(size * total) if type(size) is float else size for size in (left, right)]
    counts[0] = total - counts[1] if counts[0] is None else counts[0]
    counts[1] = total - counts[0] if counts[1] is None else counts[1]
    if sum(counts) > total or 0 in counts:
        raise ValueError(
            message(
                f"{total} elements cannot be split like this.",
                expected="two parts with elements in both",
                received=f"left_size={left}, right_size={right}, so {counts[0]} and {counts[1]} elements",
            )
        )
    return counts[0], counts[1]
