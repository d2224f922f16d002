"""GPTQ: weights rounded one input after another, each error made up for by the inputs that follow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from addax.quantizers._groups import group_index, group_parameters, to_integers

_BLOCK = 128  # inputs whose errors are gathered before they reach the weights outside of the block


class Quantized(NamedTuple):
    """A matrix in integers: for each output and group a scale and a zero point, for each input its group."""

    integers: np.ndarray
    scale: np.ndarray
    zero: np.ndarray
    g_idx: np.ndarray


class Hessian:
    """The mean of `2 x x^T` over all inputs `x` met so far: the second derivative of a layer's squared error.

    Args:
        inputs: The length of `x`.
    """

    def __init__(self, inputs: int) -> None:
        self.matrix = np.zeros((inputs, inputs), np.float64)
        self.count = 0

    def add(self, x: np.ndarray) -> None:
        """Take more inputs into account.

        Args:
            x: Floats of shape `(samples, inputs)`.
        """
        x = np.asarray(x, np.float64)
        self.count += len(x)
        self.matrix += (2 * x.T @ x - self.matrix * len(x)) / max(self.count, 1)


def quantize(
    weights: np.ndarray,
    hessian: np.ndarray,
    bits: int = 4,
    group_size: int = -1,
    symmetric: bool = False,
    per_channel: bool = True,
    activation_order: bool = False,
    damping: float = 0.01,
) -> Quantized:
    """Round weights such that the layer's outputs change little (Frantar et al., 2022, algorithm 1).

    Args:
        weights: Floats of shape `(outputs, inputs)`.
        hessian: Floats of shape `(inputs, inputs)`.
        bits: Bits of the integers.
        group_size: How many inputs share a scale; -1 for all.
        symmetric: Whether zero is in the middle of the range.
        per_channel: Whether each output has its own scale.
        activation_order: Whether inputs with a large diagonal in the Hessian come first.
        damping: What is added to the diagonal, as a part of its mean.
    """
    inputs = weights.shape[1]
    order = np.argsort(-np.diag(hessian), kind="stable") if activation_order else np.arange(inputs)
    left = weights.astype(np.float32)[:, order]
    factor = _factor(hessian[np.ix_(order, order)], damping)
    integers = np.zeros(left.shape, np.uint8)
    size = inputs if group_size == -1 else group_size
    scales, zeros = [], []
    for start in range(0, inputs, _BLOCK):
        end = min(start + _BLOCK, inputs)
        errors = np.zeros((len(left), end - start), np.float32)
        for i in range(start, end):
            if i % size == 0:  # what is left of the block is already made up to here
                scale, zero = group_parameters(left[:, i : i + size], bits, symmetric, per_channel)
                scales.append(scale)
                zeros.append(zero)
            column = left[:, i : i + 1]
            rounded = to_integers(column, scale, zero, bits)
            integers[:, i : i + 1] = rounded
            error = (column - (rounded - zero) * scale) / factor[i, i]
            left[:, i + 1 : end] -= error * factor[i, i + 1 : end]
            errors[:, i - start : i - start + 1] = error
        left[:, end:] -= errors @ factor[start:end, end:]
    back = np.argsort(order)
    scale, zero = np.concatenate(scales, axis=1), np.concatenate(zeros, axis=1).astype(np.uint8)
    return Quantized(integers[:, back], scale, zero, group_index(inputs, group_size)[back])


def _factor(hessian: np.ndarray, damping: float) -> np.ndarray:
    """The upper triangular U with `U^T U = H^-1`: row i has what input i, once rounded, does to the next ones."""
    hessian = hessian.copy()
    diagonal = np.einsum("ii->i", hessian)
    diagonal[diagonal == 0] = 1  # an input that was always zero
    diagonal += damping * diagonal.mean()
    for _ in range(8):
        try:
            return np.linalg.cholesky(np.linalg.inv(hessian)).T.astype(np.float32)
        except np.linalg.LinAlgError:
            diagonal += max(damping, 1e-4) * diagonal.mean()  # inputs that depend on each other
    return np.eye(len(hessian), dtype=np.float32)  # nothing is made up for, which is plain rounding
