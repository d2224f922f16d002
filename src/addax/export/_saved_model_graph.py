"""The graph of a SavedModel as messages: variables, one StableHLO program per signature, save and restore."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from addax.export._program import ArraySpec, Program
from addax.export._saved_model_text import around, resolved, table_functions, table_nodes, text_attrs
from addax.export.text._graph import Table
from addax.export.text._part import TextPart
from addax.formats import DT_RESOURCE, DT_STRING, dtype_code, shape_message, tensor_message

Message = dict[str, Any]

# The private attributes in which we keep what TensorFlow does not need; it ignores attributes like this.
INPUT_DIMS_ATTR = "_addax_input_dims"
OUTPUT_DIMS_ATTR = "_addax_output_dims"
DIGEST_ATTR = "_addax_module_sha256"
PROGRAM_NODE = "program"
PREDICT_METHOD = "tensorflow/serving/predict"
INIT_OP = "__saved_model_init_op"
FILENAME_TENSOR, SAVE_TENSOR, RESTORE_OP = "saver_filename:0", "save/control:0", "save/restore_all"

_CALLING_CONVENTION = 9
_GRAPH_PRODUCER = 1766


@dataclass(frozen=True, slots=True)
class VariableNode:
    """A variable of the graph.

    Attributes:
        name: What the user calls it.
        node: Its unique node name.
        key: Its key in the checkpoint.
        value: Its value.
        trainable: Whether it is one to train.
    """

    name: str
    node: str
    key: str
    value: np.ndarray
    trainable: bool

    @property
    def dtype(self) -> int:
        """The code of the dtype."""
        return dtype_code(self.value.dtype)

    @property
    def shape(self) -> Message:
        """The shape as a message."""
        return shape_message(self.value.shape)


@dataclass(frozen=True, slots=True)
class TracedEndpoint:
    """A signature with its program.

    Attributes:
        name: The signature's name.
        input_names: The names of the inputs, in the order of the program.
        inputs: Their shapes and dtypes.
        program: The program; its arguments are all variables and then the inputs, or what the part before the
            program gives.
        outputs: The results' shapes and dtypes.
        results: The tree of results, with the number of the result in place of each array.
        arguments: The arguments of the method by name, with the number of the input in place of each tensor;
            flattened, they are in order.
        methods: The names under which the loaded object has it.
        text: The parts around the program; None if there are none.
    """

    name: str
    input_names: tuple[str, ...]
    inputs: tuple[ArraySpec, ...]
    program: Program
    outputs: tuple[ArraySpec, ...]
    results: Any
    arguments: dict[str, Any]
    methods: tuple[str, ...]
    text: TextPart | None = None

    @property
    def function(self) -> str:
        """The function that runs the program, and takes the inputs in the program's order."""
        return f"__inference_{self.name}"

    @property
    def wrapper(self) -> str:
        """The function behind the signature, which takes the inputs in the order of their names."""
        return f"__inference_signature_wrapper_{self.name}"

    @property
    def by_name(self) -> list[int]:
        """The numbers of the inputs in the order of their names, in which TensorFlow binds keywords."""
        return sorted(range(len(self.inputs)), key=lambda number: self.input_names[number])

    @property
    def named_results(self) -> dict[str, int]:
        """The results by their names in the signature: keys of a flat dict, else `output_0`, ..."""
        if isinstance(self.results, dict) and all(isinstance(item, int) for item in self.results.values()):
            return {str(key): number for key, number in self.results.items()}
        return {f"output_{number}": number for number in range(len(self.outputs))}


def node(name: str, op: str, inputs: Iterable[str] = (), **attrs: Message) -> Message:
    """A NodeDef."""
    return {"name": name, "op": op, "input": list(inputs), "attr": attrs}


def types(codes: Iterable[int]) -> Message:
    """An attribute that lists dtypes."""
    return {"list": {"type": list(codes)}}


def texts(items: Iterable[str]) -> Message:
    """An attribute that lists strings."""
    return {"list": {"s": [item.encode() for item in items]}}


def node_name(name: str) -> str:
    """A name with nothing in it that TensorFlow forbids in node names."""
    name = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name)
    return name if re.match(r"[A-Za-z0-9.]", name) else f"v{name}"


