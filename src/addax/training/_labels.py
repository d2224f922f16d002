"""Class numbers that no class has, found before training: compiled code would give them a loss of zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.core.errors import message
from addax.training._batches import ArrayFeed, Feed


def check_labels(model: Any, feed: Feed | None) -> None:
    """Look for labels outside of the classes of an output, where all labels are in memory and all of them count.

    Raises:
        ValueError: If there are such labels.
    """
    if not isinstance(feed, ArrayFeed) or len(feed.arrays) != 2 or not _compares_labels(model):
        return
    for output, labels in model._objective.labels(feed.arrays[1]):
        if type(labels) is np.ndarray and labels.dtype.kind in "iuf" and labels.size == len(labels):
            _check(output, labels)


def _compares_labels(model: Any) -> bool:
    """Whether the loss gets the labels as they are: a step of the user's may change them."""
    steps = (getattr(type(model), name) for name in ("train_step", "test_step", "compute_loss"))
    return model._objective is not None and all(step.__module__.startswith("addax.") for step in steps)


def _check(output: Any, labels: np.ndarray) -> None:
    """One label a sample: in sequences and pictures, some may be padding that a mask leaves out."""
    ignored = output.loss._fn_kwargs.get("ignore_class")
    found = labels if ignored is None else labels[labels != ignored]
    if not found.size or (found.min() >= 0 and found.max() < output.classes):
        return
    low, high = found.min().item(), found.max().item()
    if low < 0:
        hint = "Number the classes from 0 (np.unique(y, return_inverse=True)[1]); labels to leave out: ignore_class=."
    elif low == 1 and high == output.classes:
        hint = "Number the classes from 0: y - 1."
    else:
        hint = f"Give the last layer {int(high) + 1} units, or number the classes from 0."
    raise ValueError(
        message(
            f"{output.loss.name}: labels of output '{output.name}' lie outside of its classes.",
            expected=f"integers from 0 to {output.classes - 1}, for {output.classes} classes",
            received=f"labels from {low} to {high}",
            hint=hint,
        )
    )
