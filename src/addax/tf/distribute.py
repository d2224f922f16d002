"""`tf.distribute`: strategies, which train on one device or on several."""

from __future__ import annotations

from addax.core.lazy import attach
from addax.tf._lookup import advice, homes

_HOMES = homes(
    {
        "addax.tf._cluster": """
            CrossDeviceOps HierarchicalCopyAllReduce InputOptions MultiWorkerMirroredStrategy NcclAllReduce
            ReductionToOneDevice RunOptions TPUStrategy cluster_resolver experimental
        """,
        "addax.tf._distributed": "DistributedDataset DistributedIterator",
        "addax.tf._replica": "DistributedValues InputContext ReduceOp ReplicaContext",
        "addax.tf._strategy": """
            MirroredStrategy OneDeviceStrategy Strategy experimental_set_strategy get_replica_context get_strategy
            has_strategy in_cross_replica_context
        """,
    }
)

__getattr__, __dir__ = attach(__name__, _HOMES, (), lambda name: advice(f"distribute.{name}"))


__all__ = sorted(_HOMES)
