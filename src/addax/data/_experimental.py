"""The functions of `tf.data.experimental` that are no methods of `Dataset`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.data._arguments import integer
from addax.data._checks import KnownSizeNode
from addax.data._dataset import Dataset


def assert_cardinality(expected_cardinality: Any) -> Callable[[Dataset], Dataset]:
    """A transformation for `Dataset.apply` that tells the number of elements, so that `len` knows it.

    Args:
        expected_cardinality: The number; iterating raises ValueError if it is wrong.

    Example:
        >>> from addax.data import Dataset, assert_cardinality
        >>> len(Dataset.range(6).filter(lambda x: x > 2).apply(assert_cardinality(3)))
        3
    """
    size = integer(expected_cardinality, "expected_cardinality", -2)
    return lambda dataset: Dataset(KnownSizeNode(dataset._node, size))


def cardinality(dataset: Dataset) -> Any:
    """The number of elements of a dataset, as `Dataset.cardinality` gives it."""
    return dataset.cardinality()
