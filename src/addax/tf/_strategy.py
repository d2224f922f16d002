"""`tf.distribute`: strategies, which run code on one device or on a replica for each of several."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from addax import ops
from addax.core import context, tree
from addax.core.errors import message
from addax.engine import Compiled, Tensor, _jax, _replicas
from addax.engine.autograph import converted
from addax.parallel import Mirrored, list_devices
from addax.tf._distributed import DistributedDataset, PerReplicaDataset
from addax.tf._replica import (
    InputContext,
    PerReplica,
    ReplicaContext,
    ValueContext,
    joined,
    local,
    one_behind_the_other,
    raw_stacked,
    reduction,
)

_KEPT = 32  # compiled functions that a strategy remembers
_current: contextvars.ContextVar[tuple] = contextvars.ContextVar("addax_strategy", default=())


class Strategy:
    """Runs code on replicas: one, for this class itself.

    Args:
        extended: Accepted for TensorFlow's sake.

    Source: `tf.distribute.Strategy`.

    Example:
        >>> import addax.tf as tf
        >>> strategy = tf.distribute.get_strategy()
        >>> strategy.run(lambda x: x + 1, args=(1,)), strategy.num_replicas_in_sync
        (2, 1)
    """

    _mirrored: Mirrored | None = None

    def __init__(self, extended: Any = None) -> None:
        self._compiled: dict[Callable, Compiled] = {}

    def _spread_over(self, devices: Sequence[str]) -> None:
        """Have a replica on each of several devices."""
        if len(devices) > 1:
            self._mirrored = Mirrored(devices)

    @property
    def num_replicas_in_sync(self) -> int:
        """The number of replicas."""
        return 1 if self._mirrored is None else self._mirrored.replicas

    @property
    def cluster_resolver(self) -> Any:
        """None: all devices belong to this process."""
        return None

    @property
    def extended(self) -> Strategy:
        """The strategy itself."""
        return self

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A `with` block in which variables are made on all devices, and models for this strategy."""
        token = _current.set((self, True))
        try:
            with contextlib.nullcontext() if self._mirrored is None else context.entered(mesh=self._mirrored):
                yield self
        finally:
            _current.reset(token)

    def run(self, fn: Callable, args: tuple = (), kwargs: dict | None = None, options: Any = None) -> Any:
        """Call a function on each replica.

        Outside of compiled code the function is compiled, so Python's own effects happen the first time only.

        Args:
            fn: The function.
            args: Its arguments; of a `PerReplica` each replica gets its own value.
            kwargs: Its keyword arguments; none if None.
            options: Accepted for TensorFlow's sake.

        Returns:
            What the function gives, with a `PerReplica` for each tensor if there are several replicas.
        """
        kwargs = kwargs or {}
        if self._mirrored is None:
            with self._inside():
                return fn(*args, **kwargs)
        if context.current().bindings is not None or not _jax.not_tracing():
            return self._run(fn, tuple(args), kwargs)
        if fn not in self._compiled:
            if len(self._compiled) >= _KEPT:
                self._compiled.pop(next(iter(self._compiled)))
            self._compiled[fn] = Compiled(
                lambda args, kwargs: self._run(fn, args, kwargs), name=getattr(fn, "__name__", "replica")
            )
        return self._compiled[fn](tuple(args), kwargs)

    def _run(self, fn: Callable, args: tuple, kwargs: dict) -> Any:
        """Call a function on each replica, inside of a trace."""
        assert self._mirrored is not None
        call = converted(fn)
        leaves = tree.flatten((args, kwargs))
        own = [leaf for leaf in leaves if isinstance(leaf, PerReplica)]
        if any(leaf.is_alone for leaf in own):
            given = tree.map_structure(local, (args, kwargs))
            with self._inside():
                result = call(*given[0], **given[1])
            return tree.map_structure(lambda x: PerReplica(alone=(x,)) if hasattr(x, "shape") else x, result)

        def body(parts: list) -> Any:
            values = iter(parts)
            given = tree.map_structure(
                lambda x: Tensor(next(values)[0]) if isinstance(x, PerReplica) else x, (args, kwargs)
            )
            with self._inside():
                return call(*given[0], **given[1])

        mesh = self._mirrored.device_mesh.backend_mesh
        result = _replicas.run(body, [raw_stacked(leaf) for leaf in own], mesh, self._mirrored.axis)
        return tree.map_structure(lambda x: PerReplica(x) if isinstance(x, Tensor) else x, result)

    @contextlib.contextmanager
    def _inside(self) -> Iterator[None]:
        token = _current.set((self, False))
        try:
            yield
        finally:
            _current.reset(token)

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """The values of all replicas joined, and then along an axis if one is given.

        Args:
            reduce_op: `"SUM"` or `"MEAN"`, or a `ReduceOp`.
            value: What `run` gave: a value of the replicas, or a nest of them.
            axis: The axis of each value; None to join the values element by element.

        Raises:
            ValueError: If a value that is no replica's own is to be summed over several replicas.

        Example:
            >>> import addax.tf as tf
            >>> float(tf.distribute.get_strategy().reduce("MEAN", tf.constant([1.0, 3.0]), axis=0))
            2.0
        """
        kind = reduction(reduce_op)
        return tree.map_structure(lambda x: self._reduced(kind, x, axis), value)

    def _reduced(self, kind: str, value: Any, axis: int | None) -> Any:
        if isinstance(value, PerReplica):
            return joined(value, kind, axis)
        if axis is not None:
            return (ops.mean if kind == "mean" else ops.sum)(value, axis=axis)
        if (
            kind == "sum"
            and self._mirrored is not None
            and not (isinstance(value, (int, float)) and value == 0)
        ):
            raise ValueError(
                message(
                    "reduce() got a value that is the same everywhere, of which a sum over replicas makes no sense.",
                    expected="what strategy.run() gave",
                    received=value,
                    hint="Use the value itself, or ReduceOp.MEAN.",
                )
            )
        return value

    def gather(self, value: Any, axis: int) -> Any:
        """The values of all replicas, one behind the other.

        Args:
            value: What `run` gave, or a nest of it.
            axis: The axis along which they follow each other.
        """
        return tree.map_structure(
            lambda x: one_behind_the_other(x, axis) if isinstance(x, PerReplica) else x, value
        )

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The dataset, each batch shared among the replicas.

        A batch that they cannot share evenly, which is the last one as a rule, goes to the first of them as a whole.

        Args:
            dataset: A batched dataset; its batches are those of all replicas together.
            options: Accepted for TensorFlow's sake.

        Returns:
            An iterable of nests of `PerReplica`s; with a single replica, the dataset itself.
        """
        return dataset if self._mirrored is None else DistributedDataset(dataset, self._mirrored)

    def distribute_datasets_from_function(self, dataset_fn: Callable, options: Any = None) -> Any:
        """The dataset that a function of an `InputContext` makes, a batch of it for each replica in turn.

        Args:
            dataset_fn: The function, called once.
            options: Accepted for TensorFlow's sake.
        """
        dataset = dataset_fn(InputContext(num_replicas_in_sync=self.num_replicas_in_sync))
        return dataset if self._mirrored is None else PerReplicaDataset(dataset, self._mirrored)

    def experimental_distribute_values_from_function(self, value_fn: Callable) -> Any:
        """A value for each replica.

        Args:
            value_fn: A function of a `ValueContext`, called for each replica; it gives a tensor or a nest of them.
        """
        count = self.num_replicas_in_sync
        values = [value_fn(ValueContext(i, count)) for i in range(count)]
        if self._mirrored is None:
            return values[0]
        return tree.map_structure(
            lambda *parts: PerReplica(ops.stack([ops.convert_to_tensor(p) for p in parts])), *values
        )

    def experimental_local_results(self, value: Any) -> tuple:
        """The values of the replicas on this machine.

        Args:
            value: What `run` gave.
        """
        return value.values if isinstance(value, PerReplica) else (value,)

    def make_experimental_numpy_dataset(self, numpy_input: Any) -> Any:
        """The dataset of the samples of arrays."""
        from addax.data import Dataset

        return Dataset.from_tensor_slices(numpy_input)

    experimental_make_numpy_dataset = make_experimental_numpy_dataset

    def colocate_vars_with(self, colocate_with_variable: Any) -> Any:
        """A `with` block that changes nothing: variables lie on all devices."""
        return contextlib.nullcontext()

    def update(
        self, var: Any, fn: Callable, args: tuple = (), kwargs: dict | None = None, group: bool = True
    ) -> Any:
        """Call a function of a variable, whose copies are one variable here.

        Args:
            var: The variable.
            fn: A function of it and of `args`.
            args: Further arguments.
            kwargs: Keyword arguments.
            group: Accepted for TensorFlow's sake.
        """
        return fn(var, *args, **(kwargs or {}))

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any = None, options: Any = None) -> Any:
        """`reduce` without an axis; where the result is wanted does not matter.

        Args:
            reduce_op: As for `reduce`.
            value: As for `reduce`.
            destinations: Accepted for TensorFlow's sake.
            options: Accepted for TensorFlow's sake.
        """
        return self.reduce(reduce_op, value, axis=None)


class OneDeviceStrategy(Strategy):
    """Runs everything on one device.

    Args:
        device: Its name, such as `"/gpu:0"`.

    Source: `tf.distribute.OneDeviceStrategy`.
    """

    def __init__(self, device: str = "") -> None:
        super().__init__()
        self._device = device

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A `with` block in which everything is made on the device."""
        from addax.tf._scopes import device

        with device(self._device or None), super().scope():
            yield self

    def run(self, fn: Callable, args: tuple = (), kwargs: dict | None = None, options: Any = None) -> Any:
        """Call a function on the device. See `Strategy.run`."""
        from addax.tf._scopes import device

        with device(self._device or None):
            return super().run(fn, args, kwargs)


