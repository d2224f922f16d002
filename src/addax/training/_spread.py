"""A step on several devices: its batch is cut among them, or among replicas that each run the step on a part."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from addax.core import context, tree
from addax.engine import Composite, Tensor, _placement, raw_of
from addax.engine import _replicas as replicas
from addax.engine._pack import pack, raw_leaves, unpack


def spread(model: Any) -> Any:
    """A `with` block under the placement of a model: the one in force, or that which it was compiled or made under."""
    if _placement.in_force() is not None:
        return contextlib.nullcontext()
    found = model._placement
    return contextlib.nullcontext() if found is None else context.entered(mesh=found)


def put(data: Any, stacked: bool = False) -> Any:
    """A nest of host arrays on the devices of the placement in force, cut along the batch; as it is without one.

    Args:
        data: NumPy arrays and tensors whose first axis is the batch.
        stacked: Whether the second axis is the batch, and the first one that of several batches.
    """
    placement = _placement.in_force()
    if placement is None:
        return data

    def one(x: Any) -> Any:
        if isinstance(x, Composite):
            parts, rest = x._parts()
            return x._from_parts(tree.map_structure(one, parts), rest)
        raw = x._value if isinstance(x, Tensor) else x
        if not hasattr(raw, "shape") or getattr(raw, "dtype", None) is None or raw.dtype.kind in "OSU":
            return x
        array = _placement.placed(raw, placement.batch_sharding(tuple(raw.shape), stacked))
        return Tensor(array) if isinstance(x, Tensor) else array

    return tree.map_structure(one, data)


def whole(arrays: list) -> list:
    """Arrays that lie whole on each device of the placement in force."""
    placement = _placement.in_force()
    if placement is None:
        return arrays
    return [_placement.placed(x, placement.batch_sharding(())) for x in arrays]


def cut() -> Callable | None:
    """What a chunk does with the arrays of a batch that it gathered: lays them out. None without a placement."""
    placement = _placement.in_force()
    if placement is None:
        return None
    return lambda raw: _placement.placed(raw, placement.batch_sharding(tuple(raw.shape)))


def by_replicas(body: Callable, data: Any, kind: str, model: Any) -> Any:
    """Run a step: on each replica, if the placement has replicas and they can share the batch evenly.

    Args:
        body: The step, a function of the data.
        data: The batch, in compiled code.
        kind: `"train"`, `"test"` or `"predict"`.
        model: The model.

    Returns:
        Outputs of all replicas behind each other, or logs: those of metrics after all replicas' updates, means else.
    """
    placement: Any = _placement.in_force()
    leaves: list = []
    form = pack(data, leaves)
    arrays = raw_leaves(leaves)
    if placement is None or placement.replicas < 2 or not _even(arrays, placement.replicas):
        return body(data)
    mesh = placement.device_mesh.backend_mesh
    result = replicas.run(
        lambda local: body(unpack(form, iter(local))), arrays, mesh, placement.axis, stack=kind != "predict"
    )
    return result if kind == "predict" else _joined_logs(result, model)


def _even(arrays: list, count: int) -> bool:
    return all(getattr(x, "ndim", 0) and x.shape[0] and x.shape[0] % count == 0 for x in arrays)


def _joined_logs(logs: Any, model: Any) -> Any:
    if not isinstance(logs, dict):
        return logs
    metrics = model.get_metrics_result()
    return {name: metrics[name] if name in metrics else _mean(value) for name, value in logs.items()}


def _mean(value: Any) -> Any:
    if not hasattr(value, "shape"):
        return value
    return Tensor(raw_of(value).mean(axis=0)) if not isinstance(value, np.ndarray) else value.mean(axis=0)
