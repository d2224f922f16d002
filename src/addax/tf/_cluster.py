"""`tf.distribute`: strategies for clusters and TPUs, how they are found, and how devices talk to each other."""

from __future__ import annotations

import json
import os
from typing import Any

from addax.core.errors import message
from addax.core.lazy import Namespace
from addax.parallel import list_devices
from addax.tf._replica import ValueContext
from addax.tf._strategy import CentralStorageStrategy, MirroredStrategy, Strategy


class CrossDeviceOps:
    """How devices join what they have; accepted for TensorFlow's sake: XLA decides.

    Args:
        **kwargs: Accepted for TensorFlow's sake (`num_packs`, `reduce_to_device`, `accumulation_fn`).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._options = (args, kwargs)


class NcclAllReduce(CrossDeviceOps):
    """Accepted for TensorFlow's sake; see `CrossDeviceOps`."""


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """Accepted for TensorFlow's sake; see `CrossDeviceOps`."""


class ReductionToOneDevice(CrossDeviceOps):
    """Accepted for TensorFlow's sake; see `CrossDeviceOps`."""


class CommunicationImplementation:
    """The names of libraries by which workers talk to each other; XLA decides on one."""

    AUTO = "AUTO"
    RING = "RING"
    NCCL = "NCCL"


class CommunicationOptions:
    """Settings of communication; accepted for TensorFlow's sake.

    Args:
        bytes_per_pack: Kept.
        timeout_seconds: Kept.
        implementation: Kept.
    """

    def __init__(
        self,
        bytes_per_pack: int = 0,
        timeout_seconds: float | None = None,
        implementation: Any = CommunicationImplementation.AUTO,
    ) -> None:
        self.bytes_per_pack = bytes_per_pack
        self.timeout_seconds = timeout_seconds
        self.implementation = implementation


class RunOptions:
    """Options of `Strategy.run`; `experimental_enable_dynamic_batch_size` is accepted for TensorFlow's sake."""

    def __init__(self, experimental_enable_dynamic_batch_size: bool = True, **kwargs: Any) -> None:
        self.experimental_enable_dynamic_batch_size = experimental_enable_dynamic_batch_size


class InputOptions:
    """Options of distributed datasets; accepted for TensorFlow's sake."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)


class TFConfigClusterResolver:
    """The cluster that the environment variable `TF_CONFIG` describes.

    Example:
        >>> import addax.tf as tf
        >>> tf.distribute.cluster_resolver.TFConfigClusterResolver().task_id
        0
    """

    def __init__(self, task_type: str | None = None, task_id: int | None = None, **kwargs: Any) -> None:
        config = json.loads(os.environ.get("TF_CONFIG") or "{}")
        task = config.get("task", {})
        self.cluster: dict[str, list[str]] = config.get("cluster", {})
        self.task_type = task_type or task.get("type") or "worker"
        self.task_id = int(task.get("index", 0)) if task_id is None else task_id

    def workers(self) -> list[str]:
        """The addresses of those that train."""
        return [*self.cluster.get("chief", []), *self.cluster.get("worker", [])]


class MultiWorkerMirroredStrategy(MirroredStrategy):
    """`MirroredStrategy` on the devices of the only worker.

    Several workers train by `keras.distribution`, each process of which sees the devices of all.

    Args:
        cluster_resolver: Who else is there; the environment's `TF_CONFIG` if None.
        communication_options: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there are several workers.

    Source: `tf.distribute.MultiWorkerMirroredStrategy`.
    """

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None) -> None:
        resolver = TFConfigClusterResolver() if cluster_resolver is None else cluster_resolver
        workers = resolver.workers() if hasattr(resolver, "workers") else []
        if len(workers) > 1:
            raise ValueError(
                message(
                    "MultiWorkerMirroredStrategy serves a single worker.",
                    expected="a TF_CONFIG with one worker, or none",
                    received=workers,
                    hint="Train on several machines with keras.distribution: initialize(job_addresses=..., "
                    "num_processes=..., process_id=...), then set_distribution(DataParallel()).",
                )
            )
        super().__init__()
        self._resolver = resolver

    @property
    def cluster_resolver(self) -> Any:
        """What knows the cluster."""
        return self._resolver


class TPUClusterResolver:
    """Finds the TPUs of this machine.

    Args:
        tpu: Accepted for TensorFlow's sake.
        **kwargs: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there is none, as programs expect that fall back to another strategy.
    """

    task_type, task_id = "worker", 0

    def __init__(self, tpu: str | None = None, **kwargs: Any) -> None:
        try:
            self._devices = list_devices("tpu")
        except ValueError as error:
            raise ValueError(
                message(
                    "There is no TPU here.",
                    expected="a machine with TPUs and a JAX that uses them",
                    received=f"devices {list_devices()}",
                    hint="Use tf.distribute.MirroredStrategy() or tf.distribute.get_strategy().",
                )
            ) from error

    @classmethod
    def connect(cls, tpu: str | None = None, **kwargs: Any) -> TPUClusterResolver:
        """Find the TPUs; there is nothing else to do."""
        return cls(tpu)

    def master(self, *args: Any, **kwargs: Any) -> str:
        """The address of the TPUs: none, they belong to this process."""
        return ""

    def num_accelerators(self, *args: Any, **kwargs: Any) -> dict[str, int]:
        """How many there are."""
        return {"TPU": len(self._devices)}


class TPUStrategy(Strategy):
    """A replica on each TPU core of this machine.

    Args:
        tpu_cluster_resolver: What `TPUClusterResolver` found; it looks for itself if None.
        experimental_device_assignment: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If there is no TPU.

    Source: `tf.distribute.TPUStrategy`.
    """

    def __init__(
        self, tpu_cluster_resolver: Any = None, experimental_device_assignment: Any = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._resolver = tpu_cluster_resolver or TPUClusterResolver()
        self._spread_over(list_devices("tpu"))

    @property
    def cluster_resolver(self) -> Any:
        """What found the TPUs."""
        return self._resolver


class cluster_resolver(Namespace):  # noqa: N801 - a namespace
    """What finds the devices of a cluster."""

    TFConfigClusterResolver = TFConfigClusterResolver
    TPUClusterResolver = TPUClusterResolver


class experimental(Namespace):  # noqa: N801 - a namespace
    """Names that TensorFlow calls experimental."""

    CentralStorageStrategy = CentralStorageStrategy
    CollectiveCommunication = CommunicationImplementation
    CollectiveHints = CommunicationOptions
    CommunicationImplementation = CommunicationImplementation
    CommunicationOptions = CommunicationOptions
    MultiWorkerMirroredStrategy = MultiWorkerMirroredStrategy
    TPUStrategy = TPUStrategy
    ValueContext = ValueContext
