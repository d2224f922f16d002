"""Operations of TensorFlow over texts and integers: the nodes of a function, each value with shape and dtype."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.formats import DT_STRING, dtype_code, tensor_message

STRING = "string"
INPUT, RESULT = "input:", "result:"  # what a function begins with, before it has names for its arguments

Message = dict[str, Any]
Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the function.

    Attributes:
        ref: Where it comes from: `node:output:number`, `input:NAME` or `result:NUMBER` (of the program).
        dtype: NumPy's name of the dtype, or `string`.
        shape: Its shape, None for sizes that are known only at the call.
    """

    ref: str
    dtype: str
    shape: Shape


@dataclass(frozen=True)
class Table:
    """A hash table by texts, or by integers.

    Attributes:
        keys: Bytes, or integers.
        values: A number or bytes for each.
        dtype: The dtype of the values.
    """

    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    dtype: str = "int64"

    @property
    def of_text(self) -> bool:
        """Whether the keys are texts."""
        return isinstance(self.keys[0], bytes)

    @property
    def key_code(self) -> int:
        """TensorFlow's code of the dtype of the keys."""
        return DT_STRING if self.of_text else dtype_code("int64")

    @property
    def name(self) -> str:
        """A name made of its contents: equal tables are one."""
        kind = () if self.dtype == "int64" else (self.dtype,)
        return f"table_{hashlib.sha256(repr((self.keys, self.values, *kind)).encode()).hexdigest()[:16]}"


def type_attr(dtype: str) -> Message:
    """An attribute that is a dtype."""
    return {"type": DT_STRING if dtype == STRING else dtype_code(dtype)}


def int_attr(value: int) -> Message:
    """An attribute that is an integer."""
    return {"i": int(value)}


def text_attr(value: str) -> Message:
    """An attribute that is a text."""
    return {"s": value.encode()}


