"""One row for each layer: what to construct it with and call it on; the rows are in the files `_layers_rows_*`.

`test_layers.py` here and in `tests/parity` run over all rows, `test_layers_whole.py` sees that no layer lacks one.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

B = 4  # the size of the batch axis, unknown in graphs
_rng = np.random.default_rng(11)

FLAGS = {
    "random",  # draws in training: there only shapes can be compared
    "grad",  # gradients are compared with Keras's
    "train",  # does something else in training, without drawing
    "noparity",  # not in Keras 3; the row says why
    "fixed",  # not defined for an unknown batch size
    "noconfig",  # its config holds code, which neither side writes like the other
    "nolow",  # not defined for bfloat16
    "spread",  # the inputs are arguments of their own
    "cell",  # the same, and the result is an output and states
    "text",  # takes text, which stays out of compiled code
}


@dataclasses.dataclass(frozen=True)
class Row:
    """A layer's constructor arguments and inputs.

    Attributes:
        name: The class.
        arguments: Constructor arguments, or a function of the namespace (Addax or Keras) that gives them.
        inputs: An array, or a nest of arrays.
        call: Keyword arguments of the call.
        flags: Some of `FLAGS`.
        number: Counts the rows of a class.
    """

    name: str
    arguments: dict[str, Any] | Callable[[Any], dict[str, Any]]
    inputs: Any
    call: dict[str, Any]
    flags: frozenset[str]
    number: int

    @property
    def id(self) -> str:
        """The name in a test report."""
        return f"{self.name}-{self.number}"

    def make(self, keras: Any, **more: Any) -> Any:
        """The layer, in Addax or in Keras."""
        arguments = self.arguments(keras) if callable(self.arguments) else self.arguments
        return getattr(keras.layers, self.name)(**{**arguments, **more})

    def arguments_of(self, inputs: Any) -> tuple:
        """The arguments of a call on `inputs`."""
        return tuple(inputs) if self.flags & {"spread", "cell"} else (inputs,)

    def run(self, layer: Any, inputs: Any, **more: Any) -> Any:
        """One output of the layer, called as the row says."""
        return self.joined(layer, layer(*self.arguments_of(inputs), **{**self.call, **more}))

    def joined(self, layer: Any, outputs: Any) -> Any:
        """The output; of a cell, the output and the states side by side."""
        if "cell" not in self.flags:
            return outputs
        keras = sys.modules[type(layer).__module__.partition(".")[0]]
        return keras.ops.concatenate(keras.tree.flatten(outputs), axis=-1)

    def build(self, layer: Any) -> None:
        """Build the layer for inputs of the row's shapes."""
        shapes = self.arguments_of(self.shapes())
        layer.build(*shapes[:1] if "cell" in self.flags else shapes)

    def shapes(self) -> Any:
        """The shapes of the inputs, with an unknown batch size."""
        return map_arrays(lambda x: (None, *x.shape[1:]), self.inputs)


def map_arrays(function: Callable, inputs: Any) -> Any:
    """Apply a function to an array or to each of a nest of lists and dicts."""
    if isinstance(inputs, list):
        return [map_arrays(function, x) for x in inputs]
    if isinstance(inputs, dict):
        return {key: map_arrays(function, x) for key, x in inputs.items()}
    return function(inputs)


ROWS: list[Row] = []


def row(name: str, inputs: Any, *grid: Any, flags: str = "", call: dict[str, Any] | None = None) -> None:
    """Add a row for each set of constructor arguments in `grid`; one without arguments if there is none."""
    chosen = frozenset(flags.split())
    assert chosen <= FLAGS, chosen - FLAGS
    for arguments in grid or ({},):
        number = sum(r.name == name for r in ROWS)
        ROWS.append(Row(name, arguments, inputs, call or {}, chosen, number))


def rows(*without: str) -> Iterator[Row]:
    """All rows that have none of some flags."""
    return (r for r in ROWS if not r.flags & set(without))


def grid(**choices: list) -> list[dict[str, Any]]:
    """All combinations of arguments."""
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def F(*shape: int) -> np.ndarray:
    """Floats, all different, with the batch axis in front."""
    return _rng.normal(size=(B, *shape)).astype("float32")


def I(*shape: int, high: int) -> np.ndarray:  # noqa: E743
    """Integers from 0."""
    return _rng.integers(0, high, (B, *shape)).astype("int32")


FIRST = {"data_format": "channels_first"}


# The files add their rows to the list here.
from tests.conformance import _layers_rows_basic, _layers_rows_calls, _layers_rows_more  # noqa: E402, F401
