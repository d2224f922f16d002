"""`tf.distribute`: values of several replicas, and what the code that runs on one of them can ask for."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from addax import ops
from addax.core import tree
from addax.core.errors import message
from addax.engine import Tensor, _replicas, op, raw_of
from addax.engine._pack import Composite


class ReduceOp(enum.Enum):
    """How the values of replicas are joined."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp | None:
        """The one that belongs to a `tf.VariableAggregation`; None if there is none."""
        return {"sum": ReduceOp.SUM, "mean": ReduceOp.MEAN}.get(str(aggregation))


def reduction(reduce_op: Any) -> str:
    """`"sum"` or `"mean"` of a `ReduceOp` or its name.

    Raises:
        ValueError: If it is neither.
    """
    name = str(getattr(reduce_op, "value", reduce_op)).lower()
    if name not in ("sum", "mean"):
        raise ValueError(
            message(
                "Argument `reduce_op` is wrong.", expected="ReduceOp.SUM or ReduceOp.MEAN", received=reduce_op
            )
        )
    return name


class DistributedValues(Composite):
    """A value of which each device has its own: `PerReplica`."""


class PerReplica(DistributedValues):
    """A value of which each replica has its own.

    Args:
        stacked: A tensor whose first axis counts the replicas.
        alone: In place of it, the value of the only replica that has one: a batch that cannot be shared evenly.
    """

    def __init__(self, stacked: Any = None, alone: tuple = ()) -> None:
        self.stacked = stacked
        self._alone = tuple(alone)

    def _parts(self) -> tuple[tuple, Any]:
        return (self._alone if self.is_alone else (self.stacked,)), self.is_alone

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> PerReplica:
        return cls(alone=parts) if rest else cls(*parts)

    @property
    def is_alone(self) -> bool:
        """Whether a single replica has a value."""
        return self.stacked is None

    @property
    def values(self) -> tuple:
        """The values of the replicas."""
        return self._alone if self.is_alone else tuple(self.stacked[i] for i in range(self.stacked.shape[0]))

    @property
    def shape(self) -> Any:
        """The shape that each value has."""
        return self._alone[0].shape if self.is_alone else self.stacked.shape[1:]

    @property
    def dtype(self) -> Any:
        """The dtype."""
        return (self._alone[0] if self.is_alone else self.stacked).dtype

    def __repr__(self) -> str:
        lines = ",\n".join(f"  {i}: {value!r}" for i, value in enumerate(self.values))
        return f"PerReplica:{{\n{lines}\n}}"


@op(static=("kind",), name="all_reduce")
def _all_reduce(value: Any, kind: str) -> Any:
    replica = _replicas.current()
    return value if replica is None else replica.all_reduce(kind, value)


@op(static=("axis",), name="all_gather")
def _all_gather(value: Any, axis: int) -> Any:
    replica = _replicas.current()
    return value if replica is None else replica.gather(value, axis)


class ReplicaContext:
    """The replica that code runs on, inside of `Strategy.run`.

    Args:
        strategy: The strategy.
    """

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy

    @property
    def strategy(self) -> Any:
        """The strategy."""
        return self._strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return self._strategy.num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> Any:
        """The number of this replica, from 0: an integer if there is one, else an int32 scalar."""
        replica = _replicas.current()
        return 0 if replica is None else Tensor(replica.id)

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The values of all replicas joined; each gets the result.

        Args:
            reduce_op: `"SUM"` or `"MEAN"`, or a `ReduceOp`.
            value: A tensor or a nest of them, of one shape on all replicas.
            options: Accepted for TensorFlow's sake.
        """
        kind = reduction(reduce_op)
        if _replicas.current() is None:
            return value
        return tree.map_structure(lambda x: _all_reduce(ops.convert_to_tensor(x), kind), value)

    def all_gather(self, value: Any, axis: int, options: Any = None) -> Any:
        """The values of all replicas, one behind the other; each gets the result.

        Args:
            value: A tensor or a nest of them, of one shape on all replicas.
            axis: The axis along which they follow each other.
            options: Accepted for TensorFlow's sake.
        """
        if _replicas.current() is None:
            return value
        return tree.map_structure(lambda x: _all_gather(ops.convert_to_tensor(x), axis), value)

    def merge_call(self, merge_fn: Callable, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call a function of the strategy and the values of all replicas.

        Args:
            merge_fn: The function; its first argument is the strategy.
            args: Tensors of this replica; the function gets those of all, as `PerReplica`s.
            kwargs: The same, by name.

        Returns:
            What it gives, the same on all replicas.
        """
        everywhere = (args, kwargs or {})
        if _replicas.current() is not None:
            everywhere = tree.map_structure(
                lambda x: PerReplica(self.all_gather(ops.expand_dims(x, 0), 0)) if hasattr(x, "shape") else x,
                everywhere,
            )
        return merge_fn(self._strategy, *everywhere[0], **everywhere[1])


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
        """The share of one replica.

        Raises:
            ValueError: If the replicas cannot share it evenly.
        """
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(
                message(
                    "The replicas cannot share a batch evenly.",
                    expected=f"a size that {self.num_replicas_in_sync} divides",
                    received=global_batch_size,
                )
            )
        return global_batch_size // self.num_replicas_in_sync


class ValueContext:
    """Which replica `experimental_distribute_values_from_function` asks for.

    Args:
        replica_id_in_sync_group: Its number.
        num_replicas_in_sync: The number of replicas.
    """

    def __init__(self, replica_id_in_sync_group: int = 0, num_replicas_in_sync: int = 1) -> None:
        self.replica_id_in_sync_group = replica_id_in_sync_group
        self.num_replicas_in_sync = num_replicas_in_sync


def joined(value: PerReplica, kind: str, axis: int | None) -> Any:
    """The values of all replicas summed or averaged, and along an axis of each, too, if one is given."""
    fold = ops.mean if kind == "mean" else ops.sum
    if value.is_alone:
        return value.values[0] if axis is None else fold(value.values[0], axis=axis)
    if axis is None:
        return fold(value.stacked, axis=0)
    rank = len(value.stacked.shape) - 1
    return fold(value.stacked, axis=(0, axis % rank + 1))


def one_behind_the_other(value: PerReplica, axis: int) -> Any:
    """The values of all replicas, concatenated."""
    return value.values[0] if value.is_alone else ops.concatenate(list(value.values), axis=axis)


def local(value: Any) -> Any:
    """What the one replica that has a value gets of it."""
    return value.values[0] if isinstance(value, PerReplica) else value


def raw_stacked(value: PerReplica) -> Any:
    """The raw array over all replicas."""
    return raw_of(value.stacked)
