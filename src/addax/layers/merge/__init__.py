"""Layers that make one tensor of several."""

from addax.layers.merge import _old as _old  # makes the package callable
from addax.layers.merge._concatenate import Concatenate
from addax.layers.merge._dot import Dot
from addax.layers.merge._elementwise import Add, Average, Maximum, Minimum, Multiply, Subtract
from addax.layers.merge._functions import add, average, concatenate, dot, maximum, minimum, multiply, subtract

__all__ = [
    "Add",
    "Average",
    "Concatenate",
    "Dot",
    "Maximum",
    "Minimum",
    "Multiply",
    "Subtract",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
