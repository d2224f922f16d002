"""A graph as three parts: what takes texts, the numerical program, and what gives texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from addax.core import context, dtypes, tree
from addax.engine import SymbolicTensor, Tensor
from addax.export._program import InputSpec
from addax.export.text import _vectorize as _vectorize  # registers its rule
from addax.export.text._flat import Call, Place, flat_calls, needs_host
from addax.export.text._graph import INPUT, RESULT, STRING, TextGraph, Value
from addax.export.text._rules import OPS, After, refusal, rule_of

_HINT = "Leave it out of the exported model, and do what it does before the model is called."


@dataclass(frozen=True)
class TextPart:
    """The parts of an endpoint that are no numerical program.

    Attributes:
        before: What makes the program's inputs of the endpoint's.
        frontier: The values that the program takes, in order.
        specs: The same as inputs for tracing.
        after: What makes texts of the program's results.
        outputs: The endpoint's results: the number of a result of the program, or a text.
        structure: The nest of results, with the number of the output in place of each.
        program: The program: a list of tensors for `specs` in, a list of tensors out.
    """

    before: TextGraph
    frontier: tuple[Value, ...]
    specs: tuple[InputSpec, ...]
    after: TextGraph
    outputs: tuple[int | Value, ...]
    structure: Any
    program: Callable[[Sequence[Tensor]], list[Any]]

    @property
    def tables(self) -> dict[str, Any]:
        """The tables of both parts by name."""
        return self.before.tables | self.after.tables


def split_text(inputs: Sequence[SymbolicTensor], names: Sequence[str], outputs: Any) -> TextPart:
    """Divide a graph.

    Args:
        inputs: Its symbolic inputs.
        names: The names that the endpoint gives them.
        outputs: The nest of its outputs.

    Raises:
        TextExportError: Something is done with texts that cannot be exported; the error names the layer.
    """
    places = [Place(str(x.dtype), tuple(x.shape)) for x in inputs]
    calls, nest = flat_calls(places, inputs, outputs)
    return _Divider(places, names, calls, nest).part()


class _Divider:
    def __init__(self, inputs: list[Place], names: Sequence[str], calls: list[Call], nest: Any) -> None:
        self._nest = nest
        self._first = _before_program(calls)
        first = set(self._first)
        self._last = [c for c in calls if c not in first and any(x.dtype == STRING for x in c.outputs)]
        outside = first | set(self._last)
        self._middle = [c for c in calls if c not in outside]
        self._before, self._after = TextGraph("text"), TextGraph("word")
        # The values of places outside of the program, and what the program makes of some before it uses them.
        self._values: dict[Place, Value] = {}
        self._handed: dict[Place, tuple[Value, After]] = {}
        for place, name in zip(inputs, names, strict=True):
            dtype = place.dtype if place.dtype == STRING else dtypes.narrow(place.dtype)
            value = Value(f"{INPUT}{name}", dtype, place.shape)
            self._values[place] = value
            if place.dtype != STRING:
                self._handed[place] = (value, None)

    def part(self) -> TextPart:
        for call in self._first:
            self._convert(self._before, call)
        middle = self._middle
        outputs = [x for x in tree.flatten(self._nest) if isinstance(x, Place)]
        wanted = [x for c in middle for x in c.inputs] + [x for c in self._last for x in c.inputs] + outputs
        needed = dict.fromkeys(x for x in wanted if x in self._handed)
        made: dict[Place, int] = {}  # the program's results
        inside = {x for c in middle for x in c.outputs} | set(needed)
        results = dict.fromkeys(
            x for x in [*outputs, *(x for c in self._last for x in c.inputs)] if x in inside
        )
        for number, place in enumerate(results):
            made[place] = number
            dtype = dtypes.narrow(place.dtype)
            self._values[place] = Value(f"{RESULT}{number}", dtype, place.shape)
        for call in self._last:
            self._convert(self._after, call)
        leaves = iter(range(len(outputs)))
        return TextPart(
            before=self._before,
            frontier=tuple(self._handed[x][0] for x in needed),
            specs=tuple(
                InputSpec(f"frontier_{n}", self._handed[x][0].shape, self._handed[x][0].dtype)
                for n, x in enumerate(needed)
            ),
            after=self._after,
            outputs=tuple(made[x] if x in made else self._values[x] for x in outputs),
            structure=tree.map_structure(
                lambda x: next(leaves) if isinstance(x, Place) else None, self._nest
            ),
            program=_program(middle, [(x, self._handed[x][1]) for x in needed], list(results)),
        )

    def _convert(self, graph: TextGraph, call: Call) -> None:
        """Write a call outside of the program."""
        name = getattr(getattr(call.operation, "op", None), "name", None)
        rule = OPS.get(name) if name is not None else rule_of(call.operation)
        what = type(call.operation).__name__ if name is None else f"operation '{name}'"
        if rule is None or not all(x in self._values for x in call.inputs):
            missing = (
                "cannot be exported" if rule is None else "works on what only the numerical part computes"
            )
            cause = "takes texts" if call.takes_text else "is needed before texts are looked up"
            hint = _HINT
            if getattr(call.operation, "_graph", None) is None and hasattr(call.operation, "layers"):
                hint = "Make it a functional model, so that the layers inside are known."
            raise refusal(call.operation, f"It {cause}, and {missing}.", what, hint)
        arguments, kwargs = tree.map_structure(self._fill, (call.args, call.kwargs))
        kwargs = {k: v for k, v in kwargs.items() if k not in ("training", "mask")}
        if name is None:
            arguments = [x for x in tree.flatten(arguments) if isinstance(x, Value)]
        graph.owner = call.operation.name
        value, then = rule(graph, call.operation, *arguments, **kwargs)
        (place,) = call.outputs
        if then is None:
            self._values[place] = value
        if value.dtype != STRING and graph is self._before:
            self._handed[place] = (value, then)

    def _fill(self, x: Any) -> Any:
        return self._values[x] if isinstance(x, Place) else x


def _before_program(calls: list[Call]) -> list[Call]:
    """The calls that take texts or need the host, and those that they depend on."""
    makers = {id(x): c for c in calls for x in c.outputs}
    roots = [c for c in calls if c.takes_text or needs_host(c.operation)]
    found: dict[int, Call] = {}
    stack = list(roots)
    while stack:
        call = stack.pop()
        if id(call) not in found:
            found[id(call)] = call
            stack += [makers[id(x)] for x in call.inputs if id(x) in makers]
    return [c for c in calls if id(c) in found]


def _program(middle: list[Call], given: list[tuple[Place, After]], results: list[Place]) -> Any:
    """The numerical part, over tensors."""

    def run(tensors: Sequence[Tensor]) -> list[Any]:
        known: dict[Place, Any] = {
            place: x if then is None else then(x) for (place, then), x in zip(given, tensors, strict=True)
        }

        def fill(x: Any) -> Any:
            return known[x] if isinstance(x, Place) else x

        with context.entered(training=False):
            for call in middle:
                args, kwargs = tree.map_structure(fill, (call.args, call.kwargs))
                found = tree.flatten(call.operation(*args, **kwargs))
                known |= dict(zip(call.outputs, found, strict=True))
        return [known[place] for place in results]

    return run
