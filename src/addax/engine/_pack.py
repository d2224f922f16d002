"""Nests taken apart into arrays and a hashable form, and put together again: arguments and results of compiled code."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np

from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable


class Composite:
    """A value made of tensors that compiled code and control flow take apart, such as a `TensorArray`."""

    def _parts(self) -> tuple[tuple, Any]:
        """The nests of tensors it is made of, and the hashable rest."""
        raise NotImplementedError

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> Any:
        """The value again, from other tensors of the same kind."""
        raise NotImplementedError


class _Mark:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


TENSOR, RAW = _Mark("<tensor>"), _Mark("<array>")


class Held:
    """A Python value that is part of the form: compared by value if it can be hashed, else by identity."""

    __slots__ = ("_hash", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        try:
            self._hash = hash((type(value), value))
        except TypeError:
            self._hash = id(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: Any) -> bool:
        if type(other) is not Held or self._hash != other._hash or type(self.value) is not type(other.value):
            return False
        return self.value is other.value or (_has_plain_equality(self.value) and self.value == other.value)

    def __repr__(self) -> str:
        return repr(self.value)


class HeldByType(Held):
    """A Python value that says by which type it is told apart from others (`__tf_tracing_type__`)."""

    __slots__ = ("type",)

    def __init__(self, value: Any) -> None:
        self.type = value.__tf_tracing_type__(None)
        placeholder = getattr(self.type, "placeholder_value", lambda context: None)(None)
        self.value = value if placeholder is None else placeholder
        self._hash = hash(self.type)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: Any) -> bool:
        return type(other) is HeldByType and self._hash == other._hash and self.type == other.type


def _has_plain_equality(value: Any) -> bool:
    """Whether `==` gives a bool (and not, as for tensors, another tensor)."""
    return not isinstance(value, (Tensor, Variable, SymbolicTensor, np.ndarray))


ON_HOST = _Mark("<host value>")


class SymbolicArgument(TypeError):
    """A compiled function was called on a symbolic tensor."""


def pack(value: Any, leaves: list, results: bool = False, host: list | None = None) -> Any:
    """The hashable form of a nest; its tensors and arrays are appended to `leaves`.

    Args:
        value: The nest.
        leaves: Where tensors and arrays go, as they are.
        results: Whether these are results, in which a variable stands for its value.
        host: Where strings and datasets go, which compiled code cannot take; if None they are part of the form.

    Raises:
        SymbolicArgument: If an argument is a symbolic tensor.
    """
    cls = type(value)
    if cls is Tensor:
        return _pack_array(value, value._value, leaves, host)
    if cls is list or cls is tuple:
        return (cls, None, tuple([pack(v, leaves, results, host) for v in value]))
    if cls is dict:
        return (dict, tuple(value), tuple([pack(v, leaves, results, host) for v in value.values()]))
    if cls is np.ndarray:
        return _pack_array(value, value, leaves, host)
    return _pack_other(value, leaves, results, host)


def _pack_array(value: Any, raw: Any, leaves: list, host: list | None) -> Any:
    if type(raw) is np.ndarray and raw.dtype.kind in "OSU":
        return _on_host(value, host)
    leaves.append(value)
    return TENSOR


def _on_host(value: Any, host: list | None) -> Any:
    if host is None:
        return Held(value)
    host.append(value)
    return ON_HOST


def _pack_other(value: Any, leaves: list, results: bool, host: list | None) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return Held(value)
    if isinstance(value, Tensor):
        return _pack_array(value, value._value, leaves, host)
    if isinstance(value, Variable):
        if not results or value._dtype == "string":
            return Held(value)
        leaves.append(value._read())
        return TENSOR
    if isinstance(value, SymbolicTensor) and not results:
        raise SymbolicArgument("A compiled function was called on a symbolic tensor.")
    if hasattr(value, "aval"):
        leaves.append(value)
        return RAW
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        return _pack_array(array, array, leaves, host)
    return _pack_nest(value, leaves, results, host)


def _pack_nest(value: Any, leaves: list, results: bool, host: list | None) -> Any:
    if isinstance(value, (list, tuple)):
        return (type(value), None, tuple([pack(v, leaves, results, host) for v in value]))
    if isinstance(value, dict):
        return (type(value), tuple(value), tuple([pack(v, leaves, results, host) for v in value.values()]))
    if isinstance(value, Composite):
        parts, rest = value._parts()
        return (type(value), Held(rest), pack(parts, leaves, results, host))
    if hasattr(value, "element_spec"):  # a dataset or its iterator
        return _on_host(value, host)
    return HeldByType(value) if hasattr(type(value), "__tf_tracing_type__") else Held(value)


def raw_leaves(leaves: list) -> list:
    """The raw arrays of the leaves that `pack` gave."""
    return [x._value if isinstance(x, Tensor) else x for x in leaves]


def unpack(form: Any, leaves: Iterator) -> Any:
    """The nest of a form, with the next tensors or arrays in its places."""
    if form is TENSOR:
        leaf = next(leaves)
        return leaf if isinstance(leaf, Tensor) else Tensor(leaf)
    if form is RAW:
        leaf = next(leaves)
        return leaf._value if isinstance(leaf, Tensor) else leaf
    if isinstance(form, Held):
        return form.value
    cls, keys, children = form
    if keys is None:
        values = [unpack(child, leaves) for child in children]
        return cls(*values) if hasattr(cls, "_fields") else cls(values)
    if type(keys) is Held:
        return cls._from_parts(unpack(children, leaves), keys.value)
    pairs = [(key, unpack(child, leaves)) for key, child in zip(keys, children, strict=True)]
    return OrderedDict(pairs) if issubclass(cls, OrderedDict) else dict(pairs)
