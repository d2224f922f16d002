"""Ops as nodes of a saved graph: Keras writes them as classes (`keras.src.ops.numpy`, `Mean`); we map both ways."""

from __future__ import annotations

from typing import Any

from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import OpCall, SymbolicTensor
from addax.engine._operators import SliceParts
from addax.layers import Layer

# Names that do not follow from the function's name by CamelCase.
_CLASS_NAMES = {"get_item": "GetItem", "absolute": "Absolute", "shape_tensor": "Shape"}
_OURS = {"GetItem": "get_item", "Abs": "absolute"}


def _class_name(op_name: str) -> str:
    return _CLASS_NAMES.get(op_name) or "".join(part.capitalize() for part in op_name.split("_"))


def entry(operation: Any, nodes: list) -> tuple[dict[str, Any], list[tuple]]:
    """Plain data for a layer or an op of a graph, and the `(args, kwargs)` of its calls."""
    if isinstance(operation, Layer):
        return serial.serialize_object(operation), [(n.args, n.kwargs) for n in nodes]
    (node,) = nodes
    bound = operation.op.signature.bind(*node.args, **node.kwargs)
    tensors, static = [], {}
    for name, value in bound.arguments.items():
        if _holds_symbolic(value) or operation.op.dynamic.get(name, False):
            tensors.append(value)
        else:
            static[name] = value
    data = {
        "module": "keras.src.ops.numpy",
        "class_name": _class_name(operation.op.name),
        "config": {"name": operation.name, **{k: serial.serialize(v) for k, v in static.items()}},
        "registered_name": _class_name(operation.op.name),
    }
    return data, [(tuple(_plain_key(t) for t in tensors), {})]


def _plain_key(value: Any) -> Any:
    """Slices with tensor bounds as plain slices are not data; the marker keeps them."""
    if type(value) is SliceParts:
        return ["__slice_parts__", *value]
    if isinstance(value, (list, tuple)):
        return type(value)(_plain_key(v) for v in value)
    return value


def _holds_symbolic(value: Any) -> bool:
    return any(isinstance(x, SymbolicTensor) for x in tree.flatten(value))


def make(data: dict[str, Any]) -> Any:
    """A layer or an op from an entry of a saved graph."""
    module = data.get("module") or ""
    if module.startswith("keras.src.ops"):
        return _op_call(data)
    return serial.deserialize({k: v for k, v in data.items() if k not in ("inbound_nodes", "name")})


def _op_call(data: dict[str, Any]) -> OpCall:
    from addax import ops
    from addax.core.names import to_snake_case

    class_name, config = data["class_name"], dict(data["config"])
    name = config.pop("name", None)
    op_name = _OURS.get(class_name) or to_snake_case(class_name)
    function = _operator(op_name) or getattr(ops, op_name, None) if op_name in (*ops.__all__, "get_item", "shape_tensor") else None
    op = getattr(function, "op", None)
    if op is None:
        raise TypeError(message(f"The file's graph uses an operation that Addax does not have: {class_name}."))
    static = {k: serial.deserialize(v) for k, v in config.items() if k in op.signature.parameters}
    return _ConfiguredOp(op, static, name)


def _operator(name: str) -> Any:
    from addax.engine import _operators

    if name == "get_item":
        return _operators.getitem
    return _operators.shape_tensor if name == "shape_tensor" else None


class _ConfiguredOp(OpCall):
    """An op with static arguments from a file; calling it makes the graph's node under the saved name."""

    def __init__(self, op: Any, static: dict[str, Any], name: str | None) -> None:
        super().__init__(op, name)
        self.static = static

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args = tuple(_restored_key(a) for a in args)
        bound = self.op.signature.bind_partial(*(() if self.static else args))
        del bound
        names = [n for n in self.op.signature.parameters if n not in self.static]
        named = dict(zip(names, args, strict=False))
        outputs = self.op(**named, **self.static, **kwargs)
        for out in tree.flatten(outputs):
            if isinstance(out, SymbolicTensor) and out._node is not None:
                out._node.operation.name = self.name
        return outputs


def _restored_key(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], str) and value[0] == "__slice_parts__":
            return SliceParts(*value[1:])
        return type(value)(_restored_key(v) for v in value)
    return value


def standard_nodes(data: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The `(args, kwargs)` of the calls of an entry, in the form of Keras 3 whatever dialect they are in."""
    return [_standard_node(node) for node in data.get("inbound_nodes") or ()]


def _standard_node(node: Any) -> tuple[Any, Any]:
    if isinstance(node, dict):
        return node["args"], node["kwargs"]
    # Keras 2: a list of [layer, node, tensor, kwargs], or a dict of them
    tensors, kwargs = [], {}
    for item in node if isinstance(node[0], list) else [node]:
        tensors.append(_keras_tensor(item[:3]))
        kwargs.update({k: _keras2_argument(v) for k, v in (item[3] if len(item) > 3 else {}).items()})
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _keras2_argument(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int):
        return _keras_tensor(value)
    return value


def _keras_tensor(place: list) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": list(place)}}
