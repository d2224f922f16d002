"""`tf.train`: checkpoints and what is in them, and the messages of records."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import advice, homes

_HOMES = homes(
    {
        "addax.saving._checkpoint_state": "CheckpointState get_checkpoint_state latest_checkpoint",
        "addax.tf._averages": "ExponentialMovingAverage",
        "addax.tf._checkpoint": "Checkpoint CheckpointOptions",
        "addax.tf._checkpoint_manager": "CheckpointManager",
        "addax.tf._example": """
            BytesList Example Feature FeatureList FeatureLists Features FloatList Int64List SequenceExample
        """,
        "addax.tf._coordinator": "ClusterSpec Coordinator checkpoints_iterator",
        "addax.tf._checkpoint_reader": "list_variables load_checkpoint load_variable",
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES, advice=lambda name: advice(f"train.{name}"))

__all__ = sorted(_HOMES)
