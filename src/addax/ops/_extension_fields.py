"""The fields of extension types: which annotations there are, and values and specs that fit them."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from addax.core import dtypes
from addax.core.errors import message
from addax.engine import Tensor, TensorShape, TensorSpec, Variable
from addax.engine._pack import Composite
from addax.engine._symbolic import SymbolicTensor
from addax.ops._core import convert_to_tensor
from addax.ops._ragged import RaggedTensor
from addax.ops._sparse import SparseTensor

_PLAIN = (int, float, str, bytes, bool, type(None), dtypes.DType, TensorShape)
_TENSORS = (Tensor, RaggedTensor, SparseTensor, Variable)


class ImmutableDict(dict):
    """A dict that stays as it is, for fields."""

    def _changed(self, *args: Any, **kwargs: Any) -> Any:
        raise AttributeError(
            message("The fields of an extension type cannot be changed.", hint="Make a new object.")
        )

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _changed  # type: ignore[assignment]

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"ImmutableDict({dict(self)!r})"

    def __reduce__(self) -> tuple:
        return ImmutableDict, (dict(self),)


def check_annotation(kind: Any, name: str) -> None:
    """Check that values of a field can be of a kind.

    Args:
        kind: The annotation.
        name: The field's name.

    Raises:
        TypeError: If there are no fields of this kind.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind in _PLAIN or kind is None or kind in (Tensor, RaggedTensor, SparseTensor, Variable, typing.Any):
        return
    if isinstance(kind, type) and issubclass(kind, Composite):
        return
    if origin in (typing.Union, types.UnionType):
        for one in inner:
            check_annotation(one, name)
        return
    if origin is tuple and inner:
        for one in inner:
            if one is not Ellipsis:
                check_annotation(one, name)
        return
    if origin in (dict, Mapping, typing.get_origin(typing.Mapping[str, int])) and len(inner) == 2:
        check_annotation(inner[1], name)
        return
    raise TypeError(
        message(
            f"The field '{name}' of an extension type has an annotation that is not supported.",
            expected="tf.Tensor, tf.RaggedTensor, tf.SparseTensor, an extension type, int, float, bool, str, bytes, "
            "tf.DType, tf.TensorShape, Tuple[...], Mapping[str, ...], Union[...] or Optional[...] of these",
            received=kind,
        )
    )


def value_of(kind: Any, value: Any, name: str) -> Any:
    """A value of a field: lists become tuples, dicts stay as they are for good, and numbers become tensors.

    Args:
        kind: The field's annotation.
        value: What the user gave.
        name: The field's name.

    Raises:
        TypeError: If the value is of another kind.
    """
    return _converted(kind, value, name, _leaf_value)


def spec_of(kind: Any, value: Any, name: str) -> Any:
    """What a spec says of a field: specs for tensors, and other values as they are.

    Args:
        kind: The field's annotation.
        value: A spec, or a value where the field holds no tensors.
        name: The field's name.

    Raises:
        TypeError: If it is of another kind.
    """
    return _converted(kind, value, name, _leaf_spec)


def _converted(kind: Any, value: Any, name: str, leaf: Callable) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind is typing.Any:
        return leaf(Tensor, value, name) if isinstance(value, np.ndarray) else value
    if origin in (typing.Union, types.UnionType):
        return _one_of(inner, value, name, leaf)
    if origin is tuple:
        return _tuple(inner, value, name, leaf)
    if origin is not None:
        if not isinstance(value, Mapping):
            raise _wrong(name, kind, value)
        return ImmutableDict(
            {
                _converted(inner[0], k, f"{name} key", leaf): _converted(inner[1], v, f"{name}[{k!r}]", leaf)
                for k, v in value.items()
            }
        )
    return leaf(kind, value, name)


def _one_of(kinds: tuple, value: Any, name: str, leaf: Callable) -> Any:
    """A value of the first kind that it has as it is, else of the first that it can be made."""
    for kind in kinds:
        if isinstance(kind, type) and isinstance(value, kind) and type(value) is not bool:
            return _converted(kind, value, name, leaf)
    for kind in sorted(kinds, key=lambda k: k in _TENSORS):  # anything may become a tensor
        try:
            return _converted(kind, value, name, leaf)
        except (TypeError, ValueError):
            pass
    raise _wrong(name, " or ".join(getattr(k, "__name__", str(k)) for k in kinds), value)


