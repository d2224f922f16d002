"""A pure function as a portable StableHLO program: traced with unknown dimensions, stored, called again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core.errors import message
from addax.engine._jax import jax, jnp
from addax.engine._recording import NeedsRecording
from addax.export._examine import check_module, know
from addax.kernels import native_operations

if TYPE_CHECKING:
    from jax.export import Exported
    from jax.extend.mlir import ir

DEFAULT_PLATFORMS = ("cpu", "cuda", "tpu")
# An older version of StableHLO has more readers, so the first one that can express a program is taken.
_STABLEHLO_VERSIONS = ("1.0.0", "1.5.0", "1.9.0", "1.13.0")
_DROP_SOURCE_LOCATIONS = "builtin.module(strip-debuginfo)"
_CALLING_CONVENTION = 9
_MAX_DIMENSION_TEXT = 1000


class PassedOn(ValueError):
    """An error of the traced function that tracing passes on as it is."""


class UntrackedVariables(PassedOn):
    """A function uses variables that are not exported."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """An input of an exported function.

    Attributes:
        name: Its name in the signature.
        shape: Its shape. None is a dimension that is known only at the call: on axis 0 the batch size, which
            all inputs share, elsewhere a size of its own. Dimensions of the same name (a string) are equal.
        dtype: The NumPy dtype or its name.
    """

    name: str
    shape: tuple[int | str | None, ...]
    dtype: Any = "float32"


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """The shape and dtype of an argument or result of a program.

    Attributes:
        dims: The dimensions as text, such as `batch` or `2*batch + 1`; numbers for known ones.
        dtype: The NumPy dtype; `object` for texts, which only the parts around a program have.
    """

    dims: tuple[str, ...]
    dtype: np.dtype

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape with None for unknown dimensions."""
        return tuple(int(dim) if dim.isdecimal() else None for dim in self.dims)

    def __str__(self) -> str:
        kind = "string" if self.dtype.kind == "O" else self.dtype
        return f"shape ({', '.join(self.dims)}{',' if len(self.dims) == 1 else ''}), dtype {kind}"


@dataclass(frozen=True, slots=True)
class Program:
    """A function that was lowered to StableHLO.

    Attributes:
        module: The StableHLO portable artifact.
        arguments: All arguments of the function, flat.
        kept: The arguments that the module takes; the others have no influence.
        results: Its results, flat.
        platforms: The platforms it was lowered for, in JAX's lower-case names.
    """

    module: bytes
    arguments: tuple[ArraySpec, ...]
    kept: tuple[int, ...]
    results: tuple[ArraySpec, ...]
    platforms: tuple[str, ...]


def trace_program(
    function: Callable[..., Any],
    values: Sequence[np.ndarray],
    inputs: Sequence[InputSpec],
    *,
    platforms: Sequence[str] = DEFAULT_PLATFORMS,
    name: str = "function",
) -> tuple[Program, Any]:
    """Lower `function(values, *inputs)`.

    Args:
        function: Pure, over JAX arrays: the list of variable values, then the inputs. It returns a tree of
            arrays.
        values: Arrays that tell the shapes and dtypes of the variables.
        inputs: The inputs.
        platforms: The platforms it shall run on.
        name: What error messages call it.

    Returns:
        The program, its arguments being the variables and then the inputs, and the tree of its results with
        the number of the result in place of each array.

    Raises:
        ValueError: The function cannot be traced with these inputs.
    """
    exported = _trace(function, values, inputs, platforms, name)
    program = Program(
        module=_to_portable(exported.mlir_module_serialized),
        arguments=tuple(map(_array_spec, exported.in_avals)),
        kept=tuple(exported.module_kept_var_idx),
        results=tuple(map(_array_spec, exported.out_avals)),
        platforms=tuple(exported.platforms),
    )
    know(program.module)
    return program, jax.tree.unflatten(exported.out_tree, list(range(len(program.results))))


