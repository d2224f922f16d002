"""`tf.types.experimental.distributed`: the type of values that differ from replica to replica."""

from addax.tf._replica import PerReplica

__all__ = ["PerReplica"]
