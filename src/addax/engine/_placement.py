"""Where values lie when there are several devices, as far as the engine has to know.

`addax.parallel` decides it: its distributions are the placements here. One is in force for the process
(`set_placement`), another for a block of code (the context's `mesh`), which wins.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from addax.core import context
from addax.core.errors import message
from addax.engine._jax import jax, lax


class Placement(Protocol):
    """What the engine asks a distribution for.

    Attributes:
        axis: The axis of the mesh that batches are cut along.
        replicas: The number of replicas that each run the code on their part of a batch; 0 where all devices
            compute one program together, as `keras.distribution` has it.
    """

    @property
    def axis(self) -> str: ...

    @property
    def replicas(self) -> int: ...

    def get_variable_layout(self, variable: Any) -> Any:
        """How a variable lies on the mesh."""
        ...

    def get_tensor_layout(self, path: str) -> Any:
        """How the output of a layer lies on the mesh; None to leave that to the compiler."""
        ...

    def batch_sharding(self, shape: tuple[int, ...], stacked: bool = False) -> Any:
        """How an array whose first axis is the batch lies on the mesh (`stacked`: the second axis)."""
        ...


_of_process: Placement | None = None


def set_placement(placement: Placement | None) -> None:
    """Put a placement in force for the process; None for the single default device."""
    global _of_process
    _of_process = placement


def in_force() -> Placement | None:
    """The placement of the code that runs now, if there is one."""
    return context.current().mesh or _of_process


def of_variables(variables: Any) -> Placement | None:
    """The placement that the first variable was made under, for code that left the block it was made in."""
    for variable in variables:
        found = getattr(variable, "_placement", None)
        if found is not None:
            return found
    return None


def sharding_of(layout: Any) -> Any:
    """The JAX sharding of a layout, which may be one already; None of None."""
    return getattr(layout, "backend_layout", layout)


def placed(value: Any, layout: Any) -> Any:
    """An array (or a tracer) laid out on a mesh; as it is if there is no layout.

    Args:
        value: A NumPy array, a JAX array or a tracer.
        layout: A layout, a JAX sharding, or None.
    """
    if layout is None:
        return value
    sharding = sharding_of(layout)
    if isinstance(value, jax.core.Tracer):
        return lax.with_sharding_constraint(value, sharding)
    if isinstance(value, jax.Array) and value.sharding.is_equivalent_to(sharding, value.ndim):
        return value
    return jax.device_put(value, sharding)


def check_layout(path: str, shape: Any, layout: Any) -> None:
    """Refuse a layout that does not fit a variable.

    Args:
        path: The variable's path, for the error.
        shape: Its shape.
        layout: The layout, or a JAX sharding.

    Raises:
        ValueError: If the layout has more axes than the variable, or an axis of the mesh does not divide a dimension.
    """
    sharding = sharding_of(layout)
    spec, mesh = getattr(sharding, "spec", None), getattr(sharding, "mesh", None)
    if spec is None or mesh is None:
        return
    shape = tuple(shape)
    parts = [_parts(axis, mesh) for axis in spec]
    if len(parts) > len(shape) or any(n % k for n, k in zip(shape, parts, strict=False)):
        raise ValueError(
            message(
                f"The layout does not fit variable '{path}'.",
                expected=f"at most {len(shape)} axes, and dimensions that the mesh divides ({dict(mesh.shape)})",
                received=f"layout {tuple(spec)} for shape {shape}",
                hint="Give the LayoutMap another layout for this path, or None for the axis.",
            )
        )


def _parts(axis: Any, mesh: Any) -> int:
    names = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([mesh.shape[name] for name in names], dtype=int))
