"""`addax.layers.experimental`: layers under the names that tf.keras gave them before they were settled."""

from addax.layers.core import EinsumDense
from addax.layers.experimental import preprocessing
from addax.layers.experimental._fourier import RandomFourierFeatures
from addax.layers.norm import SyncBatchNormalization

__all__ = ["EinsumDense", "RandomFourierFeatures", "SyncBatchNormalization", "preprocessing"]