class TextGraph:
    """Collects nodes.

    Attributes:
        nodes: NodeDefs, each after those that it needs.
        tables: The tables they use, by name; a function takes them as arguments of these names.
        owner: The name of the layer that is being written.
        owners: The names of the layers by the names of their nodes.

    Args:
        prefix: What the names of the nodes begin with.
    """

    def __init__(self, prefix: str) -> None:
        self.nodes: list[Message] = []
        self.tables: dict[str, Table] = {}
        self.owner = ""
        self.owners: dict[str, str] = {}
        self._prefix = prefix

    def node(self, op: str, inputs: Sequence[str], **attrs: Message) -> str:
        """Add a node; give its name."""
        name = f"{self._prefix}_{len(self.nodes)}"
        self.owners[name] = self.owner
        self.nodes.append({"name": name, "op": op, "input": list(inputs), "attr": attrs})
        return name

    def op(
        self, op: str, *inputs: Value, dtype: str, shape: Shape, out: str = "output", **attrs: Message
    ) -> Value:
        """Add a node with one result; `out` is what the definition of the op calls that."""
        return Value(f"{self.node(op, [x.ref for x in inputs], **attrs)}:{out}:0", dtype, shape)

    def const(self, value: Any, dtype: str = "int64") -> Value:
        """A constant: a number, an array, or a list of texts."""
        if dtype == STRING:
            shape: Shape = () if isinstance(value, (str, bytes)) else np.shape(value)
            tensor = tensor_message(value)
        else:
            array = np.asarray(value, dtype)
            shape, tensor = array.shape, tensor_message(array)
        name = self.node("Const", [], dtype=type_attr(dtype), value={"tensor": tensor})
        return Value(f"{name}:output:0", dtype, shape)

    def cast(self, x: Value, dtype: str) -> Value:
        """The value in another dtype."""
        if x.dtype == dtype:
            return x
        attrs: dict[str, Any] = {"SrcT": type_attr(x.dtype), "DstT": type_attr(dtype)}
        return self.op("Cast", x, dtype=dtype, shape=x.shape, out="y", **attrs)

    def lookup(
        self, keys: Sequence[Any], values: Sequence[Any], x: Value, default: Any, dtype: str = "int64"
    ) -> Value:
        """The values that a table has for the elements of `x`."""
        table = Table(tuple(keys), tuple(values), dtype)
        self.tables[table.name] = table
        x = x if x.dtype == STRING else self.cast(x, "int64")
        inputs = [table.name, x.ref, self.const(default, dtype).ref]
        attrs: dict[str, Any] = {"Tin": type_attr(x.dtype), "Tout": type_attr(dtype)}
        return Value(f"{self.node('LookupTableFindV2', inputs, **attrs)}:values:0", dtype, x.shape)

    def binary(self, op: str, x: Value, y: Value) -> Value:
        """Arithmetic of equal dtypes, or a comparison, with a scalar or an array of the same shape."""
        truth = op in ("Equal", "NotEqual", "Less", "GreaterEqual")
        shape = x.shape if len(x.shape) >= len(y.shape) else y.shape
        dtype = "bool" if truth else x.dtype
        return self.op(op, x, y, dtype=dtype, shape=shape, out="z", T=type_attr(x.dtype))

    def both(self, x: Value, y: Value) -> Value:
        """Where both are true."""
        return self.op("LogicalAnd", x, y, dtype="bool", shape=x.shape, out="z")

    def select(self, condition: Value, yes: Value, no: Value) -> Value:
        """Elements of one or the other."""
        return self.op(
            "SelectV2", condition, yes, no, dtype=yes.dtype, shape=condition.shape, T=type_attr(yes.dtype)
        )

    def reshape(self, x: Value, shape: Shape) -> Value:
        """The elements in another shape, of which one size may be unknown."""
        sizes = self.const([-1 if size is None else size for size in shape])
        attrs: dict[str, Any] = {"T": type_attr(x.dtype), "Tshape": type_attr("int64")}
        return self.op("Reshape", x, sizes, dtype=x.dtype, shape=shape, **attrs)

    def take(self, params: Value, indices: Value) -> Value:
        """Elements of a vector."""
        attrs: dict[str, Any] = {
            "Tparams": type_attr(params.dtype),
            "Tindices": type_attr(indices.dtype),
            "Taxis": type_attr("int64"),
        }
        return self.op(
            "GatherV2", params, indices, self.const(0), dtype=params.dtype, shape=indices.shape, **attrs
        )

    def size(self, x: Value) -> Value:
        """How many elements there are, as a scalar."""
        attrs: dict[str, Any] = {"T": type_attr(x.dtype), "out_type": type_attr("int64")}
        return self.op("Size", x, dtype="int64", shape=(), **attrs)

    def count_up(self, stop: Value) -> Value:
        """0, 1, ... below `stop`."""
        return self.op(
            "Range", self.const(0), stop, self.const(1), dtype="int64", shape=(None,), Tidx=type_attr("int64")
        )

    def largest(self, x: Value) -> Value:
        """The largest element of a vector."""
        attrs: dict[str, Any] = {"T": type_attr(x.dtype), "Tidx": type_attr("int64")}
        return self.op("Max", x, self.const([0]), dtype=x.dtype, shape=(), **attrs)

    def hash(self, x: Value, count: int, salt: Sequence[int] | None) -> Value:
        """The buckets of texts, or of integers as decimal text."""
        if x.dtype != STRING:
            x = self.op("AsString", x, dtype=STRING, shape=x.shape, T=type_attr(x.dtype))
        buckets = int_attr(count)
        if salt is None:
            return self.op("StringToHashBucketFast", x, dtype="int64", shape=x.shape, num_buckets=buckets)
        key = {"list": {"i": list(salt)}}
        return self.op(
            "StringToHashBucketStrong", x, dtype="int64", shape=x.shape, num_buckets=buckets, key=key
        )

    def demand(self, condition: Value, text: str, x: Value) -> Value:
        """`x`, if a condition holds everywhere; an error with a text otherwise."""
        axes = self.const(list(range(len(condition.shape))))
        every = self.op("All", condition, axes, dtype="bool", shape=(), Tidx=type_attr("int64"))
        told = self.const(text, STRING)
        check = self.node("Assert", [every.ref, told.ref], T={"list": {"type": [DT_STRING]}})
        name = self.node("Identity", [x.ref, f"^{check}"], T=type_attr(x.dtype))
        return Value(f"{name}:output:0", x.dtype, x.shape)
