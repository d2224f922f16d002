"""Floor 4: layers, one family a room."""

from addax.layers._input import Input, InputLayer
from addax.layers._layer import Layer
from addax.layers._spec import InputSpec
from addax.layers.core import Activation, Dense

__all__ = ["Activation", "Dense", "Input", "InputLayer", "InputSpec", "Layer"]
