"""Small transformations of label and feature arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops
from addax.core.errors import message


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as one-hot rows.

    Args:
        x: Integers of any shape; a last axis of size 1 is dropped.
        num_classes: The number of classes; the largest number plus one if None.

    Returns:
        A float array of shape `x.shape + (num_classes,)`.

    Raises:
        ValueError: If a number is negative or too large.

    Example:
        >>> to_categorical([0, 2], num_classes=3)
        array([[1., 0., 0.],
               [0., 0., 1.]])
    """
    labels = np.asarray(x, dtype="int64")
    shape = labels.shape
    if len(shape) > 1 and shape[-1] == 1:
        shape = shape[:-1]
    flat = labels.reshape(-1)
    count = int(flat.max()) + 1 if num_classes is None and flat.size else int(num_classes or 0)
    if flat.size and (flat.min() < 0 or flat.max() >= count):
        raise ValueError(
            message(
                "A class number is out of range.",
                expected=f"0 to {count - 1} (num_classes={count})",
                received=f"numbers from {flat.min()} to {flat.max()}",
            )
        )
    rows = np.zeros((flat.size, count))
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape((*shape, count))


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """An array divided by its norm along an axis.

    Args:
        x: An array or a tensor.
        axis: The axis.
        order: The order of the norm.

    Returns:
        An array of the same shape, a tensor for anything but a NumPy array; slices of norm zero stay zero.
    """
    if not isinstance(x, np.ndarray):
        return ops.normalize(ops.convert_to_tensor(x), axis=axis, order=order)
    array = x
    norm = np.atleast_1d(np.linalg.norm(array, order, axis))
    norm[norm == 0] = 1
    return array / np.expand_dims(norm, axis)
