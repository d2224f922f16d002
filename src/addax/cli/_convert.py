"""`addax convert`: from one format of models or weights to another."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from addax.cli._contents import Contents, read_contents
from addax.core.errors import message

# What can be written: its name -> the endings of its files, and what it is.
FORMATS = {
    "keras": ((".keras",), "a Keras model"),
    "weights.h5": ((".weights.h5",), "weights alone, in one file"),
    "weights.json": ((".weights.json",), "weights alone, in several files"),
    "h5": ((".h5", ".hdf5"), "a Keras model in the older form"),
    "json": ((".json",), "the architecture alone"),
    "onnx": ((".onnx",), "an ONNX file"),
    "saved_model": (("",), "a TensorFlow SavedModel, which is a folder"),
    "stablehlo": (("",), "a StableHLO program, which is a folder"),
    "tfjs": (("",), "a layers model of TensorFlow.js, which is a folder"),
    "litert": ((".tflite",), "a LiteRT file"),
}
_WEIGHTS = ("weights.h5", "weights.json")
_FOLDERS = ("saved_model", "stablehlo", "tfjs")
_PROGRAMS = {
    "saved_model": "tf_saved_model",
    "stablehlo": "stablehlo",
    "onnx": "onnx",
    "litert": "litert",
    "tfjs": "tfjs",
}  # as `export` calls them


@dataclass(frozen=True)
class Options:
    """How to convert.

    Args:
        to: The format, a key of `FORMATS`; None to go by the ending of the target.
        overwrite: Whether a target that exists is replaced.
        compiled: Whether optimizer, loss and metrics are taken over.
        max_shard_size: Gigabytes of each file, for `weights.json`.
        modules: Modules that are imported first, such as those that register custom classes.
    """

    to: str | None = None
    overwrite: bool = False
    compiled: bool = True
    max_shard_size: float = 5.0
    modules: Sequence[str] = ()


def convert(source: str, target: str, options: Options, show: Callable[[str], object]) -> int:
    """Write what a file holds in another format.

    Args:
        source: The file or folder to read; its content tells its format.
        target: The file or folder to write.
        options: How.
        show: Prints a line.

    Returns:
        The exit code, 0.

    Raises:
        ValueError: If the one cannot be made of the other, or a file is missing or damaged.
        FileExistsError: If the target exists, and is not to be replaced.
        TypeError: If the model needs a class that is not known.
    """
    path = Path(target)
    kind = _kind_of(path, options.to)
    _check_target(path, options.overwrite)
    found = read_contents(source)
    _check_possible(source, found, kind)
    if found.format in _WEIGHTS:
        _convert_weights(Path(source), found.format, path, kind, options)
    else:
        _convert_model(source, found, path, kind, options)
    show(f"{path} is written: {FORMATS[kind][1]}.")
    return 0


def _kind_of(path: Path, wanted: str | None) -> str:
    """The format of a target by its ending; one that is named must go with the ending."""
    by_ending = _by_ending(path)
    if wanted is None and by_ending is None:
        raise ValueError(
            message(
                f"The ending of {path} names no format that Addax writes.",
                expected=", ".join(ending for endings, _ in FORMATS.values() for ending in endings if ending)
                + ", or none for the folder of a SavedModel",
                hint="For a folder whose name has a dot: --to saved_model.",
            )
        )
    if wanted is None or wanted == by_ending:
        return str(by_ending)
    endings, what = FORMATS[wanted]
    if wanted in _FOLDERS and by_ending in (None, *_FOLDERS):
        return wanted
    raise ValueError(
        message(
            f"--to {wanted} does not go with the name {path}.",
            expected=f"a name that ends in {' or '.join(endings)}" if endings[0] else "a folder",
            hint=f"{wanted} is {what}.",
        )
    )


def _by_ending(path: Path) -> str | None:
    for kind, (endings, _) in FORMATS.items():
        if any(ending and path.name.endswith(ending) for ending in endings):
            return kind
    return None if path.suffix else "saved_model"


def _check_target(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise FileExistsError(message(f"{path} exists.", hint="--overwrite replaces it."))
    if not path.parent.is_dir():
        raise ValueError(message(f"The folder {path.parent} does not exist.", hint="Create it first."))


def _check_possible(source: str, found: Contents, kind: str) -> None:
    """Refuse what would have to invent something."""
    lacks = None
    if found.format in _WEIGHTS and kind not in _WEIGHTS:
        lacks = "has weights alone, without the model", "Build the model, load_weights() and save() it."
    elif found.format == "json":
        lacks = "has no weights", "model_from_json() makes the model, with initial weights."
    elif found.format == "stablehlo" or _is_program(found):
        lacks = (
            "is a program without layers",
            "tf.saved_model.load(), TFSMLayer and export.load_stablehlo() run such programs; "
            "layers come from the .keras file that it was made of.",
        )
    elif found.format not in ("keras", "h5", "orbax", "saved_model", "tfjs", *_WEIGHTS):
        lacks = "has no description of a model", "Build the model, load_weights() and save() it."
    if lacks is not None:
        raise ValueError(
            message(
                f"{source} {lacks[0]}, so {FORMATS[kind][1]} cannot be made of it.",
                received=found.title,
                hint=lacks[1],
            )
        )


def _is_program(found: Contents) -> bool:
    """Whether a SavedModel has no `.keras` file inside, as that of `model.save` has."""
    return found.format == "saved_model" and "assets.extra/model.keras" not in found.assets


# Models --------------------------------------------------------------------------------------------------
def _convert_model(source: str, found: Contents, path: Path, kind: str, options: Options) -> None:
    _import(options.modules)
    from addax.formats import atomic_file
    from addax.saving import load_model, save_weights

    # A program and an architecture need no optimizer; without it, they need no custom loss either.
    compiled = options.compiled and kind not in (*_PROGRAMS, "json")
    try:
        model = load_model(source, compile=compiled)
    except TypeError as error:
        if not found.custom:
            raise
        advice = "  hint: addax convert --import MODULE imports a module of yours that registers it."
        raise TypeError(f"{error}\n{advice}") from error
    if kind in ("keras", "h5"):
        model.save(path, overwrite=options.overwrite)
    elif kind == "weights.h5":
        save_weights(model, path, options.overwrite)
    elif kind == "weights.json":
        save_weights(model, path, options.overwrite, options.max_shard_size)
    elif kind == "json":
        with atomic_file(path) as temporary:
            temporary.write_text(model.to_json(indent=2), encoding="utf-8")
    else:
        model.export(path, format=_PROGRAMS[kind], verbose=False)


def _import(modules: Sequence[str]) -> None:
    """Import the user's modules as a script in the current folder would, on Addax."""
    if not modules:
        return
    from addax import compat

    compat.install()
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    for name in modules:
        importlib.import_module(name)


