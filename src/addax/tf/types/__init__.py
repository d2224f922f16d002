"""`tf.types`."""

from __future__ import annotations

from addax.core.lazy import attach

__getattr__, __dir__ = attach(__name__, {}, ("experimental",))

__all__ = ["experimental"]
