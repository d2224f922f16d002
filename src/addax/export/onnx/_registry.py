"""The rules that say what a primitive of JAX is in ONNX: one function for each, found by the primitive's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from addax.export.onnx._graph import Graph

_BFLOAT16_OPSET = 22  # the first version whose convolutions and poolings have it


class NotExpressible(Exception):
    """A rule meets a use of its primitive that it has no nodes for; the text says which."""


@dataclass(frozen=True, slots=True)
class Call:
    """A primitive as it is used in one place.

    Attributes:
        name: The primitive.
        params: Its parameters.
        inputs: The shapes and dtypes of what it takes.
        outputs: The shapes and dtypes of what it gives.
    """

    name: str
    params: dict[str, Any]
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]

    @property
    def input(self) -> Any:
        """The shape and dtype of the first input."""
        return self.inputs[0]

    @property
    def output(self) -> Any:
        """The shape and dtype of the first output."""
        return self.outputs[0]


Rule = Callable[..., "str | list[str]"]  # (graph, call, *names of the inputs) -> names of the outputs
RULES: dict[str, Rule] = {}


def rule(*primitives: str) -> Callable[[Rule], Rule]:
    """Make a function the rule of some primitives.

    Args:
        *primitives: Their names in JAX.
    """

    def register(function: Rule) -> Rule:
        for name in primitives:
            RULES[name] = function
        return function

    return register


def same(kind: str) -> Rule:
    """The rule of a primitive that an ONNX operator is, without attributes."""

    def convert(graph: Graph, call: Call, *inputs: str) -> str:
        return graph.op(kind, *inputs)

    return convert


def refuse_early_bfloat16(graph: Graph, dtype: Any) -> None:
    """Refuse operators that have bfloat16 only in later versions.

    Args:
        graph: The graph, which knows its version.
        dtype: The dtype of what the operator takes.

    Raises:
        NotExpressible: The version is too old.
    """
    if str(dtype) == "bfloat16" and graph.opset < _BFLOAT16_OPSET:
        raise NotExpressible(f"it is in bfloat16, which takes opset_version={_BFLOAT16_OPSET}")
