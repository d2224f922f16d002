"""`tf.random.experimental`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._generator": """
            Algorithm Generator create_rng_state get_global_generator set_global_generator
        """,
        "addax.tf._random_stateless": """
            index_shuffle
        """,
        "addax.tf._random": """
            stateless_fold_in stateless_shuffle stateless_split
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
