"""What a target may see of the sources, as boolean tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax import ops


def causal_mask(targets: int, sources: int) -> np.ndarray:
    """True where a source is no later than the target, of shape `(1, targets, sources)`."""
    return (np.arange(targets)[:, None] >= np.arange(sources)[None, :])[None]


def window_mask(targets: int, sources: int, width: int) -> np.ndarray:
    """True where a source is less than `width` steps from the target, of shape `(1, targets, sources)`."""
    return (np.abs(np.arange(targets)[:, None] - np.arange(sources)[None, :]) < width)[None]


def joined(masks: list) -> Any:
    """What all masks allow; None if there is none."""
    found = [ops.cast(mask, "bool") for mask in masks if mask is not None]
    if not found:
        return None
    result = found[0]
    for mask in found[1:]:
        result = ops.logical_and(result, mask)
    return result
