"""Layers that move values about and change none."""

from addax.layers.reshape._cropping import Cropping1D, Cropping2D, Cropping3D
from addax.layers.reshape._flatten import Flatten
from addax.layers.reshape._permute import Permute
from addax.layers.reshape._repeat_vector import RepeatVector
from addax.layers.reshape._reshape import Reshape
from addax.layers.reshape._up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from addax.layers.reshape._zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D

__all__ = [
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Flatten",
    "Permute",
    "RepeatVector",
    "Reshape",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
]
