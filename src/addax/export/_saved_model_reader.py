"""Reads the SavedModels that Addax wrote and runs them on JAX, without TensorFlow."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from addax.core.errors import message, suggest
from addax.engine._jax import jax, jnp
from addax.engine._variable import host_array
from addax.export._program import ArraySpec, program_callable
from addax.export._saved_model import MODEL_FILE, VARIABLES_PREFIX, SavedVariable
from addax.export._saved_model_objects import DEFAULT_SIGNATURE
from addax.export._saved_model_parse import (
    SignatureRecord,
    build_results,
    parse_lists,
    parse_methods,
    parse_signatures,
    parse_variables,
)
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.formats import OBJECT_GRAPH_KEY, BundleReader

_USUAL_LISTS = ("trainable_variables", "non_trainable_variables")


class _Values:
    """The variables' values, which all signatures share; they go to the device once, when first needed."""

    def __init__(self, arrays: list[np.ndarray]) -> None:
        self.arrays = arrays

    @cached_property
    def on_device(self) -> list[Any]:
        # A first call inside `jit` must not keep tracers.
        with jax.ensure_compile_time_eval():
            return [jnp.asarray(array) for array in self.arrays]


class Signature:
    """A function of a loaded SavedModel: inputs by name in, results by name out.

    Attributes:
        name: Its name.
        input_names: The names of the inputs, in the order in which they can be given without them.
        inputs: Their shapes and dtypes.
        output_names: The names of the results.
        function: The function of the file behind it, which several names may share.
        outputs: Their shapes and dtypes.

    Args:
        name: Its name.
        values: The values of the file's variables.
        record: What the file says about it.
    """

    def __init__(self, name: str, values: _Values, record: SignatureRecord) -> None:
        self.name = name
        self.input_names = record.input_names
        self.inputs: tuple[ArraySpec, ...] = record.inputs
        self.output_names = tuple(record.outputs)
        self.function: str = record.function
        self.outputs: tuple[ArraySpec, ...] = tuple(
            record.results[number] for number in record.outputs.values()
        )
        self._values = values
        self._record = record

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run the signature.

        Args:
            *args: Inputs in the order of `input_names`; arrays, or whatever NumPy makes into them.
            **kwargs: Inputs by name.

        Returns:
            The results, JAX arrays by name.

        Raises:
            ValueError: The inputs are not those of the signature, or have other shapes or dtypes.
        """
        results = self._run(self._bind(args, kwargs))
        return {name: results[number] for name, number in self._record.outputs.items()}

    def check(self) -> None:
        """Look at the program now instead of at the first call.

        Raises:
            ValueError: It is refused or malformed.
        """
        _ = self._function

    @property
    def sizes_by_text(self) -> bool:
        """Whether the longest text of a batch says how wide the program's inputs are."""
        if self._record.text is None:
            return False
        taken = self._record.program.arguments[len(self._record.bound) :]
        given = {dim for spec in self.inputs for dim in spec.dims}
        return any(not dim.isdecimal() and dim not in given for spec in taken for dim in spec.dims[1:])

    def __repr__(self) -> str:
        inputs = ", ".join(
            f"{name}: {spec}" for name, spec in zip(self.input_names, self.inputs, strict=True)
        )
        return f"<Signature {self.name}({inputs}) -> {', '.join(self.output_names)}>"

    def structured(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Run it as the exported function was called.

        Args:
            args: The inputs one by one, or all in one list or dict.
            kwargs: Inputs by name.

        Returns:
            The results in the tree in which the function returned them.

        Raises:
            ValueError: The inputs are not those of the signature, or have other shapes or dtypes.
        """
        inputs = None if kwargs else _placed(self._record.arguments, args)
        if inputs is not None:
            in_order = [inputs[number] for number in range(len(inputs))]
            return build_results(self._record.structure, self._run(in_order))
        if len(args) == 1 and not kwargs:
            (only,) = args
            if isinstance(only, Mapping):
                args, kwargs = (), only
            elif isinstance(only, list | tuple) and len(self.input_names) > 1:
                args = only
        return build_results(self._record.structure, self._run(self._bind(args, kwargs)))

    @cached_property
    def _function(self) -> Any:
        return program_callable(self._record.program, self.name)

    def _run(self, inputs: Sequence[Any]) -> list[Any]:
        arrays = [
            _as_input(value, spec, f"{self.name}, input {name!r}")
            for value, spec, name in zip(inputs, self.inputs, self.input_names, strict=True)
        ]
        if self._record.text is None:
            return self._run_program(arrays)
        if any(isinstance(array, jax.core.Tracer) for array in arrays):
            raise TypeError(
                message(
                    "A SavedModel that looks something up runs on the host, not inside of compiled code.",
                    hint="Call it outside, or with run_eagerly=True.",
                    where=self.name,
                )
            )
        return self._record.text([np.asarray(array) for array in arrays], self._run_program)

    def _run_program(self, arrays: Sequence[Any]) -> list[Any]:
        function, values = self._function, self._values.on_device
        try:
            return function(*(values[place] for place in self._record.bound), *arrays)
        except ValueError as error:
            names = self.input_names if self._record.text is None else range(len(arrays))
            received = dict(zip(names, (array.shape for array in arrays), strict=True))
            raise ValueError(
                message(
                    "The program does not take these shapes; sizes of one name are equal, and 1 or more.",
                    expected=repr(self),
                    received=f"shapes {received}",
                    where=self.name,
                )
            ) from error

    def _bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """All inputs in order."""
        given = dict(zip(self.input_names, args, strict=False))
        twice = set(given) & set(kwargs)
        given |= kwargs
        if len(args) > len(self.input_names) or twice or set(given) != set(self.input_names):
            unknown = sorted(set(kwargs) - set(self.input_names))
            unnamed = [f"{len(args)} without a name"] if args else []
            raise ValueError(
                message(
                    "Wrong inputs.",
                    expected=", ".join(self.input_names) or "no inputs",
                    received=", ".join([*unnamed, *kwargs]) or "no inputs",
                    hint=suggest(unknown[0], self.input_names) if unknown else None,
                    where=self.name,
                )
            )
        return [given[name] for name in self.input_names]


def _placed(nest: Any, value: Any) -> dict[int, Any] | None:
    """The inputs by number, taken out of arguments of a known form; None if they have another form."""
    if isinstance(nest, int):
        return None if isinstance(value, Mapping) else {nest: value}
    if isinstance(nest, dict):
        if not isinstance(value, Mapping) or set(value) != set(nest):
            return None
        parts = [_placed(item, value[key]) for key, item in nest.items()]
    else:
        if isinstance(value, np.ndarray) and value.dtype.kind == "O" and value.ndim:
            value = list(value)  # lists of texts became one array
        if not isinstance(value, list | tuple) or len(value) != len(nest):
            return None
        parts = [_placed(item, part) for item, part in zip(nest, value, strict=True)]
    found: dict[int, Any] = {}
    for part in parts:
        if part is None:
            return None
        found |= part
    return found


def _as_input(value: Any, spec: ArraySpec, where: str) -> Any:
    """The value as an array of the dtype and shape that the program takes; JAX's arrays stay such."""
    if spec.dtype.kind == "O":
        value = host_array(np.asarray(value) if not isinstance(value, (list, tuple)) else value)
    array = value if isinstance(value, jax.Array) else np.asarray(value)
    fits = len(array.shape) == len(spec.shape) and all(
        size in (None, actual) for size, actual in zip(spec.shape, array.shape, strict=True)
    )
    # Another precision is taken; what would lose its kind, or integers that do not fit, are not.
    if not fits or not (array.dtype == spec.dtype or np.can_cast(array.dtype, spec.dtype, "same_kind")):
        raise ValueError(message("Wrong input.", expected=str(spec), received=array, where=where))
    result = array.astype(spec.dtype)
    if isinstance(array, np.ndarray) and spec.dtype.kind in "iu" and not np.array_equal(result, array):
        received = f"integers from {array.min()} to {array.max()}"
        raise ValueError(message("An input overflows.", expected=str(spec), received=received, where=where))
    return result


class LoadedSavedModel:
    """A SavedModel that runs on JAX.

    Calling it runs `serving_default`, with inputs given one by one, as one list or as one dict, and results
    in the tree in which the exported function returned them.

    Attributes:
        signatures: The signatures by name.
        variables: The variables, in the order of the exported functions.
        methods: The signatures behind the methods of the exported object, by their names.
        collections: Further lists of variables, by name.
    """

    def __init__(
        self,
        signatures: dict[str, Signature],
        variables: tuple[SavedVariable, ...],
        methods: dict[str, Signature],
        collections: dict[str, tuple[SavedVariable, ...]],
    ) -> None:
        self.signatures = signatures
        self.variables = variables
        self.methods = methods
        self.collections = collections

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the default signature; see the class.

        Raises:
            ValueError: There is none, or the inputs do not fit it.
        """
        default = self.signatures.get(DEFAULT_SIGNATURE)
        if default is None:
            raise ValueError(
                message(
                    "The SavedModel has no default signature.",
                    expected=DEFAULT_SIGNATURE,
                    received=", ".join(self.signatures),
                    hint="Call one of `signatures`.",
                )
            )
        return default.structured(args, kwargs)

    def __repr__(self) -> str:
        names = ", ".join(map(repr, self.signatures.values()))
        return f"<LoadedSavedModel with {len(self.variables)} variables and {names}>"


def read_saved_model(path: str | os.PathLike[str]) -> LoadedSavedModel:
    """Read a SavedModel that Addax wrote.

    The files may come from anywhere: reading them runs nothing, and calling the result runs nothing but
    numerical programs.

    Args:
        path: The folder.

    Returns:
        The model. Its programs are checked and compiled at the first call.

    Raises:
        FileNotFoundError: There is no SavedModel at `path`.
        ValueError: The files are damaged, or some other program wrote them.

    Example:
        >>> import tempfile
        >>> from addax.export import Endpoint, InputSpec, write_saved_model
        >>> double = Endpoint(lambda values, x: {"y": x * 2}, [InputSpec("x", (None,))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = write_saved_model(f"{folder}/double", {"serving_default": double}, [])
        ...     signature = read_saved_model(f"{folder}/double").signatures["serving_default"]
        >>> signature(x=[1.0, 2.0])["y"].tolist()
        [2.0, 4.0]
    """
    folder = os.fspath(path)
    file = os.path.join(folder, MODEL_FILE)
    if not os.path.isfile(file):
        raise FileNotFoundError(f"Expected a SavedModel with the file {file!r}, found none.")
    with open(file, "rb") as stream:
        model = SAVED_MODEL_SCHEMA.decode("SavedModel", stream.read())
    bundle = BundleReader(os.path.join(folder, VARIABLES_PREFIX))
    try:
        (graph,) = model["meta_graphs"]
        records = parse_variables(graph, bundle[OBJECT_GRAPH_KEY].item())
        stored = [
            SavedVariable(record.name, bundle[record.key], record.trainable) for record in records.values()
        ]
        values = _Values([variable.value for variable in stored])
        numbers = {number: place for place, number in enumerate(records)}
        parsed = parse_signatures(graph, numbers, values.arrays)
        signatures = {name: Signature(name, values, record) for name, record in parsed.items()}
        # Of several names of one function the first one is its own.
        behind = {record.function: signatures[name] for name, record in reversed(parsed.items())}
        methods = {name: behind[function] for name, function in parse_methods(graph).items()}
        lists = {
            name: tuple(stored[place] for place in places)
            for name, places in parse_lists(graph, numbers).items()
        }
        variables = lists.pop("variables")
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            message(
                "The SavedModel is damaged, or Addax did not write it.",
                expected="signatures of one StableHLO program each, as `addax.export` writes them",
                received=f"{type(error).__name__}: {error}",
                where=folder,
            )
        ) from error
    collections = {name: lists[name] for name in lists if name not in _USUAL_LISTS}
    return LoadedSavedModel(signatures, variables, methods, collections)
