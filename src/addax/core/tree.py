"""Nests of tuples, lists and dicts: flatten, rebuild, map. Pure Python, so that it never imports JAX."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from addax.core.errors import message


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a container of this module (tuple, list or dict)."""
    return isinstance(structure, (tuple, list, dict)) and not getattr(structure, "_is_leaf", False)


def _is_namedtuple(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _children(structure: Any) -> Iterator[Any]:
    if isinstance(structure, dict):
        return (structure[key] for key in _keys(structure))
    return iter(structure)


def _keys(structure: dict) -> list:
    if isinstance(structure, OrderedDict):
        return list(structure)
    try:
        return sorted(structure)
    except TypeError:  # keys of several types: keep the order of insertion
        return list(structure)


def _rebuild(structure: Any, children: list) -> Any:
    if isinstance(structure, dict):
        values = dict(zip(_keys(structure), children, strict=True))
        if isinstance(structure, defaultdict):
            return defaultdict(structure.default_factory, {key: values[key] for key in structure})
        if isinstance(structure, OrderedDict):
            return OrderedDict((key, values[key]) for key in structure)
        return {key: values[key] for key in structure}
    if _is_namedtuple(structure):
        return type(structure)(*children)
    return tuple(children) if isinstance(structure, tuple) else list(children)


def flatten(structure: Any) -> list:
    """The leaves of a nest, dicts by sorted key.

    Example:
        >>> flatten({"b": [1, 2], "a": (3,)})
        [3, 1, 2]
    """
    out: list = []
    _flatten_into(structure, out)
    return out


def _flatten_into(structure: Any, out: list) -> None:
    if is_nested(structure):
        for child in _children(structure):
            _flatten_into(child, out)
    else:
        out.append(structure)


def flatten_with_path(structure: Any) -> list[tuple[tuple, Any]]:
    """Pairs of path (keys and indices from the root) and leaf, in the order of `flatten`."""
    if not is_nested(structure):
        return [((), structure)]
    keys = _keys(structure) if isinstance(structure, dict) else range(len(structure))
    return [
        ((key, *path), leaf)
        for key, child in zip(keys, _children(structure), strict=True)
        for path, leaf in flatten_with_path(child)
    ]


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """Put the leaves `flat_sequence` into the form of `structure`.

    Raises:
        ValueError: If the numbers of leaves differ.
    """
    flat = list(flat_sequence)
    leaves = iter(flat)
    try:
        result = _pack(structure, leaves)
    except StopIteration:
        result = None
        missing = True
    else:
        missing = next(leaves, leaves) is not leaves
    if missing:
        raise ValueError(
            message(
                "The flat sequence does not fit the structure.",
                expected=f"{len(flatten(structure))} leaves",
                received=f"{len(flat)} leaves",
            )
        )
    return result


def _pack(structure: Any, leaves: Iterator) -> Any:
    if not is_nested(structure):
        return next(leaves)
    children = []
    for child in _children(structure):
        children.append(_pack(child, leaves))
    return _rebuild(structure, children)


def map_structure(func: Callable, *structures: Any, none_is_leaf: bool = True) -> Any:
    """Apply `func` to the leaves of one or more nests of the same form.

    Args:
        func: A function of as many leaves as there are nests.
        *structures: Nests of the same form.
        none_is_leaf: Whether `func` gets the Nones; if not, they stay.

    Example:
        >>> map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
        {'a': 11, 'b': [22]}
    """
    if not structures:
        raise ValueError("map_structure() needs at least one structure.")
    first = structures[0]
    for other in structures[1:]:
        assert_same_paths(first, other)
    if not none_is_leaf:
        original = func
        func = lambda *leaves: None if all(x is None for x in leaves) else original(*leaves)  # noqa: E731
    return _map(func, structures)


def _map(func: Callable, structures: tuple) -> Any:
    first = structures[0]
    if not is_nested(first):
        return func(*structures)
    columns = zip(*(_children(s) for s in structures), strict=True)
    return _rebuild(first, [_map(func, column) for column in columns])


def map_structure_up_to(shallow_structure: Any, func: Callable, *structures: Any) -> Any:
    """Like `map_structure`, but only as deep as `shallow_structure` goes.

    Example:
        >>> map_structure_up_to([0, 0], len, ["ab", ["c"]])
        [2, 1]
    """
    shallow = shallow_structure
    if not is_nested(shallow):
        return func(*structures)
    children = []
    keys = _keys(shallow) if isinstance(shallow, dict) else range(len(shallow))
    for key in keys:
        children.append(map_structure_up_to(shallow[key], func, *(s[key] for s in structures)))
    return _rebuild(shallow, children)


def map_shape_structure(func: Callable, structure: Any) -> Any:
    """Apply `func` to the shapes in a nest: lists and tuples of nothing but integers and None.

    Example:
        >>> map_shape_structure(len, {"a": (None, 3), "b": [(2,), ()]})
        {'a': 2, 'b': [1, 0]}
    """
    if not is_nested(structure):
        raise ValueError(message("There is a leaf outside of the shapes.", received=structure))
    if isinstance(structure, (list, tuple)) and all(d is None or isinstance(d, int) for d in structure):
        return func(structure)
    return _rebuild(structure, [map_shape_structure(func, child) for child in _children(structure)])


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Raise unless two nests have the same form, lists where lists are and tuples where tuples are.

    Args:
        a: A nest.
        b: Another one.
        check_types: False is the same as `assert_same_paths`.

    Raises:
        ValueError: If types, lengths or keys differ, or one side is a leaf where the other is not.
    """
    if not _same(a, b, check_types is not False):
        raise ValueError(message("The two structures differ.", expected=_shape_of(a), received=_shape_of(b)))


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise unless two nests have the same paths; a list may stand for a tuple.

    Raises:
        ValueError: If lengths or keys differ, or one side is a leaf where the other is not.

    Example:
        >>> assert_same_paths({"a": [1, 2]}, {"a": (3, 4)})
    """
    assert_same_structure(a, b, check_types=False)


def _same(a: Any, b: Any, check_types: bool) -> bool:
    if is_nested(a) != is_nested(b):
        return False
    if not is_nested(a):
        return True
    if isinstance(a, dict) != isinstance(b, dict) or len(a) != len(b):
        return False
    if check_types and not isinstance(a, dict) and type(a) is not type(b):
        return False
    if isinstance(a, dict) and set(a) != set(b):
        return False
    return all(_same(x, y, check_types) for x, y in zip(_children(a), _children(b), strict=True))


def _shape_of(structure: Any) -> str:
    return str(_map(lambda _: _Star(), (structure,)))


class _Star:
    def __repr__(self) -> str:
        return "*"


def lists_to_tuples(structure: Any) -> Any:
    """The same nest with every list as a tuple, so that it can be hashed."""
    if isinstance(structure, dict):
        return {key: lists_to_tuples(value) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)) and not _is_namedtuple(structure):
        return tuple(lists_to_tuples(value) for value in structure)
    return structure


class MAP_TO_NONE:  # noqa: N801
    """What the function of `traverse` returns to put None in the place of a node."""


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Visit every node of a nest; a result that is not None replaces the node.

    Args:
        func: Takes a nest or a leaf; returns None to go on, `MAP_TO_NONE` for None, or what replaces it.
        structure: A nest.
        top_down: Whether a nest is visited before what is in it, which a replacement then keeps from view.

    Example:
        >>> traverse(lambda x: MAP_TO_NONE if x == 2 else None, [1, (2, 3)])
        [1, (None, 3)]
    """
    if top_down:
        result = func(structure)
        if result is not None:
            return None if result is MAP_TO_NONE else result
    if is_nested(structure):
        structure = _rebuild(structure, [traverse(func, child, top_down) for child in _children(structure)])
    if top_down:
        return structure
    result = func(structure)
    if result is None:
        return structure
    return None if result is MAP_TO_NONE else result


def is_mapping(value: Any) -> bool:
    """Whether `value` maps keys to values."""
    return isinstance(value, Mapping)
