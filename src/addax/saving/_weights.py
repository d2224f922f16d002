"""Weights files: every object's variables at its path, written and read back with shapes compared first."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.formats import atomic_file
from addax.layers import Layer
from addax.optimizers import Optimizer
from addax.saving._archive import WEIGHTS, Archive
from addax.saving._checkpoints import is_checkpoint
from addax.saving._hdf5 import StoredGroup, WeightsFile, opened_weights
from addax.saving._legacy_h5 import legacy_root, load_layers
from addax.saving._walk import own_variables, saveables


def weights_bytes(root: Any) -> bytes:
    """The content of a `.weights.h5` file for a model."""
    buffer = io.BytesIO()
    _write(root, buffer)
    return buffer.getvalue()


def _write(root: Any, target: Any) -> None:
    import h5py

    with h5py.File(target, "w") as file:
        for path, obj in saveables(root):
            store = own_variables(obj)
            group = file.require_group(f"{path}/vars" if path else "vars")
            name = getattr(obj, "name", None)
            if isinstance(name, str):
                group.attrs["name"] = name
            for key, value in store.items():
                write_array(group, key, np.asarray(value))


def write_nest(nest: dict[str, Any], target: Path, about: dict[str, dict[str, str]]) -> None:
    """Write a nest of dicts (objects) and arrays as a `.weights.h5` file.

    Args:
        nest: Name -> dict or array.
        target: The file.
        about: Path -> attributes of the object there.
    """
    import h5py

    with h5py.File(target, "w") as file:
        waiting = [("", nest)]
        while waiting:
            path, items = waiting.pop()
            group = file.require_group(f"{path}/vars".lstrip("/"))
            for name, value in about.get(path, {}).items():
                group.attrs[name] = value
            for key, value in items.items():
                if isinstance(value, dict):
                    waiting.append((f"{path}/{key}", value))
                else:
                    write_array(group, key, np.asarray(value))


def write_array(group: Any, key: str, array: np.ndarray) -> None:
    """Write an array of numbers or texts under a key."""
    if array.dtype.name == "bfloat16":
        dataset = group.create_dataset(key, data=array.view("V2"))
        dataset.attrs["dtype"] = "bfloat16"
    elif array.dtype.kind == "O":
        import h5py

        group.create_dataset(key, data=array, dtype=h5py.string_dtype())
    else:
        group.create_dataset(key, data=array)


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model's weights (and its optimizer's state) to a `.weights.h5` file, atomically.

    Args:
        model: A model or a layer.
        filepath: A path that ends in `.weights.h5` (`.h5` is accepted).
        overwrite: False raises FileExistsError if the file exists.

    Raises:
        ValueError: For another ending, or a model that is not built.
    """
    path = Path(filepath)
    if path.suffix != ".h5":
        raise ValueError(
            message(
                f"The name of a weights file ends in .weights.h5, which {path.name!r} does not.",
                hint=f"save_weights({str(path.with_suffix(''))!r} + '.weights.h5')",
            )
        )
    if not model.built:
        raise ValueError(
            message(
                f"Model '{model.name}' is not built, so it has no weights to save.",
                hint="Call it on data first.",
            )
        )
    check_overwrite(path, overwrite)
    with atomic_file(path) as temporary:
        _write(model, temporary)


