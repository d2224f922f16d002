"""Initializers under the names that TensorFlow has at its top level."""

from addax.initializers import Constant as constant_initializer
from addax.initializers import Ones as ones_initializer
from addax.initializers import RandomNormal as random_normal_initializer
from addax.initializers import RandomUniform as random_uniform_initializer
from addax.initializers import Zeros as zeros_initializer

__all__ = [
    "constant_initializer",
    "ones_initializer",
    "random_normal_initializer",
    "random_uniform_initializer",
    "zeros_initializer",
]
