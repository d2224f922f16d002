"""What the layers that draw random numbers in training share."""

from __future__ import annotations

from typing import Any

from addax.layers._layer import Layer
from addax.random import SeedGenerator


class RandomLayer(Layer):
    """A layer with a seed generator, which draws in training only."""

    supports_masking = True

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
