"""Writes TensorFlow SavedModels of pure JAX functions, with neither TensorFlow nor the protobuf package."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from addax.core import tree
from addax.core.errors import message
from addax.export._folder import complete_folder
from addax.export._program import (
    DEFAULT_PLATFORMS,
    ArraySpec,
    InputSpec,
    canonical_array,
    described,
    trace_program,
)
from addax.export._saved_model_graph import TracedEndpoint, VariableNode, meta_graph, unique_node_names
from addax.export._saved_model_objects import DEFAULT_SIGNATURE, checkpoint_graph, object_graph
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.export.text._graph import Value
from addax.export.text._part import TextPart
from addax.formats import OBJECT_GRAPH_KEY, write_bundle

Packing = Literal["positional", "list", "dict"]

MODEL_FILE = "saved_model.pb"
VARIABLES_PREFIX = os.path.join("variables", "variables")
# What belongs to a SavedModel; anything else in its folder is somebody else's and survives overwriting.
_MEMBERS = frozenset(
    (MODEL_FILE, "variables", "assets", "assets.extra", "fingerprint.pb", "keras_metadata.pb", "debug")
)
_RESERVED_NAMES = frozenset(("signatures", "variables", "trainable_variables", "non_trainable_variables"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A function that a SavedModel serves.

    Attributes:
        function: Pure, over JAX arrays: `function(values, *inputs)` with the list of the variables' values.
            It returns an array, or a dict, list or tuple of arrays.
        inputs: Its inputs.
        packing: How the method of the loaded model takes several inputs: as positional arguments, as one list
            or as one dict by name; else, by the name of each argument, the nest that it is, with the number
            of the input in place of each tensor. The signature always takes keywords.
        methods: The names under which the loaded object has it; None for its own, and for the default one
            `__call__` and `serve`.
        text: What is around the program, if texts are among the inputs or results; then the function takes what the
            part before it gives, and gives a list. None for a program alone.
    """

    function: Callable[..., Any]
    inputs: Sequence[InputSpec]
    packing: Packing | Mapping[str, Any] = "positional"
    methods: Sequence[str] | None = None
    text: TextPart | None = None


@dataclass(frozen=True, slots=True)
class SavedVariable:
    """A variable of a SavedModel.

    Attributes:
        name: Its name; names need not differ.
        value: An array.
        trainable: Whether it is one to train.
    """

    name: str
    value: Any
    trainable: bool = True


def write_saved_model(
    path: str | os.PathLike[str],
    endpoints: Mapping[str, Endpoint],
    variables: Sequence[SavedVariable],
    *,
    aliases: Mapping[str, str] | None = None,
    collections: Mapping[str, Sequence[SavedVariable]] | None = None,
    platforms: Sequence[str] = DEFAULT_PLATFORMS,
) -> list[TracedEndpoint]:
    """Write a SavedModel that TensorFlow 2.16 and later, TF Serving and `read_saved_model` run.

    Each endpoint becomes a signature and a method of the loaded object; `serving_default` is also what the
    object does when it is called, and its method `serve`. The folder appears complete or not at all; in one
    that exists, only the files of a SavedModel are replaced.

    Args:
        path: The folder.
        endpoints: By name, each a Python identifier.
        variables: The variables, in the order in which the functions get their values.
        aliases: Further names of signatures, each with the endpoint that it stands for.
        collections: Lists of variables that the loaded object has as attributes, by name. A variable that is
            none of `variables` is stored for its list only.
        platforms: The platforms it shall run on, in JAX's names.

    Returns:
        What was written of the endpoints.

    Raises:
        ValueError: An endpoint, an input or a variable is not as described, or a function cannot be traced.
        FileExistsError: There is a file at `path`, or a folder that is no SavedModel and has a member of
            that name.

    Example:
        >>> import tempfile, numpy as np
        >>> weights = [SavedVariable("kernel", np.float32([[1], [2]]))]
        >>> linear = Endpoint(lambda values, x: x @ values[0], [InputSpec("x", (None, 2))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = write_saved_model(f"{folder}/linear", {"serving_default": linear}, weights)
        ...     sorted(os.listdir(f"{folder}/linear"))
        ['assets', 'saved_model.pb', 'variables']
    """
    target = os.path.realpath(path)
    _check_target(target)
    _check_endpoints(endpoints)
    collections, aliases = collections or {}, aliases or {}
    # By identity: two variables may be equal in name and value.
    stored = {id(item): item for group in (variables, *collections.values()) for item in group}
    places = {key: place for place, key in enumerate(stored)}
    nodes = _variable_nodes(list(stored.values()))
    bound = nodes[: len(variables)]
    traced = [_trace(name, endpoint, bound, platforms) for name, endpoint in endpoints.items()]
    lists = {name: [places[id(item)] for item in group] for name, group in collections.items()}
    tables = list({k: v for item in traced if item.text for k, v in item.text.tables.items()}.values())
    objects = object_graph(traced, nodes, len(bound), lists, aliases, tables)
    graph_def = meta_graph(traced, nodes, len(bound), objects, aliases, tables)
    model = {"saved_model_schema_version": 1, "meta_graphs": [graph_def]}
    tensors = {node.key: node.value for node in nodes}
    graph = SAVED_MODEL_SCHEMA.encode("CheckpointGraph", checkpoint_graph(objects, nodes))
    with complete_folder(target, _MEMBERS) as work:
        os.mkdir(os.path.join(work, "assets"))
        write_bundle(os.path.join(work, VARIABLES_PREFIX), {**tensors, OBJECT_GRAPH_KEY: graph})
        with open(os.path.join(work, MODEL_FILE), "wb") as file:
            file.write(SAVED_MODEL_SCHEMA.encode("SavedModel", model))
    return traced


