"""Writes TensorFlow SavedModels of pure JAX functions, with neither TensorFlow nor the protobuf package."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from addax.core.errors import message
from addax.export._program import DEFAULT_PLATFORMS, InputSpec, canonical_array, trace_program
from addax.export._saved_model_graph import TracedEndpoint, VariableNode, meta_graph, unique_node_names
from addax.export._saved_model_objects import checkpoint_graph, object_graph
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.formats import write_bundle

Packing = Literal["positional", "list", "dict"]

MODEL_FILE = "saved_model.pb"
VARIABLES_PREFIX = os.path.join("variables", "variables")
OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
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
            or as one dict by name. The signature always takes keywords.
    """

    function: Callable[..., Any]
    inputs: Sequence[InputSpec]
    packing: Packing = "positional"


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
    platforms: Sequence[str] = DEFAULT_PLATFORMS,
) -> None:
    """Write a SavedModel that TensorFlow 2.16 and later, TF Serving and `read_saved_model` run.

    Each endpoint becomes a signature and a method of the loaded object; `serving_default` is also what the
    object does when it is called, and its method `serve`. The folder appears complete or not at all; in one
    that exists, only the files of a SavedModel are replaced.

    Args:
        path: The folder.
        endpoints: By name, each a Python identifier.
        variables: The variables, in the order in which the functions get their values.
        platforms: The platforms it shall run on, in JAX's names.

    Raises:
        ValueError: An endpoint, an input or a variable is not as described, or a function cannot be traced.
        FileExistsError: There is a file at `path`, or a folder that is no SavedModel and has a member of
            that name.

    Example:
        >>> import tempfile, numpy as np
        >>> weights = [SavedVariable("kernel", np.float32([[1], [2]]))]
        >>> linear = Endpoint(lambda values, x: x @ values[0], [InputSpec("x", (None, 2))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_saved_model(f"{folder}/linear", {"serving_default": linear}, weights)
        ...     sorted(os.listdir(f"{folder}/linear"))
        ['assets', 'saved_model.pb', 'variables']
    """
    target = os.path.realpath(path)
    _check_target(target)
    _check_endpoints(endpoints)
    nodes = _variable_nodes(variables)
    traced = [_trace(name, endpoint, nodes, platforms) for name, endpoint in endpoints.items()]
    objects = object_graph(traced, nodes, [endpoint.packing for endpoint in endpoints.values()])
    model = {"saved_model_schema_version": 1, "meta_graphs": [meta_graph(traced, nodes, objects)]}
    tensors = {node.key: node.value for node in nodes}
    graph = SAVED_MODEL_SCHEMA.encode("CheckpointGraph", checkpoint_graph(objects, nodes))
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    work = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}.", dir=parent)
    try:
        os.mkdir(os.path.join(work, "assets"))
        write_bundle(os.path.join(work, VARIABLES_PREFIX), {**tensors, OBJECT_GRAPH_KEY: graph})
        with open(os.path.join(work, MODEL_FILE), "wb") as file:
            file.write(SAVED_MODEL_SCHEMA.encode("SavedModel", model))
        _give_usual_mode(work)
        _put_in_place(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


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
        if not name.isidentifier() or name.startswith("__") or name in _RESERVED_NAMES:
            raise ValueError(
                message(
                    "Not a name for an endpoint.",
                    expected=f"an identifier other than {', '.join(sorted(_RESERVED_NAMES))}",
                    received=repr(name),
                )
            )
        names = [spec.name for spec in endpoint.inputs]
        if len(set(names)) < len(names) or "" in names:
            raise ValueError(
                message(
                    "Inputs need names of their own.", expected="distinct names", received=names, where=name
                )
            )
        if endpoint.packing not in get_args(Packing):
            raise ValueError(
                message("Unknown packing.", expected=get_args(Packing), received=endpoint.packing, where=name)
            )


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
    inputs, function = list(endpoint.inputs), endpoint.function
    if endpoint.packing == "dict":
        # TensorFlow flattens a dict in the order of its keys, so the program takes its inputs in that order.
        inputs.sort(key=lambda spec: spec.name)
        function = _reordered(function, [inputs.index(spec) for spec in endpoint.inputs])
    values = [variable.value for variable in variables]
    program, results = trace_program(function, values, inputs, platforms=platforms, name=name)
    _check_results(name, results)
    return TracedEndpoint(
        name=name,
        input_names=tuple(spec.name for spec in inputs),
        inputs=program.arguments[len(variables) :],
        program=program,
        results=results,
    )


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


def _give_usual_mode(folder: str) -> None:
    """Give a folder the permissions that `mkdir` would; `mkdtemp` keeps others out."""
    probe = os.path.join(folder, ".mode")
    os.mkdir(probe)
    os.chmod(folder, os.stat(probe).st_mode & 0o777)
    os.rmdir(probe)


def _put_in_place(work: str, target: str) -> None:
    """Move a complete folder to its place, and what is not ours in the folder that was there into it."""
    if not os.path.isdir(target):
        os.rename(work, target)
        return
    aside = f"{work}.old"
    os.rename(target, aside)
    try:
        os.rename(work, target)
    except OSError:
        os.rename(aside, target)
        raise
    for entry in os.listdir(aside):
        if entry not in _MEMBERS:
            os.rename(os.path.join(aside, entry), os.path.join(target, entry))
    shutil.rmtree(aside)