def trace_jaxpr(
    function: Callable[..., Any], values: Sequence[np.ndarray], inputs: Sequence[InputSpec], *, name: str
) -> tuple[Any, Any]:
    """Trace `function(values, *inputs)` without lowering it: for converters to other formats.

    Args:
        function: As for `trace_program`.
        values: As for `trace_program`.
        inputs: As for `trace_program`.
        name: What error messages call it.

    Returns:
        The closed jaxpr, and the tree of the results with the number of the result in place of each array.

    Raises:
        ValueError: The function cannot be traced with these inputs.
    """

    def trace(specs: list[Any], arguments: list[Any]) -> tuple[Any, Any]:
        return jax.make_jaxpr(function, return_shape=True)(specs, *arguments)

    traced, results = _with_unknown_dimensions(trace, values, inputs, name)
    return traced, jax.tree.unflatten(jax.tree.structure(results), list(range(len(traced.out_avals))))


def output_names(results: Any) -> list[str]:
    """The names of the results in their order: the keys of a flat dict, else `output_0`, ...

    Args:
        results: The tree of the results with the number of each, as `trace_jaxpr` gives it.
    """
    if isinstance(results, dict) and all(isinstance(item, int) for item in results.values()):
        return [str(key) for key in sorted(results, key=lambda key: results[key])]
    return [f"output_{number}" for number in range(len(jax.tree.leaves(results)))]


def _trace(
    function: Callable[..., Any],
    values: Sequence[np.ndarray],
    inputs: Sequence[InputSpec],
    platforms: Sequence[str],
    name: str,
) -> Exported:
    def trace(specs: list[Any], arguments: list[Any]) -> Exported:
        from jax import export

        return export.export(jax.jit(function), platforms=list(platforms))(specs, *arguments)

    return _with_unknown_dimensions(trace, values, inputs, name)


def _with_unknown_dimensions(
    trace: Callable[[list[Any], list[Any]], Any],
    values: Sequence[np.ndarray],
    inputs: Sequence[InputSpec],
    name: str,
) -> Any:
    """What `trace` makes of the abstract variables and inputs."""
    from jax import export

    specs = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in values]
    # Unknown dimensions are independent; where the function needs them equal (the sum of two sequences),
    # those on the same axis are.
    attempts = list(
        dict.fromkeys((_dimension_names(inputs, tied=False), _dimension_names(inputs, tied=True)))
    )
    for number, shapes in enumerate(attempts, start=1):
        try:
            scope = export.SymbolicScope()
            arguments = [
                jax.ShapeDtypeStruct(export.symbolic_shape(shape, scope=scope), _canonical(spec.dtype))
                for shape, spec in zip(shapes, inputs, strict=True)
            ]
            with native_operations():
                try:
                    return trace(specs, arguments)
                except NeedsRecording:  # what asks for gradients is known now, and is traced under a tape
                    return trace(specs, arguments)
        except PassedOn:
            raise
        except Exception as error:
            if number == len(attempts):
                raise _tracing_error(name, inputs, error) from error
    raise AssertionError("unreachable: there is at least one attempt")


def described(inputs: Sequence[InputSpec]) -> tuple[ArraySpec, ...]:
    """Inputs that no program takes as they are, such as texts, in the form of a program's.

    Args:
        inputs: The inputs.
    """
    shapes = _dimension_names(inputs, tied=False)
    return tuple(
        ArraySpec(
            tuple(dim for dim in shape.split(", ") if dim),
            np.dtype(object) if spec.dtype == "string" else _canonical(spec.dtype),
        )
        for shape, spec in zip(shapes, inputs, strict=True)
    )


def _dimension_names(inputs: Sequence[InputSpec], *, tied: bool) -> tuple[str, ...]:
    """The shapes as text, with a name for each unknown dimension."""
    shapes = []
    for number, spec in enumerate(inputs):
        dims = []
        for axis, dim in enumerate(spec.shape):
            if dim is None:
                dim = "batch" if axis == 0 else f"dim_{axis}" if tied else f"dim_{axis}_of_{number}"
            dims.append(str(dim))
        shapes.append("".join(f"{dim}, " for dim in dims))
    return tuple(shapes)


def _canonical(dtype: Any) -> np.dtype:
    """The dtype as JAX computes with it: 32 bits where 64 are switched off."""
    return np.dtype(jax.dtypes.canonicalize_dtype(dtype))


