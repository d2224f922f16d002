"""Floor 6: feed -> place -> loop -> step -> objective. Knows models by what it calls on them."""

from addax.training._trainable import Trainable

__all__ = ["Trainable"]