# Weights -------------------------------------------------------------------------------------------------
def _convert_weights(source: Path, have: str, path: Path, kind: str, options: Options) -> None:
    """Copy weights without a model: every object keeps its path."""
    from addax.formats import atomic_file
    from addax.saving._sharded import write_shards
    from addax.saving._weights import write_objects

    objects = _objects(source) if have == "weights.h5" else _objects_of_shards(source)
    if kind == "weights.json":
        write_shards(objects, path, options.max_shard_size, options.overwrite)
        return
    with atomic_file(path) as temporary:
        write_objects(temporary, objects)


def _objects(source: Path) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    from addax.saving._hdf5 import opened_weights

    with opened_weights(source) as file:
        for where, group in file.root().walk():
            head, _, last = where.rpartition("/")
            if last == "vars":
                yield head, group.text("name"), {key: group[key] for key in group.arrays()}


def _objects_of_shards(source: Path) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    from addax.saving._sharded import ShardedWeights

    with ShardedWeights(source) as weights:
        names: dict[str, str | None] = {}
        for shard in weights.shards:
            for where, group in weights.open(shard).root().walk():
                if where.rpartition("/")[2] == "vars":
                    names[where] = names.get(where) or group.text("name")
        for where, name in names.items():
            group = weights.group(where)
            yield where.rpartition("/")[0], name, {} if group is None else dict(group.items())
