"""A file or folder as functions to serve. Nothing in the files is run but numerical programs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from addax.core import tree
from addax.core.errors import message
from addax.engine import raw_of
from addax.engine._jax import jax
from addax.serving._signature import (
    DEFAULT_SIGNATURE,
    STRING,
    ServedSignature,
    TensorInfo,
    dtype_of,
    example_inputs,
)

SAVED_MODEL_FILE = "saved_model.pb"
KERAS_ENDINGS = (".keras", ".h5", ".hdf5")
_PROBES = (120, 168)  # the engine infers shapes with these sizes too, so models take them


def load_signatures(path: str | os.PathLike[str]) -> dict[str, ServedSignature]:
    """The functions of a model file or SavedModel folder.

    Args:
        path: A `.keras` (or `.h5`) file, a SavedModel that Addax wrote, or a folder with one `.keras` file.

    Returns:
        The signatures by name.

    Raises:
        FileNotFoundError: There is no model at `path`.
        ValueError: The files are damaged, or no model to serve.
        TypeError: A file names a class that is not known.

    Example:
        >>> import addax as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
        >>> keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)]).save(path)
        >>> signature = load_signatures(path)["serving_default"]
        >>> str(signature.inputs[0]), signature.batched
        ('shape (any, 2), dtype float32', True)
    """
    place = Path(path)
    if is_saved_model(place):
        return _of_saved_model(place)
    file = model_file(place)
    if file is None:
        raise FileNotFoundError(
            message(
                "There is no model here.",
                expected=f"a .keras file, or a folder with {SAVED_MODEL_FILE} or one .keras file",
                received=str(place) if place.exists() else f"{place}, which does not exist",
            )
        )
    from addax.saving import load_model

    return {DEFAULT_SIGNATURE: _of_model(load_model(file, compile=False))}


def is_saved_model(path: Path) -> bool:
    """Whether `path` is the folder of a SavedModel."""
    return (path / SAVED_MODEL_FILE).is_file()


def model_file(path: Path) -> Path | None:
    """The model file that `path` is, or the only one in that folder."""
    if path.is_file():
        return path
    files = sorted(file for file in path.glob("*") if file.suffix in KERAS_ENDINGS) if path.is_dir() else []
    return files[0] if len(files) == 1 else None


def warm_up(signatures: Mapping[str, ServedSignature], sizes: Sequence[int]) -> int:
    """Compile the signatures for the numbers of examples that will come.

    Args:
        signatures: The signatures. Those with sizes that a request chooses are compiled when it comes.
        sizes: The numbers of examples in a batch.

    Returns:
        How many programs there are.
    """
    count = 0
    for signature in dict.fromkeys(signatures.values()):
        for size in sizes if signature.batched else sizes[:1]:
            inputs = example_inputs(signature, size)
            if inputs is not None:
                signature.run(inputs)
                count += 1
    return count


def _of_saved_model(path: Path) -> dict[str, ServedSignature]:
    from addax.export import read_saved_model

    loaded = read_saved_model(path)
    if not loaded.signatures:
        raise ValueError(message("The SavedModel has no signatures.", where=str(path)))
    made: dict[str, ServedSignature] = {}  # by function: aliases are compiled once
    for signature in loaded.signatures.values():
        if signature.function not in made:
            signature.check()  # a bad program shall keep its version out, not the first request waiting
            made[signature.function] = _of_signature(signature)
    return {name: made[signature.function] for name, signature in loaded.signatures.items()}


def _of_signature(signature: Any) -> ServedSignature:
    specs = [*signature.inputs, *signature.outputs]
    first = {spec.dims[0] if spec.dims else "1" for spec in specs}
    joined = len(first) == 1 and not first.pop().isdecimal() and bool(signature.inputs)

    def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: np.asarray(value) for name, value in signature(**inputs).items()}

    def infos(names: Sequence[str], specs: Sequence[Any]) -> tuple[TensorInfo, ...]:
        pairs = zip(names, specs, strict=True)
        return tuple(TensorInfo(name, spec.shape, _dtype_name(spec.dtype)) for name, spec in pairs)

    return ServedSignature(
        signature.name,
        infos(signature.input_names, signature.inputs),
        infos(signature.output_names, signature.outputs),
        # Texts of different requests would be padded to one width.
        joined and not signature.sizes_by_text,
        run,
    )


def _dtype_name(dtype: np.dtype) -> str:
    return STRING if dtype.kind == "O" else str(dtype)


def _of_model(model: Any) -> ServedSignature:
    symbolic = getattr(model, "inputs", None)
    if symbolic is not None and any(x.dtype == STRING for x in symbolic):
        return _of_string_model(model)
    from addax.export._models import model_endpoint

    endpoint, variables = model_endpoint(model)
    values = [raw_of(variable) for variable in variables]

    def named(values: Any, *arrays: Any) -> dict[str, Any]:
        return _named(endpoint.function(values, *arrays))

    compiled = jax.jit(named)
    infos = tuple(TensorInfo(spec.name, _sizes(spec.shape), str(spec.dtype)) for spec in endpoint.inputs)

    def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        arrays = (inputs[info.name] for info in infos)
        return {name: np.asarray(value) for name, value in compiled(values, *arrays).items()}

    outputs, batched = _probe(named, values, infos)
    return ServedSignature(DEFAULT_SIGNATURE, infos, outputs, batched, run)


def _sizes(shape: Sequence[Any]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _named(results: Any) -> dict[str, Any]:
    """The results by the names that the exported SavedModel gives them."""
    if isinstance(results, dict) and not any(isinstance(x, dict | list | tuple) for x in results.values()):
        return {str(key): value for key, value in results.items() if value is not None}
    leaves = [leaf for leaf in tree.flatten(results) if leaf is not None]
    return {f"output_{number}": leaf for number, leaf in enumerate(leaves)}


def _probe(
    function: Callable[..., Any], values: Any, infos: Sequence[TensorInfo]
) -> tuple[tuple[TensorInfo, ...], bool]:
    """The outputs, and whether their first axis is the examples'."""

    def shapes(rows: int, other: int) -> dict[str, Any]:
        arrays = [
            jax.ShapeDtypeStruct(
                tuple(
                    size if size is not None else rows if axis == 0 else other
                    for axis, size in enumerate(info.shape)
                ),
                dtype_of(info),
            )
            for info in infos
        ]
        return jax.eval_shape(function, values, *arrays)

    small, large = _PROBES
    base, more_rows, more = shapes(small, small), shapes(large, small), shapes(large, large)
    batched = bool(infos) and all(info.shape[:1] == (None,) for info in infos)
    outputs = []
    for name, result in base.items():
        batched = batched and result.shape[:1] == (small,) and more_rows[name].shape[:1] == (large,)
        sizes = zip(result.shape, more[name].shape, strict=True)
        shape = tuple(size if size == other else None for size, other in sizes)
        outputs.append(TensorInfo(name, shape, str(result.dtype)))
    return tuple(outputs), batched


def _of_string_model(model: Any) -> ServedSignature:
    """A model whose first layers look strings up, on the host; `predict_on_batch` compiles the rest."""
    from addax.export._models import identifier
    from addax.export.text import sizes_by_text

    names = [identifier(x._node.operation.name) for x in model.inputs]
    if isinstance(model.input, dict):
        names = [str(key) for key in tree.flatten({key: key for key in model.input})]
    infos = tuple(
        TensorInfo(name, tuple(x.shape), str(x.dtype)) for name, x in zip(names, model.inputs, strict=True)
    )

    def run(inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        nest = tree.pack_sequence_as(model.input, [inputs[name] for name in names])
        return {name: np.asarray(value) for name, value in _named(model.predict_on_batch(nest)).items()}

    outputs = tuple(
        TensorInfo(name, tuple(x.shape), str(x.dtype)) for name, x in _named(model.output).items()
    )
    batched = all(info.shape[:1] == (None,) for info in (*infos, *outputs))
    batched = batched and not sizes_by_text(model)
    return ServedSignature(DEFAULT_SIGNATURE, infos, outputs, batched, run)
