"""Convolution layers."""

from addax.layers.conv._conv import Conv1D, Conv2D, Conv3D
from addax.layers.conv._depthwise import DepthwiseConv1D, DepthwiseConv2D
from addax.layers.conv._local import LocallyConnected1D, LocallyConnected2D
from addax.layers.conv._separable import SeparableConv1D, SeparableConv2D
from addax.layers.conv._transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose

__all__ = [
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "LocallyConnected1D",
    "LocallyConnected2D",
    "SeparableConv1D",
    "SeparableConv2D",
]
