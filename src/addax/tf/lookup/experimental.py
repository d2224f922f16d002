"""`tf.lookup.experimental`: tables that change."""

from addax.tf._mutable_tables import DenseHashTable, MutableHashTable

__all__ = ["DenseHashTable", "MutableHashTable"]
