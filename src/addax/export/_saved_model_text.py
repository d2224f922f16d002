"""What stands around the program of an endpoint that takes or gives texts, and its hash tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from addax.export._program import Program
from addax.export.text._graph import INPUT, RESULT, STRING, Table, TextGraph, type_attr
from addax.formats import DT_RESOURCE

if TYPE_CHECKING:
    from addax.export.text._part import TextPart

Message = dict[str, Any]

PROGRAM = "program"
# Private attributes of the program's node: where its inputs come from, and the dimensions of inputs and results.
FRONTIER_ATTR, FRONTIER_DIMS_ATTR = "_addax_frontier", "_addax_frontier_dims"
FRONTIER_TYPES_ATTR, RESULT_DIMS_ATTR = "_addax_frontier_types", "_addax_result_dims"
# The functions that TensorFlow looks for at a table.
TABLE_FUNCTIONS = ("_create_resource", "_initialize", "_destroy_resource")


def table_function(table: Table, local: str) -> str:
    """The name of the library function behind a function of a table."""
    return f"__inference_{local}_{table.name}"


def resolved(refs: Sequence[str], input_names: Sequence[str]) -> list[str]:
    """References as the function's nodes use them."""
    return [_resolved(ref, input_names) for ref in refs]


def _resolved(ref: str, input_names: Sequence[str]) -> str:
    if ref.startswith(INPUT):
        return f"arg_{list(input_names).index(ref.removeprefix(INPUT))}"
    return f"{PROGRAM}:output:{ref.removeprefix(RESULT)}" if ref.startswith(RESULT) else ref


def around(
    text: TextPart, input_names: Sequence[str], program: list[Message]
) -> tuple[list[Message], list[str]]:
    """The nodes of an endpoint's function, and where its results come from."""

    def written(graph: TextGraph) -> list[Message]:
        return [{**node, "input": resolved(node["input"], input_names)} for node in graph.nodes]

    outputs = [f"{RESULT}{x}" if isinstance(x, int) else x.ref for x in text.outputs]
    return [*written(text.before), *program, *written(text.after)], resolved(outputs, input_names)


def text_attrs(program: Program, variables: int, sources: Sequence[str]) -> dict[str, Message]:
    """What our reader needs besides, to run the program of an endpoint with texts."""
    specs = program.arguments[variables:]

    def dims(items: Any) -> Message:
        return {"list": {"s": [";".join(spec.dims).encode() for spec in items]}}

    return {
        FRONTIER_ATTR: {"list": {"s": [ref.encode() for ref in sources]}},
        FRONTIER_DIMS_ATTR: dims(specs),
        FRONTIER_TYPES_ATTR: {"list": {"type": [type_attr(spec.dtype.name)["type"] for spec in specs]}},
        RESULT_DIMS_ATTR: dims(program.results),
    }


def _filled(table: Table, handle: str) -> tuple[list[Message], str]:
    """Constants and the import into a table, in the style of functions; and the import's name."""
    graph = TextGraph(f"{table.name}/fill")
    kind = STRING if table.of_text else "int64"
    keys, values = graph.const(list(table.keys), kind), graph.const(list(table.values), table.dtype)
    attrs = {"Tin": type_attr(kind), "Tout": type_attr(table.dtype)}
    return graph.nodes, graph.node("LookupTableImportV2", [handle, keys.ref, values.ref], **attrs)


def _handle(table: Table, name: str) -> Message:
    attrs = {
        "shared_name": {"s": table.name.encode()},
        "key_dtype": {"type": table.key_code},
        "value_dtype": type_attr(table.dtype),
    }
    return {"name": name, "op": "HashTableV2", "input": [], "attr": attrs}


def table_nodes(table: Table) -> list[Message]:
    """A table in the main graph, and what fills it, which is called `NAME/import`."""
    nodes, last = _filled(table, table.name)
    for node in nodes:
        node["input"] = [ref.split(":")[0] for ref in node["input"]]
        if node["name"] == last:
            node["name"] = f"{table.name}/import"
    return [_handle(table, table.name), *nodes]


def table_functions(table: Table) -> list[Message]:
    """The library functions that make, fill and remove a table."""
    make, fill, remove = (table_function(table, local) for local in TABLE_FUNCTIONS)
    argument = {"name": "handle", "type": DT_RESOURCE}
    nodes, last = _filled(table, "handle")
    destroy = {
        "name": "destroy",
        "op": "DestroyResourceOp",
        "input": ["handle"],
        "attr": {"ignore_lookup_error": {"b": True}},
    }
    made = {
        "signature": {
            "name": make,
            "output_arg": [{"name": "output_0", "type": DT_RESOURCE}],
            "is_stateful": True,
        },
        "node_def": [_handle(table, "made")],
        "ret": {"output_0": "made:table_handle:0"},
    }
    return [made, _told(fill, argument, nodes, last), _told(remove, argument, [destroy], "destroy")]


def _told(name: str, argument: Message, nodes: list[Message], last: str) -> Message:
    """A function that gives 1 after its last node has run."""
    graph = TextGraph("done")
    one = graph.const(1, "int32")
    graph.nodes[0]["input"] = [f"^{last}"]
    return {
        "signature": {
            "name": name,
            "input_arg": [argument],
            "output_arg": [{"name": "output_0", "type": type_attr("int32")["type"]}],
            "is_stateful": True,
            "control_output": ["done"],  # or the last node is dropped where the function is inlined
        },
        "node_def": [*nodes, *graph.nodes],
        "ret": {"output_0": one.ref},
        "control_ret": {"done": last},
    }
