"""What a target may see of the sources, as boolean tensors."""

from __future__ import annotations

from typing import Any

from addax import ops


def causal_mask(targets: int, sources: int) -> Any:
    """True where a source is no later than the target, of shape `(1, targets, sources)`."""
    return _distances(targets, sources) >= 0


def window_mask(targets: int, sources: int, width: int) -> Any:
    """True where a source is less than `width` steps from the target, of shape `(1, targets, sources)`."""
    return ops.abs(_distances(targets, sources)) < width


def _distances(targets: int, sources: int) -> Any:
    rows, columns = ops.arange(targets), ops.arange(sources)
    return ops.expand_dims(ops.expand_dims(rows, -1) - ops.expand_dims(columns, 0), 0)


def joined(masks: list) -> Any:
    """What all masks allow; None if there is none."""
    found = [ops.cast(mask, "bool") for mask in masks if mask is not None]
    if not found:
        return None
    result = found[0]
    for mask in found[1:]:
        result = ops.logical_and(result, mask)
    return result
