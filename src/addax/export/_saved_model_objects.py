"""The objects that Python finds in a SavedModel: variables, callables and signatures, as a graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from addax.export._program import ArraySpec
from addax.export._saved_model_graph import Message, TracedEndpoint, VariableNode
from addax.formats import dtype_code, shape_message

NONE: Message = {"none_value": {}}
# The numbers of the fixed objects; the variables follow, then the functions.
ROOT, VARIABLES, TRAINABLE, NON_TRAINABLE, SIGNATURES, FIRST_VARIABLE = range(6)
_LISTS = {"variables": VARIABLES, "trainable_variables": TRAINABLE, "non_trainable_variables": NON_TRAINABLE}
DEFAULT_SIGNATURE = "serving_default"


def object_graph(
    endpoints: Sequence[TracedEndpoint], variables: Sequence[VariableNode], packings: Sequence[str]
) -> Message:
    """The SavedObjectGraph.

    Args:
        endpoints: The signatures. Each is also a method of the loaded object, under its own name; the default
            one is `serve`, and what the object itself does when it is called.
        variables: All variables.
        packings: For each endpoint how its method takes the inputs: `positional`, `list` or `dict`.

    Returns:
        The message.
    """
    first_function = FIRST_VARIABLE + len(variables)
    root = [{"node_id": number, "local_name": name} for name, number in _LISTS.items()]
    root.append({"node_id": SIGNATURES, "local_name": "signatures"})
    methods, signatures = [], []
    names = {endpoint.name for endpoint in endpoints}
    function_nodes: list[Message] = []
    concrete: dict[str, Message] = {}
    bound = list(range(FIRST_VARIABLE, first_function))
    for endpoint, packing in zip(endpoints, packings, strict=True):
        number = first_function + len(function_nodes)
        for attribute in _method_names(endpoint.name, names):
            methods.append({"node_id": number, "local_name": attribute})
        signatures.append({"node_id": number + 1, "local_name": endpoint.name})
        function_nodes += [_method(endpoint, packing), _signature_function(endpoint)]
        concrete.update(_concrete_functions(endpoint, packing, bound))
    nodes = [
        {"children": root + methods, "user_object": _user_object("_generic_user_object")},
        *_variable_lists(variables),
        {"children": signatures, "user_object": _user_object("signature_map")},
        *map(_variable, variables),
        *function_nodes,
    ]
    return {"nodes": nodes, "concrete_functions": concrete}


def checkpoint_graph(objects: Message, variables: Sequence[VariableNode]) -> Message:
    """The object graph as the checkpoint has it: the same numbers, and the keys of the variables."""
    nodes: list[Message] = [{"children": item.get("children", [])} for item in objects["nodes"]]
    for number, variable in enumerate(variables, start=FIRST_VARIABLE):
        attribute = {"name": "VARIABLE_VALUE", "full_name": variable.name, "checkpoint_key": variable.key}
        nodes[number] |= {"attributes": [attribute], "has_checkpoint_values": {"value": True}}
    return {"nodes": nodes}


def _method_names(endpoint: str, taken: set[str]) -> list[str]:
    if endpoint != DEFAULT_SIGNATURE:
        return [endpoint]
    return ["__call__"] if "serve" in taken else ["__call__", "serve"]


def _user_object(identifier: str) -> Message:
    return {"identifier": identifier, "version": {"producer": 1, "min_consumer": 1}}


def _variable_lists(variables: Sequence[VariableNode]) -> list[Message]:
    numbered = list(enumerate(variables, start=FIRST_VARIABLE))
    groups = (
        [number for number, _ in numbered],
        [number for number, variable in numbered if variable.trainable],
        [number for number, variable in numbered if not variable.trainable],
    )
    return [
        {
            "children": [{"node_id": item, "local_name": str(place)} for place, item in enumerate(group)],
            "user_object": _user_object("trackable_list_wrapper"),
        }
        for group in groups
    ]


def _variable(variable: VariableNode) -> Message:
    fields = {"dtype": variable.dtype, "shape": variable.shape, "trainable": variable.trainable}
    return {"variable": {**fields, "name": variable.name}}


def _method(endpoint: TracedEndpoint, packing: str) -> Message:
    structure = _call_structure(endpoint, packing)
    arguments = endpoint.input_names if packing == "positional" else ("inputs",)
    spec = {"fullargspec": _argument_spec(arguments), "input_signature": _sequence("tuple", structure)}
    return {"function": {"concrete_functions": [endpoint.function], "function_spec": spec}}


def _signature_function(endpoint: TracedEndpoint) -> Message:
    names = list(endpoint.input_names)
    spec = {"fullargspec": _argument_spec((), names), "input_signature": NONE}
    return {
        "bare_concrete_function": {
            "concrete_function_name": endpoint.wrapper,
            "argument_keywords": names,
            "allowed_positional_arguments": len(names),
            "function_spec": spec,
        }
    }


def _concrete_functions(endpoint: TracedEndpoint, packing: str, bound: list[int]) -> dict[str, Message]:
    results = endpoint.program.results
    specs = _named_specs(endpoint)
    return {
        endpoint.function: {
            "bound_inputs": bound,
            "canonicalized_input_signature": _call(_call_structure(endpoint, packing), {}),
            "output_signature": _tree(endpoint.results, results),
        },
        endpoint.wrapper: {
            "bound_inputs": bound,
            "canonicalized_input_signature": _call([], specs),
            "output_signature": _dict(
                {name: _spec(name, results[number]) for name, number in endpoint.named_results.items()}
            ),
        },
    }


def _named_specs(endpoint: TracedEndpoint) -> dict[str, Message]:
    pairs = zip(endpoint.input_names, endpoint.inputs, strict=True)
    return {name: _spec(name, spec) for name, spec in pairs}


def _call_structure(endpoint: TracedEndpoint, packing: str) -> list[Message]:
    """The positional arguments of the endpoint's method."""
    specs = _named_specs(endpoint)
    if packing == "list":
        return [_sequence("list", specs.values())]
    if packing == "dict":
        return [_dict(specs)]
    return list(specs.values())


