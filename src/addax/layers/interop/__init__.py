"""Layers around functions and modules of other libraries."""

from addax.layers.interop._jax_layer import FlaxLayer, JaxLayer
from addax.layers.interop._torch_module import TorchModuleWrapper

__all__ = ["FlaxLayer", "JaxLayer", "TorchModuleWrapper"]
