"""An ONNX graph under construction: nodes, constants and names, and the sizes that are known only at the call."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.export.onnx._schema import DEFAULT_OPSET, attribute, dtype_number

_CACHED_SIZE = 64  # elements; larger constants are not compared with others
_BINARY = {ast.Add: "Add", ast.Sub: "Sub", ast.Mult: "Mul"}
_CALLS = {"mod": "Mod", "max": "Max", "min": "Min"}
_BACKWARDS = -(1 << 62)


class Graph:
    """A graph, or the body of a loop or branch, which sees the values of the graph around it.

    Constants and sizes always lie in the outermost graph, so that each is there once. A value is its name.
    A dimension is an int or one of JAX's symbolic dimensions.

    Args:
        parent: The graph around it.
        opset: The version of the operators; that of the parent if there is one.

    Attributes:
        opset: The version of the operators.
        equations: Those that are being converted, the innermost last.
    """

    def __init__(self, parent: Graph | None = None, opset: int = DEFAULT_OPSET) -> None:
        self.opset: int = parent.opset if parent else opset
        self.root: Graph = parent.root if parent else self
        self.nodes: list[dict[str, Any]] = []
        self.constants: dict[str, np.ndarray] = {}
        self.equations: list[Any] = []
        self._names: set[str] = set()
        self._known_constants: dict[Any, str] = {}
        self._sizes: dict[str, str] = {}

    # Names and nodes

    def fresh(self, wish: str) -> str:
        """A name that no value has yet."""
        names, name, number = self.root._names, wish, 0
        while name in names:
            number += 1
            name = f"{wish}_{number}" if number < 2 else f"{wish}_{len(names) + number}"
        names.add(name)
        return name

    def op(
        self, kind: str, *inputs: str, output: str | None = None, domain: str = "", **attributes: Any
    ) -> str:
        """Add a node with one output.

        Args:
            kind: The operator.
            *inputs: The values that it takes; "" for one that is left out.
            output: The name of the output, which nobody else has.
            domain: The set of operators it is of, if it is not the usual one.
            **attributes: Its attributes; None ones are left out.

        Returns:
            The output.
        """
        found = self.ops(kind, *inputs, outputs=[output or self.fresh(kind)], **attributes)[0]
        if domain:
            self.nodes[-1]["domain"] = domain
        return found

    def ops(self, kind: str, *inputs: str, outputs: int | list[str], **attributes: Any) -> list[str]:
        """Add a node with several outputs, given by number or name."""
        names = [self.fresh(kind) for _ in range(outputs)] if isinstance(outputs, int) else outputs
        node = {"op_type": kind, "input": list(inputs), "output": names, "name": names[0]}
        node["attribute"] = [attribute(key, value) for key, value in attributes.items() if value is not None]
        self.nodes.append(node)
        return names

    # Constants

    def constant(self, value: Any, dtype: Any = None) -> str:
        """A constant; equal small ones are the same."""
        array = np.asarray(value, dtype)
        known = self.root._known_constants
        key = (array.dtype.name, array.shape, array.tobytes()) if array.size <= _CACHED_SIZE else object()
        if key not in known:
            known[key] = self.fresh("constant")
            self.root.constants[known[key]] = array
        return known[key]

    def known(self, value: str) -> np.ndarray | None:
        """The elements of a constant; None for anything else."""
        return self.root.constants.get(value)

    def ints(self, *values: int) -> str:
        """A vector of 64-bit whole numbers."""
        return self.constant(values, np.int64)

    # Sizes that are known at the call

    def define_sizes(self, value: str, shape: Sequence[Any]) -> None:
        """Let the unknown dimensions that this input has be read off it."""
        for axis, dim in enumerate(shape):
            if not isinstance(dim, int) and str(dim).isidentifier() and str(dim) not in self.root._sizes:
                self.root._sizes[str(dim)] = self.root.op("Shape", value, start=axis, end=axis + 1)

    def size(self, dim: Any) -> str:
        """A dimension as a vector of one number."""
        if isinstance(dim, (int, np.integer)):
            return self.ints(int(dim))
        return self.root._size_of(ast.parse(str(dim).replace("^", "**"), mode="eval").body)

    def _size_of(self, formula: ast.expr) -> str:
        text = ast.unparse(formula)
        if text not in self._sizes:
            self._sizes[text] = self._computed_size(formula)
        return self._sizes[text]

    def _computed_size(self, formula: ast.expr) -> str:
        if isinstance(formula, ast.Constant) and isinstance(formula.value, int):
            return self.ints(formula.value)
        if isinstance(formula, ast.UnaryOp) and isinstance(formula.op, ast.USub):
            return self.op("Neg", self._size_of(formula.operand))
        if isinstance(formula, ast.BinOp) and isinstance(formula.op, ast.Pow):
            assert isinstance(formula.right, ast.Constant) and isinstance(formula.right.value, int)
            base = power = self._size_of(formula.left)
            for _ in range(formula.right.value - 1):
                power = self.op("Mul", power, base)
            return power
        if isinstance(formula, ast.BinOp):
            return self.op(
                _BINARY[type(formula.op)], self._size_of(formula.left), self._size_of(formula.right)
            )
        assert isinstance(formula, ast.Call) and isinstance(formula.func, ast.Name), ast.dump(formula)
        a, b = map(self._size_of, formula.args)
        if formula.func.id == "floordiv":  # ONNX divides towards zero
            return self.op("Div", self.op("Sub", a, self.op("Mod", a, b)), b)
        return self.op(_CALLS[formula.func.id], a, b)

    def shape(self, dims: Sequence[Any]) -> str:
        """Dimensions as a vector."""
        if all(isinstance(d, (int, np.integer)) for d in dims):
            return self.ints(*map(int, dims))
        return self.op("Concat", *map(self.size, dims), axis=0)

    # What most rules need

    def reshape(self, value: str, dims: Sequence[Any]) -> str:
        """The same elements in another shape, of which one dimension may be found by division."""
        unknown = [i for i, d in enumerate(dims) if not isinstance(d, (int, np.integer))]
        empty = any(isinstance(d, (int, np.integer)) and d == 0 for d in dims)
        if len(unknown) == 1 and not empty:
            dims = [-1 if i in unknown else d for i, d in enumerate(dims)]
        return self.op("Reshape", value, self.shape(dims), allowzero=1 if empty else None)

    def transpose(self, value: str, order: Sequence[int]) -> str:
        """The axes in another order."""
        return value if list(order) == sorted(order) else self.op("Transpose", value, perm=list(order))

    def flip(self, value: str, axes: Sequence[int]) -> str:
        """The elements in reverse along some axes."""
        count = len(axes)
        if not count:
            return value
        ends, steps = self.ints(*[_BACKWARDS] * count), self.ints(*[-1] * count)
        return self.op("Slice", value, self.ints(*[-1] * count), ends, self.ints(*axes), steps)

    def cast(self, value: str, dtype: Any) -> str:
        """The elements in another dtype."""
        array = self.known(value)
        if array is not None and array.size <= _CACHED_SIZE:
            return self.constant(array.astype(dtype))
        return self.op("Cast", value, to=dtype_number(dtype))

    def range(self, dim: Any, dtype: Any = np.int64) -> str:
        """The whole numbers below a dimension."""
        zero, one = self.constant(0, np.int64), self.constant(1, np.int64)
        numbers = self.op("Range", zero, self.reshape(self.size(dim), ()), one)
        return numbers if np.dtype(dtype) == np.int64 else self.cast(numbers, dtype)

    def message(self, name: str, inputs: list, outputs: list) -> dict[str, Any]:
        """The graph as it is written, without what nothing needs; the outermost one still lacks its constants."""
        needed = {value["name"] for value in outputs}
        nodes = []
        for node in reversed(self.nodes):
            if needed.intersection(node["output"]):
                nodes.append(node)
                needed.update(used_names(node))
        self.constants = {key: value for key, value in self.constants.items() if key in needed}
        return {"name": name, "node": nodes[::-1], "input": inputs, "output": outputs}


def used_names(node: dict[str, Any]) -> set[str]:
    """The values that a node and the graphs in it take."""
    used = set(node["input"])
    for item in node["attribute"]:
        for inner in item.get("g", {}).get("node", ()):
            used |= used_names(inner)
        used.update(value["name"] for value in item.get("g", {}).get("output", ()))
    return used
