"""The layers that most models are made of."""

from addax.layers.core._activation import Activation
from addax.layers.core._dense import Dense

__all__ = ["Activation", "Dense"]
