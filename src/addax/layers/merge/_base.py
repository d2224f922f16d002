"""What the merging layers share: the check of the inputs' shapes, broadcasting, and masks."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.engine import SymbolicTensor
from addax.layers import _arguments
from addax.layers._layer import Layer


class Merge(Layer):
    """Combines a list of tensors of the same batch size, element by element.

    Inputs of lower rank get axes of size 1 after the batch axis; axes of size 1 are broadcast.

    Args:
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If it is not called on a list of tensors, or their shapes do not fit.
    """

    supports_masking = True
    _mixes_steps = True  # ragged inputs are merged as they are
    _count: int | None = None  # the number of inputs, if it is fixed

    def build(self, input_shape: Any) -> None:
        """Check the shapes."""
        self._check(self._shapes_of_list(input_shape))

    def call(self, inputs: Any) -> Any:
        """Merge a list of tensors."""
        inputs = self._list(inputs)
        self._check([tuple(x.shape) for x in inputs])
        masks = [getattr(x, "_keras_mask", None) for x in inputs]
        return self._merge(_of_equal_rank(inputs), masks)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Symbolic outputs; a size that one input leaves open is that of the others."""
        found = self._list(inputs)
        shapes = [tuple(x.shape) for x in found]
        self._check(shapes)
        sizes = self._settled(shapes)
        return super().compute_output_spec([_with_shape(x, s) for x, s in zip(found, sizes, strict=True)])

    def _settled(self, shapes: list[tuple]) -> list[tuple]:
        """The shapes, with sizes that must be equal to those of other inputs in place of None."""
        rank = max(len(shape) for shape in shapes)
        full = [shape[:1] + (1,) * (rank - len(shape)) + shape[1:] for shape in shapes]
        return [
            tuple(
                _size_of_others(full, axis if axis == 0 else axis + rank - len(shape)) if d is None else d
                for axis, d in enumerate(shape)
            )
            for shape in shapes
        ]

    def _merge(self, inputs: list, masks: list) -> Any:
        raise TypeError(f"{type(self).__name__} is a base class without a way to merge.")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """What is valid in any of the inputs; None if one of them has no mask."""
        masks = previous_mask if isinstance(previous_mask, (list, tuple)) else [previous_mask]
        if any(mask is None for mask in masks):
            return None
        result = masks[0]
        for mask in masks[1:]:
            result = ops.logical_or(result, mask)
        return result

    # Checks ----------------------------------------------------------------------------------------------
    def _list(self, inputs: Any) -> list:
        found = list(inputs.values()) if isinstance(inputs, dict) else inputs
        if not isinstance(found, (list, tuple)) or not self._fits(len(found)):
            raise self._wrong_number(tree.map_structure(lambda x: _arguments.shown(x.shape), inputs))
        return list(found)

    def _shapes_of_list(self, shapes: Any) -> list[tuple]:
        found = list(shapes.values()) if isinstance(shapes, dict) else shapes
        if not isinstance(found, list) or not self._fits(len(found)):
            raise self._wrong_number(shapes)
        return [tuple(shape) for shape in found]

    def _fits(self, count: int) -> bool:
        return count > 0 if self._count is None else count == self._count

    def _wrong_number(self, received: Any) -> ValueError:
        count = "at least one tensor" if self._count is None else f"exactly {self._count} tensors"
        return ValueError(
            message(
                f"{type(self).__name__} was called on the wrong number of inputs.",
                where=self.path,
                expected=f"a list of {count}",
                received=f"{received}",
                hint=f"Write {type(self).__name__}()([a, b]), with the tensors in one list.",
            )
        )

    def _mismatch(self, shapes: list, expected: str, hint: str | None = None) -> ValueError:
        shown = ", ".join(str(_arguments.shown(shape)) for shape in shapes)
        return ValueError(
            message(
                f"{type(self).__name__} cannot merge inputs of these shapes.",
                where=self.path,
                expected=expected,
                received=f"inputs of shapes {shown}",
                hint=hint,
            )
        )

    def _check(self, shapes: list[tuple]) -> None:
        """Raise unless the shapes broadcast."""
        if any(len(shape) == 0 for shape in shapes):
            raise self._mismatch(shapes, "inputs with a batch dimension")
        self._check_batch(shapes)
        rank = max(len(shape) for shape in shapes)
        full = [(1,) * (rank - len(shape)) + shape[1:] for shape in shapes]
        for sizes in zip(*full, strict=True):
            if len({size for size in sizes if size not in (1, None)}) > 1:
                raise self._mismatch(
                    shapes,
                    "equal sizes in every dimension, or 1",
                    "Bring the inputs to one shape first, for instance by a Dense layer or a 1x1 convolution "
                    "of the same width, or join them by Concatenate.",
                )

    def _check_batch(self, shapes: list[tuple]) -> None:
        if len({shape[0] for shape in shapes if shape[0] is not None and not _stands_for_any(shape)}) > 1:
            raise self._mismatch(shapes, "the same batch size in all inputs")


def full_mask(x: Any, mask: Any) -> Any:
    """A mask in the shape of `x`; True everywhere for None."""
    shape = tuple(x.shape)
    if mask is None:
        return ops.ones(shape, dtype="bool")
    ones = (1,) * (len(shape) - len(mask.shape))
    return ops.broadcast_to(ops.reshape(ops.cast(mask, "bool"), (*mask.shape, *ones)), shape)


def _size_of_others(shapes: list[tuple], axis: int) -> int | None:
    return next((shape[axis] for shape in shapes if shape[axis] not in (None, 1)), None)


def _with_shape(x: Any, shape: tuple) -> Any:
    if tuple(x.shape) == shape or not isinstance(x, SymbolicTensor):
        return x
    new = SymbolicTensor(shape, x.dtype, ragged=x.ragged)
    new._keras_mask = x._keras_mask
    return new


def _stands_for_any(shape: tuple) -> bool:
    return _arguments.shown(shape)[:1] == (None,)


def _of_equal_rank(inputs: list) -> list:
    """The inputs, with axes of size 1 after the batch axis where the rank is lower."""
    rank = max(len(x.shape) for x in inputs)
    return [x if len(x.shape) == rank else _with_rank(x, rank) for x in inputs]


def _with_rank(x: Any, rank: int) -> Any:
    ones = (1,) * (rank - len(x.shape))
    return ops.reshape(x, (x.shape[0], *ones, *x.shape[1:]))
