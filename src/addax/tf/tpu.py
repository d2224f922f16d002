"""`tf.tpu`: what programs call before they use TPUs."""

from __future__ import annotations

from typing import Any

from addax.core.lazy import Namespace


class experimental(Namespace):  # noqa: N801 - a namespace
    """Names that TensorFlow calls experimental."""

    @staticmethod
    def initialize_tpu_system(cluster_resolver: Any = None) -> None:
        """Accepted, whatever the `cluster_resolver`: JAX sets TPUs up when they are first used."""

    @staticmethod
    def shutdown_tpu_system(cluster_resolver: Any = None) -> None:
        """Accepted, whatever the `cluster_resolver`: JAX lets go of TPUs when the process ends."""


__all__ = ["experimental"]
