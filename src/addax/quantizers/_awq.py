"""AWQ: inputs that are large in the data have their weights scaled up before rounding, and down after it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from addax.quantizers._groups import group_index, group_parameters, to_integers

_BITS = 4


class Scaled(NamedTuple):
    """A matrix in integers, after each input's weights were multiplied by `awq_scales`."""

    integers: np.ndarray
    scale: np.ndarray
    zero: np.ndarray
    awq_scales: np.ndarray
    g_idx: np.ndarray


class Magnitudes:
    """The largest absolute value of each input met so far.

    Args:
        inputs: How many inputs there are.
    """

    def __init__(self, inputs: int) -> None:
        self.vector = np.zeros(inputs, np.float32)
        self.count = 0

    def add(self, x: np.ndarray) -> None:
        """Take more inputs into account.

        Args:
            x: Floats of shape `(samples, inputs)`.
        """
        self.count += len(x)
        self.vector = np.maximum(self.vector, np.abs(x).max(axis=0, initial=0))


def quantize(
    weights: np.ndarray, magnitudes: np.ndarray, group_size: int = -1, num_grid_points: int = 20
) -> Scaled:
    """Round weights, with the scaling that changes the outputs least (Lin et al., 2023, section 3.2).

    The scales are `magnitudes ** r`, brought around 1; each r of a grid from 0 to 1 is tried.

    Args:
        weights: Floats of shape `(outputs, inputs)`.
        magnitudes: The size of each input, of shape `(inputs,)`.
        group_size: How many inputs share a scale; -1 for all.
        num_grid_points: How many steps the grid has.
    """
    weights = weights.astype(np.float32)
    sizes = np.where(magnitudes < 1e-8, 1, magnitudes).astype(np.float32)
    best, least = None, np.inf
    for i in range(num_grid_points + 1):
        scales = np.maximum(sizes ** np.float32(i / num_grid_points), np.float32(1e-4))
        scales = scales / np.maximum(np.sqrt(scales.max() * scales.min()), np.float32(1e-8))
        found = _rounded(weights * scales, group_size)
        integers, scale, zero, groups = found
        kept = (integers - zero[:, groups]) * scale[:, groups] / scales
        loss = float(np.mean(np.square(weights - kept) * np.square(sizes)))
        if best is None or loss < least:
            best, least = (found, scales), loss
    assert best is not None
    (integers, scale, zero, groups), scales = best
    return Scaled(integers.astype(np.uint8), scale, zero.astype(np.uint8), scales, groups.astype(np.float32))


def _rounded(weights: np.ndarray, group_size: int) -> tuple:
    groups = group_index(weights.shape[1], group_size).astype(int)
    ends = np.flatnonzero(np.diff(groups)) + 1
    pieces = [group_parameters(piece, _BITS) for piece in np.split(weights, ends, axis=1)]
    scale, zero = (np.concatenate(parts, axis=1) for parts in zip(*pieces, strict=True))
    return to_integers(weights, scale[:, groups], zero[:, groups], _BITS), scale, zero, groups
