"""`tf.ragged`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._ragged": """
            boolean_mask constant map_flat_values range row_splits_to_segment_ids segment_ids_to_row_splits stack
            stack_dynamic_partitions
        """,
        "addax.tf._crosses": "cross cross_hashed",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
