"""A model as a StableHLO program, its weights and a description of both: for JAX, IREE and other compilers of MLIR.

The folder holds `model.mlirbc`, a portable artifact of StableHLO; `weights.bin`, the variables one after the other as
little-endian numbers; and `model.json`, which says what is where, in which order the program takes it, and how the
results lie in the nest that the model returns. StableHLO promises that later versions read an artifact for some
months; the other two files stay readable as they are.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import Tensor, raw_of
from addax.export._folder import complete_folder
from addax.export._models import model_endpoint
from addax.export._program import DEFAULT_PLATFORMS, ArraySpec, Program, program_callable, trace_program

PROGRAM_FILE, WEIGHTS_FILE, DESCRIPTION_FILE = "model.mlirbc", "weights.bin", "model.json"
_MEMBERS = (PROGRAM_FILE, WEIGHTS_FILE, DESCRIPTION_FILE)
_FORMAT, _VERSION = "addax-stablehlo", 1
_MAX_DESCRIPTION = 64 << 20  # bytes
_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64".split()
)


def export_stablehlo(
    model: Any, path: str | os.PathLike[str], platforms: Sequence[str] = DEFAULT_PLATFORMS
) -> None:
    """Write the inference function of a model, of any batch size.

    Args:
        model: A model or layer that is built and takes numbers.
        path: The folder; it appears complete or not at all.
        platforms: The platforms it shall run on, in JAX's names.

    Raises:
        ValueError: If the model is not built, takes strings, or cannot be traced.
        FileExistsError: There is a file at `path`.

    Example:
        >>> import tempfile
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_stablehlo(model, f"{folder}/m")
        ...     load_stablehlo(f"{folder}/m")([[1.0, 2.0]]).numpy()
        array([[3.]], dtype=float32)
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isdir(target):
        raise FileExistsError(message("There is a file in the place of the folder.", received=str(path)))
    others = [name for name in _MEMBERS if os.path.exists(os.path.join(target, name))]
    if others and len(others) < len(_MEMBERS):
        raise FileExistsError(
            message(
                "The folder has files that are no StableHLO export.",
                received=", ".join(others),
                where=str(path),
            )
        )
    endpoint, variables = model_endpoint(model)
    values = [np.ascontiguousarray(np.asarray(v)) for v in variables]
    program, results = trace_program(
        endpoint.function, values, endpoint.inputs, platforms=platforms, name=model.name
    )
    described, offset = [], 0
    for variable, value in zip(variables, values, strict=True):
        entry = {"name": variable.path, "shape": list(value.shape), "dtype": value.dtype.name}
        described.append({**entry, "trainable": variable.trainable, "offset": offset})
        offset += value.nbytes
    description = {
        "format": _FORMAT,
        "version": _VERSION,
        "name": model.name,
        "platforms": list(program.platforms),
        "inputs": [spec.name for spec in endpoint.inputs],
        "packing": endpoint.packing,
        "variables": described,
        "arguments": [_plain(spec) for spec in program.arguments],
        "kept": list(program.kept),
        "results": [_plain(spec) for spec in program.results],
        "structure": results,
        "sha256": {PROGRAM_FILE: hashlib.sha256(program.module).hexdigest(), WEIGHTS_FILE: _digest(values)},
    }
    with complete_folder(target, _MEMBERS) as work:
        with open(os.path.join(work, PROGRAM_FILE), "wb") as file:
            file.write(program.module)
        with open(os.path.join(work, WEIGHTS_FILE), "wb") as file:
            for value in values:
                file.write(_little(value))
        with open(os.path.join(work, DESCRIPTION_FILE), "w", encoding="utf-8") as text:
            json.dump(description, text, indent=1)


