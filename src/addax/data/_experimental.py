"""The functions of `tf.data.experimental` that are no methods of `Dataset`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core.errors import message
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


def pad_to_cardinality(cardinality: Any, mask_key: str = "valid") -> Callable[[Dataset], Dataset]:
    """A transformation for `Dataset.apply` that adds elements of zeros up to a number of elements.

    Args:
        cardinality: The number of elements wanted.
        mask_key: The key of a boolean that each element, a dict, gets: whether it is none of those added.

    Raises:
        TypeError: If the elements are no dicts.
        ValueError: If there are more elements, or nobody knows how many there are.

    Example:
        >>> from addax.data import Dataset, pad_to_cardinality
        >>> ds = Dataset.from_tensor_slices({"x": [1, 2]}).apply(pad_to_cardinality(3))
        >>> [(int(e["x"]), bool(e["valid"])) for e in ds]
        [(1, True), (2, True), (0, False)]
    """
    size = integer(cardinality, "cardinality", 0)

    def padded(dataset: Dataset) -> Dataset:
        have = dataset._node.cardinality()
        if not isinstance(dataset.element_spec, dict):
            raise TypeError(message("pad_to_cardinality() needs dicts.", received=dataset.element_spec))
        if not 0 <= have <= size:
            raise ValueError(
                message(
                    "pad_to_cardinality() cannot give the dataset this size.",
                    expected=f"a known number of elements, {size} at most",
                    received=f"cardinality {have}",
                )
            )
        zeros = Dataset.from_tensors(dataset._node._stand_in()).repeat(size - have)
        return dataset.map(lambda e: {**e, mask_key: True}).concatenate(
            zeros.map(lambda e: {**e, mask_key: False})
        )

    return padded
