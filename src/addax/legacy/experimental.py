"""`tf.keras.experimental`, as far as it is not under another name today."""

from addax.layers.columns import SequenceFeatures
from addax.legacy._wide_deep import LinearModel, WideDeepModel
from addax.optimizers.schedules import CosineDecay, CosineDecayRestarts

__all__ = ["CosineDecay", "CosineDecayRestarts", "LinearModel", "SequenceFeatures", "WideDeepModel"]
