"""Layers on ragged tensors: rows filled up and masked for layers that work step by step, else as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor
from addax.ops import _padded_ops as _padded_ops  # gives `PaddedRows` its meaning
from addax.ops import logical_and
from addax.ops._ragged import RaggedTensor

if TYPE_CHECKING:
    from addax.layers._layer import Layer


def is_ragged(x: Any) -> bool:
    """Whether something is a ragged tensor, of either kind."""
    return isinstance(x, (RaggedTensor, PaddedRows))


def any_ragged(args: tuple, kwargs: dict) -> bool:
    """Whether one of the arguments of a layer is ragged, or a nest with a ragged one."""
    for x in (*args, *kwargs.values()):
        kind = type(x)
        if kind is Tensor or x is None:
            continue
        if is_ragged(x) or kind in (list, tuple, dict) and any(map(is_ragged, tree.flatten(x))):
            return True
    return False


def run_ragged(layer: Layer, args: tuple, kwargs: dict, run: Callable[[tuple, dict], Any]) -> Any:
    """Call a layer on ragged tensors.

    A layer of this library that passes masks on gets the rows filled up, with a mask of what belongs to them. Any
    other gets the ragged tensors: the operations in it say what they mean for them, or refuse.

    Args:
        layer: The layer.
        args: Its arguments.
        kwargs: Its keyword arguments.
        run: Calls it.

    Raises:
        ValueError: If a ragged tensor has more than one ragged dimension, or comes with a mask besides.
    """
    if getattr(layer, "_by_element", False):
        (x,) = args
        return x.with_padded(run((x.padded,), kwargs)) if isinstance(x, PaddedRows) else run(args, kwargs)
    if not _fills_up(layer, [x for x in tree.flatten((args, kwargs)) if is_ragged(x)]):
        return _as_they_are(layer, args, kwargs, run)
    if kwargs.get("mask") is not None or layer.activity_regularizer is not None:
        raise ValueError(
            message(
                "A layer on ragged tensors takes no mask, and has no activity_regularizer.",
                where=layer.path,
                hint="Call .to_tensor() on the data, and mask it by Embedding(mask_zero=True) or Masking.",
            )
        )
    rows: list[_Rows] = []

    def fill_up(x: Any) -> Any:
        if not is_ragged(x):
            return x
        rows.append(_Rows(x, layer.path))
        return rows[-1].padded

    args, kwargs = tree.map_structure(fill_up, (args, kwargs))
    return tree.map_structure(lambda x: _ragged_again(x, rows), run(args, kwargs))


def _as_they_are(layer: Layer, args: tuple, kwargs: dict, run: Callable[[tuple, dict], Any]) -> Any:
    try:
        return run(args, kwargs)
    except TypeError as error:
        if "hint:" in str(error) or not type(layer).__module__.startswith("addax.layers."):
            raise
        raise TypeError(  # of a layer that computes with the sizes of its input
            message(
                f"{type(layer).__name__} does not take ragged tensors.",
                where=layer.path,
                received=f"shape {next(x for x in tree.flatten((args, kwargs)) if is_ragged(x)).shape}",
                hint="Reduce the rows first (GlobalAveragePooling1D, LSTM), or call .to_tensor() on the data.",
            )
        ) from error


def _fills_up(layer: Layer, inputs: list) -> bool:
    """Whether a layer does the same with rows that are filled up and masked as with ragged ones.

    Rows have to be made of steps with features, or be ids: a layer would take rows of numbers for features.
    """
    if any(x.ndim < 3 for x in inputs) and not hasattr(layer, "mask_zero"):
        return False
    ours = getattr(type(layer).call, "__module__", "").startswith("addax.layers.")
    return ours and layer.supports_masking and not layer._mixes_steps


class _Rows:
    """A ragged tensor, filled up.

    Attributes:
        padded: The dense tensor, which carries a mask.
        mask: The mask of what belongs to the rows, and counts.
    """

    def __init__(self, source: Any, where: str) -> None:
        self.source = source
        if isinstance(source, PaddedRows):
            self.padded, valid = source.padded, source.valid
        else:
            if source.ragged_rank > 1:
                raise ValueError(
                    message(
                        "This layer takes ragged tensors with one ragged dimension.",
                        where=where,
                        received=f"{source.ragged_rank} of them: shape {source.shape}",
                        hint="Join two by .merge_dims(1, 2), or fill up the inner ones.",
                    )
                )
            self.padded = source.to_tensor()
            self.lengths = np.asarray(source.row_lengths())
            valid = Tensor(np.arange(self.padded.shape[1]) < self.lengths[:, None])
        further = getattr(source, "_keras_mask", None)
        self.mask = valid if further is None else logical_and(valid, further)
        self.all_count = further is None
        self.padded._keras_mask = self.mask

    def ragged(self, x: Tensor, mask: Any) -> Any:
        """A result of as many steps as a ragged tensor."""
        if isinstance(self.source, PaddedRows):
            found: Any = self.source.with_padded(x)
        else:
            found = RaggedTensor.from_tensor(x, self.lengths)
        if mask is not self.mask or not self.all_count:
            found._keras_mask = mask
        return found


def _ragged_again(x: Any, rows: list[_Rows]) -> Any:
    """A result of a layer in the form of its input, if it has its steps: then it has its mask."""
    mask = getattr(x, "_keras_mask", None) if isinstance(x, Tensor) else None
    if mask is None or len(mask.shape) != 2:
        return x
    for one in sorted(rows, key=lambda one: one.mask is not mask):
        if tuple(one.mask.shape) == tuple(mask.shape):
            return one.ragged(x, mask)
    return x