def check_overwrite(path: Path, overwrite: bool) -> None:
    """Raise unless a file may be written at `path`."""
    if path.exists() and not overwrite:
        raise FileExistsError(message(f"{path} exists.", hint="Pass overwrite=True to replace it."))
    if not path.parent.exists():
        raise FileNotFoundError(message(f"The folder {path.parent} does not exist.", hint="Create it first."))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **options: Any) -> None:
    """Load what `save_weights` (or Keras's) wrote, or the weights of a `.keras` file.

    Args:
        model: A built model.
        filepath: A `.weights.h5` or `.keras` file, or the folder of `OrbaxCheckpoint`.
        skip_mismatch: Leave layers alone whose weights do not fit, with a warning, instead of raising.
        **options: `objects_to_skip`, a list of layers to leave alone; `by_name`, for files of Keras 2: layers are
            matched by name, and those that are not in the file are left alone.

    Raises:
        ValueError: If the model is not built, or weights do not fit; a table shows both sides.
    """
    skipped = options.pop("objects_to_skip", None) or ()
    by_name = options.pop("by_name", False)
    if options:
        raise TypeError(f"load_weights() got unknown arguments {sorted(options)}.")
    if not model.built:
        raise ValueError(
            message(
                f"Model '{model.name}' is not built, so there is nothing to load weights into.",
                hint="Call it on data, or build(input_shape), first.",
            )
        )
    path = Path(filepath)
    if path.suffix != ".keras" and is_checkpoint(path):
        from addax.saving._orbax import load_checkpoint_weights

        load_checkpoint_weights(model, path)
        return
    if path.suffix == ".keras":
        with Archive(path) as archive:
            source: Any = archive.read(WEIGHTS)
    else:
        source = path
    with opened_weights(source) as file:
        root = legacy_root(file)
        if root is not None:
            load_layers(file, model, root, by_name, skip_mismatch)
        elif by_name:
            raise ValueError(
                message(
                    "by_name=True is for legacy HDF5 files.",
                    received=str(filepath),
                    hint="A .weights.h5 file is matched by structure; leave by_name out.",
                )
            )
        else:
            read_weights(model, file, skip_mismatch, skipped)


def read_weights(root: Any, file: WeightsFile, skip_mismatch: bool = False, skipped: Any = ()) -> None:
    """Load every object below `root` from an open file; nothing is changed if something does not fit."""
    plan, problems = [], []
    leave = {id(obj) for obj in skipped}
    for path, obj in saveables(root):
        if id(obj) in leave:
            continue
        group = file.group(f"{path}/vars" if path else "vars")
        if isinstance(obj, Optimizer) and not obj.built and len(group or ()) > len(obj.variables):
            obj.build(root.trainable_variables)
        problem = _problem(obj, group)
        if problem is not None:
            problems.append((path or ".", getattr(obj, "name", ""), *problem))
        elif group is not None and len(group):
            plan.append((obj, group))
    if problems:
        report = _table(problems, file)
        if not skip_mismatch:
            raise ValueError(report)
        warnings.warn(report, stacklevel=3)
    for obj, group in plan:
        obj.load_own_variables(group)


def _problem(obj: Any, group: StoredGroup | None) -> tuple[str, str] | None:
    """What the model wants and what the file has, if the two differ."""
    store = own_variables(obj)
    wanted = {key: tuple(np.shape(value)) for key, value in store.items()}
    stored = {} if group is None else {key: group.shape(key) for key in group.keys()}
    if wanted == stored:
        return None
    if isinstance(obj, Optimizer) and set(wanted) != set(stored):
        return None  # it says so itself, and training can go on without
    own_way = isinstance(obj, Layer) and type(obj).load_own_variables is not Layer.load_own_variables
    if own_way and stored and set(wanted) != set(stored):
        return None  # a layer with its own keys judges itself
    return _shapes_text(wanted, "no variables"), _shapes_text(stored, "nothing")


def _shapes_text(shapes: dict[str, tuple], empty: str) -> str:
    return ", ".join(map(str, shapes.values())) or empty


def _table(problems: list, file: WeightsFile) -> str:
    rows = [("path in the file", "layer", "the model wants", "the file has"), *problems[:30]]
    widths = [max(len(str(row[i])) for row in rows) for i in range(4)]
    lines = [
        "  ".join(str(cell).ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if len(problems) > 30:
        lines.append(f"... and {len(problems) - 30} more")
    return message(
        f"The weights in the file do not fit the model ({len(problems)} layers):\n" + "\n".join(lines),
        hint="Build the same architecture as the one that was saved; skip_mismatch=True loads what fits.",
    )
