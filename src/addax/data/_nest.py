"""Nests as datasets know them: tuples, named tuples and dicts. A list is a tensor to be, so it is a leaf."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from typing import Any


def is_nest(value: Any) -> bool:
    """Whether a value is a container here. None is one, without leaves; a `TensorShape` is none."""
    if value is None or isinstance(value, dict):
        return True
    return isinstance(value, tuple) and not hasattr(value, "num_elements")


def _keys(value: dict) -> list:
    if isinstance(value, OrderedDict):
        return list(value)
    try:
        return sorted(value)
    except TypeError:  # keys of several types: keep the order of insertion
        return list(value)


def _children(value: Any) -> Any:
    if value is None:
        return ()
    if isinstance(value, dict):
        return [value[key] for key in _keys(value)]
    return value


def _rebuild(value: Any, children: list) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        by_key = dict(zip(_keys(value), children, strict=True))
        ordered = {key: by_key[key] for key in value}
        if isinstance(value, defaultdict):
            return defaultdict(value.default_factory, ordered)
        return OrderedDict(ordered) if isinstance(value, OrderedDict) else ordered
    return type(value)(*children) if hasattr(value, "_fields") else tuple(children)


def flatten(nest: Any) -> list:
    """The leaves, dicts by sorted key.

    Example:
        >>> flatten(({"b": 1, "a": [2, 3]}, None))
        [[2, 3], 1]
    """
    out: list = []
    _flatten_into(nest, out)
    return out


def _flatten_into(nest: Any, out: list) -> None:
    if not is_nest(nest):
        out.append(nest)
        return
    for child in _children(nest):
        _flatten_into(child, out)


def pack(shell: Any, leaves: Any) -> Any:
    """Put leaves, in the order of `flatten`, into the form of `shell`."""
    return _pack(shell, iter(leaves))


def _pack(shell: Any, leaves: Iterator) -> Any:
    if not is_nest(shell):
        return next(leaves)
    if type(shell) is tuple:
        return tuple([_pack(child, leaves) for child in shell])
    return _rebuild(shell, [_pack(child, leaves) for child in _children(shell)])


def map_leaves(fn: Callable, nest: Any) -> Any:
    """Apply `fn` to each leaf."""
    if not is_nest(nest):
        return fn(nest)
    return _rebuild(nest, [map_leaves(fn, child) for child in _children(nest)])


def map_up_to(shell: Any, fn: Callable, *nests: Any) -> Any:
    """Apply `fn` where `shell` has leaves; the others may go deeper there.

    Raises:
        ValueError: If one of them does not have the form of `shell`.
    """
    if not is_nest(shell):
        return fn(shell, *nests)
    for nest in nests:
        if not _same_node(shell, nest, lists=True):
            raise ValueError("The nests differ in form.")
    columns = [nest if isinstance(nest, list) else _children(nest) for nest in nests]
    rows = zip(_children(shell), *columns, strict=True)
    return _rebuild(shell, [map_up_to(child, fn, *others) for child, *others in rows])


def _same_node(shell: Any, nest: Any, lists: bool = False) -> bool:
    if shell is None or nest is None:
        return shell is nest
    if isinstance(shell, dict):
        return isinstance(nest, dict) and set(shell) == set(nest)
    kind = (tuple, list) if lists else tuple
    return isinstance(nest, kind) and len(shell) == len(nest)


def same_form(a: Any, b: Any) -> bool:
    """Whether two nests have the same containers."""
    if not is_nest(a) or not is_nest(b):
        return is_nest(a) == is_nest(b)
    return _same_node(a, b) and all(same_form(x, y) for x, y in zip(_children(a), _children(b), strict=True))


def paths(nest: Any) -> list[str]:
    """A name for each leaf, such as `['x'][0]`; `element` if the nest is a leaf itself.

    Example:
        >>> paths(({"x": 1}, 2))
        ["[0]['x']", '[1]']
    """
    return [path or "element" for path in _paths(nest, "")]


def _paths(nest: Any, prefix: str) -> list[str]:
    if not is_nest(nest):
        return [prefix]
    names = _keys(nest) if isinstance(nest, dict) else range(len(_children(nest)))
    return [
        path
        for name, child in zip(names, _children(nest), strict=True)
        for path in _paths(child, f"{prefix}[{name!r}]")
    ]


def form(nest: Any) -> str:
    """The containers of a nest as text, a star for each leaf."""
    return str(map_leaves(lambda _: _Star(), nest))


class _Star:
    def __repr__(self) -> str:
        return "*"