class StableHLOModel:
    """A model that was exported as StableHLO, without the code that made it; `load_stablehlo` makes it.

    Args:
        description: What the description file says.
        program: The program of the variables and the inputs.
        values: The values of the variables.

    Attributes:
        name: The model's name.
        inputs: The specs of its inputs by name, `None` for a dimension that is known only at the call.
        variables: The values of its variables by path.
    """

    def __init__(self, description: Mapping[str, Any], program: Program, values: list[np.ndarray]) -> None:
        count = len(values)
        self.name: str = description["name"]
        self.inputs: dict[str, ArraySpec] = dict(
            zip(description["inputs"], program.arguments[count:], strict=True)
        )
        self.variables = dict(zip([v["name"] for v in description["variables"]], values, strict=True))
        self._values = values
        self._structure, self._packing = description["structure"], description["packing"]
        self._function = program_callable(program, self.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it on the inputs in the model's order, by name, or as the one list or dict that the model takes.

        Args:
            *args: Tensors or arrays.
            **kwargs: Tensors or arrays by the name of the input.

        Returns:
            Tensors in the nest that the model returned.

        Raises:
            TypeError: If inputs are missing or too many.
            ValueError: If a shape does not fit.
        """
        arrays = [self._array(name, spec, value) for (name, spec), value in self._lined_up(args, kwargs)]
        results = self._function(*self._values, *arrays)
        return tree.map_structure(lambda i: Tensor(results[i]), self._structure)

    def _lined_up(self, args: tuple, kwargs: dict) -> list:
        if len(args) == 1 and self._packing == "dict" and isinstance(args[0], Mapping):
            args, kwargs = (), {**args[0], **kwargs}
        elif len(args) == 1 and self._packing == "list" and isinstance(args[0], (list, tuple)):
            args = tuple(args[0])
        names = list(self.inputs)
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        if len(args) > len(names) or set(given) != set(names):
            raise TypeError(
                message(
                    f"'{self.name}' got other inputs than it has.",
                    expected=f"{names}",
                    received=f"{len(args)} without a name and {list(kwargs)}",
                )
            )
        return [((name, spec), given[name]) for name, spec in self.inputs.items()]

    def _array(self, name: str, spec: ArraySpec, value: Any) -> Any:
        array = raw_of(value) if isinstance(value, Tensor) else np.asarray(value)
        fits = len(array.shape) == len(spec.shape) and all(
            want in (None, have) for want, have in zip(spec.shape, array.shape, strict=True)
        )
        if not fits:
            raise ValueError(
                message(
                    f"Input '{name}' of '{self.name}' has the wrong shape.",
                    expected=f"{spec.shape}",
                    received=f"{tuple(array.shape)}",
                )
            )
        return array.astype(spec.dtype)

    def __repr__(self) -> str:
        return f"<StableHLOModel {self.name}: {', '.join(f'{n}: {s}' for n, s in self.inputs.items())}>"


def load_stablehlo(path: str | os.PathLike[str]) -> StableHLOModel:
    """A model that `Model.export(path, format="stablehlo")` wrote.

    Args:
        path: The folder.

    Raises:
        FileNotFoundError: There is no such export at `path`.
        ValueError: The files are damaged, or hold what a model does not need.

    Example:
        >>> import tempfile
        >>> import addax as keras
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.export(f"{folder}/m", format="stablehlo", verbose=False)
        ...     loaded = load_stablehlo(f"{folder}/m")
        >>> loaded(keras.ops.ones((5, 3))).shape
        TensorShape([5, 2])
    """
    folder = os.path.realpath(path)
    if not os.path.isfile(os.path.join(folder, DESCRIPTION_FILE)):
        raise FileNotFoundError(
            message(
                "There is no StableHLO export.",
                expected=f"a folder with {', '.join(_MEMBERS)}",
                received=str(path),
            )
        )
    try:
        description = _description(folder)
        module = _checked(folder, PROGRAM_FILE, description)
        values = _values(_checked(folder, WEIGHTS_FILE, description), description["variables"])
        specs = [tuple(_spec(item) for item in description[key]) for key in ("arguments", "results")]
        kept = tuple(int(i) for i in description["kept"])
        program = Program(module, specs[0], kept, specs[1], tuple(map(str, description["platforms"])))
        places = tree.flatten(description["structure"])
        if not all(type(i) is int and 0 <= i < len(specs[1]) for i in places):
            raise ValueError("The structure of the results names results that are not there.")
        return StableHLOModel(description, program, values)
    except (KeyError, TypeError, IndexError, AttributeError, OSError, RecursionError) as error:
        raise ValueError(
            message(
                "The StableHLO export is damaged.",
                received=f"{type(error).__name__}: {error}",
                where=str(path),
            )
        ) from error


def _description(folder: str) -> dict[str, Any]:
    file = os.path.join(folder, DESCRIPTION_FILE)
    if os.path.getsize(file) > _MAX_DESCRIPTION:
        raise ValueError(message("The description of the export is too large.", received=file))
    with open(file, "rb") as stream:
        try:
            found = json.loads(stream.read())
        except (ValueError, RecursionError) as error:
            raise ValueError(
                message("The export's description is not JSON.", received=str(error), where=file)
            ) from error
    if not isinstance(found, dict) or found.get("format") != _FORMAT or found.get("version") != _VERSION:
        raise ValueError(
            message(
                "This is no StableHLO export of Addax.", expected=f"{_FORMAT}, version {_VERSION}", where=file
            )
        )
    if not isinstance(found["name"], str) or not all(isinstance(name, str) for name in found["inputs"]):
        raise ValueError(message("The export's names are no text.", where=file))
    return found


def _checked(folder: str, name: str, description: dict) -> bytes:
    """The bytes of a file, if they are those that were written."""
    with open(os.path.join(folder, name), "rb") as file:
        found = file.read()
    if hashlib.sha256(found).hexdigest() != description["sha256"][name]:
        raise ValueError(message(f"{name} is not as it was written: its checksum differs.", where=folder))
    return found


def _values(content: bytes, entries: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    values = []
    for entry in entries:
        if entry["dtype"] not in _DTYPES or not isinstance(entry["name"], str):
            raise ValueError(message("A variable has an unknown dtype or name.", received=entry))
        shape, dtype = [int(d) for d in entry["shape"]], _dtype(entry["dtype"])
        start, size = int(entry["offset"]), math.prod(shape) * dtype.itemsize
        if min([start, *shape], default=0) < 0 or start + size > len(content):
            raise ValueError(message("A variable lies outside of the weights.", received=entry))
        flat = np.frombuffer(content, np.dtype(f"V{dtype.itemsize}"), math.prod(shape), start)
        values.append(flat.view(dtype).reshape(shape))
    return values


def _dtype(name: str) -> np.dtype:
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name).newbyteorder("<")


def _spec(item: Mapping[str, Any]) -> ArraySpec:
    if item["dtype"] not in _DTYPES or not all(isinstance(d, str) for d in item["dims"]):
        raise ValueError(message("An argument or result is not described.", received=item))
    return ArraySpec(tuple(item["dims"]), _dtype(item["dtype"]))


def _plain(spec: ArraySpec) -> dict[str, Any]:
    return {"dims": list(spec.dims), "dtype": np.dtype(spec.dtype).name}


def _little(value: np.ndarray) -> bytes:
    return value.astype(value.dtype.newbyteorder("<"), copy=False).tobytes()


def _digest(values: Sequence[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for value in values:
        digest.update(_little(value))
    return digest.hexdigest()
