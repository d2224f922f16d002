"""Layers around functions and modules of other libraries."""

from addax.layers.interop._jax_layer import FlaxLayer, JaxLayer

__all__ = ["FlaxLayer", "JaxLayer"]
