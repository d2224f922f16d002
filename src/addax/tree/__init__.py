"""`addax.tree`: nests of tuples, lists and dicts, as `keras.tree` has them."""

from addax.core.tree import (
    assert_same_structure,
    flatten,
    flatten_with_path,
    is_nested,
    lists_to_tuples,
    map_structure,
    map_structure_up_to,
    pack_sequence_as,
    traverse,
)

__all__ = [
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]