def _spec(name: str, spec: ArraySpec) -> Message:
    fields = {"name": name, "shape": shape_message(spec.shape), "dtype": dtype_code(spec.dtype)}
    return {"tensor_spec_value": fields}


def _sequence(kind: str, items: Iterable[Message]) -> Message:
    return {f"{kind}_value": {"values": list(items)}}


def _dict(fields: dict[str, Message]) -> Message:
    return {"dict_value": {"fields": fields}}


def _call(arguments: Iterable[Message], keywords: dict[str, Message]) -> Message:
    return _sequence("tuple", [_sequence("tuple", arguments), _dict(keywords)])


def _argument_spec(arguments: Iterable[str], keywords: Iterable[str] = ()) -> Message:
    def names(items: Iterable[str]) -> Message:
        return _sequence("list", [{"string_value": item} for item in items])

    fields = {
        "args": names(arguments),
        "varargs": NONE,
        "varkw": NONE,
        "defaults": NONE,
        "kwonlyargs": names(keywords),
        "kwonlydefaults": NONE,
        "annotations": _dict({}),
    }
    pairs = [{"key": key, "value": value} for key, value in fields.items()]
    return {"named_tuple_value": {"name": "FullArgSpec", "values": pairs}}


def _tree(tree: Any, results: Sequence[ArraySpec]) -> Message:
    """A tree of result numbers as a structure of specs named `output_<number>`."""
    if isinstance(tree, dict):
        return _dict({str(key): _tree(item, results) for key, item in tree.items()})
    if isinstance(tree, list | tuple):
        kind = "tuple" if isinstance(tree, tuple) else "list"
        return _sequence(kind, [_tree(item, results) for item in tree])
    if tree is None:
        return NONE
    return _spec(f"output_{tree}", results[tree])
