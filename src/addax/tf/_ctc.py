"""`tf.nn`: label sequences from the outputs of a network trained with `ctc_loss`."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.engine import Tensor
from addax.ops._sparse import SparseTensor


def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True, blank_index: int | None = None
) -> tuple[list[SparseTensor], Any]:
    """The labels of the best class of each frame.

    Args:
        inputs: Logits of shape `(frames, batch, classes)`, with known values.
        sequence_length: How many frames count, shape `(batch,)`.
        merge_repeated: Whether equal neighbours are joined.
        blank_index: The class that stands for no label; the last one if None, counted from the end if negative.

    Returns:
        `(decoded, score)`: a list of one sparse tensor of shape `(batch, longest)`, and the negative sums of the best
        logits, shape `(batch, 1)`.
    """
    scores = ops.swapaxes(inputs, 0, 1)
    blank = None if blank_index is None else blank_index % scores.shape[-1]
    options = {"strategy": "greedy", "merge_repeated": merge_repeated, "mask_index": blank}
    labels, score = ops.ctc_decode(scores, sequence_length, **options)
    return [_sparse(path) for path in np.asarray(labels)], score


def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Any]:
    """The likeliest label sequences, found by a beam search; the last class stands for no label.

    Args:
        inputs: Logits of shape `(frames, batch, classes)`, with known values.
        sequence_length: How many frames count, shape `(batch,)`.
        beam_width: How many prefixes the search keeps.
        top_paths: How many sequences are given.

    Returns:
        `(decoded, log_probability)`: a list of `top_paths` sparse tensors of shape `(batch, longest)`, and a tensor of
        shape `(batch, top_paths)`.
    """
    options = {"strategy": "beam_search", "beam_width": int(beam_width), "top_paths": int(top_paths)}
    labels, score = ops.ctc_decode(ops.swapaxes(inputs, 0, 1), sequence_length, mask_index=None, **options)
    return [_sparse(path) for path in np.asarray(labels)], score


def _sparse(labels: np.ndarray) -> SparseTensor:
    there = np.argwhere(labels >= 0)
    shape = (labels.shape[0], int(there[:, 1].max(initial=-1)) + 1)
    return SparseTensor(there, Tensor(labels[labels >= 0].astype(np.int32)), shape)


def ctc_unique_labels(labels: Any, name: str | None = None) -> tuple[Any, Any]:
    """The distinct labels of each row, and for each label the place of its value among them.

    Args:
        labels: Integers of shape `(batch, length)`, with known values.
        name: Accepted for TensorFlow's sake.

    Returns:
        `(values, places)`, both of the shape of `labels`, the former filled with zeros.
    """
    rows = np.asarray(ops.convert_to_tensor(labels))
    values, places = np.zeros_like(rows), np.zeros(rows.shape, np.int32)
    for row, value, place in zip(rows, values, places, strict=True):
        found, first, inverse = np.unique(row, return_index=True, return_inverse=True)
        order = np.argsort(first)
        value[: len(found)], place[:] = found[order], np.argsort(order)[inverse]
    return ops.convert_to_tensor(values), ops.convert_to_tensor(places)


__all__ = ["ctc_beam_search_decoder", "ctc_greedy_decoder", "ctc_unique_labels"]
