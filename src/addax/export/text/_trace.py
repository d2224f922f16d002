"""A function over texts and numbers as the parts of an endpoint, by running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax.core import dtypes, tree
from addax.engine import Tensor, Variable, pure, raw_of
from addax.engine._jax import jnp
from addax.engine._unknown_texts import noted_by
from addax.export._program import InputSpec, trace_jaxpr
from addax.export.text import _functions as _functions  # fills the tables of rules
from addax.export.text import _operations as _operations
from addax.export.text._graph import INPUT, STRING, TextGraph, Value
from addax.export.text._part import TextPart
from addax.export.text._rules import TextExportError
from addax.export.text._session import NeedsInput, TextSession
from addax.export.text._unknown import NoSuchFunction, refused

_MOST = 1000  # inputs of a program that are made of texts


def split_or_trace(split: Callable[[], TextPart], trace: Callable[[], TextPart]) -> TextPart:
    """The parts of a graph of layers; if it is none, or more than that, those of its code.

    Args:
        split: Divides the graph.
        trace: Runs the code, on texts and numbers that are not known.

    Raises:
        TextExportError: Neither can be exported; of the two reasons the one that says more.
    """
    try:
        return split()
    except (TypeError, AttributeError, ValueError) as error:
        try:
            return trace()
        except ValueError as other:
            if isinstance(error, TextExportError) and not isinstance(other, NoSuchFunction):
                raise error from other
            raise


def _input(spec: InputSpec) -> Value:
    shape = tuple(size if isinstance(size, int) else None for size in spec.shape)
    kind = STRING if spec.dtype == STRING else dtypes.narrow(str(spec.dtype))
    return Value(f"{INPUT}{spec.name}", kind, shape)


def trace_text(
    function: Callable[..., Any], specs: Sequence[InputSpec], variables: Sequence[Variable], name: str
) -> TextPart:
    """Find out what a function does with texts.

    It runs again for each number that it makes of texts, as JAX wants to know the inputs of a program beforehand.

    Args:
        function: Takes a tensor or an `UnknownText` for each spec, and gives a nest of them.
        specs: The inputs.
        variables: The variables that it may use.
        name: What error messages call it.

    Raises:
        TextExportError: It does something with texts that cannot be exported.
        ValueError: It cannot be traced.
    """
    inputs = [_input(spec) for spec in specs]
    values = [np.asarray(v) for v in variables]
    seen: list[tuple[TextSession, Any]] = []

    def run(tensors: Sequence[Tensor]) -> tuple[TextSession, Any]:
        session = TextSession(TextGraph("text"), TextGraph("word"), tensors)
        with noted_by(session):
            result = function(*(session.given(value, late=False) for value in inputs))
        # Results in one nest, texts among them, as JAX sees only those of the program.
        return session, tree.map_structure(lambda x: None if x is None else session.output(x), result)

    def traced(arrays: Any, *taken: Any) -> list[Any]:
        tensors = [Tensor(jnp.asarray(x)) for x in taken]
        seen[:] = [pure(lambda: run(tensors), list(variables))(list(arrays))[0]]
        return [raw_of(x) for x in seen[0][0].results]

    frontier: list[Value] = []
    while True:
        taken = [InputSpec(f"frontier_{n}", x.shape, x.dtype) for n, x in enumerate(frontier)]
        try:
            trace_jaxpr(traced, values, taken, name=name)
            break
        except NeedsInput as more:
            frontier.append(more.value)
        if len(frontier) > _MOST:
            raise refused("The function makes too many numbers of texts, one by one.", len(frontier))
    session, result = seen[0]
    leaves = [x for x in tree.flatten(result) if x is not None]
    numbers = iter(range(len(leaves)))
    return TextPart(
        before=session.before,
        frontier=tuple(frontier),
        specs=tuple(taken),
        after=session.after if session.after is not None else TextGraph("word"),
        outputs=tuple(leaves),
        structure=tree.map_structure(lambda x: None if x is None else next(numbers), result),
        program=lambda tensors: list(run(tensors)[0].results),
    )