def unique_node_names(names: Iterable[str]) -> list[str]:
    """Node names that differ from each other, as names of variables need not."""
    taken: set[str] = set()
    result = []
    for name in map(node_name, names):
        unique, number = name, 0
        while unique.lower() in taken:  # TensorFlow compares scopes without case
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.lower())
        result.append(unique)
    return result


def spec_code(spec: ArraySpec) -> int:
    """TensorFlow's code of the dtype of an argument or result."""
    return DT_STRING if spec.dtype.kind == "O" else dtype_code(spec.dtype)


def _shape(spec: ArraySpec) -> Message:
    return shape_message(spec.shape)


class _FunctionParts:
    """What the two functions of an endpoint have in common."""

    def __init__(
        self, endpoint: TracedEndpoint, variables: Sequence[VariableNode], tables: Sequence[Table]
    ) -> None:
        self.arguments = [f"arg_{number}" for number in range(len(endpoint.inputs))]
        self.resources = [f"resource_{number}" for number in range(len(variables))]
        self.input_args = [
            {"name": name, "type": spec_code(spec)}
            for name, spec in zip(self.arguments, endpoint.inputs, strict=True)
        ]
        self.resource_args = [
            {
                "name": name,
                "type": DT_RESOURCE,
                "handle_data": [{"dtype": variable.dtype, "shape": variable.shape}],
            }
            for name, variable in zip(self.resources, variables, strict=True)
        ]
        self.resource_args += [{"name": table.name, "type": DT_RESOURCE} for table in tables]
        self.resources += [table.name for table in tables]
        self.results = endpoint.outputs
        self.endpoint = endpoint

    def identities(self, sources: Sequence[str]) -> list[Message]:
        return [
            node(f"result_{number}", "Identity", [source], T={"type": spec_code(spec)})
            for number, (source, spec) in enumerate(zip(sources, self.results, strict=True))
        ]

    def function(self, name: str, order: Sequence[int], nodes: list[Message]) -> Message:
        """The FunctionDef that takes the inputs in the given order, and then the variables."""
        shapes = [_shape(self.endpoint.inputs[number]) for number in order]
        shapes += [shape_message(())] * len(self.resources)
        names = {
            position: {"attr": {"_user_specified_name": {"s": self.endpoint.input_names[number].encode()}}}
            for position, number in enumerate(order)
        }
        return {
            "signature": {
                "name": name,
                "input_arg": [self.input_args[number] for number in order] + self.resource_args,
                "output_arg": [
                    {"name": f"output_{number}", "type": spec_code(spec)}
                    for number, spec in enumerate(self.results)
                ],
                "is_stateful": True,
            },
            "node_def": nodes,
            "ret": {f"output_{number}": f"result_{number}:output:0" for number in range(len(self.results))},
            "attr": {"_input_shapes": {"list": {"shape": shapes}}},
            "arg_attr": names,
        }


def functions(
    endpoint: TracedEndpoint, variables: Sequence[VariableNode], tables: Sequence[Table]
) -> list[Message]:
    """The two library functions of an endpoint: the program, and the wrapper that a signature calls."""
    parts = _FunctionParts(endpoint, variables, tables)
    in_order = range(len(endpoint.inputs))
    body = _program_nodes(endpoint, variables)
    sources = [f"{PROGRAM_NODE}:output:{number}" for number in range(len(endpoint.outputs))]
    if endpoint.text is not None:
        body, sources = around(endpoint.text, endpoint.input_names, body)
    program = [*body, *parts.identities(sources)]
    called = [f"call:output:{number}" for number in range(len(endpoint.outputs))]
    call = node("call", "StatefulPartitionedCall", parts.arguments + parts.resources)
    call["attr"] = _call_attrs(endpoint, endpoint.function, in_order, len(variables), len(tables))
    return [
        parts.function(endpoint.function, in_order, program),
        parts.function(endpoint.wrapper, endpoint.by_name, [call, *parts.identities(called)]),
    ]


