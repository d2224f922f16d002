"""`tf.data`."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.data": """
            AUTOTUNE Dataset DatasetSpec INFINITE_CARDINALITY Options ThreadingOptions UNKNOWN_CARDINALITY
        """,
        "addax.tf._data": """
            FixedLengthRecordDataset Iterator NumpyIterator TFRecordDataset TextLineDataset
        """,
    }
)
_SUBMODULES = ("experimental",)

__getattr__, __dir__ = attach(__name__, _HOMES, _SUBMODULES)

__all__ = sorted({*_HOMES, *_SUBMODULES})
