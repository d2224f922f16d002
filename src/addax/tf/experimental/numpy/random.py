"""`tf.experimental.numpy.random`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes({"addax.tf._numpy_random": "poisson rand randint randn random seed standard_normal uniform"})

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
