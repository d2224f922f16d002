"""A model as an ONNX file."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine import Variable
from addax.export._models import model_endpoint
from addax.export._program import ArraySpec, InputSpec, described, output_names, trace_jaxpr
from addax.export._saved_model import Endpoint
from addax.export.onnx._convert import convert
from addax.export.onnx._graph import Graph
from addax.export.onnx._schema import DEFAULT_OPSET, IR_VERSIONS, ONNX_SCHEMA, tensor, value_info
from addax.export.onnx._text import ML_DOMAIN, ML_VERSION, convert_text
from addax.export.onnx._weights import OutsideWeights, remove_data
from addax.export.text._graph import INPUT, RESULT, Value
from addax.formats import atomic_file

_LARGEST = (1 << 31) - (64 << 20)  # bytes of weights; protocol buffers end at 2 GB


def export_onnx(model: Any, path: str | os.PathLike[str], opset_version: int | None = None) -> None:
    """Write the inference function of a model as an ONNX file, of any batch size.

    Inputs and outputs have the names that a SavedModel gives them. The weights are initializers, named by the
    paths of the variables; above 2 GB they lie in a second file, `<path>.<digest>.data`, which belongs beside the
    first. No other package is needed for writing.

    Args:
        model: A model or layer that is built. Of layers over texts ONNX can say StringLookup, with one index for all
            unknown tokens.
        path: The file; it appears complete or not at all.
        opset_version: The version of ONNX's operators, 18 to 23; None for 18.

    Raises:
        ValueError: If the model is not built or cannot be traced, or if it computes something that
            ONNX has no operators for (`ONNXExportError`); or for another opset.
        IsADirectoryError: There is a folder at `path`.

    Example:
        >>> import os, tempfile
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_onnx(model, f"{folder}/m.onnx")
        ...     os.listdir(folder)
        ['m.onnx']
    """
    opset = DEFAULT_OPSET if opset_version is None else opset_version
    if opset not in IR_VERSIONS:
        raise ValueError(
            message(
                "This version of ONNX's operators is not written.",
                expected=f"an opset_version of {min(IR_VERSIONS)} to {max(IR_VERSIONS)}",
                received=opset_version,
            )
        )
    if os.path.isdir(path):
        raise IsADirectoryError(message("There is a folder in the place of the file.", received=str(path)))
    endpoint, variables = model_endpoint(model, text=True)
    graph, described = _model_graph(model.name, endpoint, variables, opset)
    outside = OutsideWeights(path, graph.constants) if _size(graph) > _LARGEST else None
    store = outside.tensor if outside else tensor
    content = ONNX_SCHEMA.encode(
        "Model",
        {
            "ir_version": IR_VERSIONS[opset],
            "producer_name": "addax",
            "opset_import": [
                {"domain": "", "version": opset},
                *([{"domain": ML_DOMAIN, "version": ML_VERSION}] if endpoint.text else []),
            ],
            "graph": {**described, "initializer": [store(*item) for item in graph.constants.items()]},
        },
    )
    if outside:
        outside.write()
    with atomic_file(path) as file:
        file.write_bytes(content)
    remove_data(path, but=outside.name if outside else "")


def _model_graph(
    name: str, endpoint: Endpoint, variables: list[Variable], opset: int
) -> tuple[Graph, dict[str, Any]]:
    from addax.export.onnx import rules as _rules  # noqa: F401  (registers the rules)

    values = [np.asarray(v) for v in variables]
    text = endpoint.text
    specs = endpoint.inputs if text is None else text.specs
    traced, results = trace_jaxpr(endpoint.function, values, specs, name=name)
    structure = results if text is None else text.structure
    graph = Graph(opset=opset)
    inputs = [graph.fresh(spec.name) for spec in endpoint.inputs]
    names = {key: graph.fresh(key) for key in output_names(structure)}
    weights = [graph.fresh(v.path) for v in variables]
    graph.constants.update(zip(weights, values, strict=True))
    avals = traced.in_avals[len(values) :]
    taken, around = inputs, {}
    if text is not None:
        around = {f"{INPUT}{spec.name}": x for spec, x in zip(endpoint.inputs, inputs, strict=True)}
        convert_text(graph, text.before, around)
        taken = [around[x.ref] for x in text.frontier]
    declared = [
        value_info(x, *_told(spec))
        for x, spec in zip(inputs, avals if text is None else described(endpoint.inputs), strict=True)
    ]
    for value, aval in zip(taken, avals, strict=True):
        graph.define_sizes(value, aval.shape)
    found = convert(graph, traced.jaxpr, traced.consts, [*weights, *taken])
    given: list[Any] = list(zip(found, traced.out_avals, strict=True))
    if text is not None:
        around |= {f"{RESULT}{n}": x for n, x in enumerate(found)}
        convert_text(graph, text.after, around)
        given = [given[x] if isinstance(x, int) else (around[x.ref], _spec_of(x)) for x in text.outputs]
    outputs = []
    for output, (value, aval) in zip(names.values(), given, strict=True):
        graph.op("Identity", value, output=output)
        outputs.append(value_info(output, *_told(aval)))
    return graph, graph.message(name, declared, outputs)


def _told(spec: Any) -> tuple[Any, Any]:
    """The dimensions and dtype of an abstract array, or of a spec."""
    dims = spec.dims if isinstance(spec, ArraySpec) else spec.shape
    return [int(d) if isinstance(d, str) and d.isdecimal() else d for d in dims], spec.dtype


def _spec_of(value: Value) -> ArraySpec:
    return described([InputSpec("", value.shape, value.dtype)])[0]


def _size(graph: Graph) -> int:
    return sum(value.nbytes for value in graph.constants.values())
