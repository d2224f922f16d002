"""Several replicas of the same code, each on a device and on its part of the data, as `tf.distribute` has them.

The code is traced once, inside of `jax.shard_map`; what replicas tell each other are collectives over the mesh's axis.
A variable has one value outside, and each replica works on a copy of it. Copies that each replica changes for itself
(`synchronization="on_read"`: the sums of metrics) are joined at the end, by the variable's `aggregation`; all other
assignments join what the replicas assign at once, so that copies stay equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine import _jax
from addax.engine._bind import Bindings
from addax.engine._checks import Check
from addax.engine._jax import jax, jnp, lax
from addax.engine._pack import pack, raw_leaves, unpack
from addax.engine._variable import Variable


class Replica:
    """One of the replicas, as the code that runs on it sees itself.

    Args:
        axis: The axis of the mesh that tells them apart.
        count: How many there are.
        updating: Whether an optimizer is at work: what it assigns is equal everywhere.
    """

    def __init__(self, axis: str, count: int, updating: bool = False) -> None:
        self.axis, self.count, self.updating = axis, count, updating

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Replica) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple:
        return (self.axis, self.count, self.updating)

    @property
    def id(self) -> Any:
        """The number of this replica, from 0; a raw int32 scalar, known when the code runs."""
        return lax.axis_index(self.axis)

    def all_reduce(self, kind: str, raw: Any) -> Any:
        """Raw arrays of all replicas joined.

        Args:
            kind: `"sum"`, `"mean"`, or `"only_first_replica"` for the value of the first one.
            raw: The array of this replica.
        """
        if kind == "only_first_replica":
            raw, kind = jnp.where(self.id == 0, raw, jnp.zeros_like(raw)), "sum"
        if raw.dtype == bool:
            return lax.psum(raw.astype(jnp.int32), self.axis).astype(bool)
        total = lax.psum(raw, self.axis)
        if kind == "sum":
            return total
        return total / self.count if jnp.issubdtype(raw.dtype, jnp.inexact) else total // self.count

    def gather(self, raw: Any, axis: int) -> Any:
        """The arrays of all replicas, one behind the other along an axis."""
        return lax.all_gather(raw, self.axis, axis=axis, tiled=True)


def current() -> Replica | None:
    """The replica that the code runs on; None outside of replicas, and where there is a single one."""
    return context.current().replica


def share(value: Any) -> Any:
    """A mean over the samples of this replica as its share of the mean over all."""
    replica = current()
    return value if replica is None else value / replica.count


def whole(value: Any) -> Any:
    """What `share` made a share of."""
    replica = current()
    return value if replica is None else value * replica.count


def updating() -> Any:
    """A `with` block in which all replicas assign the same, so that nothing has to be joined."""
    replica = current()
    assert replica is not None
    return context.entered(replica=Replica(replica.axis, replica.count, updating=True))


def joined(variable: Variable, raw: Any) -> Any:
    """What a variable gets when each replica assigns its `raw`.

    Raises:
        ValueError: If the variable does not say how replicas are combined.
    """
    replica = current()
    if replica is None or replica.updating or is_local(variable) or type(variable) is Check:
        return raw
    kind = str(variable.aggregation or "none")
    if kind == "none":
        raise ValueError(
            message(
                f"Variable '{variable.path}' is assigned to by {replica.count} replicas, each with a value of its own.",
                expected='aggregation "sum", "mean" or "only_first_replica"',
                received='aggregation "none"',
                hint='Create it with aggregation="mean" (tf.VariableAggregation.MEAN), or assign outside of '
                "strategy.run().",
            )
        )
    return replica.all_reduce(kind, raw)


def is_local(variable: Variable) -> bool:
    """Whether each replica keeps a copy for itself until somebody outside reads the variable."""
    return str(variable.synchronization) == "on_read"


class _ReplicaBindings(Bindings):
    """The copies of one replica. A sum lies with the first one, so that those of all add up to it."""

    def __init__(self, replica: Replica) -> None:
        super().__init__({}, context.current().bindings)
        self._replica = replica
        self._trace = _jax.current_trace()

    def read(self, variable: Variable) -> Any:
        if variable not in self.values and is_local(variable) and str(variable.aggregation) == "sum":
            with _jax.under(self._trace):
                value = super().read(variable)
                first = self._replica.id == 0
                self.values[variable] = jnp.where(first, value, jnp.zeros_like(value))
        return super().read(variable)

    def results(self) -> list:
        """The values of the written variables, joined."""
        return [self._result(variable, raw) for variable, raw in self.written.items()]

    def _result(self, variable: Variable, raw: Any) -> Any:
        if type(variable) is Check:
            return self._replica.all_reduce("sum", raw)
        if not is_local(variable):
            return raw
        kind = str(variable.aggregation or "none")
        return self._replica.all_reduce("only_first_replica" if kind == "none" else kind, raw)


def run(fn: Callable, parts: Sequence, mesh: Any, axis: str, stack: bool = True) -> Any:
    """Run code on all replicas, inside of a trace.

    Args:
        fn: The code; it gets a list of the raw arrays of its replica. What it writes to variables is kept.
        parts: Raw arrays whose first axis is cut into equal parts, one for each replica.
        mesh: The JAX mesh.
        axis: The axis of it that is cut along.
        stack: Whether results get a new first axis, one entry for each replica; else their first axes are joined
            (scalars are stacked all the same).

    Returns:
        The nest that `fn` gives, of tensors over all replicas.

    Raises:
        RuntimeError: If the code runs on a replica already.
    """
    if current() is not None:
        raise RuntimeError(
            message(
                "strategy.run() is called by a replica.",
                hint="Call it outside of the function that it runs; inside, use tf.distribute.get_replica_context().",
            )
        )
    replica = Replica(axis, mesh.shape[axis])
    seen: dict[str, Any] = {}

    def body(*local: Any) -> tuple[list, list]:
        bindings = _ReplicaBindings(replica)
        with context.entered(bindings=bindings, replica=replica, tapes=()):
            leaves: list = []
            seen["form"] = pack(fn(list(local)), leaves, results=True)
            found = [_lengthened(raw) if stack or not raw.shape else raw for raw in raw_leaves(leaves)]
            seen["written"] = list(bindings.written)
            return found, bindings.results()

    over, everywhere = jax.sharding.PartitionSpec(axis), jax.sharding.PartitionSpec()
    whole = jax.shard_map(body, mesh=mesh, in_specs=over, out_specs=(over, everywhere), check_vma=False)
    found, written = whole(*parts)
    for variable, raw in zip(seen["written"], written, strict=True):
        variable._write(raw)
    return unpack(seen["form"], iter(found))


def _lengthened(raw: Any) -> Any:
    return jnp.asarray(raw)[None]
