"""Ops as nodes of a saved graph: Keras writes them as objects of classes; we map calls to these both ways.

What Keras has no class for is saved under our own module and name, for Addax alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from addax.core import config as settings
from addax.core import serial, tree
from addax.core.errors import message
from addax.engine import SymbolicTensor
from addax.engine._operators import SliceParts
from addax.layers import Layer
from addax.layers._spec import call_spec
from addax.models import _op_classes
from addax.ops._operation import Operation

_SLICE_PARTS = "__slice_parts__"


# To plain data ---------------------------------------------------------------------------------------------
def entry(operation: Any, nodes: list) -> tuple[dict[str, Any], list[tuple]]:
    """Plain data for a layer or an op of a graph, and the `(args, kwargs)` of its calls."""
    if isinstance(operation, Operation):  # layers among them
        return serial.serialize_object(operation), [(n.args, n.kwargs) for n in nodes]
    (node,) = nodes
    return _keras_entry(operation, node) or _own_entry(operation, node)


def _keras_entry(operation: Any, node: Any) -> tuple[dict[str, Any], list[tuple]] | None:
    """The entry in Keras's form, if Keras has a class for the op and can hold these arguments."""
    found = _op_classes.keras_class(operation.op.name)
    if found is None:
        return None
    module, class_name = found
    in_config, in_call = _op_classes.split_parameters(class_name, operation.op)
    bound = inspect.signature(operation.op.fn).bind(*node.args, **node.kwargs)
    bound.apply_defaults()
    values = bound.arguments
    config: dict[str, Any] = {"name": operation.name}
    for parameter in in_config:
        plain = values[parameter.name]
        if parameter.name == "data_format":
            plain = settings.standardize_data_format(plain)
        if not _holds_symbolic(plain):
            plain = serial.serialize(plain)
        if any(isinstance(leaf, (dict, SymbolicTensor)) for leaf in _leaves(plain)):
            return None
        config[parameter.name] = plain
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for parameter in in_call:
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.extend(values[parameter.name])
        elif parameter.kind is parameter.VAR_KEYWORD:
            kwargs.update(values[parameter.name])
        else:
            args.append(_plain_key(values[parameter.name]))
    data = {"module": module, "class_name": class_name, "config": config, "registered_name": class_name}
    return data, [(tuple(args), kwargs)]


def _own_entry(operation: Any, node: Any) -> tuple[dict[str, Any], list[tuple]]:
    module = _op_classes.our_home(operation.op)
    if module is None:
        raise TypeError(
            message(
                f"The graph has a node '{operation.name}' that cannot be saved.",
                received=f"the operation {operation.op.name}",
                hint="Put this computation into the call() of a layer of your own.",
            )
        )
    name = operation.op.name
    data = {"module": module, "class_name": name, "config": {"name": operation.name}, "registered_name": name}
    return data, [(_plain_key(node.args), _plain_key(node.kwargs))]


def _plain_key(value: Any) -> Any:
    """Arguments as data: slices with symbolic bounds carry a marker."""
    if type(value) is SliceParts:
        return [_SLICE_PARTS, *value]
    if isinstance(value, dict):
        return {k: _plain_key(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain_key(v) for v in value)
    return value


def _leaves(value: Any) -> list:
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in _leaves(v)]
    return [value]


def _holds_symbolic(value: Any) -> bool:
    return any(isinstance(x, SymbolicTensor) for x in tree.flatten(value))


# From plain data -------------------------------------------------------------------------------------------
_LAYERS = ("addax.layers", "addax.models", "addax.applications")
_OWN = (
    "addax.ops",
    "addax.ops.image",
    "addax.activations",
    "addax.random",
    "addax.quantizers",
    "addax.engine",
)


def make(data: dict[str, Any]) -> Any:
    """A layer, or a function that adds an op's node to the graph, from an entry of a saved graph."""
    module, class_name, config = data.get("module"), data["class_name"], data["config"]
    if class_name in ("TFOpLambda", "SlicingOpLambda") and isinstance(config, dict):
        from addax.models._tf_functions import tf_function

        called = _known(tf_function(config.get("function")), "TensorFlow", str(config.get("function")))
        return _SavedOp(called, None, {"name": config.get("name")})
    if isinstance(module, str) and isinstance(class_name, str) and isinstance(config, dict):
        if module.startswith((_op_classes.HOME, _op_classes.ACTIVATIONS)):
            function = _op_classes.function_of(module, class_name)
            return _SavedOp(_known(function, module, class_name), class_name, config)
        if module in _OWN:
            function = _op_classes.our_function(module, class_name)
            return _SavedOp(_known(function, module, class_name), None, config)
    entry = {k: v for k, v in data.items() if k not in ("inbound_nodes", "name")}
    return serial.deserialize(entry, packages=_LAYERS)


