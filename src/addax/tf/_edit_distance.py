"""How far sequences are from each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message
from addax.ops._sparse import SparseTensor


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Any:
    """How many insertions, deletions and replacements make one sequence of another (Levenshtein).

    Args:
        hypothesis: A sparse tensor whose last axis has the sequences.
        truth: A sparse tensor of the same rank, with those that they are compared to.
        normalize: Whether the numbers are divided by the lengths of the latter.
        name: Accepted for TensorFlow's sake.

    Returns:
        A float32 tensor of the shape without the last axis; infinite where an empty sequence is compared to.

    Raises:
        TypeError: If one is no sparse tensor.

    Example:
        >>> import addax.tf as tf
        >>> a, b = (tf.sparse.from_dense([list(word)]) for word in ("kitten", "sitting"))
        >>> float(tf.edit_distance(a, b, normalize=False)[0])
        3.0
    """
    for tensor in (hypothesis, truth):
        if not isinstance(tensor, SparseTensor):
            raise TypeError(
                message(
                    "Sequences come in a sparse tensor.", received=tensor, hint="Use tf.sparse.from_dense()."
                )
            )
    shape = tuple(max(pair) for pair in zip(hypothesis.shape, truth.shape, strict=True))[:-1]
    found, given = _sequences(hypothesis), _sequences(truth)
    out = np.zeros(shape, np.float32)
    for place in np.ndindex(*shape):
        a, b = found.get(place, []), given.get(place, [])
        count = _changes(a, b)
        out[place] = count / len(b) if normalize and b else (np.inf if normalize and count else count)
    return ops.convert_to_tensor(out)


def _sequences(tensor: SparseTensor) -> dict[tuple, list]:
    rows: dict[tuple, list] = {}
    for index, value in zip(
        np.asarray(tensor.indices).tolist(), np.asarray(tensor.values).tolist(), strict=True
    ):
        rows.setdefault(tuple(index[:-1]), []).append(value)
    return rows


def _changes(a: list, b: list) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        before, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            before, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, before + (x != y))
    return row[-1]


__all__ = ["edit_distance"]
