"""A model as a LiteRT file (`.tflite`), for phones, microcontrollers and other small machines.

The traced function becomes StableHLO in JAX, and LiteRT's own converter (the extra `litert`, which needs no TensorFlow)
makes its operators of it. That converter knows no loop whose body is a recurrent cell of ours, so loops of a known
length are written out.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax
from addax.export._models import DEFAULT_SIGNATURE, model_endpoint
from addax.export._program import InputSpec, output_names, trace_jaxpr
from addax.formats import atomic_file

_LONGEST_LOOP = 512  # turns that are written out


class LiteRTExportError(ValueError):
    """A model computes something that LiteRT, or its converter, has no operators for."""


def export_litert(model: Any, path: str | os.PathLike[str], batch_size: int | None = None) -> None:
    """Write the inference function of a model as a LiteRT file, with the signature `serving_default`.

    Inputs and outputs have the names that a SavedModel gives them. Float32 stays float32; quantization is a matter of
    the tools that work on such files.

    Args:
        model: A model or layer that is built and takes numbers.
        path: The file, usually `<name>.tflite`; it appears complete or not at all.
        batch_size: How many rows the file takes; None for any number. Some delegates, such as those of phones' GPUs,
            and some layers need a fixed number.

    Raises:
        ImportError: If the extra `litert` is not installed.
        ValueError: If the model is not built, takes strings, or cannot be traced, or if it computes something that
            LiteRT has no operators for (`LiteRTExportError`).
        IsADirectoryError: There is a folder at `path`.

    Source: the file format of LiteRT (TensorFlow Lite), schema version 3, as `litert-converter` writes it.
    """
    if batch_size is not None and (isinstance(batch_size, bool) or not isinstance(batch_size, int)):
        raise ValueError(message("`batch_size`.", expected="a positive integer or None", received=batch_size))
    if batch_size is not None and batch_size < 1:
        raise ValueError(message("`batch_size`.", expected="a positive integer or None", received=batch_size))
    if os.path.isdir(path):
        raise IsADirectoryError(message("There is a folder in the place of the file.", received=str(path)))
    _converter()  # before the work: it may be missing
    endpoint, variables = model_endpoint(model)
    inputs = [_with_batch(spec, batch_size) for spec in endpoint.inputs]
    values = [np.asarray(v) for v in variables]
    text, names = _stablehlo(model.name, endpoint.function, values, inputs)
    content = _converted(text, [spec.name for spec in inputs], names, model.name, batch_size)
    with atomic_file(path) as file:
        file.write_bytes(content)


def _with_batch(spec: InputSpec, batch_size: int | None) -> InputSpec:
    if batch_size is None or not spec.shape or spec.shape[0] is not None:
        return spec
    return InputSpec(spec.name, (batch_size, *spec.shape[1:]), spec.dtype)


def _stablehlo(name: str, function: Any, values: list, inputs: Sequence[InputSpec]) -> tuple[str, list[str]]:
    """The function over the inputs alone, its variables as constants, as StableHLO text; the names of the results."""
    from jax import export

    traced, results = trace_jaxpr(function, values, inputs, name=name)

    def over_inputs(*arguments: Any) -> list[Any]:
        return _run(traced.jaxpr, traced.consts, [*values, *arguments])

    specs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in traced.in_avals[len(values) :]]
    exported = export.export(jax.jit(over_inputs, keep_unused=True), platforms=["cpu"])(*specs)
    return exported.mlir_module(), output_names(results)


# Loops -----------------------------------------------------------------------------------------------------
def _run(jaxpr: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """Compute a traced function once more, with its loops written out."""
    from jax.extend.core import Literal

    values: dict[Any, Any] = dict(zip(jaxpr.invars, arguments, strict=True))
    values.update(zip(jaxpr.constvars, constants, strict=True))

    def read(variable: Any) -> Any:
        return variable.val if isinstance(variable, Literal) else values[variable]

    for equation in jaxpr.eqns:
        results = _apply(equation, [read(v) for v in equation.invars])
        values.update(zip(equation.outvars, results, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _apply(equation: Any, arguments: list[Any]) -> list[Any]:
    name, parameters = equation.primitive.name, equation.params
    if name == "scan" and isinstance(parameters["length"], int) and parameters["length"] <= _LONGEST_LOOP:
        return _written_out(parameters, arguments)
    if name == "conv_general_dilated" and any(d > 1 for d in parameters["lhs_dilation"]):
        arguments, parameters = _spread(arguments, parameters)
    inner = parameters.get("jaxpr") or parameters.get("call_jaxpr")
    if inner is not None and name in (
        "jit",
        "pjit",
        "closed_call",
        "custom_jvp_call",
        "custom_vjp_call",
        "remat2",
    ):
        closed = hasattr(inner, "consts")
        return _run(inner.jaxpr if closed else inner, inner.consts if closed else (), arguments)
    results = equation.primitive.bind(*arguments, **equation.primitive.get_bind_params(parameters))
    return list(results) if equation.primitive.multiple_results else [results]


def _spread(arguments: list[Any], parameters: Any) -> tuple[list[Any], Any]:
    """A convolution over an input with zeros between its elements, which it had to put there itself.

    The converter makes a transposed convolution of it else, and loses the padding: the result is of another size.
    """
    x, kernel = arguments
    for axis, step in zip(
        parameters["dimension_numbers"].lhs_spec[2:], parameters["lhs_dilation"], strict=True
    ):
        if step > 1:
            shape = list(x.shape)
            gaps = [(0, 0, 0)] * len(shape)
            gaps.insert(axis + 1, (0, step - 1, 0))
            x = jax.lax.pad(jax.lax.expand_dims(x, (axis + 1,)), np.zeros((), x.dtype), gaps)
            x = jax.lax.reshape(x, (*shape[:axis], shape[axis] * step, *shape[axis + 1 :]))
            x = jax.lax.slice_in_dim(x, 0, (shape[axis] - 1) * step + 1, axis=axis)
    return [x, kernel], {**parameters, "lhs_dilation": (1,) * len(parameters["lhs_dilation"])}


def _written_out(parameters: Any, arguments: list[Any]) -> list[Any]:
    """The results of a loop, turn by turn."""
    constants, carried = parameters["num_consts"], parameters["num_carry"]
    fixed, carry = arguments[:constants], arguments[constants : constants + carried]
    rows, body, length = arguments[constants + carried :], parameters["jaxpr"], parameters["length"]
    turns = range(length)[::-1] if parameters["reverse"] else range(length)
    collected: dict[int, list[Any]] = {}
    for turn in turns:
        here = [jax.lax.index_in_dim(row, turn, keepdims=False) for row in rows]
        results = _run(body.jaxpr, body.consts, [*fixed, *carry, *here])
        carry, collected[turn] = results[:carried], results[carried:]
    outputs = []
    for place, aval in enumerate(body.out_avals[carried:]):
        stack = [jax.lax.expand_dims(collected[turn][place], (0,)) for turn in range(length)]
        outputs.append(
            jax.lax.concatenate(stack, 0) if stack else jax.lax.full((0, *aval.shape), 0, aval.dtype)
        )
    return [*carry, *outputs]


# The converter ---------------------------------------------------------------------------------------------
def _converter() -> Any:
    try:
        from litert_converter import converter_api_ext  # type: ignore[import-not-found] - an extra
    except ImportError as error:
        raise ImportError(
            message(
                "Exports for LiteRT need the package litert-converter.",
                received=str(error),
                hint='pip install "addax[litert]"',
            )
        ) from error
    return converter_api_ext


def _converted(
    text: str, inputs: Sequence[str], outputs: Sequence[str], name: str, batch_size: int | None
) -> bytes:
    """The file of a StableHLO program."""
    converter = _converter()
    from litert_converter.mlir import ir, passmanager  # type: ignore[import-not-found]

    context = ir.Context()
    converter.prepare_mlir_context(context)
    try:
        with context, ir.Location.unknown():
            module = ir.Module.parse(text)
            converter.set_signature(module.operation, DEFAULT_SIGNATURE, list(inputs), list(outputs))
            converter.run_convert_to_tfl_passes(
                module, passmanager.PassManager(), converter.ConvertToTFLConfig()
            )
            return converter.export_flatbuffer_to_bytes(module.operation)
    except (RuntimeError, ValueError, ir.MLIRError) as error:
        raise LiteRTExportError(
            message(
                f"LiteRT's converter cannot express '{name}'.",
                received=str(error)[:600],
                hint="Export as ONNX, a SavedModel or StableHLO."
                if batch_size is not None
                else "Try batch_size=1; else export as ONNX, a SavedModel or StableHLO.",
            )
        ) from error
