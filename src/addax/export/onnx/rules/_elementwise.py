"""What is computed element by element."""

from __future__ import annotations

from typing import Any

import numpy as np

from addax.engine._jax import jnp
from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import RULES, Call, NotExpressible, rule, same

_SAME = {
    "abs": "Abs",
    "acos": "Acos",
    "acosh": "Acosh",
    "asin": "Asin",
    "asinh": "Asinh",
    "atan": "Atan",
    "atanh": "Atanh",
    "ceil": "Ceil",
    "copy": "Identity",
    "copy_p": "Identity",
    "cos": "Cos",
    "cosh": "Cosh",
    "div": "Div",
    "eq": "Equal",
    "erf": "Erf",
    "exp": "Exp",
    "floor": "Floor",
    "ge": "GreaterOrEqual",
    "gt": "Greater",
    "le": "LessOrEqual",
    "le_to": "LessOrEqual",
    "log": "Log",
    "logistic": "Sigmoid",
    "lt": "Less",
    "lt_to": "Less",
    "neg": "Neg",
    "pow": "Pow",
    "reduce_precision": "Identity",
    "sign": "Sign",
    "sin": "Sin",
    "sinh": "Sinh",
    "sqrt": "Sqrt",
    "stop_gradient": "Identity",
    "tan": "Tan",
    "tanh": "Tanh",
}
RULES.update({name: same(kind) for name, kind in _SAME.items()})
_ARITHMETIC = {"add": "Add", "add_any": "Add", "mul": "Mul", "sub": "Sub"}
_SMALL = ("int8", "uint8", "int16", "uint16")


@rule(*_ARITHMETIC)
def _arithmetic(graph: Graph, call: Call, a: str, b: str) -> str:
    kind, dtype = _ARITHMETIC[call.name], call.output.dtype
    if str(dtype) not in _SMALL:
        return graph.op(kind, a, b)
    # onnxruntime computes with whole numbers of 32 bits and more; their lower bits are the same.
    return graph.cast(graph.op(kind, graph.cast(a, np.int32), graph.cast(b, np.int32)), dtype)


@rule("max", "min")
def _extreme(graph: Graph, call: Call, a: str, b: str) -> str:
    if call.input.dtype == bool:
        return graph.op("Or" if call.name == "max" else "And", a, b)
    return graph.op("Max" if call.name == "max" else "Min", a, b)


@rule("ne")
def _differs(graph: Graph, call: Call, a: str, b: str) -> str:
    return graph.op("Not", graph.op("Equal", a, b))


@rule("rem")
def _remainder(graph: Graph, call: Call, a: str, b: str) -> str:
    return graph.op("Mod", a, b, fmod=1)


@rule("round")
def _round(graph: Graph, call: Call, x: str) -> str:
    if "EVEN" in str(call.params["rounding_method"]):
        return graph.op("Round", x)
    half = graph.constant(0.5, call.input.dtype)
    return graph.op("Mul", graph.op("Sign", x), graph.op("Floor", graph.op("Add", graph.op("Abs", x), half)))


@rule("rsqrt")
def _reciprocal_root(graph: Graph, call: Call, x: str) -> str:
    return graph.op("Reciprocal", graph.op("Sqrt", x))


@rule("cbrt")
def _cube_root(graph: Graph, call: Call, x: str) -> str:
    third = graph.constant(1 / 3, call.input.dtype)
    return graph.op("Mul", graph.op("Sign", x), graph.op("Pow", graph.op("Abs", x), third))


@rule("square")
def _square(graph: Graph, call: Call, x: str) -> str:
    return graph.op("Mul", x, x)


@rule("integer_pow")
def _integer_power(graph: Graph, call: Call, x: str) -> str:
    power = call.params["y"]
    if power == 2:
        return graph.op("Mul", x, x)
    return graph.op("Pow", x, graph.constant(power, call.input.dtype))


@rule("exp2")
def _power_of_two(graph: Graph, call: Call, x: str) -> str:
    return graph.op("Pow", graph.constant(2, call.input.dtype), x)


@rule("expm1")
def _exponential_less_one(graph: Graph, call: Call, x: str) -> str:
    # tanh(x/2) (e^x + 1) is the same, and keeps its digits where x is small.
    one, half = graph.constant(1, call.input.dtype), graph.constant(0.5, call.input.dtype)
    return graph.op(
        "Mul", graph.op("Tanh", graph.op("Mul", x, half)), graph.op("Add", graph.op("Exp", x), one)
    )


@rule("log1p")
def _logarithm_of_one_more(graph: Graph, call: Call, x: str) -> str:
    # Where x is small, 1 + x is rounded; the quotient of what was meant and what was added makes up for that.
    one = graph.constant(1, call.input.dtype)
    more = graph.op("Add", x, one)
    logarithm, added = graph.op("Log", more), graph.op("Sub", more, one)
    none = graph.op("Equal", more, one)
    mended = graph.op("Mul", logarithm, graph.op("Div", x, graph.op("Where", none, one, added)))
    mended = graph.op("Where", none, x, mended)
    small = graph.op("Less", graph.op("Abs", x), one)
    return graph.op("Where", small, mended, logarithm)


@rule("atan2")
def _angle(graph: Graph, call: Call, y: str, x: str) -> str:
    zero, one, half, turn = (graph.constant(n, call.input.dtype) for n in (0, 1, np.pi / 2, np.pi))
    upright = graph.op("Equal", x, zero)
    angle = graph.op("Atan", graph.op("Div", y, graph.op("Where", upright, one, x)))
    other_side = graph.op("Where", graph.op("Less", y, zero), graph.op("Neg", turn), turn)
    angle = graph.op("Where", graph.op("Less", x, zero), graph.op("Add", angle, other_side), angle)
    return graph.op("Where", upright, graph.op("Mul", graph.op("Sign", y), half), angle)


@rule("erfc")
def _error_function_less(graph: Graph, call: Call, x: str) -> str:
    return graph.op("Sub", graph.constant(1, call.input.dtype), graph.op("Erf", x))


@rule("is_finite")
def _is_finite(graph: Graph, call: Call, x: str) -> str:
    return graph.op("Not", graph.op("Or", graph.op("IsInf", x), graph.op("IsNaN", x)))


@rule("clamp")
def _clamp(graph: Graph, call: Call, low: str, x: str, high: str) -> str:
    return graph.op("Min", graph.op("Max", x, low), high)


@rule("select_n")
def _select(graph: Graph, call: Call, which: str, *cases: str) -> str:
    if len(cases) == 1:
        return cases[0]
    if len(cases) != 2:
        raise NotExpressible("a choice among more than two arrays")
    if call.input.dtype != bool:
        which = graph.cast(which, bool)
    no, yes = cases[0], cases[1]
    if call.output.dtype == bool:  # onnxruntime chooses among numbers only
        unless = graph.op("And", graph.op("Not", which), no)
        return graph.op("Or", graph.op("And", which, yes), unless)
    return graph.op("Where", which, yes, no)


@rule("convert_element_type")
def _convert(graph: Graph, call: Call, x: str) -> str:
    return x if call.input.dtype == call.output.dtype else graph.cast(x, call.output.dtype)


@rule("optimization_barrier")
def _barrier(graph: Graph, call: Call, *inputs: str) -> list[str]:
    return list(inputs)


@rule("dim_as_value")
def _dimension(graph: Graph, call: Call) -> str:
    return graph.cast(graph.reshape(graph.size(call.params["dim"]), ()), call.output.dtype)


def is_float(aval: Any) -> bool:
    """Whether an array is of floating-point numbers."""
    return bool(jnp.issubdtype(aval.dtype, jnp.floating))
