"""`addax.legacy`: what `keras.legacy` has, the form of configs before Keras 3."""

from addax.legacy import saving

__all__ = ["saving"]