class MirroredStrategy(Strategy):
    """A replica on each device of this machine, which trains on its part of each batch.

    Args:
        devices: Names of devices; all GPUs (TPUs) if None, or all CPUs where there are none.
        cross_device_ops: Accepted for TensorFlow's sake: XLA decides how devices talk to each other.

    Raises:
        ValueError: If there is no device of a name.

    Source: `tf.distribute.MirroredStrategy`.

    Example:
        >>> import addax.tf as tf
        >>> strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
        >>> with strategy.scope():
        ...     v = tf.Variable(1.0)
        >>> float(strategy.reduce("SUM", strategy.run(lambda: v + 1.0), axis=None))
        2.0
    """

    def __init__(self, devices: Any = None, cross_device_ops: Any = None) -> None:
        super().__init__()
        if devices is not None and not isinstance(devices, str) and len(devices) == 0:
            raise ValueError(message("MirroredStrategy needs a device.", received=devices))
        self._spread_over(
            [devices] if isinstance(devices, str) else list_devices() if devices is None else list(devices)
        )


class CentralStorageStrategy(MirroredStrategy):
    """`MirroredStrategy`: where each variable is kept changes no result, and each device has room for a copy.

    Args:
        compute_devices: Names of devices, as for `MirroredStrategy`.
        parameter_device: Accepted for TensorFlow's sake.

    Source: `tf.distribute.experimental.CentralStorageStrategy`.
    """

    def __init__(self, compute_devices: Any = None, parameter_device: Any = None) -> None:
        super().__init__(compute_devices)


def get_strategy() -> Strategy:
    """The strategy whose scope the code is in, or that runs it; else the one of one replica."""
    found = _current.get()
    return found[0] if found else _default


def has_strategy() -> bool:
    """Whether the code is in the scope of a strategy, or run by one."""
    return bool(_current.get()) and get_strategy() is not _default


def in_cross_replica_context() -> bool:
    """Whether the code is in the scope of a strategy, but not run by a replica."""
    found = _current.get()
    return bool(found) and found[1]


def get_replica_context() -> ReplicaContext | None:
    """The replica that the code runs on; None in the scope of a strategy outside of `run`."""
    return None if in_cross_replica_context() else ReplicaContext(get_strategy())


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Put a strategy in force without a `with` block.

    Args:
        strategy: The strategy; None ends that of before.
    """
    from addax.engine import _placement

    _current.set(() if strategy is None else (strategy, True))
    _placement.set_placement(None if strategy is None else strategy._mirrored)


_default = Strategy()
