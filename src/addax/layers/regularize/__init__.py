"""Layers that work in training only, against overfitting."""

from addax.layers.regularize._activity import ActivityRegularization
from addax.layers.regularize._dropout import Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from addax.layers.regularize._noise import AlphaDropout, GaussianDropout, GaussianNoise

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
]
