"""`tf.keras.experimental`, as far as it is not under another name today."""

from addax.layers.columns import SequenceFeatures

__all__ = ["SequenceFeatures"]
