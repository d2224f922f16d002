"""`tf.nn.experimental`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._nn": """
            general_dropout stateless_dropout
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
