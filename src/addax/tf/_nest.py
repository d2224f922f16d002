"""Nests of tuples, lists and dicts, under TensorFlow's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core import tree


def flatten(structure: Any, expand_composites: bool = False) -> list:
    """The leaves of a nest, dicts by sorted key.

    Args:
        structure: Tuples, lists and dicts in each other; anything else is a leaf.
        expand_composites: Accepted for TensorFlow's sake; a tensor made of tensors is a leaf.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.flatten({"b": [1, 2], "a": (3,)})
        [3, 1, 2]
    """
    return tree.flatten(structure)


def map_structure(
    func: Callable, *structure: Any, check_types: bool = True, expand_composites: bool = False
) -> Any:
    """A function applied to the leaves of nests of one form.

    Args:
        func: A function of as many leaves as there are nests.
        *structure: Nests of the same lengths and keys.
        check_types: Accepted for TensorFlow's sake; a list may always stand for a tuple.
        expand_composites: Accepted for TensorFlow's sake; a tensor made of tensors is a leaf.

    Returns:
        What `func` gives, in the form of the first nest.

    Raises:
        ValueError: If there is no nest, or lengths or keys differ.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
        {'a': 11, 'b': [22]}
    """
    return tree.map_structure(func, *structure)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Leaves put into the form of a nest.

    Args:
        structure: A nest of the form wanted; its leaves do not matter.
        flat_sequence: The leaves, in the order of `flatten`.
        expand_composites: Accepted for TensorFlow's sake; a tensor made of tensors is a leaf.

    Raises:
        ValueError: If there are more or fewer leaves than the nest has.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.pack_sequence_as({"a": 0, "b": (0, 0)}, [1, 2, 3])
        {'a': 1, 'b': (2, 3)}
    """
    return tree.pack_sequence_as(structure, flat_sequence)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless two nests have one form.

    Args:
        nest1: A nest.
        nest2: Another one.
        check_types: Whether a list must stand where a list is and a tuple where a tuple is.
        expand_composites: Accepted for TensorFlow's sake; a tensor made of tensors is a leaf.

    Raises:
        ValueError: If lengths or keys differ.
        TypeError: If types differ and are checked.
    """
    tree.assert_same_paths(nest1, nest2)
    try:
        tree.assert_same_structure(nest1, nest2, check_types)
    except ValueError as error:
        raise TypeError(*error.args) from None


def is_nested(structure: Any) -> bool:
    """Whether it is a tuple, list or dict."""
    return tree.is_nested(structure)
