"""Ragged data on its way through a training step: rows as they come, filled up for it, and ragged again behind it.

Compiled code must not be compiled anew for every longest row, so that rows are filled up to one of a few widths
(`engine.PaddedRows`); no result depends on them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import PaddedRows, Tensor
from addax.ops import cast, multiply, reshape
from addax.ops._ragged import RaggedTensor
from addax.ops._ragged_making import take_rows
from addax.ops._ragged_ops import concat
from addax.ops._rows import width_for
from addax.training._lazy import Rows


class RaggedRows(Rows):
    """The rows of a ragged tensor in memory, given as ragged tensors.

    Args:
        rows: The ragged tensor.
    """

    def __init__(self, rows: RaggedTensor) -> None:
        self._rows = on_host(rows)
        self.shape = rows.shape
        self.ndim = len(rows.shape)

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        """The dtype of the values."""
        return self._rows.dtype

    def __getitem__(self, rows: Any) -> Any:
        return take_rows(self._rows, np.arange(len(self))[rows])

    def part(self, start: int, stop: int) -> RaggedRows:
        """The rows from `start` to `stop`."""
        return RaggedRows(self[start:stop])


def is_ragged(x: Any) -> bool:
    """Whether something is a ragged tensor, of either kind."""
    return isinstance(x, (RaggedTensor, PaddedRows))


def on_host(rows: RaggedTensor) -> RaggedTensor:
    """The same, with values that NumPy can cut."""
    return rows.with_flat_values(Tensor(np.asarray(rows.flat_values)))


def filled(data: Any) -> Any:
    """A batch whose ragged tensors of numbers are filled up for compiled code; texts stay, for the host.

    Raises:
        ValueError: If a ragged tensor has more than one ragged dimension.
    """
    return tree.map_structure(_filled, data)


def _filled(x: Any) -> Any:
    if not isinstance(x, RaggedTensor) or x.dtype == "string":
        return x
    if x.ragged_rank > 1:
        raise ValueError(
            message(
                "Models are trained on ragged tensors with one ragged dimension.",
                received=f"{x.ragged_rank} of them: shape {x.shape}",
                hint="Join two of them by .merge_dims(1, 2), or call .to_tensor() on the data.",
            )
        )
    lengths = np.diff(x._splits).astype(np.int32)
    values = np.asarray(x.flat_values)
    values = values.astype(dtypes.numpy_dtype(dtypes.narrow(values.dtype.name)), copy=False)
    padded = np.zeros((len(lengths), width_for(int(lengths.max(initial=0))), *values.shape[1:]), values.dtype)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = values
    return PaddedRows(Tensor(padded), Tensor(lengths))


def unfilled(x: PaddedRows) -> RaggedTensor:
    """A ragged tensor on the host, of what a compiled step gave."""
    padded, lengths = np.asarray(x.padded), np.asarray(x.lengths)
    kept = np.arange(padded.shape[1]) < lengths[:, None]
    return RaggedTensor.from_row_lengths(Tensor(padded[kept]), lengths, validate=False)


def joined(parts: tuple) -> RaggedTensor:
    """The ragged outputs of one batch after the other."""
    return concat(parts, 0)


# Losses and metrics ------------------------------------------------------------------------------------------
def masked(target: Any, pred: Any, name: str) -> tuple[Any, Any]:
    """Targets and ragged predictions as tensors, of which the predictions carry a mask: what a loss takes.

    Args:
        target: The targets, ragged too.
        pred: Predictions of shape `(batch, None, ...)`.
        name: The output's name.

    Raises:
        ValueError: If only one of them is ragged, or there is no axis behind the ragged one.
    """
    if not is_ragged(pred) or not is_ragged(target) or pred.ndim < 3:
        raise ValueError(
            message(
                f"The targets of output '{name}' do not fit its predictions.",
                expected="ragged targets for ragged predictions of shape (batch, None, size), else dense ones",
                received=f"targets {_told(target)}, predictions {_told(pred)}",
                hint=None
                if is_ragged(target)
                else "LSTM(return_sequences=False) or GlobalAveragePooling1D gives one output for each sample.",
            )
        )
    target, pred = dense(target), dense(pred)
    if target.shape[:2] != pred.shape[:2]:
        raise ValueError(
            message(
                f"The ragged targets of output '{name}' have other rows than its predictions.",
                expected=f"as many rows and steps as the predictions: {tuple(pred.shape[:2])} with their padding",
                received=f"{tuple(target.shape[:2])}",
            )
        )
    return target, pred


def _told(x: Any) -> str:
    return f"{'ragged' if is_ragged(x) else 'dense'} of shape {tuple(x.shape)}"


def dense(x: Any) -> Any:
    """A ragged tensor filled up, with a mask of what belongs to the rows; anything else as it is."""
    if not is_ragged(x):
        return x
    if isinstance(x, RaggedTensor):
        x = _filled(x)
    found, mask = x.padded, x.valid
    found._keras_mask = mask if getattr(x, "_keras_mask", None) is None else mask & x._keras_mask
    return found


def steps(target: Any, pred: Any, weight: Any, name: str) -> tuple[Any, Any, Any]:
    """Targets, ragged predictions and weights with each step as a sample, padding of weight 0: what a metric takes.

    Args:
        target: The targets, ragged too.
        pred: The predictions.
        weight: A weight for each sample (or step, ragged), or None.
        name: The output's name.
    """
    target, pred = masked(target, pred, name)
    weights = cast(pred._keras_mask, "float32")
    if weight is not None:
        given = dense(weight)
        weights = multiply(weights, reshape(given, (*given.shape, 1)) if len(given.shape) == 1 else given)
    flat = [reshape(x, (-1, *x.shape[2:])) for x in (target, pred, weights)]
    return flat[0], flat[1], flat[2]
