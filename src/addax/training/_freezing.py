"""Layers that were trainable when a model was compiled."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TrainableFlags:
    """The `trainable` switches of a model and of the layers inside.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        self.whole = model.trainable
        self._flags = [(layer, layer.trainable) for layer in model._flatten_layers()]

    def restore(self) -> None:
        """Switch the layers to what they were, the outer ones first (they switch the inner ones too)."""
        for layer, flag in self._flags:
            layer.trainable = flag


@contextmanager
def as_compiled(model: Any) -> Iterator[None]:
    """Train a model that was frozen as a whole after `compile` as it was when it was compiled.

    That is how scripts of tf.keras write GANs: the discriminator is compiled, then frozen for the model that is
    stacked on it, and still trained by itself. Layers frozen one by one stay frozen.
    """
    compiled = model._compiled_flags
    if compiled is None or model.trainable or not compiled.whole:
        yield
        return
    warnings.warn(
        f"Model '{model.name}' was frozen (trainable = False) after compile(), so it is trained as it was compiled. "
        "Compile it again if it is to stay as it is.",
        stacklevel=5,
    )
    now = TrainableFlags(model)
    compiled.restore()
    try:
        yield
    finally:
        now.restore()
