"""`tf.sparse`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.ops._sparse": "SparseTensor",
        "addax.tf._sparse": """
            add bincount concat expand_dims eye fill_empty_rows from_dense map_values mask maximum minimum reduce_max
            reduce_sum reorder reset_shape reshape retain segment_mean segment_sqrt_n segment_sum slice softmax
            sparse_dense_matmul split to_dense to_indicator transpose
        """,
        "addax.tf._sparse_crosses": "cross cross_hashed",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES)

__all__ = sorted(_HOMES)
