"""The objects that Python finds in a SavedModel: variables, callables and signatures, as a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from addax.export._program import ArraySpec
from addax.export._saved_model_graph import Message, TracedEndpoint, VariableNode, spec_code
from addax.export._saved_model_text import TABLE_FUNCTIONS, table_function
from addax.export.text._graph import Table
from addax.formats import DT_RESOURCE, shape_message

NONE: Message = {"none_value": {}}
# The numbers of the fixed objects; the variables follow, then the functions.
ROOT, VARIABLES, TRAINABLE, NON_TRAINABLE, SIGNATURES, FIRST_VARIABLE = range(6)
_LISTS = {"variables": VARIABLES, "trainable_variables": TRAINABLE, "non_trainable_variables": NON_TRAINABLE}
LIST = "trackable_list_wrapper"
DEFAULT_SIGNATURE = "serving_default"


def object_graph(
    endpoints: Sequence[TracedEndpoint],
    variables: Sequence[VariableNode],
    bound: int,
    collections: Mapping[str, Sequence[int]],
    aliases: Mapping[str, str],
    tables: Sequence[Table] = (),
) -> Message:
    """The SavedObjectGraph.

    Args:
        endpoints: The signatures, which the loaded object also has as methods.
        variables: All variables; the programs take the first `bound` ones, and the usual lists hold these.
        bound: How many those are.
        collections: The places of the variables of further lists, by the names of the lists.
        aliases: Further names of signatures, with the endpoints that they stand for.
        tables: The hash tables that the functions take after the variables.

    Returns:
        The message.
    """
    function_nodes: list[Message] = []
    concrete: dict[str, Message] = {}
    numbers: dict[str, int] = {}
    first_table = FIRST_VARIABLE + len(variables) + 2 * len(endpoints) + len(collections)
    table_numbers = [first_table + len(TABLE_FUNCTIONS) * k + k for k in range(len(tables))]
    resources = [*range(FIRST_VARIABLE, FIRST_VARIABLE + bound), *table_numbers]
    for endpoint in endpoints:
        numbers[endpoint.name] = FIRST_VARIABLE + len(variables) + len(function_nodes)
        function_nodes += [_method(endpoint), _signature_function(endpoint)]
        concrete.update(_concrete_functions(endpoint, resources))
    signatures = {**{name: name for name in numbers}, **aliases}
    first_list = FIRST_VARIABLE + len(variables) + len(function_nodes)
    root = {
        **_LISTS,
        "signatures": SIGNATURES,
        **{method: numbers[endpoint.name] for endpoint in endpoints for method in endpoint.methods},
        **{name: number for number, name in enumerate(collections, start=first_list)},
        **{f"_{table.name}": number for table, number in zip(tables, table_numbers, strict=True)},
    }
    nodes = [
        {"children": _children(root), "user_object": _user_object("_generic_user_object")},
        *_variable_lists(variables[:bound]),
        {
            "children": _children({alias: numbers[name] + 1 for alias, name in signatures.items()}),
            "user_object": _user_object("signature_map"),
        },
        *map(_variable, variables),
        *function_nodes,
        *(_list([FIRST_VARIABLE + place for place in places]) for places in collections.values()),
    ]
    for table, number in zip(tables, table_numbers, strict=True):
        nodes += _table(table, number)
        concrete |= _table_functions(table, number)
    return {"nodes": nodes, "concrete_functions": concrete}


def checkpoint_graph(objects: Message, variables: Sequence[VariableNode]) -> Message:
    """The object graph as the checkpoint has it: the same numbers, and the keys of the variables."""
    nodes: list[Message] = [{"children": item.get("children", [])} for item in objects["nodes"]]
    for number, variable in enumerate(variables, start=FIRST_VARIABLE):
        attribute = {"name": "VARIABLE_VALUE", "full_name": variable.name, "checkpoint_key": variable.key}
        nodes[number] |= {"attributes": [attribute], "has_checkpoint_values": {"value": True}}
    return {"nodes": nodes}


def _children(numbers: Mapping[str, int]) -> list[Message]:
    return [{"node_id": number, "local_name": name} for name, number in numbers.items()]


def _user_object(identifier: str) -> Message:
    return {"identifier": identifier, "version": {"producer": 1, "min_consumer": 1}}


def _variable_lists(variables: Sequence[VariableNode]) -> list[Message]:
    numbered = list(enumerate(variables, start=FIRST_VARIABLE))
    groups = (
        [number for number, _ in numbered],
        [number for number, variable in numbered if variable.trainable],
        [number for number, variable in numbered if not variable.trainable],
    )
    return [_list(group) for group in groups]


def _list(numbers: Sequence[int]) -> Message:
    """A list of objects, as Python finds it."""
    children = _children({str(place): number for place, number in enumerate(numbers)})
    return {"children": children, "user_object": _user_object(LIST)}


def _variable(variable: VariableNode) -> Message:
    fields = {"dtype": variable.dtype, "shape": variable.shape, "trainable": variable.trainable}
    return {"variable": {**fields, "name": variable.name}}


def _table(table: Table, number: int) -> list[Message]:
    """A hash table, and the functions that make, fill and remove it."""
    spec = {"fullargspec": _argument_spec(()), "input_signature": _sequence("tuple", [])}
    children = {local: number + place for place, local in enumerate(TABLE_FUNCTIONS, start=1)}
    functions = [
        {"function": {"concrete_functions": [table_function(table, local)], "function_spec": spec}}
        for local in TABLE_FUNCTIONS
    ]
    return [{"children": _children(children), "resource": {}}, *functions]


def _table_functions(table: Table, number: int) -> dict[str, Message]:
    call = _call([], {})
    handle = {"tensor_spec_value": {"name": "handle", "shape": shape_message(()), "dtype": DT_RESOURCE}}
    one = _spec("output_0", ArraySpec((), np.dtype("int32")))
    make, fill, remove = (table_function(table, local) for local in TABLE_FUNCTIONS)
    return {
        make: {"canonicalized_input_signature": call, "output_signature": handle},
        fill: {"bound_inputs": [number], "canonicalized_input_signature": call, "output_signature": one},
        remove: {"bound_inputs": [number], "canonicalized_input_signature": call, "output_signature": one},
    }


def _method(endpoint: TracedEndpoint) -> Message:
    structure = _sequence("tuple", _call_structure(endpoint))
    spec = {"fullargspec": _argument_spec(endpoint.arguments), "input_signature": structure}
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


def _concrete_functions(endpoint: TracedEndpoint, bound: list[int]) -> dict[str, Message]:
    results = endpoint.outputs
    specs = _named_specs(endpoint)
    return {
        endpoint.function: {
            "bound_inputs": bound,
            "canonicalized_input_signature": _call(_call_structure(endpoint), {}),
            "output_signature": _tree(endpoint.results, _result_specs(results)),
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


def _call_structure(endpoint: TracedEndpoint) -> list[Message]:
    """The positional arguments of the endpoint's method."""
    specs = list(_named_specs(endpoint).values())
    return [_tree(argument, specs) for argument in endpoint.arguments.values()]


def _result_specs(results: Iterable[ArraySpec]) -> list[Message]:
    return [_spec(f"output_{number}", spec) for number, spec in enumerate(results)]


def _spec(name: str, spec: ArraySpec) -> Message:
    fields = {"name": name, "shape": shape_message(spec.shape), "dtype": spec_code(spec)}
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


def _tree(tree: Any, specs: Sequence[Message]) -> Message:
    """A tree of numbers as a structure of the specs that have these numbers."""
    if isinstance(tree, dict):
        return _dict({str(key): _tree(item, specs) for key, item in tree.items()})
    if isinstance(tree, list | tuple):
        kind = "tuple" if isinstance(tree, tuple) else "list"
        return _sequence(kind, [_tree(item, specs) for item in tree])
    return NONE if tree is None else specs[tree]
