"""`tf.distribute`: strategies of one replica, so that scripts written for many run on one device."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterator
from typing import Any

from addax import ops
from addax.core import tree


class ReduceOp(enum.Enum):
    """How the values of replicas are joined."""

    SUM = "SUM"
    MEAN = "MEAN"


class InputContext:
    """Which part of the input a worker reads.

    Args:
        num_input_pipelines: The number of workers.
        input_pipeline_id: Which of them this is.
        num_replicas_in_sync: The number of replicas.
    """

    def __init__(
        self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1
    ) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """The share of one replica."""
        return global_batch_size // self.num_replicas_in_sync


class Strategy:
    """Runs everything on one replica.

    Args:
        devices: Names of devices; kept, not used: JAX's default device is.
        cross_device_ops: Accepted for TensorFlow's sake; one replica has nothing to send.

    Example:
        >>> import addax.tf as tf
        >>> strategy = tf.distribute.get_strategy()
        >>> strategy.run(lambda x: x + 1, args=(1,)), strategy.num_replicas_in_sync
        (2, 1)
    """

    def __init__(self, devices: Any = None, cross_device_ops: Any = None) -> None:
        self._devices = devices

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return 1

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A `with` block in which models are made for this strategy."""
        before = _current[-1:]
        _current.append(self)
        try:
            yield self
        finally:
            _current[:] = before

    def run(self, fn: Callable, args: tuple = (), kwargs: dict | None = None, options: Any = None) -> Any:
        """Call a function on each replica, which is one.

        Args:
            fn: The function.
            args: Its arguments.
            kwargs: Its keyword arguments; none if None.
            options: Accepted for TensorFlow's sake.

        Returns:
            What the function gives.
        """
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None) -> Any:
        """The values of all replicas joined, and then along an axis if one is given.

        Args:
            reduce_op: `"SUM"` or `"MEAN"`, or a `ReduceOp`.
            value: A tensor or a nest of them.
            axis: The axis; if None, the value of the one replica stays as it is.

        Example:
            >>> import addax.tf as tf
            >>> float(tf.distribute.get_strategy().reduce("MEAN", tf.constant([1.0, 3.0]), axis=0))
            2.0
        """
        if axis is None:
            return value
        kind = str(getattr(reduce_op, "value", reduce_op)).upper()
        fold = ops.mean if kind == "MEAN" else ops.sum
        return tree.map_structure(lambda x: fold(x, axis=axis), value)

    def gather(self, value: Any, axis: int) -> Any:
        """The values of all replicas, one behind the other."""
        return value

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The dataset, shared among the replicas: itself, as there is one.

        Args:
            dataset: A dataset.
            options: Accepted for TensorFlow's sake.
        """
        return dataset

    def distribute_datasets_from_function(self, dataset_fn: Callable, options: Any = None) -> Any:
        """The dataset that a function of an `InputContext` makes.

        Args:
            dataset_fn: The function, called once, with the context of one worker and one replica.
            options: Accepted for TensorFlow's sake.
        """
        return dataset_fn(InputContext())

    def experimental_local_results(self, value: Any) -> tuple:
        """The values of the replicas on this machine."""
        return (value,)


class OneDeviceStrategy(Strategy):
    """Runs everything on one device.

    Args:
        device: Its name.
    """

    def __init__(self, device: str = "") -> None:
        super().__init__([device])


class MirroredStrategy(Strategy):
    """Runs on the first device of the machine, as one replica.

    Args:
        devices: Names of devices; kept, not used.
        cross_device_ops: Accepted for TensorFlow's sake.
    """


_default = Strategy()
_current: list[Strategy] = []


def get_strategy() -> Strategy:
    """The strategy whose scope the code is in, else the one of one replica."""
    return _current[-1] if _current else _default


def has_strategy() -> bool:
    """Whether the code is in the scope of a strategy."""
    return bool(_current)


class ReplicaContext:
    """Where code runs inside of `Strategy.run`."""

    replica_id_in_sync_group = 0
    num_replicas_in_sync = 1

    @property
    def strategy(self) -> Strategy:
        """The strategy."""
        return get_strategy()

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The values of all replicas joined: the value itself, as there is one.

        Args:
            reduce_op: `"SUM"` or `"MEAN"`, or a `ReduceOp`; with one replica they are the same.
            value: A tensor or a nest of them.
            options: Accepted for TensorFlow's sake.
        """
        return value


def get_replica_context() -> ReplicaContext:
    """The replica that the code runs on."""
    return ReplicaContext()


__all__ = [
    "InputContext",
    "MirroredStrategy",
    "OneDeviceStrategy",
    "ReduceOp",
    "ReplicaContext",
    "Strategy",
    "get_replica_context",
    "get_strategy",
    "has_strategy",
]
