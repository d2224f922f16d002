"""`Concatenate`: inputs one after the other along an axis."""

from __future__ import annotations

from typing import Any

from addax import ops
from addax.core.errors import message
from addax.layers._arguments import is_int
from addax.layers.merge._base import Merge, full_mask


class Concatenate(Merge):
    """Join tensors along an axis, in which alone they may differ.

    Args:
        axis: The axis; 0 is the batch.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If it is not called on a list of tensors, or their shapes differ elsewhere.

    Example:
        >>> import addax as keras
        >>> keras.layers.Concatenate()([keras.ops.ones((2, 3)), keras.ops.ones((2, 5))]).shape
        TensorShape([2, 8])
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not is_int(axis):
            raise ValueError(
                message("`axis` is wrong.", where="Concatenate", expected="an integer", received=axis)
            )
        self.axis = int(axis)

    def _check(self, shapes: list[tuple]) -> None:
        rank = len(shapes[0])
        if not -rank <= self.axis < rank or any(len(shape) != rank for shape in shapes):
            raise self._mismatch(shapes, f"inputs of one rank, with an axis {self.axis}")
        axis = self.axis % rank
        for other in set(range(rank)) - {axis}:
            if len({shape[other] for shape in shapes if shape[other] is not None}) > 1:
                if other == 0:
                    self._check_batch(shapes)
                    continue
                raise self._mismatch(
                    shapes,
                    f"equal sizes in every dimension but axis={self.axis}",
                    "Crop, pad or resize the larger inputs, or concatenate along another axis.",
                )

    def _settled(self, shapes: list[tuple]) -> list[tuple]:
        axis = self.axis % len(shapes[0])
        settled = super()._settled(shapes)
        return [new[:axis] + (old[axis],) + new[axis + 1 :] for new, old in zip(settled, shapes, strict=True)]

    def _merge(self, inputs: list, masks: list) -> Any:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The masks joined like the inputs; an input without a mask is valid everywhere."""
        if not isinstance(previous_mask, (list, tuple)) or all(mask is None for mask in previous_mask):
            return None
        masks = [full_mask(x, mask) for x, mask in zip(inputs, previous_mask, strict=True)]
        return ops.any(ops.concatenate(masks, axis=self.axis), axis=-1)
