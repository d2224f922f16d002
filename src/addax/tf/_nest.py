"""Nests of tuples, lists and dicts, under TensorFlow's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.core import tree


def flatten(structure: Any, expand_composites: bool = False) -> list:
    """The leaves of a nest, dicts by sorted key."""
    return tree.flatten(structure)


def map_structure(
    func: Callable, *structure: Any, check_types: bool = True, expand_composites: bool = False
) -> Any:
    """A function applied to the leaves of nests of one form."""
    return tree.map_structure(func, *structure)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """Leaves put into the form of a nest."""
    return tree.pack_sequence_as(structure, flat_sequence)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise ValueError unless two nests have one form."""
    tree.assert_same_structure(nest1, nest2)


def is_nested(structure: Any) -> bool:
    """Whether it is a tuple, list or dict."""
    return tree.is_nested(structure)
