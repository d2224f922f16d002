"""`Dot`: products of two inputs, summed over an axis of each."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers.merge._base import Merge


class Dot(Merge):
    """The dot product of two tensors, for each sample.

    Args:
        axes: The axis to sum over in both inputs, or one for each.
        normalize: Whether to divide by the norms along that axis first, which gives the cosine of the angle.
        **kwargs: Arguments of `Layer`.

    Raises:
        TypeError: If `axes` is neither an integer nor a list.
        ValueError: If it is not called on two tensors, or their axes differ in size.

    Example:
        >>> import addax as keras
        >>> keras.layers.Dot(axes=(2, 1))([keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 4, 5))]).shape
        TensorShape([2, 3, 5])
    """

    _count = 2

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not is_int(axes):
            if not isinstance(axes, (list, tuple)):
                raise TypeError(
                    message(
                        "`axes` is wrong.", where="Dot", expected="an integer or two of them", received=axes
                    )
                )
            if len(axes) != 2 or not all(is_int(axis) for axis in axes):
                raise ValueError(
                    message("`axes` is wrong.", where="Dot", expected="two integers", received=axes)
                )
        self.axes: Any = axes
        self.normalize = normalize

    def _axes_of(self, shapes: list) -> list[int]:
        axes = (self.axes, self.axes) if is_int(self.axes) else self.axes
        ranks = [len(shape) for shape in shapes]
        for axis, rank in zip(axes, ranks, strict=True):
            if not -rank < axis < rank or axis == 0:
                raise self._mismatch(
                    shapes,
                    f"an axis {axis} besides the batch axis in each input",
                    "Axes count from 0, the batch.",
                )
        return [axis % rank for axis, rank in zip(axes, ranks, strict=True)]

    def _check(self, shapes: list[tuple]) -> None:
        first, second = self._axes_of(shapes)
        sizes = shapes[0][first], shapes[1][second]
        if None not in sizes and sizes[0] != sizes[1]:
            raise self._mismatch(
                shapes,
                f"equal sizes at axis {first} of the first and axis {second} of the second input "
                f"(axes={self.axes})",
            )
        self._check_batch(shapes)

    def _settled(self, shapes: list[tuple]) -> list[tuple]:
        settled = [list(shape) for shape in shapes]
        for axes in ((0, 0), self._axes_of(shapes)):
            known = [shape[axis] for shape, axis in zip(shapes, axes, strict=True) if shape[axis] is not None]
            for shape, axis in zip(settled, axes, strict=True):
                shape[axis] = known[0] if known else None
        return [tuple(shape) for shape in settled]

    def call(self, inputs: Any) -> Any:
        """Multiply two tensors of shapes `(batch, ..., size, ...)`; vectors give shape `(batch, 1)`."""
        a, b = self._list(inputs)
        shapes = [tuple(a.shape), tuple(b.shape)]
        self._check(shapes)
        first, second = self._axes_of(shapes)
        if self.normalize:
            a, b = ops.normalize(a, axis=first), ops.normalize(b, axis=second)
        letters = iter("bcdefghijklmnopqrstuvwxyz")
        left = ["a", *(next(letters) for _ in shapes[0][1:])]
        right = ["a", *(next(letters) for _ in shapes[1][1:])]
        right[second] = left[first]
        out = [x for x in (*left, *right[1:]) if x != left[first]]
        result = ops.einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", a, b)
        return ops.expand_dims(result, 1) if len(out) == 1 else result

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: the masked axes need not be there any more."""
        return None
