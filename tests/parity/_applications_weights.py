"""Weights for architectures that no training gave any: what a layer starts with hides mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import addax


def shake(model: Any, rng: np.random.Generator) -> None:
    """Give a model weights that no layer starts with, one after another: the largest have a gigabyte of them."""
    layers = addax.layers
    branches = any(isinstance(layer, (layers.Add, layers.Concatenate)) for layer in model.layers)
    for weight in model.weights:
        weight.assign(_shaken(weight.path, np.asarray(weight), rng, 0.3 if branches else 1.0))


def normalize(model: Any, images: np.ndarray) -> None:
    """Let each normalization divide by how large its inputs are for some images.

    As after training no layer's outputs grow; else a deep network multiplies the rounding of its first layers until
    nothing else is left of the outputs. Means are not subtracted, for small differences of large numbers do the same.
    """
    norm = addax.layers.BatchNormalization
    plain = norm.call

    def call(self, inputs, *args, **kwargs):
        power = np.mean(np.square(inputs), axis=(0, 1, 2))
        self.moving_variance.assign(power + power.mean())  # channels of almost nothing stay small
        return plain(self, inputs, training=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(norm, "call", call)
        if any(isinstance(layer, norm) for layer in model.layers):
            model(images)


def _shaken(path: str, value: np.ndarray, rng: np.random.Generator, gamma: float) -> np.ndarray:
    """A weight that no layer starts with, small enough that deep networks stay finite."""
    noise = rng.uniform(0.5, 1.5, value.shape)
    if path.endswith("/gamma"):
        return (gamma * value * noise).astype(value.dtype)  # what a branch adds is less than what it adds to
    if path.endswith(("/moving_variance", "/kernel", "/variance")):
        return (value * noise).astype(value.dtype)
    return (value + 0.1 * (noise - 1)).astype(value.dtype)
