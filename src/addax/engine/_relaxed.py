"""Programs for tensors of unknown sizes: traced once, compiled anew for each size that comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.engine._compile import Program, trace
from addax.engine._jax import jax
from addax.engine._op import FlatOp


def leaf_specs(nest: Any, is_spec: Callable, found: list) -> list:
    """The specs in a nest, in the order in which `pack` finds the tensors that fit them."""
    if is_spec(nest):
        found.append(nest)
    elif isinstance(nest, (list, tuple)):
        for child in nest:
            leaf_specs(child, is_spec, found)
    elif isinstance(nest, dict):
        for child in nest.values():
            leaf_specs(child, is_spec, found)
    return found


def shapes_of(specs: Sequence, arrays: Sequence) -> list[tuple] | None:
    """The shapes that specs and arrays have in common, None for an unknown size; None if all sizes are known.

    Sizes of 0 are no use: JAX takes an unknown size to be 1 at least.
    """
    shapes = [tuple(x.shape) for x in arrays]
    if any(0 in shape for shape in shapes):
        return None
    for i, spec in enumerate(specs):
        if spec.shape is not None:
            shapes[i] = tuple(spec.shape)
    return shapes if any(None in shape for shape in shapes) else None


def relaxed_trace(fn: Callable, form: Any, shapes: Sequence[tuple], dtypes: Sequence, name: str) -> Program:
    """Run `fn` once on arrays with symbols in the places of unknown sizes.

    Args:
        fn: Imperative code.
        form: The form of its positional arguments.
        shapes: Shapes of the arrays in them, with None.
        dtypes: Their dtypes.
        name: For errors and profiles.

    Raises:
        Exception: Of many kinds, if the code needs to know the sizes.
    """
    from jax import export

    scope = export.SymbolicScope()
    count = iter(range(1000))
    specs = []
    for shape, dtype in zip(shapes, dtypes, strict=True):
        text = ", ".join(f"d{next(count)}" if d is None else str(d) for d in shape)
        specs.append(jax.ShapeDtypeStruct(export.symbolic_shape(text, scope=scope), dtype))
    program = trace(fn, form, specs, name)
    held = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in program.closed.in_avals[: len(program.variables)]]
    exported = export.export(jax.jit(program.flat.fn))(*held, *specs)
    program.replace(FlatOp(lambda *arrays: exported.call(*arrays), name))
    return program
