"""Finds the programs of the signatures in the messages of a SavedModel that Addax wrote."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.export._program import ArraySpec, Program
from addax.export._saved_model_graph import DIGEST_ATTR, INPUT_DIMS_ATTR, OUTPUT_DIMS_ATTR, PREDICT_METHOD
from addax.export._saved_model_objects import LIST
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.export._saved_model_text import (
    FRONTIER_ATTR,
    FRONTIER_DIMS_ATTR,
    FRONTIER_TYPES_ATTR,
    RESULT_DIMS_ATTR,
)
from addax.export.text._run import TextFunction, read_table
from addax.formats import DT_STRING, dtype_from_code

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VariableRecord:
    """What a file says about a variable.

    Attributes:
        name: Its name.
        key: Its key in the checkpoint.
        trainable: Whether it is one to train.
    """

    name: str
    key: str
    trainable: bool


@dataclass(frozen=True, slots=True)
class SignatureRecord:
    """What a file says about a signature.

    Attributes:
        input_names: The names of the inputs, in the program's order.
        program: The program; its arguments are the bound variables and then the inputs.
        bound: The places of the variables that it takes, among all of them.
        outputs: The number of the program's result by its name in the signature.
        structure: The tree of results, as a message.
        function: The name of the function that runs the program.
        arguments: The arguments of the method, with the number of the input in place of each tensor.
        inputs: The shapes and dtypes of the inputs.
        results: Those of the results.
        text: What is around the program; None if there is nothing.
    """

    input_names: tuple[str, ...]
    program: Program
    bound: tuple[int, ...]
    outputs: dict[str, int]
    structure: Message
    function: str
    arguments: tuple[Any, ...]
    inputs: tuple[ArraySpec, ...]
    results: tuple[ArraySpec, ...]
    text: TextFunction | None = None


def parse_variables(graph: Message, checkpoint_graph: bytes) -> dict[int, VariableRecord]:
    """The variables by their number in the object graph.

    Args:
        graph: The MetaGraphDef.
        checkpoint_graph: The object graph that the checkpoint holds.

    Raises:
        ValueError, KeyError, IndexError, TypeError: The messages are not as Addax writes them.
    """
    stored = SAVED_MODEL_SCHEMA.decode("CheckpointGraph", checkpoint_graph).get("nodes", [])
    variables = {}
    for number, item in enumerate(graph["object_graph_def"]["nodes"]):
        if "variable" in item:
            (attribute,) = stored[number]["attributes"]
            fields = item["variable"]
            variables[number] = VariableRecord(
                fields.get("name", ""), attribute["checkpoint_key"], fields.get("trainable", False)
            )
    return variables


def parse_signatures(
    graph: Message, numbers: Mapping[int, int], values: Sequence[np.ndarray]
) -> dict[str, SignatureRecord]:
    """The signatures by name.

    Args:
        graph: The MetaGraphDef.
        numbers: The place of each variable by its number in the object graph.
        values: The values of the variables.

    Raises:
        ValueError, KeyError, IndexError, TypeError: The messages are not as Addax writes them.
    """
    library = {item["signature"]["name"]: item for item in graph["graph_def"]["library"].get("function", [])}
    objects = graph["object_graph_def"]["nodes"]
    wrappers = {
        child["local_name"]: objects[child["node_id"]]["bare_concrete_function"]["concrete_function_name"]
        for child in _child(objects, objects[0], "signatures").get("children", [])
    }
    concrete = graph["object_graph_def"]["concrete_functions"]
    tables = _parse_tables(objects, concrete, library)
    records = {}
    for name, definition in graph["signature_def"].items():
        if definition.get("method_name") != PREDICT_METHOD:
            continue
        # Behind a signature stands a wrapper that calls the function with the program.
        call = _only(library[wrappers[name]]["node_def"], "StatefulPartitionedCall", name)
        function = call["attr"]["f"]["func"]["name"]
        given = concrete[function].get("bound_inputs", [])
        bound = tuple(numbers[node_id] for node_id in given if node_id not in tables)
        taken = [tables[node_id] for node_id in given[len(bound) :]]
        parsed = _parse_program(library[function], [values[place] for place in bound], taken, name)
        program, names = parsed.program, parsed.names
        records[name] = SignatureRecord(
            input_names=names,
            program=program,
            bound=bound,
            inputs=parsed.inputs,
            results=parsed.results,
            text=parsed.text,
            outputs=_parse_outputs(definition, len(parsed.results), name),
            structure=concrete[function]["output_signature"],
            function=function,
            arguments=_parse_arguments(concrete[function], len(names), name),
        )
    return records


def parse_methods(graph: Message) -> dict[str, str]:
    """The names of the functions behind the methods of the loaded object, by attribute.

    Args:
        graph: The MetaGraphDef.

    Raises:
        ValueError, KeyError, IndexError, TypeError: The messages are not as Addax writes them.
    """
    objects = graph["object_graph_def"]["nodes"]
    return {
        child["local_name"]: objects[child["node_id"]]["function"]["concrete_functions"][0]
        for child in objects[0]["children"]
        if "function" in objects[child["node_id"]]
    }


def parse_lists(graph: Message, numbers: Mapping[int, int]) -> dict[str, tuple[int, ...]]:
    """The lists of variables that the loaded object has, each with the places of its variables.

    Args:
        graph: The MetaGraphDef.
        numbers: The place of each variable by its number in the object graph.

    Raises:
        ValueError, KeyError, IndexError, TypeError: The messages are not as Addax writes them.
    """
    objects = graph["object_graph_def"]["nodes"]
    lists = {}
    for child in objects[0]["children"]:
        item = objects[child["node_id"]]
        if item.get("user_object", {}).get("identifier") == LIST:
            places = [numbers[entry["node_id"]] for entry in item.get("children", [])]
            lists[child["local_name"]] = tuple(places)
    return lists


def _parse_arguments(function: Message, inputs: int, name: str) -> tuple[Any, ...]:
    """The arguments of a function as nests of numbers, counted as TensorFlow flattens them."""
    given, _ = function["canonicalized_input_signature"]["tuple_value"]["values"]
    counter = itertools.count()
    nests = tuple(_numbered(item, counter) for item in given["tuple_value"].get("values", []))
    if next(counter) != inputs:
        raise ValueError(f"{name}: expected arguments with {inputs} tensors, received {nests}.")
    return nests


def _numbered(structure: Message, counter: Iterator[int]) -> Any:
    ((kind, value),) = structure.items()
    if kind == "tensor_spec_value":
        return next(counter)
    if kind == "dict_value":
        fields = value.get("fields", {})
        return {key: _numbered(fields[key], counter) for key in sorted(fields)}
    if kind in ("list_value", "tuple_value"):
        return [_numbered(item, counter) for item in value.get("values", [])]
    raise ValueError(f"Expected a tensor or a nest of tensors as argument, received {kind}.")


def _child(objects: Sequence[Message], parent: Message, name: str) -> Message:
    numbers = {child["local_name"]: child["node_id"] for child in parent["children"]}
    return objects[numbers[name]]


def _only(nodes: Iterable[Message], op: str, name: str) -> Message:
    found = [item for item in nodes if item.get("op") == op]
    if len(found) != 1:
        raise ValueError(f"{name}: expected one {op} operation, received {len(found)}.")
    return found[0]


def _parse_outputs(definition: Message, results: int, name: str) -> dict[str, int]:
    outputs = {key: int(info["name"].rpartition(":")[2]) for key, info in definition["outputs"].items()}
    if not all(0 <= number < results for number in outputs.values()):
        raise ValueError(f"{name}: expected results below {results}, received {outputs}.")
    return outputs


def _parse_tables(
    objects: Sequence[Message], concrete: Mapping[str, Message], library: Mapping[str, Message]
) -> dict[int, dict[Any, int]]:
    """The contents of the hash tables by their number in the object graph."""
    tables = {}
    for number, item in enumerate(objects):
        if "resource" in item:
            (fill,) = _child(objects, item, "_initialize")["function"]["concrete_functions"]
            if list(concrete[fill].get("bound_inputs", [])) != [number]:
                raise ValueError(f"Expected a table that fills itself, received {fill}.")
            tables[number] = read_table(library[fill]["node_def"])
    return tables


@dataclass(frozen=True, slots=True)
class _Parsed:
    program: Program
    names: tuple[str, ...]
    inputs: tuple[ArraySpec, ...]
    results: tuple[ArraySpec, ...]
    text: TextFunction | None


def _parse_program(
    function: Message, bound: Sequence[np.ndarray], tables: Sequence[Mapping[Any, int]], name: str
) -> _Parsed:
    """The program of a function of inputs, then the bound variables, then tables; and the names of the inputs."""
    parameters = function["signature"].get("input_arg", [])
    count = len(parameters) - len(bound) - len(tables)
    if count < 0:
        raise ValueError(f"{name}: expected {len(bound)} variables, received {len(parameters)}.")
    node = _only(function["node_def"], "XlaCallModule", name)
    attrs = node["attr"]
    types = [parameter["type"] for parameter in parameters[:count]]
    inputs = _specs(attrs[INPUT_DIMS_ATTR], types)
    given = attrs["Tout"]["list"].get("type", [])
    text = None
    places = {item["name"]: place for place, item in enumerate(parameters[:count])}
    if FRONTIER_ATTR not in attrs:
        taken, results = inputs, _specs(attrs[OUTPUT_DIMS_ATTR], given)
        outputs = results
    else:
        arguments = function["signature"].get("output_arg", [])
        outputs = _specs(attrs[OUTPUT_DIMS_ATTR], [item["type"] for item in arguments])
        frontier = _texts(attrs[FRONTIER_ATTR])
        taken = _specs(attrs[FRONTIER_DIMS_ATTR], attrs[FRONTIER_TYPES_ATTR]["list"].get("type", []))
        results = _specs(attrs[RESULT_DIMS_ATTR], given)
        text = TextFunction(
            function["node_def"],
            list(places),
            dict(zip([item["name"] for item in parameters[count + len(bound) :]], tables, strict=True)),
            frontier,
            _sources(function, [item["name"] for item in arguments]),
        )
        places = {ref: place for place, ref in enumerate(frontier)}
    variables = [ArraySpec(tuple(map(str, value.shape)), value.dtype) for value in bound]
    handles = {item["name"]: place for place, item in enumerate(parameters[count : count + len(bound)])}
    program = Program(
        module=_module(attrs, name),
        arguments=(*variables, *taken),
        kept=_parse_kept(function, node, places, handles, name),
        results=results,
        platforms=tuple(text.lower() for text in _texts(attrs["platforms"])),
    )
    names = tuple(
        function["arg_attr"][number]["attr"]["_user_specified_name"]["s"].decode() for number in range(count)
    )
    return _Parsed(program, names, inputs, outputs, text)


def _module(attrs: Mapping[str, Message], name: str) -> bytes:
    """The bytes of the program, if they are those that were written; older files do not say so."""
    module = attrs["module"]["s"]
    if DIGEST_ATTR in attrs and attrs[DIGEST_ATTR]["s"] != hashlib.sha256(module).hexdigest().encode():
        raise ValueError(f"{name}: the program is not as it was written: its checksum differs.")
    return module


def _sources(function: Message, names: Sequence[str]) -> list[str]:
    """Where the results of a function come from."""
    return [function["ret"][name] for name in names]


def _parse_kept(
    function: Message, node: Message, inputs: Mapping[str, int], handles: Mapping[str, int], name: str
) -> tuple[int, ...]:
    """Which of the program's arguments (variables, then inputs) the module takes."""
    reads = {item["name"]: item for item in function["node_def"] if item.get("op") == "ReadVariableOp"}
    kept = []
    for source in node.get("input", []):
        read = reads.get(source.split(":")[0])
        kept.append(handles[read["input"][0]] if read else inputs[source] + len(handles))
    if kept != sorted(set(kept)):
        raise ValueError(f"{name}: expected the arguments of the program in their order, received {kept}.")
    return tuple(kept)


