"""What a function does with texts while it is traced for an export: the graphs around the numerical program.

Numbers that are made of texts are inputs of the program, in the order in which they come; texts that are made of the
program's numbers lie behind it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor, Tensor, Variable
from addax.engine._staging import staged
from addax.engine._variable import host_array
from addax.export._program import PassedOn
from addax.export.text import _rows
from addax.export.text._flat import Place, flat_calls
from addax.export.text._graph import RESULT, STRING, TextGraph, Value
from addax.export.text._rules import rule_of
from addax.export.text._unknown import NoSuchFunction, UnknownRows, UnknownText, refused
from addax.layers.preprocess._hashed_crossing import HashedCrossing
from addax.layers.preprocess._hashing import Hashing
from addax.layers.preprocess._lookup import IndexLookup

FUNCTIONS: dict[str, Callable[..., Any]] = {}  # by qualified name; `_functions` and `_operations` fill them
OPERATIONS: dict[str, Callable[..., Any]] = {}
_ON_HOST = (IndexLookup, Hashing, HashedCrossing)


class NeedsInput(PassedOn):
    """The program needs one more input, which is made of texts."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class TextSession:
    """Writes down what is done with texts.

    Attributes:
        before: What makes numbers of texts.
        after: What makes texts of the program's results.
        frontier: The values that the program takes.
        results: The tensors that the program gives.

    Args:
        before: A graph for what is known before the program.
        after: A graph for what is made of its results; None if there is no program.
        tensors: The inputs of the program that are known already.
    """

    def __init__(self, before: TextGraph, after: TextGraph | None, tensors: Sequence[Any] = ()) -> None:
        self.before, self.after = before, after
        self._tensors = list(tensors)
        self.frontier: list[Value] = []
        self.results: list[Tensor] = []
        self._numbers: dict[int, int] = {}  # the place of a result by the id of its array

    # Values ----------------------------------------------------------------------------------------------
    def graph(self, late: bool) -> TextGraph:
        """The graph for something early or late."""
        if not late:
            return self.before
        if self.after is None:
            raise refused("A function over texts works with numbers that only a program computes.", "numbers")
        return self.after

    def late(self, *values: Any) -> bool:
        """Whether something of these is known only after the program."""
        return any(
            x.late if isinstance(x, (UnknownText, UnknownRows)) else staged(x) for x in tree.flatten(values)
        )

    def value(self, x: Any, late: bool, dtype: str | None = None) -> Value:
        """Something as a value of a graph, in the dtype asked for."""
        graph = self.graph(late)
        if isinstance(x, UnknownText):
            found = x.value
        elif staged(x):
            found = self._result(x)
        else:
            found = _constant(graph, x, dtype)
        return found if dtype is None or found.dtype == dtype else graph.cast(found, dtype)

    def given(self, value: Value, late: bool) -> Any:
        """A value as the traced function sees it: a text, or a number that the program takes."""
        if value.dtype != STRING:
            value = self.graph(late).cast(value, dtypes.narrow(value.dtype))
        if value.dtype == STRING or late or self.after is None:
            return UnknownText(self, value, late)
        refs = [known.ref for known in self.frontier]
        if value.ref in refs:
            return self._tensors[refs.index(value.ref)]
        if len(self.frontier) == len(self._tensors):
            raise NeedsInput(value)
        self.frontier.append(value)
        return self._tensors[len(self.frontier) - 1]

    def _result(self, x: Any) -> Value:
        """A number of the program as a value."""
        tensor = ops.convert_to_tensor(x)
        number = self._numbers.get(id(tensor._value))
        if number is None:
            number = self._numbers[id(tensor._value)] = len(self.results)
            self.results.append(tensor)  # holds the array, so that its id stays its own
        shape = tuple(size if isinstance(size, int) else None for size in tensor._value.shape)
        return Value(f"{RESULT}{number}", tensor._value.dtype.name, shape)

    def output(self, x: Any) -> int | Value:
        """A result of the traced function: the number of one of the program's, or a value."""
        if isinstance(x, UnknownRows):
            raise refused("Ragged tensors cannot be exported.", x, "Return x.to_tensor().")
        if isinstance(x, UnknownText):
            return x.value
        tensor = ops.convert_to_tensor(x)
        if tensor.dtype == STRING:
            return _constant(self.before, tensor, STRING)
        return int(self._result(tensor).ref.removeprefix(RESULT))

    # Calls -----------------------------------------------------------------------------------------------
    def concerned(self, args: Any) -> bool:
        """Whether there is something among arguments that is known only at the call."""
        return any(isinstance(x, (UnknownText, UnknownRows)) or staged(x) for x in tree.flatten(args))

    def function(self, name: str, fn: Callable, args: tuple, kwargs: dict) -> Any:
        """What a function over texts gives; NotImplemented if its arguments are known."""
        if not self.concerned((args, kwargs)):
            return NotImplemented
        rule = FUNCTIONS.get(name)
        if rule is None:
            known = ", ".join(f"{key}()" for key in FUNCTIONS if "." not in key)
            raise NoSuchFunction(
                message(
                    f"{name}() over texts cannot be exported.",
                    expected=known,
                    received=name,
                    hint="Write it with these, or do it before the model is called.",
                )
            )
        bound = inspect.signature(fn).bind(*args, **kwargs)
        bound.apply_defaults()
        bound.arguments.pop("name", None)
        return rule(self, **bound.arguments)

    def operation(self, op: Any, args: tuple, kwargs: dict) -> Any:
        """What an operation of the library gives for texts."""
        rule = OPERATIONS.get(op.name)
        if rule is None:
            raise refused(f"Operation '{op.name}' over texts cannot be exported.", op.name)
        bound = op.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return rule(self, op, *bound.arguments.values())

    def layer(self, layer: Any, args: tuple, kwargs: dict) -> Any:
        """What a layer gives; NotImplemented if its own code shall run."""
        leaves = [
            x for x in tree.flatten((args, kwargs)) if isinstance(x, (UnknownText, UnknownRows, Tensor))
        ]
        texts = any(isinstance(x, (UnknownText, UnknownRows)) for x in leaves)
        if not texts and not (isinstance(layer, _ON_HOST) and self.concerned(leaves)):
            return NotImplemented
        rule = rule_of(layer)
        if rule is not None:
            return self._ruled(layer, rule, leaves)
        graph = getattr(layer, "_graph", None)
        return NotImplemented if graph is None else self._opened(graph, args, kwargs)

    def _ruled(self, layer: Any, rule: Callable, leaves: list[Any]) -> Any:
        late = self.late(*leaves)
        graph = self.graph(late)
        graph.owner = layer.name
        if isinstance(leaves[0], UnknownRows):
            value, then = rule(graph, layer, leaves[0]._values)
            if then is not None:
                raise refused(
                    "Rows are looked up only for indices.", layer.output_mode, "Use to_tensor() first."
                )
            return leaves[0].with_flat(value)
        if getattr(layer, "ragged", False):
            return _rows.vectorized(self, graph, layer, self.value(leaves[0], late))
        value, then = rule(graph, layer, *(self.value(x, late) for x in leaves))
        found = self.given(value, late)
        if then is None:
            return found
        if isinstance(found, UnknownText):
            raise refused(
                "What is looked up last can only be indices.", layer.output_mode, 'Use output_mode="int".'
            )
        return then(found)

    def _opened(self, graph: Any, args: tuple, kwargs: dict) -> Any:
        """The calls inside of a model that is a graph, one after the other."""
        places = [Place(str(x.dtype), tuple(x.shape)) for x in graph.inputs]
        calls, nest = flat_calls(places, graph.inputs, graph.outputs_nest)
        known: dict[Place, Any] = dict(zip(places, tree.flatten(args[0]), strict=True))

        def fill(x: Any) -> Any:
            return known[x] if isinstance(x, Place) else x

        for call in calls:
            inner, options = tree.map_structure(fill, (call.args, call.kwargs))
            found = call.operation(*inner, **options)
            known |= dict(zip(call.outputs, tree.flatten(found), strict=True))
        return tree.map_structure(fill, nest)

    # Rows ------------------------------------------------------------------------------------------------
    def row_lengths(self, rows: UnknownRows) -> Any:
        """See `UnknownRows.row_lengths`."""
        return self.given(_rows.lengths(self.graph(rows.late), rows._splits), rows.late)

    def dense(self, rows: UnknownRows, default: Any, shape: Any) -> Any:
        """See `UnknownRows.to_tensor`."""
        graph, value = self.graph(rows.late), rows._values
        sizes = [None, None] if shape is None else [None if s in (None, -1) else int(s) for s in shape]
        default = ("" if value.dtype == STRING else 0) if default is None else default
        filler = self.value(default, rows.late, value.dtype)
        return self.given(_rows.filled(graph, value, rows._splits, sizes[-1], rows._batch, filler), rows.late)


def _constant(graph: TextGraph, x: Any, dtype: str | None) -> Value:
    """A value that is known, as a constant."""
    if isinstance(x, SymbolicTensor):
        raise refused("A tensor of a graph cannot be mixed with texts of a function.", x)
    array = np.asarray(x) if isinstance(x, (Tensor, Variable)) else host_array(x)
    if array.dtype.kind in "OSU" or dtype == STRING:
        return graph.const(np.asarray(host_array(array), object), STRING)
    return graph.const(array, dtypes.narrow(array.dtype.name) if dtype is None else dtype)
