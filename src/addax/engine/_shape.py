"""Shapes: a tuple that shows itself as `TensorShape([2, 2])` and has TensorFlow's methods."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

from addax.core.errors import message

if TYPE_CHECKING:
    from addax.formats import Message


class TensorShape(tuple):
    """The static shape of a tensor; unknown dimensions are None.

    Example:
        >>> s = TensorShape([None, 3])
        >>> s, str(s), s.as_list(), s[1:], s == (None, 3)
        (TensorShape([None, 3]), '(None, 3)', [None, 3], TensorShape([3]), True)
    """

    __slots__ = ()

    def __new__(cls, dims: Any = ()) -> TensorShape:
        if type(dims) is cls:
            return dims
        if isinstance(dims, (int, str)) or not isinstance(dims, Iterable):
            raise TypeError(message("A shape is a list or tuple of dimensions.", received=dims))
        return tuple.__new__(cls, [_dimension(d) for d in dims])

    def __repr__(self) -> str:
        return f"TensorShape([{', '.join(map(str, self))}])"

    def __str__(self) -> str:
        return tuple.__repr__(self)

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, list):
            other = tuple(other)
        return tuple.__eq__(self, other)

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    @overload
    def __getitem__(self, key: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: Any) -> Any:
        result = tuple.__getitem__(self, key)
        return _make(result) if isinstance(key, slice) else result

    def __add__(self, other: Any) -> TensorShape:
        return TensorShape((*self, *other))

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape((*other, *self))

    def __reduce__(self) -> tuple:
        return (TensorShape, (tuple(self),))

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list:
        """The dimensions as a list."""
        return list(self)

    def as_list(self) -> list:
        """The dimensions as a list."""
        return list(self)

    def num_elements(self) -> int | None:
        """The product of the dimensions, None if one is unknown."""
        return math.prod(self) if self.is_fully_defined() else None

    def is_fully_defined(self) -> bool:
        """Whether no dimension is unknown."""
        return None not in self

    def is_compatible_with(self, other: Any) -> bool:
        """Whether a tensor could have both shapes."""
        other = TensorShape(other)
        return len(self) == len(other) and all(
            a is None or b is None or a == b for a, b in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError unless a tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """The shape that knows what either of the two knows."""
        self.assert_is_compatible_with(other)
        return TensorShape([b if a is None else a for a, b in zip(self, other, strict=True)])

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, which must have the given rank."""
        if len(self) != rank:
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape, which must have the given rank or a higher one."""
        if len(self) < rank:
            raise ValueError(f"Shape {self} must have rank {rank} or more.")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape, which must have the given rank or a lower one."""
        if len(self) > rank:
            raise ValueError(f"Shape {self} must have rank {rank} or less.")
        return self

    def assert_has_rank(self, rank: int) -> None:
        """Raise ValueError unless this shape has the given rank."""
        self.with_rank(rank)

    def assert_same_rank(self, other: Any) -> None:
        """Raise ValueError unless another shape has the same rank."""
        if len(self) != len(TensorShape(other)):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} must have the same rank.")

    def assert_is_fully_defined(self) -> None:
        """Raise ValueError if a size is unknown."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} must not have unknown sizes.")

    def is_subtype_of(self, other: Any) -> bool:
        """Whether each tensor of this shape is one of another shape, too."""
        other = TensorShape(other)
        return len(self) == len(other) and all(b in (None, a) for a, b in zip(self, other, strict=True))

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The narrowest shape that tensors of this one and of another one have; of the same rank."""
        self.assert_same_rank(other)
        return TensorShape([a if a == b else None for a, b in zip(self, TensorShape(other), strict=True)])

    def as_proto(self) -> Message:
        """The shape as the message `TensorShapeProto`, which has `SerializeToString`."""
        from addax.formats import TENSOR_SCHEMA, Message, shape_message

        return Message(TENSOR_SCHEMA, "Shape", shape_message(self))

    def concatenate(self, other: Any) -> TensorShape:
        """This shape followed by another."""
        return self + TensorShape(other)


def _dimension(value: Any) -> int | None:
    if value is None or type(value) is int:
        return value
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(message("A dimension is an integer or None.", received=value)) from None


def _make(dims: Iterable) -> TensorShape:
    return tuple.__new__(TensorShape, dims)


def static_shape(dims: Any) -> TensorShape:
    """A `TensorShape` of dimensions that are known to be integers or None already."""
    return tuple.__new__(TensorShape, dims)
