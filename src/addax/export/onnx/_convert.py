"""A traced function as ONNX nodes: each equation by the rule of its primitive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax, jnp
from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import RULES, Call, NotExpressible

# Computed at once where all they take are small constants, such as the bounds of a slice.
_FOLDED = frozenset(
    "add and broadcast_in_dim clamp concatenate convert_element_type eq ge gt iota le lt max min mul ne not or reshape"
    " select_n squeeze sub".split()
)
_WITH_COMPLEX = frozenset("real imag jit pjit closed_call custom_jvp_call custom_vjp_call".split())
_FOLDED_SIZE = 64  # elements


class ONNXExportError(ValueError):
    """A model computes something that ONNX, or the converter, has no operators for."""


def convert(graph: Graph, jaxpr: Any, constants: Sequence[Any], arguments: Sequence[str]) -> list[str]:
    """Add the nodes of a traced function to a graph.

    Args:
        graph: The graph.
        jaxpr: The function as JAX traced it.
        constants: The arrays it closes over.
        arguments: The names of what it takes.

    Returns:
        The names of its results.

    Raises:
        ONNXExportError: A primitive has no rule.
    """
    from jax.extend.core import Literal

    values: dict[Any, str] = dict(zip(jaxpr.invars, arguments, strict=True))
    values.update((v, graph.constant(np.asarray(c))) for v, c in zip(jaxpr.constvars, constants, strict=True))

    def read(variable: Any) -> str:
        if isinstance(variable, Literal):
            return graph.constant(np.asarray(variable.val, getattr(variable.aval, "dtype", None)))
        return values[variable]

    for equation in _needed(jaxpr, Literal):
        results = _apply(graph, equation, [read(v) for v in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(v) for v in jaxpr.outvars]


def convert_closed(graph: Graph, closed: Any, arguments: Sequence[str]) -> list[str]:
    """As `convert`, of a jaxpr that carries its constants, or has none."""
    if hasattr(closed, "consts"):
        return convert(graph, closed.jaxpr, closed.consts, arguments)
    return convert(graph, closed, (), arguments)


def _needed(jaxpr: Any, literal: type) -> list[Any]:
    """The equations that the results depend on."""
    needed = {v for v in jaxpr.outvars if not isinstance(v, literal)}
    kept = []
    for equation in reversed(jaxpr.eqns):
        if needed.intersection(equation.outvars):
            kept.append(equation)
            needed.update(v for v in equation.invars if not isinstance(v, literal))
    return kept[::-1]


def _apply(graph: Graph, equation: Any, inputs: list[str]) -> list[str]:
    name, around = equation.primitive.name, graph.root.equations
    around.append(equation)
    rule = RULES.get(name)
    folded = _folded(graph, equation, inputs) if name in _FOLDED else None
    if folded is not None:
        around.pop()
        return [folded]
    if rule is None:
        raise _error(f"ONNX has no rule for the primitive '{name}'.", around)
    if name not in _WITH_COMPLEX and any(
        getattr(v.aval, "dtype", None) == "complex64" for v in equation.invars
    ):
        raise _error(f"ONNX has no complex numbers, which the primitive '{name}' takes.", around)
    call = Call(
        name,
        equation.params,
        tuple(v.aval for v in equation.invars),
        tuple(v.aval for v in equation.outvars),
    )
    try:
        results = rule(graph, call, *inputs)
    except NotExpressible as error:
        raise _error(f"The primitive '{name}' has no ONNX form here: {error}.", around) from error
    around.pop()
    return [results] if isinstance(results, str) else results


def _folded(graph: Graph, equation: Any, inputs: list[str]) -> str | None:
    """The result as a constant, if it can be had."""
    values, (output,) = [graph.known(x) for x in inputs], equation.outvars
    known = [v for v in values if v is not None and v.size <= _FOLDED_SIZE and v.dtype.kind in "iub"]
    if len(known) < len(values) or not all(isinstance(d, int) for d in output.aval.shape):
        return None
    if output.aval.size > _FOLDED_SIZE or output.aval.dtype.kind not in "iub":
        return None
    with jax.ensure_compile_time_eval():
        return graph.constant(
            np.asarray(equation.primitive.bind(*map(jnp.asarray, known), **equation.params))
        )


def _error(text: str, equations: Sequence[Any]) -> ONNXExportError:
    place = next(filter(None, map(_place, reversed(equations))), None)
    return ONNXExportError(
        message(
            text,
            received=", ".join(str(v.aval) for v in equations[-1].invars) or "no inputs",
            hint=f"It comes from {place}. Replace that layer, or export as a SavedModel or StableHLO."
            if place
            else "Export as a SavedModel or StableHLO.",
        )
    )


def _place(equation: Any) -> str | None:
    """The innermost layer that an equation comes from, which `says_where` wrote into its name stack."""
    before, found, path = str(equation.source_info.name_stack).rpartition("@")
    return f"{before.rpartition('/')[2]} '{path}'" if found else None