def _program_nodes(endpoint: TracedEndpoint, variables: Sequence[VariableNode]) -> list[Message]:
    """The reads of the variables that matter, and the XlaCallModule that runs the program on them."""
    program, count = endpoint.program, len(variables)
    reads, inputs = [], []
    sources = [f"arg_{number}" for number in range(len(endpoint.inputs))]
    if endpoint.text is not None:
        sources = resolved([x.ref for x in endpoint.text.frontier], endpoint.input_names)
    for number in program.kept:
        if number < count:
            read = node(f"read_{number}", "ReadVariableOp", [f"resource_{number}"])
            read["attr"] = {"dtype": {"type": variables[number].dtype}}
            reads.append(read)
            inputs.append(f"read_{number}:value:0")
        else:
            inputs.append(sources[number - count])
    attrs = {
        "version": {"i": _CALLING_CONVENTION},
        "module": {"s": program.module},
        "Sout": {"list": {"shape": [_shape(spec) for spec in program.results]}},
        "Tout": types(spec_code(spec) for spec in program.results),
        "Tin": types(spec_code(program.arguments[number]) for number in program.kept),
        "platforms": texts(platform.upper() for platform in program.platforms),
        INPUT_DIMS_ATTR: texts(_dims_text(spec) for spec in endpoint.inputs),
        OUTPUT_DIMS_ATTR: texts(_dims_text(spec) for spec in endpoint.outputs),
        DIGEST_ATTR: {"s": hashlib.sha256(program.module).hexdigest().encode()},
    }
    if endpoint.text is not None:
        attrs |= text_attrs(program, len(variables), sources)
    return [*reads, node(PROGRAM_NODE, "XlaCallModule", inputs, **attrs)]


def _dims_text(spec: ArraySpec) -> str:
    return ";".join(spec.dims)


def _call_attrs(
    endpoint: TracedEndpoint, function: str, order: Iterable[int], variables: int, tables: int
) -> Message:
    """The attributes of a call of an endpoint's function with inputs in an order, and all variables."""
    inputs = [spec_code(endpoint.inputs[number]) for number in order]
    return {
        "Tin": types(inputs + [DT_RESOURCE] * (variables + tables)),
        "Tout": types(spec_code(spec) for spec in endpoint.outputs),
        "f": {"func": {"name": function}},
        "_read_only_resource_inputs": {"list": {"i": list(range(len(inputs), len(inputs) + variables))}},
    }


def signature(
    endpoint: TracedEndpoint, variables: Sequence[VariableNode], tables: Sequence[Table]
) -> tuple[list[Message], Message]:
    """The nodes in the main graph that TensorFlow Serving and the C API run, and the SignatureDef."""
    placeholders = [node_name(f"{endpoint.name}_{name}") for name in endpoint.input_names]
    placeholders = unique_node_names(placeholders)
    nodes = [
        node(name, "Placeholder", dtype={"type": spec_code(spec)}, shape={"shape": _shape(spec)})
        for name, spec in zip(placeholders, endpoint.inputs, strict=True)
    ]
    arguments = [placeholders[number] for number in endpoint.by_name]
    call = node(_call_node(endpoint), "StatefulPartitionedCall")
    call["input"] = [*arguments, *(v.node for v in variables), *(table.name for table in tables)]
    call["attr"] = _call_attrs(endpoint, endpoint.wrapper, endpoint.by_name, len(variables), len(tables))
    inputs = zip(endpoint.input_names, placeholders, endpoint.inputs, strict=True)
    results = endpoint.outputs
    return [*nodes, call], {
        "inputs": {name: _tensor_info(f"{place}:0", spec) for name, place, spec in inputs},
        "outputs": {
            name: _tensor_info(f"{call['name']}:{number}", results[number])
            for name, number in endpoint.named_results.items()
        },
        "method_name": PREDICT_METHOD,
    }


def _call_node(endpoint: TracedEndpoint) -> str:
    return f"StatefulPartitionedCall/{endpoint.name}"


def _tensor_info(name: str, spec: ArraySpec) -> Message:
    return {"name": name, "dtype": spec_code(spec), "tensor_shape": _shape(spec)}


