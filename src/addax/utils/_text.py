"""Sequences of unequal length."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences cut or filled up to one length.

    Args:
        sequences: A list of sequences.
        maxlen: The length; that of the longest sequence if None.
        dtype: The dtype of the result.
        padding: `"pre"` or `"post"`: where values are put in.
        truncating: `"pre"` or `"post"`: where values are taken away.
        value: What is put in.

    Returns:
        An array of shape `(len(sequences), maxlen, ...)`.

    Raises:
        ValueError: If an element is no sequence, or elements differ in shape.

    Example:
        >>> pad_sequences([[1], [2, 3]])
        array([[0, 1],
               [2, 3]], dtype=int32)
    """
    for name, choice in (("padding", padding), ("truncating", truncating)):
        if choice not in ("pre", "post"):
            raise ValueError(message(f"`{name}`.", expected='"pre" or "post"', received=choice))
    rows = _rows(sequences)
    length = max((len(row) for row in rows), default=0) if maxlen is None else maxlen
    sample = next((row.shape[1:] for row in rows if len(row)), ())
    if isinstance(value, str) and np.dtype(dtype).kind not in "OU":
        raise ValueError(
            message("`value` is text but `dtype` is not.", expected="dtype=object", received=str(dtype))
        )
    out = np.full((len(rows), length, *sample), value, dtype=dtype)
    for target, row in zip(out, rows, strict=True):
        kept = row[max(0, len(row) - length) :] if truncating == "pre" else row[:length]
        if not len(kept):
            continue
        if kept.shape[1:] != sample:
            raise ValueError(
                message(
                    "The elements of the sequences differ in shape.",
                    expected=f"{sample}",
                    received=f"{kept.shape[1:]}",
                )
            )
        target[slice(len(kept)) if padding == "post" else slice(length - len(kept), None)] = kept
    return out


def _rows(sequences: Any) -> list[np.ndarray]:
    if not hasattr(sequences, "__len__"):
        raise ValueError(message("`sequences` must be a list.", received=sequences))
    for i, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise ValueError(
                message("`sequences` must hold sequences.", received=f"element {i}: {sequence!r}")
            )
    return [np.asarray(sequence) for sequence in sequences]