def _tuple(kinds: tuple, value: Any, name: str, leaf: Callable) -> tuple:
    if not isinstance(value, (list, tuple)):
        raise _wrong(name, "a tuple", value)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _wrong(name, f"a tuple of {len(kinds)}", value)
    return tuple(
        _converted(k, v, f"{name}[{i}]", leaf) for i, (k, v) in enumerate(zip(kinds, value, strict=True))
    )


def _leaf_value(kind: Any, value: Any, name: str) -> Any:
    if kind is Tensor:
        return _tensor(value, name)
    if kind is TensorShape:
        return TensorShape(value)
    if kind is dtypes.DType:
        return dtypes.standardize(value)
    kind = type(None) if kind is None else kind
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if not fits and not (kind is float and type(value) is int):
        raise _wrong(name, kind, value)
    return float(value) if kind is float else value


def _tensor(value: Any, name: str) -> Any:
    if (
        isinstance(value, (Tensor, SymbolicTensor)) or type(value) is object
    ):  # JAX rebuilds nests of its own marks
        return value
    if isinstance(value, Composite) or value is None:
        raise _wrong(name, Tensor, value)
    try:
        return convert_to_tensor(value)
    except (TypeError, ValueError):
        raise _wrong(name, Tensor, value) from None


def _leaf_spec(kind: Any, value: Any, name: str) -> Any:
    if kind is Tensor:
        if not isinstance(value, TensorSpec):
            raise _wrong(name, "tf.TensorSpec", value)
        return value
    if isinstance(kind, type) and issubclass(kind, (Composite, Variable)):
        if not issubclass(getattr(value, "value_type", type(None)), kind):
            raise _wrong(name, f"a spec of {kind.__name__}", value)
        return value
    return _leaf_value(kind, value, name)


def _wrong(name: str, kind: Any, value: Any) -> TypeError:
    shown = kind.__name__ if isinstance(kind, type) else str(kind)
    return TypeError(
        message(f"The field '{name}' has a value of another type.", expected=shown, received=value)
    )


# Taken apart ---------------------------------------------------------------------------------------------
TENSOR = "<tensor>"


class Inner:
    """The place of a composite tensor in a template.

    Attributes:
        kind: Its class.
        rest: What it is besides its tensors.
        count: How many tensors it has.
    """

    __slots__ = ("count", "kind", "rest")

    def __init__(self, kind: type, rest: Any, count: int) -> None:
        self.kind, self.rest, self.count = kind, rest, count

    def _key(self) -> tuple:
        return self.kind, self.rest, self.count

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Inner) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


def taken_apart(value: Any, tensors: list) -> Any:
    """The hashable template of a field's value; its tensors are appended to a list.

    Args:
        value: The value.
        tensors: Where they go.
    """
    if isinstance(value, Composite):
        parts, rest = value._parts()
        tensors.extend(parts)
        return Inner(type(value), rest, len(parts))
    if isinstance(value, (Tensor, SymbolicTensor, Variable)):
        tensors.append(value)
        return (TENSOR,)
    if type(value) is tuple:
        return ("tuple", tuple([taken_apart(v, tensors) for v in value]))
    if isinstance(value, ImmutableDict):
        return ("dict", tuple(value), tuple([taken_apart(v, tensors) for v in value.values()]))
    return ("value", value)


def put_together(template: Any, tensors: Any) -> Any:
    """A field's value again, of other tensors.

    Args:
        template: What `taken_apart` gave.
        tensors: An iterator.
    """
    if isinstance(template, Inner):
        return template.kind._from_parts(tuple(next(tensors) for _ in range(template.count)), template.rest)
    kind = template[0]
    if kind == TENSOR:
        return next(tensors)
    if kind == "tuple":
        return tuple([put_together(t, tensors) for t in template[1]])
    if kind == "dict":
        return ImmutableDict(zip(template[1], [put_together(t, tensors) for t in template[2]], strict=True))
    return template[1]
