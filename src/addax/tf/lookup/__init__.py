"""`tf.lookup`: tables from keys to values."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import homes

_HOMES = homes(
    {
        "addax.tf._tables": """
            KeyValueTensorInitializer StaticHashTable StaticVocabularyTable TextFileIndex TextFileInitializer
        """
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES, ("experimental",))

__all__ = sorted([*_HOMES, "experimental"])
