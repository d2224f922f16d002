"""Nests of tuples, lists and dicts, under TensorFlow's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from addax.core import tree
from addax.engine import Composite


def flatten(structure: Any, expand_composites: bool = False) -> list:
    """The leaves of a nest, dicts by sorted key.

    Args:
        structure: Tuples, lists and dicts in each other; anything else is a leaf.
        expand_composites: Whether ragged and sparse tensors and objects of extension types are taken apart, too.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.flatten({"b": [1, 2], "a": (3,)})
        [3, 1, 2]
    """
    leaves = tree.flatten(structure)
    return [part for leaf in leaves for part in _expanded(leaf)] if expand_composites else leaves


def _expanded(leaf: Any) -> tuple:
    return _components(leaf)[0] if isinstance(leaf, Composite) else (leaf,)


def _components(leaf: Any) -> tuple[tuple, Callable]:
    """The tensors of a composite one, as TensorFlow orders them, and what makes it again of others."""
    if hasattr(leaf, "ragged_rank"):
        splits = tuple(leaf.nested_row_splits)
        return (leaf.flat_values, *splits), lambda parts: leaf.from_nested_row_splits(parts[0], parts[1:])
    if hasattr(leaf, "dense_shape"):
        return (leaf.indices, leaf.values, leaf.dense_shape), lambda parts: type(leaf)(*parts)
    parts, rest = leaf._parts()
    return parts, lambda parts: type(leaf)._from_parts(tuple(parts), rest)


def map_structure(
    func: Callable, *structure: Any, check_types: bool = True, expand_composites: bool = False
) -> Any:
    """A function applied to the leaves of nests of one form.

    Args:
        func: A function of as many leaves as there are nests.
        *structure: Nests of the same lengths and keys.
        check_types: Accepted for TensorFlow's sake; a list may always stand for a tuple.
        expand_composites: Whether the tensors are leaves that ragged and sparse tensors and objects of extension types
            are made of.

    Returns:
        What `func` gives, in the form of the first nest.

    Raises:
        ValueError: If there is no nest, or lengths or keys differ.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
        {'a': 11, 'b': [22]}
    """
    if not expand_composites:
        return tree.map_structure(func, *structure)
    columns = zip(*[flatten(nest, True) for nest in structure], strict=True)
    return pack_sequence_as(structure[0], [func(*leaves) for leaves in columns], True)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Leaves put into the form of a nest.

    Args:
        structure: A nest of the form wanted; its leaves do not matter.
        flat_sequence: The leaves, in the order of `flatten`.
        expand_composites: Whether they are also those that ragged and sparse tensors and objects of extension types
            in the nest are made of.

    Raises:
        ValueError: If there are more or fewer leaves than the nest has.

    Example:
        >>> import addax.tf as tf
        >>> tf.nest.pack_sequence_as({"a": 0, "b": (0, 0)}, [1, 2, 3])
        {'a': 1, 'b': (2, 3)}
    """
    if not expand_composites:
        return tree.pack_sequence_as(structure, flat_sequence)
    given = iter(flat_sequence)
    return tree.map_structure(lambda leaf: _made_again(leaf, given), structure)


def _made_again(leaf: Any, given: Iterator) -> Any:
    if not isinstance(leaf, Composite):
        return next(given)
    parts, make = _components(leaf)
    return make([next(given) for _ in parts])


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