def _specs(dims: Message, codes: Sequence[int]) -> tuple[ArraySpec, ...]:
    return tuple(_array_spec(text, code) for text, code in zip(_texts(dims), codes, strict=True))


def _texts(attr: Message) -> list[str]:
    return [item.decode() for item in attr["list"].get("s", [])]


def _array_spec(dims: str, code: int) -> ArraySpec:
    dtype = np.dtype(object) if code == DT_STRING else dtype_from_code(code)
    return ArraySpec(tuple(dims.split(";")) if dims else (), dtype)


def build_results(structure: Message, results: Sequence[Any]) -> Any:
    """The tree of results that a structure describes.

    Args:
        structure: Nested lists, tuples and dicts of specs that are named `output_<number>`.
        results: The results, flat.

    Raises:
        ValueError: The structure is not as Addax writes it.
    """
    for kind, value in structure.items():
        if kind == "tensor_spec_value":
            number = value.get("name", "").removeprefix("output_")
            if number.isdecimal() and int(number) < len(results):
                return results[int(number)]
        elif kind == "list_value":
            return [build_results(item, results) for item in value.get("values", [])]
        elif kind == "tuple_value":
            return tuple(build_results(item, results) for item in value.get("values", []))
        elif kind == "dict_value":
            return {key: build_results(item, results) for key, item in value.get("fields", {}).items()}
        elif kind == "none_value":
            return None
    raise ValueError(f"Expected a tree of {len(results)} results, received {structure!r:.200}.")