def variable_nodes(variables: Sequence[VariableNode]) -> list[Message]:
    """The handles of the variables in the main graph."""
    return [
        node(
            variable.node,
            "VarHandleOp",
            shared_name={"s": variable.node.encode()},
            dtype={"type": variable.dtype},
            shape={"shape": variable.shape},
        )
        for variable in variables
    ]


def saver_nodes(variables: Sequence[VariableNode]) -> list[Message]:
    """The operations that restore the variables from the checkpoint, and save them again."""
    string = {"type": DT_STRING}
    nodes = [node("saver_filename", "Placeholder", dtype=string, shape={"shape": shape_message(())})]
    restored, saved = [], []
    if variables:
        dtypes = types(variable.dtype for variable in variables)
        files = ["saver_filename", "save/names", "save/slices"]
        nodes += [
            _strings("save/names", [variable.key for variable in variables]),
            _strings("save/slices", [""] * len(variables)),
            node("save/RestoreV2", "RestoreV2", files, dtypes=dtypes),
        ]
        for number, variable in enumerate(variables):
            dtype = {"type": variable.dtype}
            source = [variable.node, f"save/RestoreV2:{number}"]
            nodes.append(node(f"save/Assign_{number}", "AssignVariableOp", source, dtype=dtype))
            nodes.append(node(f"save/Read_{number}", "ReadVariableOp", [variable.node], dtype=dtype))
        reads = [f"save/Read_{number}" for number in range(len(variables))]
        nodes.append(node("save/SaveV2", "SaveV2", files + reads, dtypes=dtypes))
        restored = [f"^save/Assign_{number}" for number in range(len(variables))]
        saved = ["^save/SaveV2"]
    nodes.append(node(RESTORE_OP, "NoOp", restored))
    nodes.append(node(SAVE_TENSOR.split(":")[0], "Identity", ["saver_filename", *saved], T=string))
    return nodes


def _strings(name: str, items: list[str]) -> Message:
    return node(name, "Const", dtype={"type": DT_STRING}, value={"tensor": tensor_message(items)})


def meta_graph(
    endpoints: Sequence[TracedEndpoint],
    variables: Sequence[VariableNode],
    bound: int,
    object_graph: Message,
    aliases: Mapping[str, str],
    tables: Sequence[Table],
) -> Message:
    """The MetaGraphDef that serves the endpoints.

    Args:
        endpoints: The endpoints.
        variables: All variables; the programs take the first `bound` ones.
        bound: How many those are.
        object_graph: The SavedObjectGraph.
        aliases: Further names of signatures, with the endpoints that they stand for.
        tables: The hash tables that the endpoints take.

    Returns:
        The message.
    """
    nodes = variable_nodes(variables)
    filled: list[str] = []
    library: list[Message] = []
    for table in tables:
        nodes += table_nodes(table)
        library += table_functions(table)
        filled.append(f"^{table.name}/import")
    taken = variables[:bound]
    signatures: dict[str, Mapping[str, Any]] = {}
    for endpoint in endpoints:
        library += functions(endpoint, taken, tables)
        calls, signatures[endpoint.name] = signature(endpoint, taken, tables)
        nodes += calls
    signatures |= {alias: signatures[name] for alias, name in aliases.items()}
    nodes += saver_nodes(variables)
    nodes.append(node("init", "NoOp", filled))
    signatures[INIT_OP] = {"outputs": {INIT_OP: {"name": "init", "tensor_shape": {"unknown_rank": True}}}}
    return {
        # A release that has XlaCallModule with this calling convention; readers only print it.
        "meta_info_def": {
            "tags": ["serve"],
            "tensorflow_version": "2.16.0",
            "tensorflow_git_version": "unknown",
            "stripped_default_attrs": True,
        },
        "graph_def": {
            "node": nodes,
            "library": {"function": library},
            "versions": {"producer": _GRAPH_PRODUCER},
        },
        "saver_def": {
            "filename_tensor_name": FILENAME_TENSOR,
            "save_tensor_name": SAVE_TENSOR,
            "restore_op_name": RESTORE_OP,
            "version": 2,
        },
        "collection_def": {"saved_model_main_op": {"node_list": {"value": ["init"]}}},
        "signature_def": signatures,
        "object_graph_def": object_graph,
    }
