"""Functions inside of the function: calls, loops and branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.export.onnx._convert import convert_closed
from addax.export.onnx._graph import Graph
from addax.export.onnx._registry import Call, NotExpressible, rule
from addax.export.onnx._schema import value_info


@rule("jit", "pjit", "closed_call", "core_call", "remat", "remat2", "checkpoint")
def _inline(graph: Graph, call: Call, *inputs: str) -> list[str]:
    return convert_closed(graph, call.params["jaxpr"], inputs)


@rule("custom_jvp_call", "custom_vjp_call")
def _inline_custom(graph: Graph, call: Call, *inputs: str) -> list[str]:
    return convert_closed(graph, call.params["call_jaxpr"], inputs)


@rule("scan")
def _scan(graph: Graph, call: Call, *inputs: str) -> list[str]:
    closed, count = call.params["jaxpr"], call.params["num_consts"]
    carried = call.params["num_carry"]
    shared, state, rows = inputs[:count], inputs[count : count + carried], inputs[count + carried :]
    avals = [v.aval for v in closed.jaxpr.invars[count:]]
    if not rows:
        if len(closed.jaxpr.outvars) > carried:
            raise NotExpressible("a loop that collects values without reading any")
        return _counted(graph, call.params["length"], closed, shared, state, avals)
    body = Graph(graph)
    names = [graph.fresh("state") for _ in state] + [graph.fresh("row") for _ in rows]
    results = convert_closed(body, closed, [*shared, *names])
    direction = int(call.params["reverse"])
    return graph.ops(
        "Scan",
        *state,
        *rows,
        outputs=len(results),
        body=_body(body, _declared(names, avals), results, call_avals(closed)),
        num_scan_inputs=len(rows),
        scan_input_directions=[direction] * len(rows),
        scan_output_directions=[direction] * (len(results) - carried),
    )


def _counted(
    graph: Graph, length: Any, closed: Any, shared: Sequence[str], state: Sequence[str], avals: list[Any]
) -> list[str]:
    """A loop that runs a number of times over its state alone."""
    body = Graph(graph)
    names = [graph.fresh("state") for _ in state]
    results = convert_closed(body, closed, [*shared, *names])
    turn, going = graph.fresh("turn"), graph.fresh("going")
    inputs = [value_info(turn, (), np.int64), value_info(going, (), bool), *_declared(names, avals)]
    on = body.op("Identity", going)
    message = _body(body, inputs, results, call_avals(closed), first=[value_info(on, (), bool)])
    turns = graph.reshape(graph.size(length), ())
    return graph.ops("Loop", turns, graph.constant(True), *state, outputs=len(state), body=message)


@rule("while")
def _while(graph: Graph, call: Call, *inputs: str) -> list[str]:
    test, step = call.params["cond_jaxpr"], call.params["body_jaxpr"]
    ends = call.params["cond_nconsts"], call.params["cond_nconsts"] + call.params["body_nconsts"]
    of_test, of_step, state = inputs[: ends[0]], inputs[ends[0] : ends[1]], inputs[ends[1] :]
    (start,) = convert_closed(graph, test, [*of_test, *state])
    body = Graph(graph)
    names = [graph.fresh("state") for _ in state]
    results = convert_closed(body, step, [*of_step, *names])
    (goes_on,) = convert_closed(body, test, [*of_test, *results])
    on = body.op("Identity", goes_on)
    first = [value_info(graph.fresh("turn"), (), np.int64), value_info(graph.fresh("going"), (), bool)]
    avals = call_avals(step)
    message = _body(
        body, [*first, *_declared(names, avals)], results, avals, first=[value_info(on, (), bool)]
    )
    return graph.ops("Loop", "", start, *state, outputs=len(state), body=message)


@rule("cond")
def _branch(graph: Graph, call: Call, which: str, *inputs: str) -> list[str]:
    branches = call.params["branches"]
    if len(branches) == 1:
        return convert_closed(graph, branches[0], inputs)
    if len(branches) == 2:
        return _if(graph, graph.cast(which, bool), branches[1], branches[:1], inputs)
    last = graph.constant(len(branches) - 1, call.input.dtype)
    return _if(graph, graph.op("GreaterOrEqual", which, last), branches[-1], branches[:-1], inputs, which)


def _if(
    graph: Graph, condition: str, yes: Any, others: Sequence[Any], inputs: Sequence[str], which: str = ""
) -> list[str]:
    """The last branch, or a choice among those before it."""
    bodies = []
    for branches in ([yes], others):
        body = Graph(graph)
        if len(branches) == 1:
            results = convert_closed(body, branches[0], inputs)
        else:
            number = body.constant(len(branches) - 1, np.int32)
            later = body.op("GreaterOrEqual", which, number)
            results = _if(body, later, branches[-1], branches[:-1], inputs, which)
        bodies.append(_body(body, [], results, call_avals(yes)))
    count = len(call_avals(yes))
    return graph.ops("If", condition, outputs=count, then_branch=bodies[0], else_branch=bodies[1])


def call_avals(closed: Any) -> list[Any]:
    """The shapes and dtypes of the results of a closed jaxpr."""
    return [v.aval for v in closed.jaxpr.outvars]


def _declared(names: Sequence[str], avals: Sequence[Any]) -> list[dict[str, Any]]:
    return [value_info(name, aval.shape, aval.dtype) for name, aval in zip(names, avals, strict=True)]


def _body(
    body: Graph,
    inputs: list[dict[str, Any]],
    results: Sequence[str],
    avals: Sequence[Any],
    first: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """The message of an inner graph; its outputs are values of its own, whatever the results are."""
    own = [body.op("Identity", result) for result in results]
    return body.message(body.fresh("body"), inputs, [*first, *_declared(own, avals)])
