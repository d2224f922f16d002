"""The arguments of an op: which are arrays, and the template that the rest of them makes.

A template is what a call is but for its arrays, which it has `LEAF`s for; it can be hashed, and calls of the same
template share what was compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from addax.engine import _jax
from addax.engine._jax import jax
from addax.engine._symbolic import SymbolicTensor
from addax.engine._tensor import Tensor
from addax.engine._variable import Variable, host_array

TENSOR, RAW, VARIABLE, SYMBOLIC, NUMPY, SCALAR, SEQUENCE, DICT, NONE, TEXT, OTHER = range(11)

_ARRAYS = frozenset((TENSOR, RAW, VARIABLE, NUMPY))

_kinds: dict[type, int] = {
    Tensor: TENSOR,
    Variable: VARIABLE,
    SymbolicTensor: SYMBOLIC,
    np.ndarray: NUMPY,
    list: SEQUENCE,
    tuple: SEQUENCE,
    dict: DICT,
    bool: SCALAR,
    int: SCALAR,
    float: SCALAR,
    complex: SCALAR,
    type(None): NONE,
    str: TEXT,
    bytes: TEXT,
}


def kind_of(value: Any) -> int:
    """Which of the kinds above a value is."""
    cls = type(value)
    kind = _kinds.get(cls)
    if kind is None:
        kind = _kinds[cls] = _slow_kind(value)
    return kind


def _slow_kind(value: Any) -> int:
    """The kind of a value of a class that was not met before."""
    by_class = (
        (Tensor, TENSOR),
        (Variable, VARIABLE),
        (SymbolicTensor, SYMBOLIC),
        ((jax.Array, jax.core.Tracer), RAW),
        (np.ndarray, NUMPY),
        ((str, np.str_, np.bytes_), TEXT),
        (np.generic, SCALAR),
        ((list, tuple), SEQUENCE),
        (dict, DICT),
    )
    for classes, kind in by_class:
        if isinstance(value, classes):
            return kind
    own = ("__addax_op__", "__addax_tensor__", "__jax_array__")
    if any(hasattr(value, name) for name in own) or isinstance(value, type):
        return OTHER
    return NUMPY if hasattr(value, "__array__") else OTHER  # pandas columns, torch tensors


class _Leaf:
    """The place of an array in a template of arguments."""

    def __repr__(self) -> str:
        return "<array>"


LEAF = _Leaf()


def plain_values(args: tuple) -> list | None:
    """The raw values of tensors on the device, variables and floats, at least one a tensor; None for all else.

    Most calls are of this kind, and sorting their arguments would cost as much as running them.
    """
    values, tensors = [], False
    for x in args:
        kind = kind_of(x)
        if kind == TENSOR:
            raw = _settled(x)
            tensors = True
        elif kind == VARIABLE:
            raw = x._read()
        elif type(x) is float:
            raw = x
        else:
            return None
        if type(raw) is np.ndarray:
            return None
        values.append(raw)
    return values if tensors else None


def _settled(tensor: Tensor) -> Any:
    """The raw value of a tensor; float32 numbers that came from the host go to the device once, and stay there."""
    raw = tensor._value
    if type(raw) is np.ndarray and raw.dtype == np.float32 and _jax.not_tracing():
        raw = tensor._value = _jax.on_device(raw)
    return raw


class Symbolic(Exception):
    """Raised while arguments are sorted, when one of them is symbolic."""


class Composed(Exception):
    """Raised while arguments are sorted, when one says itself what an op means for it (`__addax_op__`)."""

    def __init__(self, value: Any) -> None:
        self.value = value


def call_template(fn: Callable, template: tuple, *arrays: Any) -> Any:
    """Put arrays back into the places of the template and call."""
    iterator = iter(arrays)
    args, kwargs = template
    return fn(
        *[_fill(item, iterator) for item in args],
        **{name: _fill(item, iterator) for name, item in kwargs},
    )


def _fill(item: Any, arrays: Any) -> Any:
    if item is LEAF:
        return next(arrays)
    if type(item) is _Nest:
        values = [_fill(child, arrays) for child in item.children]
        if item.keys is not None:
            return dict(zip(item.keys, values, strict=True))
        return item.cls(*values) if hasattr(item.cls, "_fields") else item.cls(values)
    if type(item) is _Static:
        return item.value
    return item


class _Nest:
    """A list, tuple or dict of arguments in a template."""

    __slots__ = ("_hash", "children", "cls", "keys")

    def __init__(self, cls: type, children: tuple, keys: tuple | None = None) -> None:
        self.cls, self.children, self.keys = cls, children, keys
        self._hash: int | None = None

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.cls, self.children, self.keys))
        return self._hash

    def __eq__(self, other: Any) -> bool:
        return (
            type(other) is _Nest
            and self.cls is other.cls
            and self.keys == other.keys
            and self.children == other.children
        )


class _Static:
    """A static argument that must not be mixed up with an equal one of another type (`1`, `1.0` and `True`)."""

    __slots__ = ("_key", "value")

    def __init__(self, value: Any, key: Any) -> None:
        self.value, self._key = value, (type(value), key)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: Any) -> bool:
        return type(other) is _Static and self._key == other._key


class Call:
    """One passage through the door: sorts the arguments, then runs the op and wraps the result."""

    __slots__ = ("has_raw", "has_tensor", "has_text", "leaves", "op", "values")

    def __init__(self, op: Any) -> None:
        self.op = op
        self.leaves: list = []  # the objects, as the tape knows them
        self.values: list = []  # their raw arrays
        self.has_tensor = self.has_raw = self.has_text = False

    def template(self, args: tuple, kwargs: dict) -> tuple:
        op = self.op
        names = op.positional
        if len(args) > len(names) and op.rest is None:
            op.signature.bind(*args, **kwargs)  # raises the TypeError that Python would
        items = []
        for i, value in enumerate(args):
            name = names[i] if i < len(names) else op.rest
            items.append(self._item(name, value))
        if not kwargs:
            return (tuple(items), ())
        return (tuple(items), tuple((name, self._item(name, value)) for name, value in kwargs.items()))

    def _item(self, name: Any, value: Any) -> Any:
        kind = kind_of(value)
        dynamic = self.op.dynamic.get(name, False)
        if kind in _ARRAYS:
            return self._array(kind, value, dynamic)
        if kind == SYMBOLIC:
            raise Symbolic
        if kind == SCALAR:
            return self._leaf(value, _scalar(value)) if dynamic else _Static(value, value)
        if kind == SEQUENCE:
            return self._sequence(name, value, dynamic)
        if kind == DICT:
            return _Nest(dict, tuple(self._item(name, v) for v in value.values()), tuple(value))
        if kind == TEXT:
            self.has_text = self.has_text or (dynamic and self.op.host is not None)
            return value
        return None if kind == NONE else self._other(name, value)

    def _array(self, kind: int, value: Any, dynamic: bool) -> Any:
        """An argument that holds an array: a leaf, or a Python value where the parameter is static."""
        if not dynamic:
            known = _known_ints(value)
            if known is not None:
                return known
        if kind == TENSOR:
            return self._tensor(value)
        if kind == VARIABLE:
            return self._leaf(value, value._read())
        if kind == NUMPY:
            return self._numpy(value)
        self.has_raw = True
        return self._leaf(value, value)

    def _other(self, name: Any, value: Any) -> Any:
        if hasattr(value, "__addax_op__"):
            raise Composed(value)
        convert = getattr(value, "__addax_tensor__", None)
        if convert is not None:
            return self._item(name, convert())
        if hasattr(value, "__jax_array__"):
            if not self.op.dynamic.get(name, False) and _jax.is_dimension(value):
                return value
            return self._item(name, value.__jax_array__())
        if isinstance(value, slice):
            return _Slice.of([self._static(v) for v in (value.start, value.stop, value.step)])
        return value

    def _static(self, value: Any) -> Any:
        """A bound of a slice: a Python integer, if the value is known."""
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, SymbolicTensor):
            raise Symbolic
        return value.__index__() if hasattr(value, "__index__") else value

    def _tensor(self, value: Tensor) -> Any:
        raw = _settled(value)
        if type(raw) is np.ndarray and raw.dtype.kind in "OSU":
            self.has_text = True
        self.has_tensor = True
        self.leaves.append(value)
        self.values.append(raw)
        return LEAF

    def _leaf(self, value: Any, raw: Any) -> Any:
        if type(raw) is np.ndarray and raw.dtype.kind in "OSU":
            self.has_text = True
        self.leaves.append(value)
        self.values.append(raw)
        return LEAF

    def _numpy(self, value: Any) -> Any:
        array = np.asarray(value)
        if array.dtype.kind in "OSU":
            array = host_array(array)
            if array.dtype.kind == "O":
                self.has_text = True
        return self._leaf(value, array)

    def _sequence(self, name: Any, value: Any, dynamic: bool) -> Any:
        op = self.op
        if not dynamic:
            return self._static_sequence(name, value)
        if name in op.lists or name == op.rest:
            return _Nest(_constructor(value), tuple(self._item(name, v) for v in value))
        if _contains_tensor(value):
            return self._item(name, _pack(value))
        array = host_array(value)
        if array.dtype.kind == "O":
            self.has_text = True
        return self._leaf(array, array)

    def _static_sequence(self, name: Any, value: Any) -> Any:
        children = tuple(self._item(name, v) for v in value)
        return _Nest(_constructor(value), children)


class _Slice:
    """A slice in a template; Python 3.11 cannot hash slices."""

    __slots__ = ()

    @staticmethod
    def of(parts: list) -> _Static:
        return _Static(slice(*parts), tuple(parts))


def _constructor(value: Any) -> type:
    if hasattr(value, "_fields"):
        return type(value)
    return list if isinstance(value, list) else tuple


def _known_ints(value: Any) -> _Static | None:
    """A static argument (a shape, an axis) that came as an array of integers, if its values are known."""
    raw = (
        value._value if isinstance(value, Tensor) else value._raw() if isinstance(value, Variable) else value
    )
    if not isinstance(raw, np.ndarray) and (any_tracer([raw]) or not hasattr(raw, "dtype")):
        return None
    if getattr(raw.dtype, "kind", "") not in ("i", "u") or raw.ndim > 1:
        return None
    known = np.asarray(raw).tolist()
    known = tuple(known) if isinstance(known, list) else known
    return _Static(known, known)


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        return np.asarray(value)
    if type(value) is int and not -(2**31) <= value < 2**31:
        return np.asarray(value, np.uint32 if 0 <= value < 2**32 else np.float32)
    return value


_MARKS = ("__jax_array__", "__addax_tensor__", "__addax_op__")


def _contains_tensor(value: Any) -> bool:
    for item in value:
        kind = kind_of(item)
        if kind in (TENSOR, RAW, VARIABLE, SYMBOLIC) or (kind == SEQUENCE and _contains_tensor(item)):
            return True
        if kind == OTHER and any(hasattr(item, mark) for mark in _MARKS):
            return True
    return False


def _pack(value: Any) -> Any:
    """Stack a list of tensors and numbers where one tensor is wanted, as TensorFlow does."""
    from addax.engine import _operators

    return _operators.stack([_pack(v) if isinstance(v, (list, tuple)) else v for v in value])


def any_tracer(values: list) -> bool:
    """Whether some of raw values are only known when the code runs."""
    tracer = jax.core.Tracer
    return any(isinstance(v, tracer) for v in values)