def canonical_array(value: Any, name: str) -> np.ndarray:
    """A variable's value on the host, in the dtype that JAX computes with.

    Args:
        value: Any array.
        name: What error messages call it.

    Raises:
        ValueError: The dtype is no number, or the value does not fit into 32 bits while 64 are switched off.
    """
    array = np.asarray(value)
    if array.dtype.kind in "OSUMm":
        raise ValueError(message("Not a numeric array.", expected="numbers", received=array, where=name))
    result = array.astype(_canonical(array.dtype), copy=False)
    if result.dtype.kind in "iu" and not np.array_equal(result, array):
        raise ValueError(
            message(
                "A value does not fit its dtype.",
                expected=f"values of {result.dtype}, as JAX's 64-bit types are switched off",
                received=f"values up to {array.max()}",
                where=name,
            )
        )
    return result


def _tracing_error(name: str, inputs: Sequence[InputSpec], error: Exception) -> ValueError:
    unknown = [spec.name for spec in inputs if any(not isinstance(dim, int) for dim in spec.shape)]
    return ValueError(
        message(
            f"The function could not be traced for export: {type(error).__name__}: {error}",
            expected="a pure function over JAX arrays that works for the shapes of its inputs",
            received=", ".join(f"{spec.name} of shape {spec.shape}" for spec in inputs) or "no inputs",
            hint=f"If an operation needs known sizes, give fixed shapes to {', '.join(unknown)}."
            if unknown
            else None,
            where=name,
        )
    )


def _array_spec(aval: Any) -> ArraySpec:
    return ArraySpec(tuple(str(dim) for dim in aval.shape), np.dtype(aval.dtype))


def _to_portable(serialized: bytes) -> bytes:
    """Drop source locations, which name files of this machine, and target the oldest StableHLO possible."""
    from jax.extend.mlir.dialects import stablehlo

    newest = stablehlo.get_current_version()
    for version in (*_STABLEHLO_VERSIONS, newest):
        module = _parse(serialized)  # serializing changes the module
        _run_passes(module)
        try:
            return stablehlo.serialize_portable_artifact(module, version)
        except ValueError:
            if version == newest:
                raise
    raise AssertionError("unreachable: the newest version either serializes or raises")


def _parse(serialized: bytes) -> ir.Module:
    from jax.extend.mlir import ir
    from jax.extend.mlir.dialects import stablehlo

    return stablehlo.deserialize_portable_artifact(ir.Context(), serialized)


def _run_passes(module: ir.Module) -> None:
    from jax.extend.mlir import passmanager

    with module.context:
        passmanager.PassManager.parse(_DROP_SOURCE_LOCATIONS).run(module.operation)


def program_callable(program: Program, name: str) -> Callable[..., list[Any]]:
    """Make a program callable.

    Args:
        program: The program; it may come from a file.
        name: What error messages call it.

    Returns:
        A compiled function of all arguments that gives the list of results. It is compiled once for each set
        of argument shapes, and can be called inside `jax.jit`.

    Raises:
        ValueError: The program is refused or malformed.
        RuntimeError: It is from a file, and the process that reads it first cannot be started.
    """
    check_module(program.module, name)
    try:
        interface = _same_interface(program)
    except Exception as error:
        raise ValueError(
            message("The program's shapes are malformed.", received=str(error), where=name)
        ) from error
    symbolic = any(None in spec.shape for spec in program.arguments)
    exported = replace(
        interface,
        fun_name=re.sub(r"\W", "_", name),
        platforms=program.platforms,
        mlir_module_serialized=program.module,
        module_kept_var_idx=program.kept,
        calling_convention_version=_CALLING_CONVENTION,
        uses_global_constants=symbolic or len(program.platforms) > 1,
    )
    return jax.jit(exported.call)


def _same_interface(program: Program) -> Exported:
    """Export a function of the same arguments and results, which JAX describes as it wants it.

    Putting the program's own module into that is how we need none of the fields that JAX keeps private.
    """
    from jax import export

    scope = export.SymbolicScope()

    def parse(spec: ArraySpec) -> tuple[Any, ...]:
        text = "".join(f"{dim}, " for dim in spec.dims)
        if len(text) > _MAX_DIMENSION_TEXT:
            raise ValueError(f"Expected dimensions of a readable size, received {len(text)} characters.")
        return tuple(export.symbolic_shape(text, scope=scope))

    arguments = [jax.ShapeDtypeStruct(parse(spec), spec.dtype) for spec in program.arguments]
    results = [(parse(spec), spec.dtype) for spec in program.results]

    def zeros(*_: Any) -> list[Any]:
        return [jnp.zeros(shape, dtype) for shape, dtype in results]

    return export.export(jax.jit(zeros), platforms=list(program.platforms))(*arguments)
