"""`tf.autodiff`: derivatives forwards and backwards."""

from __future__ import annotations

from addax.core.lazy import attach

_HOMES = {"ForwardAccumulator": "addax.tf._forward", "GradientTape": "addax.engine"}

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
