"""Weights files: every object's variables at its path, written and read back with shapes compared first."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from addax.core.errors import message
from addax.formats import atomic_file
from addax.layers import Layer
from addax.optimizers import Optimizer
from addax.saving._archive import WEIGHTS, Archive
from addax.saving._checkpoint_state import exists
from addax.saving._checkpoints import is_checkpoint
from addax.saving._hdf5 import StoredGroup, WeightsFile, opened_weights
from addax.saving._legacy_h5 import legacy_root, load_layers
from addax.saving._walk import own_variables, saveables

if TYPE_CHECKING:
    from addax.saving._sharded import JoinedGroup, ShardedWeights

INDEX_ENDING = ".json"  # of the index of sharded weights


def weights_bytes(root: Any) -> bytes:
    """The content of a `.weights.h5` file for a model."""
    buffer = io.BytesIO()
    _write(root, buffer)
    return buffer.getvalue()


def _write(root: Any, target: Any) -> None:
    write_objects(
        target, ((path, getattr(obj, "name", None), own_variables(obj)) for path, obj in saveables(root))
    )


def write_objects(target: Any, objects: Iterable[tuple[str, Any, Mapping[str, Any]]]) -> None:
    """Write objects, each by its path, name and variables, as a `.weights.h5` file.

    Args:
        target: The file.
        objects: Path, name (None: it has none) and key -> variable or array.
    """
    import h5py

    with h5py.File(target, "w") as file:
        for path, name, store in objects:
            group = file.require_group(f"{path}/vars" if path else "vars")
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


def save_weights(
    model: Any, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
) -> None:
    """Write a model's weights (and its optimizer's state) to a `.weights.h5` file, atomically.

    Args:
        model: A model or a layer.
        filepath: A path that ends in `.weights.h5` (`.h5` is accepted), or in `.weights.json` for weights in several
            files: an index, and beside it `<name>_00000.weights.h5` and so on.
        overwrite: False raises FileExistsError if the file exists.
        max_shard_size: At most how many gigabytes of variables one of several files has; None for a single file.

    Raises:
        ValueError: For another ending, a model that is not built, or a variable that fits in no shard.

    Example:
        >>> import addax as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.json")
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4), keras.layers.Dense(1)])
        >>> keras.saving.save_weights(model, path, max_shard_size=48 / 2**30)
        >>> sorted(os.listdir(os.path.dirname(path)))
        ['model.weights.json', 'model_00000.weights.h5', 'model_00001.weights.h5']
    """
    path = Path(filepath)
    if max_shard_size is not None:
        _check_built(model)
        _save_shards(model, path, max_shard_size, overwrite)
        return
    if path.suffix == INDEX_ENDING:
        raise ValueError(
            message(
                f"{path.name!r} is the name of sharded weights.",
                expected="max_shard_size, in gigabytes",
                received="None",
                hint=f"save_weights({str(path)!r}, max_shard_size=5)",
            )
        )
    if path.suffix != ".h5":
        raise ValueError(
            message(
                f"The name of a weights file ends in .weights.h5, which {path.name!r} does not.",
                hint=f"save_weights({str(path.with_suffix(''))!r} + '.weights.h5')",
            )
        )
    _check_built(model)
    check_overwrite(path, overwrite)
    with atomic_file(path) as temporary:
        _write(model, temporary)


def _check_built(model: Any) -> None:
    """A model that is never called as a whole (its steps call parts of it) may have weights without being built."""
    if not model.built and not model.weights:
        raise ValueError(
            message(
                f"Model '{model.name}' is not built, so it has no weights to save.",
                hint="Call it on data first.",
            )
        )


def _save_shards(model: Any, path: Path, max_shard_size: float, overwrite: bool) -> None:
    from addax.saving._sharded import save_sharded

    if path.suffix not in (INDEX_ENDING, ".h5"):
        raise ValueError(
            message(
                f"The name of sharded weights ends in .weights.json, which {path.name!r} does not.",
                hint=f"save_weights({str(path.with_suffix(''))!r} + '.weights.json', max_shard_size=...)",
            )
        )
    index = path.with_suffix(INDEX_ENDING)
    if index != path:
        warnings.warn(f"Sharded weights have an index in JSON: it is written as {index}.", stacklevel=4)
    save_sharded(model, index, max_shard_size, overwrite)


def check_overwrite(path: Path, overwrite: bool) -> None:
    """Raise unless a file may be written at `path`."""
    if path.exists() and not overwrite:
        raise FileExistsError(message(f"{path} exists.", hint="Pass overwrite=True to replace it."))
    if not path.parent.exists():
        raise FileNotFoundError(message(f"The folder {path.parent} does not exist.", hint="Create it first."))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **options: Any) -> Any:
    """Load what `save_weights` (or Keras's) wrote, or the weights of a `.keras` file.

    Args:
        model: A built model; for a checkpoint of TensorFlow, it may be built later.
        filepath: A `.weights.h5` or `.keras` file, the index (`.weights.json`) of sharded weights, the folder of
            `OrbaxCheckpoint`, or a checkpoint of TensorFlow, without extension, as Keras 2 wrote it.
        skip_mismatch: Leave layers alone whose weights do not fit, with a warning, instead of raising.
        **options: `objects_to_skip`, a list of layers to leave alone; `by_name`, for files of Keras 2: layers are
            matched by name, and those that are not in the file are left alone.

    Returns:
        None; for a checkpoint of TensorFlow, what became of it, as `tf.train.Checkpoint.read` says it.

    Raises:
        ValueError: If the model is not built, or weights do not fit; a table shows both sides.
    """
    skipped = options.pop("objects_to_skip", None) or ()
    by_name = options.pop("by_name", False)
    if options:
        raise TypeError(f"load_weights() got unknown arguments {sorted(options)}.")
    if not by_name and not skip_mismatch and exists(os.fspath(filepath)):
        from addax.saving._restore_status import load_checkpoint_weights

        return load_checkpoint_weights(model, os.fspath(filepath))
    if not model.built and not model.weights:
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
        return None
    with _opened(path) as file:
        root = legacy_root(file) if isinstance(file, WeightsFile) else None
        if root is not None:
            assert isinstance(file, WeightsFile)
            load_layers(file, model, root, by_name, skip_mismatch)
        elif by_name:
            raise ValueError(
                message(
                    "by_name=True is for legacy HDF5 files.",
                    received=str(filepath),
                    hint=f"{path.name} is matched by structure; leave by_name out.",
                )
            )
        else:
            read_weights(model, file, skip_mismatch, skipped)
    return None


def _opened(path: Path) -> AbstractContextManager[WeightsFile | ShardedWeights]:
    """Weights by the ending of their file, opened for a block."""
    if path.suffix == INDEX_ENDING:
        from addax.saving._sharded import ShardedWeights

        return ShardedWeights(path)
    if path.suffix == ".keras":
        with Archive(path) as archive:
            return opened_weights(archive.read(WEIGHTS))
    return opened_weights(path)


def read_weights(
    root: Any, file: WeightsFile | ShardedWeights, skip_mismatch: bool = False, skipped: Any = ()
) -> None:
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
        report = _table(problems)
        if not skip_mismatch:
            raise ValueError(report)
        warnings.warn(report, stacklevel=3)
    for obj, group in plan:
        obj.load_own_variables(group)


def _problem(obj: Any, group: StoredGroup | JoinedGroup | None) -> tuple[str, str] | None:
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


def _table(problems: list) -> str:
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
