"""Layers that normalize what goes through them."""

from addax.layers.norm._batch import BatchNormalization, SyncBatchNormalization
from addax.layers.norm._group import GroupNormalization
from addax.layers.norm._layer_norm import LayerNormalization, RMSNormalization
from addax.layers.norm._spectral import SpectralNormalization
from addax.layers.norm._unit import UnitNormalization

__all__ = [
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "RMSNormalization",
    "SpectralNormalization",
    "SyncBatchNormalization",
    "UnitNormalization",
]
