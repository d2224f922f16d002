"""What compiled code consists of, as TensorFlow's graphs.

A node is an operation of JAX, under TensorFlow's name where it has the same meaning, and stands in the scopes of the
layers, name scopes and functions that it comes from. Loops and branches are functions of the graph's library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from addax.formats import GRAPH_PRODUCER, GRAPH_SCHEMA, Message, dtype_code, shape_message, tensor_message

_MAX_CONSTANT = 64  # elements of a constant that is written
_SAME = {
    "add": "AddV2", "add_any": "AddV2", "mul": "Mul", "sub": "Sub", "div": "RealDiv", "max": "Maximum",
    "min": "Minimum", "neg": "Neg", "exp": "Exp", "log": "Log", "log1p": "Log1p", "expm1": "Expm1", "tanh": "Tanh",
    "logistic": "Sigmoid", "sqrt": "Sqrt", "rsqrt": "Rsqrt", "abs": "Abs", "sign": "Sign", "floor": "Floor",
    "ceil": "Ceil", "round": "Round", "pow": "Pow", "sin": "Sin", "cos": "Cos", "tan": "Tan", "erf": "Erf",
    "erfc": "Erfc", "square": "Square", "integer_pow": "Pow", "eq": "Equal", "ne": "NotEqual", "lt": "Less",
    "le": "LessEqual", "gt": "Greater", "ge": "GreaterEqual", "and": "LogicalAnd", "or": "LogicalOr",
    "not": "LogicalNot", "dot_general": "MatMul", "conv_general_dilated": "Conv2D", "reduce_sum": "Sum",
    "reduce_max": "Max", "reduce_min": "Min", "reduce_prod": "Prod", "reduce_and": "All", "reduce_or": "Any",
    "argmax": "ArgMax", "argmin": "ArgMin", "cumsum": "Cumsum", "cumprod": "Cumprod", "sort": "Sort",
    "top_k": "TopKV2", "transpose": "Transpose", "reshape": "Reshape", "squeeze": "Squeeze",
    "broadcast_in_dim": "BroadcastTo", "concatenate": "ConcatV2", "pad": "PadV2", "rev": "ReverseV2",
    "slice": "StridedSlice", "dynamic_slice": "Slice", "gather": "GatherNd", "scatter": "TensorScatterUpdate",
    "scatter-add": "TensorScatterAdd", "select_n": "SelectV2", "convert_element_type": "Cast",
    "bitcast_convert_type": "Bitcast", "stop_gradient": "StopGradient", "copy": "Identity", "iota": "Range",
    "clamp": "ClipByValue", "is_finite": "IsFinite", "while": "While", "scan": "Scan", "cond": "Case",
    "debug_callback": "PyFunc", "pure_callback": "PyFunc", "io_callback": "PyFunc",
}  # fmt: skip
_FUNCTIONS = {"while": ("cond_jaxpr", "body_jaxpr"), "scan": ("jaxpr",), "cond": ("branches",)}
_ROLES = {"cond_jaxpr": "cond", "body_jaxpr": "body", "jaxpr": "body", "branches": "branch"}


# Writing -------------------------------------------------------------------------------------------------
class FunctionGraph:
    """The graph of a compiled function.

    Args:
        name: The function's name.
        programs: Its program; several, if sizes that differ between them are unknown.
        names: What the arguments are called, if that is known.
    """

    def __init__(self, name: str, programs: Sequence[Any], names: Iterable[str] = ()) -> None:
        self.name = name
        self._plain, *others = [graph_of(program, list(names)) for program in programs]
        for other in others:
            for node, same in zip(self._plain["node"], other["node"], strict=False):
                _forget_sizes(node["attr"], same["attr"])

    def as_graph_def(self, from_version: Any = None, add_shapes: bool = False) -> Message:
        """The graph as a message, which has `SerializeToString`.

        Args:
            from_version: Accepted for TensorFlow's sake.
            add_shapes: Accepted for TensorFlow's sake: shapes are always there.
        """
        return Message(GRAPH_SCHEMA, "Graph", self._plain)

    def get_operations(self) -> list[Message]:
        """The nodes, in an order in which they could run; each has a `name`, an `op` and its `input`."""
        return self.as_graph_def().node

    def __repr__(self) -> str:
        return f"<graph of {self.name}: {len(self._plain['node'])} operations>"


def _forget_sizes(attrs: dict, others: dict) -> None:
    """Sizes that differ from those of the same node in another graph become unknown."""
    shapes = [x.get("_output_shapes", {}).get("list", {}).get("shape", []) for x in (attrs, others)]
    for shape, other in zip(*shapes, strict=False):
        for dim, same in zip(shape["dim"], other["dim"], strict=False):
            if dim != same:
                dim["size"] = -1


def run_metadata(programs: Iterable[Any]) -> bytes:
    """The graphs of programs, as the RunMetadata that TensorBoard draws."""
    graphs = [{"pre_optimization_graph": graph_of(program)} for program in programs]
    return GRAPH_SCHEMA.encode("RunMetadata", {"function_graphs": graphs})


def graph_of(program: Any, names: Iterable[str] = ()) -> dict[str, Any]:
    """A program as a GraphDef message.

    Args:
        program: The program.
        names: What its arguments are called, if that is known.
    """
    library: list[dict] = []
    writer, jaxpr = _Nodes(library), program.closed.jaxpr
    count = len(program.variables)
    for variable, var in zip(program.variables, jaxpr.invars, strict=False):
        path = getattr(variable, "path", None) or getattr(variable, "name", "variable")
        handle = writer.add(path, "VarHandleOp", [], [])
        writer.places[var] = writer.add(f"{path}/Read", "ReadVariableOp", [handle], [var])
    given = [*names]
    for i, var in enumerate(jaxpr.invars[count:]):
        name = (given[i] if i < len(given) else "") or f"args_{i}"
        writer.places[var] = writer.add(name, "Placeholder", [], [var], type_name="dtype")
    for var, value in zip(jaxpr.constvars, program.closed.consts, strict=False):
        writer.places[var] = writer.constant(np.asarray(value))
    writer.equations(jaxpr, "")
    outs = [writer.input(v) for v in jaxpr.outvars]
    results = len(outs) - len(program.written)
    for var, source in zip(jaxpr.outvars[:results], outs, strict=False):
        writer.add("Identity", "Identity", [source], [var])
    for variable, source in zip(program.written, outs[results:], strict=True):
        path = getattr(variable, "path", None) or getattr(variable, "name", "variable")
        writer.add(f"{path}/Assign", "AssignVariableOp", [source], [])
    message: dict[str, Any] = {"node": writer.nodes, "versions": {"producer": GRAPH_PRODUCER}}
    return message | ({"library": {"function": library}} if library else {})


class _Nodes:
    """The nodes of a graph or of a function in its library, and where each value comes from."""

    def __init__(self, library: list[dict], function: bool = False) -> None:
        self.nodes: list[dict] = []
        self.places: dict[Any, str] = {}
        self._library = library
        self._function = function
        self._taken: set[str] = set()

    def name(self, wanted: str) -> str:
        """A name that no node has yet."""
        wanted = re.sub(r"[^A-Za-z0-9_./-]", "_", wanted).strip("/") or "node"
        found, number = wanted, 0
        while found.lower() in self._taken:  # TensorBoard's groups are found without regard to case
            number += 1
            found = f"{wanted}_{number}"
        self._taken.add(found.lower())
        return found

    def add(
        self, wanted: str, op: str, inputs: list[str], outputs: Iterable[Any], type_name: str = "T", **attrs: Any
    ) -> str:  # fmt: skip
        """Add a node; gives its name."""
        avals = [getattr(v, "aval", v) for v in outputs]
        kinds = [_code(a) for a in avals]
        if kinds and kinds[0]:
            attrs[type_name] = {"type": kinds[0]}
        if avals:
            attrs["_output_shapes"] = {
                "list": {"shape": [shape_message(getattr(a, "shape", ())) for a in avals]}
            }
        name = self.name(wanted)
        self.nodes.append({"name": name, "op": op, "input": inputs, "attr": attrs})
        return name

    def constant(self, value: np.ndarray, scope: str = "") -> str:
        """Add a constant; a large one without its numbers."""
        attrs = {}
        if value.size <= _MAX_CONSTANT and _code(value):
            attrs["value"] = {"tensor": tensor_message(value)}
        return self.add(f"{scope}/Const", "Const", [], [value], type_name="dtype", **attrs)

    def input(self, var: Any, scope: str = "") -> str:
        """Where a value comes from; one that is written in the code becomes a constant."""
        if hasattr(var, "val"):
            return self._output(self.constant(np.asarray(var.val), scope), 0)
        return self.places[var]

    def _output(self, name: str, number: int) -> str:
        if self._function:
            return f"{name}:output:{number}"
        return f"{name}:{number}" if number else name

    def equations(self, jaxpr: Any, around: str) -> None:
        """Add what a jaxpr computes."""
        for equation in jaxpr.eqns:
            scope = "/".join(filter(None, [around, _scope(equation)]))
            inner = _inlined(equation)
            if inner is None:
                self._equation(equation, scope)
            else:
                name = str(equation.params.get("name", "")).strip("<>")
                self._inline(equation, inner, "/".join(filter(None, [scope, name])))

    def _inline(self, equation: Any, inner: Any, scope: str) -> None:
        jaxpr = getattr(inner, "jaxpr", inner)
        for var, value in zip(jaxpr.constvars, getattr(inner, "consts", ()), strict=False):
            self.places[var] = self._output(self.constant(np.asarray(value)), 0)
        for var, given in zip(jaxpr.invars, equation.invars, strict=True):
            self.places[var] = self.input(given, scope)
        self.equations(jaxpr, scope)
        for var, found in zip(equation.outvars, jaxpr.outvars, strict=True):
            self.places[var] = self.input(found, scope)

    def _equation(self, equation: Any, scope: str) -> None:
        primitive = equation.primitive.name
        op = _SAME.get(primitive) or "".join(p.title() for p in re.split(r"\W|_", primitive))
        attrs: dict[str, Any] = {}
        for param in _FUNCTIONS.get(primitive, ()):
            bodies = equation.params[param]
            names = [
                {"name": self._body(f"{primitive}_{_ROLES[param]}", b)}
                for b in (bodies if isinstance(bodies, tuple) else (bodies,))
            ]
            attrs[_ROLES[param]] = {"list": {"func": names}} if len(names) > 1 else {"func": names[0]}
        inputs = [self.input(v, scope) for v in equation.invars]
        name = self.add("/".join(filter(None, [scope, op])), op, inputs, equation.outvars, **attrs)
        for number, var in enumerate(equation.outvars):
            self.places[var] = self._output(name, number)

    def _body(self, wanted: str, closed: Any) -> str:
        """A jaxpr as a function of the library; gives its name."""
        name = f"{wanted}_{len(self._library)}"
        function: dict[str, Any] = {}
        self._library.append(function)  # before those inside of it, so that names differ
        jaxpr, writer = closed.jaxpr, _Nodes(self._library, function=True)
        arguments = []
        for i, var in enumerate(jaxpr.invars):
            writer.places[var] = writer.name(f"arg_{i}")
            arguments.append({"name": writer.places[var], "type": _code(var.aval)})
        for var, value in zip(jaxpr.constvars, closed.consts, strict=False):
            writer.places[var] = writer._output(writer.constant(np.asarray(value)), 0)
        writer.equations(jaxpr, "")
        results = {f"output_{i}": writer.input(v) for i, v in enumerate(jaxpr.outvars)}
        function["signature"] = {
            "name": name,
            "input_arg": arguments,
            "output_arg": [
                {"name": key, "type": _code(v.aval)} for key, v in zip(results, jaxpr.outvars, strict=True)
            ],
        }
        function["node_def"], function["ret"] = writer.nodes, results
        return name


def _inlined(equation: Any) -> Any:
    """The code inside of an equation that only calls it, such as a jitted function; None for all others."""
    if equation.primitive.name in _FUNCTIONS:
        return None
    for param in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        inner = equation.params.get(param)
        jaxpr = getattr(inner, "jaxpr", inner)
        if hasattr(jaxpr, "eqns") and len(jaxpr.invars) == len(equation.invars):
            return inner
    return None


def _scope(equation: Any) -> str:
    """The scopes of an equation; what a derivative consists of is under `gradients`."""
    text = str(equation.source_info.name_stack)
    backward = "transpose(" in text
    parts = [p for p in re.sub(r"\b\w+\(|\)", "", text).split("/") if p]
    return "/".join(["gradients", *parts] if backward else parts)


def _code(aval: Any) -> int:
    """TensorFlow's number of a dtype; 0 for what it has none, such as JAX's keys of random numbers."""
    try:
        return dtype_code(aval.dtype)
    except (ValueError, TypeError):
        return 0
