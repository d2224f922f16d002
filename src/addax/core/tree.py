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


def pack_sequence_as(structure: Any, flat: Any) -> Any:
    """Put flat leaves into the form of `structure`.

    Raises:
        ValueError: If the numbers of leaves differ.
    """
    flat = list(flat)
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

    Example:
        >>> map_structure(lambda x, y: x + y, {"a": 1, "b": [2]}, {"a": 10, "b": [20]})
        {'a': 11, 'b': [22]}
    """
    if not structures:
        raise ValueError("map_structure() needs at least one structure.")
    first = structures[0]
    for other in structures[1:]:
        assert_same_structure(first, other)
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


def map_structure_up_to(shallow: Any, func: Callable, *structures: Any) -> Any:
    """Like `map_structure`, but only as deep as `shallow` goes."""
    if not is_nested(shallow):
        return func(*structures)
    children = []
    keys = _keys(shallow) if isinstance(shallow, dict) else range(len(shallow))
    for key in keys:
        children.append(map_structure_up_to(shallow[key], func, *(s[key] for s in structures)))
    return _rebuild(shallow, children)


def assert_same_structure(a: Any, b: Any, check_types: bool = False) -> None:
    """Raise unless two nests have the same form.

    Raises:
        ValueError: If lengths or keys differ, or one side is a leaf where the other is not.
    """
    if not _same(a, b, check_types):
        raise ValueError(message("The two structures differ.", expected=_shape_of(a), received=_shape_of(b)))


def _same(a: Any, b: Any, check_types: bool) -> bool:
    if is_nested(a) != is_nested(b):
        return False
    if not is_nested(a):
        return True
    if isinstance(a, dict) != isinstance(b, dict) or len(a) != len(b):
        return False
    if check_types and type(a) is not type(b):
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


def traverse(func: Callable, structure: Any, top_down: bool = True) -> Any:
    """Visit every node of a nest; a result that is not None replaces the node."""
    if top_down:
        result = func(structure)
        if result is not None:
            return result
    if is_nested(structure):
        structure = _rebuild(structure, [traverse(func, child, top_down) for child in _children(structure)])
    if top_down:
        return structure
    result = func(structure)
    return structure if result is None else result


def is_mapping(value: Any) -> bool:
    """Whether `value` maps keys to values."""
    return isinstance(value, Mapping)