def _check_target(target: str) -> None:
    if os.path.isdir(target):
        entries = set(os.listdir(target))
        clash = sorted(entries & _MEMBERS) if MODEL_FILE not in entries else []
        if clash:
            raise FileExistsError(
                f"Expected a SavedModel or a folder without {', '.join(clash)}, found others' in {target!r}."
            )
    elif os.path.exists(target):
        raise FileExistsError(f"Expected a folder or nothing at {target!r}, found a file.")


def _check_endpoints(endpoints: Mapping[str, Endpoint]) -> None:
    if not endpoints:
        raise ValueError(message("A SavedModel needs an endpoint.", expected="one or more", received="none"))
    for name, endpoint in endpoints.items():
        check_name(name, "an endpoint")
        names = [spec.name for spec in endpoint.inputs]
        if len(set(names)) < len(names) or "" in names:
            raise ValueError(
                message(
                    "Inputs need names of their own.", expected="distinct names", received=names, where=name
                )
            )
        numbers = tree.flatten(list(_arguments(name, endpoint).values()))
        if sorted(numbers) != list(range(len(names))):
            raise ValueError(
                message(
                    "Each input has one place in the arguments.",
                    expected=f"the numbers below {len(names)}, once each",
                    received=f"{numbers}",
                    where=name,
                )
            )


def check_name(name: Any, what: str) -> None:
    """Refuse what cannot be the name of an attribute of the loaded object.

    Args:
        name: The name.
        what: What has it, such as `an endpoint`.

    Raises:
        ValueError: It is none.
    """
    fine = isinstance(name, str) and name.isidentifier() and not name.startswith("__")
    if not fine or name in _RESERVED_NAMES:
        raise ValueError(
            message(
                f"Not a name for {what}.",
                expected=f"an identifier other than {', '.join(sorted(_RESERVED_NAMES))}",
                received=repr(name),
                hint="Use letters, digits and underscores, such as 'serve'.",
            )
        )


def _arguments(name: str, endpoint: Endpoint) -> dict[str, Any]:
    """The arguments of an endpoint's method by name, with numbers of inputs in place of the tensors."""
    packing, names = endpoint.packing, [spec.name for spec in endpoint.inputs]
    numbers = list(range(len(names)))
    if isinstance(packing, Mapping):
        return dict(packing)
    if packing not in get_args(Packing):
        raise ValueError(
            message("Unknown packing.", expected=get_args(Packing), received=packing, where=name)
        )
    by_name = dict(zip(names, numbers, strict=True))
    if packing == "positional":
        return by_name
    return {"inputs": by_name if packing == "dict" else numbers}


def _variable_nodes(variables: Sequence[SavedVariable]) -> list[VariableNode]:
    names = unique_node_names(variable.name for variable in variables)
    return [
        VariableNode(
            name=variable.name,
            node=node,
            key=f"variables/{number}/.ATTRIBUTES/VARIABLE_VALUE",
            value=canonical_array(variable.value, variable.name),
            trainable=bool(variable.trainable),
        )
        for number, (variable, node) in enumerate(zip(variables, names, strict=True))
    ]


def _trace(
    name: str, endpoint: Endpoint, variables: Sequence[VariableNode], platforms: Sequence[str]
) -> TracedEndpoint:
    # TensorFlow flattens a dict in the order of its keys, so the program takes its inputs in that order.
    arguments = _arguments(name, endpoint)
    order = tree.flatten(list(arguments.values()))
    inputs = [endpoint.inputs[number] for number in order]
    values = [variable.value for variable in variables]
    text = endpoint.text
    if text is None:
        function = _reordered(endpoint.function, [order.index(number) for number in range(len(order))])
        taken: Sequence[InputSpec] = inputs
    else:
        function, taken = endpoint.function, text.specs
    program, results = trace_program(function, values, taken, platforms=platforms, name=name)
    results = results if text is None else text.structure
    _check_results(name, results)
    return TracedEndpoint(
        name=name,
        input_names=tuple(spec.name for spec in inputs),
        inputs=program.arguments[len(variables) :] if text is None else described(inputs),
        program=program,
        outputs=program.results if text is None else _outputs(text, program.results),
        text=text,
        results=results,
        arguments=tree.map_structure(order.index, arguments),
        methods=_methods(name) if endpoint.methods is None else tuple(endpoint.methods),
    )


def _outputs(text: TextPart, results: Sequence[ArraySpec]) -> tuple[ArraySpec, ...]:
    """The results of an endpoint with texts: some of the program's, and what is made around it."""

    def spec(output: int | Value) -> ArraySpec:
        if isinstance(output, int):
            return results[output]
        return described([InputSpec("", output.shape, output.dtype)])[0]

    return tuple(map(spec, text.outputs))


def _methods(name: str) -> tuple[str, ...]:
    return ("__call__", "serve") if name == DEFAULT_SIGNATURE else (name,)


def _reordered(function: Callable[..., Any], places: Sequence[int]) -> Callable[..., Any]:
    """The function for inputs that come in another order; `places` tells where each of its own stands."""

    def call(values: Any, *inputs: Any) -> Any:
        return function(values, *(inputs[place] for place in places))

    return call


def _check_results(name: str, results: Any) -> None:
    if results is None or (isinstance(results, dict | list | tuple) and not results):
        raise ValueError(
            message("The function returns nothing.", expected="arrays", received=results, where=name)
        )
    stack = [results]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list | tuple):
            stack += item
        elif item is not None and not isinstance(item, int):
            expected = "an array, or a dict, list or tuple of arrays"
            raise ValueError(
                message("A result has the wrong type.", expected=expected, received=item, where=name)
            )