def _known(function: Callable | None, module: str, class_name: str) -> Callable:
    if function is None:
        raise TypeError(
            message(
                f"The file's graph uses an operation that Addax does not have: {class_name} (of {module})."
            )
        )
    return function


class _SavedOp:
    """An op with the arguments that a file keeps in its config; calling it makes the node under the saved name.

    Args:
        function: A function of ours.
        class_name: The class that Keras saved; None if the file names the function itself.
        config: The name, and arguments.
    """

    def __init__(self, function: Callable, class_name: str | None, config: dict[str, Any]) -> None:
        self.function = function
        self.class_name = class_name
        self.config = {k: serial.deserialize(v) for k, v in config.items()}
        self.name = self.config.pop("name", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = _restored(args), _restored(kwargs)
        if self.class_name == "GetItem" or self.function is _op_classes.getitem():
            args = tuple(tuple(a) if isinstance(a, list) else a for a in args)  # JSON has no tuples
        if self.class_name is None:
            outputs = self.function(*args, **kwargs)
        else:
            outputs = self._call_in_keras_order(args, kwargs)
        self._name_node(outputs, (args, kwargs))
        return outputs

    def _call_in_keras_order(self, args: tuple, kwargs: dict) -> Any:
        in_config, in_call = _op_classes.split_parameters(str(self.class_name), self.function)
        self._check_config({p.name for p in (*in_config, *in_call)})
        named, positional, rest = {**self.config, **kwargs}, [], list(args)
        for parameter in inspect.signature(self.function).parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                positional.extend(rest)
                rest = []
            elif parameter.kind is parameter.KEYWORD_ONLY:
                continue
            elif parameter.name in named:
                positional.append(named.pop(parameter.name))
            elif any(p.name == parameter.name for p in in_call) and rest:
                positional.append(rest.pop(0))
            elif parameter.kind is not parameter.VAR_KEYWORD and parameter.default is not parameter.empty:
                positional.append(parameter.default)
        return self.function(*positional, *rest, **named)

    def _check_config(self, known: set[str]) -> None:
        unknown = [k for k, v in self.config.items() if k not in known]
        for key in unknown:
            if self.config[key] not in (None, False):
                raise ValueError(
                    message(
                        f"The file has an operation {self.class_name} with an argument that Addax does not know.",
                        expected=f"arguments among {sorted(known)}",
                        received=f"{key}={self.config[key]!r}",
                    )
                )
            del self.config[key]

    def _name_node(self, outputs: Any, inputs: Any) -> None:
        given = {id(x) for x in tree.flatten(inputs)}
        for out in tree.flatten(outputs):
            if (
                self.name
                and isinstance(out, SymbolicTensor)
                and out._node is not None
                and id(out) not in given
            ):
                out._node.operation.name = self.name


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _restored(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], str) and value[0] == _SLICE_PARTS:
            return SliceParts(*value[1:])
        return type(value)(_restored(v) for v in value)
    return value


# Dialects --------------------------------------------------------------------------------------------------
def is_keras2(data: dict[str, Any]) -> bool:
    """Whether the calls of an entry are written as Keras 2 does."""
    return any(isinstance(node, list) for node in data.get("inbound_nodes") or ())


def standard_nodes(data: dict[str, Any], operation: Any) -> list[tuple[Any, Any]]:
    """The `(args, kwargs)` of the calls of an entry, in the form of Keras 3 whatever dialect they are in.

    Args:
        data: The entry.
        operation: What was made of it.
    """
    nodes = [_standard_node(node) for node in data.get("inbound_nodes") or ()]
    if "layers" in (data.get("config") or {}) or not isinstance(operation, Layer):
        return nodes
    # Keras records the default of `training` in the calls of its layers, and overrides it when the model runs. What
    # is no default was the user's word, such as `training=False` for a normalization that is not to be tuned.
    default = call_spec(type(operation)).training_default
    return [
        (args, {k: v for k, v in kwargs.items() if k != "training" or v not in (None, default)})
        for args, kwargs in nodes
    ]


def _standard_node(node: Any) -> tuple[Any, Any]:
    if isinstance(node, dict):
        return node["args"], node["kwargs"]
    # Keras 2: a list of [layer, node, tensor, kwargs], or a dict of them
    tensors, kwargs = [], {}
    for item in node if isinstance(node[0], list) else [node]:
        tensors.append(_keras2_argument(item[:3]))
        kwargs.update({k: _keras2_argument(v) for k, v in (item[3] if len(item) > 3 else {}).items()})
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _keras2_argument(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [_keras2_argument(item) for item in value]  # a nest of tensors
    if isinstance(value, list) and value[:2] == ["_CONSTANT_VALUE", -1]:
        return value[2]
    if (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    ):
        return _keras_tensor(value)
    return value


def _keras_tensor(place: list) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"keras_history": list(place)}}
