"""Weights in several files of bounded size: an index in JSON, and beside it the HDF5 files that it names.

The index is Keras's: `{"metadata": {"total_size": bytes}, "weight_map": {"/layers/dense/vars": [file, ...]}}`. Each
file has the same inner paths as a single `.weights.h5`; the variables of one object may be spread over several.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from addax.core.errors import message
from addax.formats import atomic_file
from addax.saving._hdf5 import StoredGroup, WeightsFile
from addax.saving._walk import own_variables, saveables
from addax.saving._weights import check_overwrite, write_objects

_MAX_INDEX = 64 << 20  # bytes of the index
_ENDING = ".weights"


# Writing -------------------------------------------------------------------------------------------------
@dataclass
class _Shard:
    """What goes into one file: path of an object -> its name and its variables by key."""

    objects: dict[str, tuple[str | None, dict[str, Any]]] = field(default_factory=dict)
    size: int = 0

    def add(self, path: str, name: str | None, values: Mapping[str, Any]) -> None:
        self.objects.setdefault(path, (name, {}))[1].update(values)


def save_sharded(model: Any, path: Path, max_shard_size: float, overwrite: bool = True) -> None:
    """Write the weights of a model as an index and shards. A save over another one takes its place in one step.

    Args:
        model: A built model or layer.
        path: The index, which ends in `.weights.json`; the shards stand beside it as `<name>_00000.weights.h5`,
            or `<name>_g1_00000.weights.h5` where those of an older save stand.
        max_shard_size: At most how many gigabytes (2**30 bytes) of variables a shard has.
        overwrite: False raises FileExistsError if the index or a shard exists.

    Raises:
        ValueError: If a variable is larger than a shard may be.
    """
    objects = ((where, getattr(obj, "name", None), own_variables(obj)) for where, obj in saveables(model))
    write_shards(objects, path, max_shard_size, overwrite)


def write_shards(
    objects: Iterator[tuple[str, Any, Mapping[str, Any]]],
    path: Path,
    max_shard_size: float,
    overwrite: bool = True,
) -> None:
    """Write objects (path, name, variables by key) as an index and shards; see `save_sharded`."""
    shards = _planned(objects, _bytes_of(max_shard_size))
    for target in (path, *(path.with_name(name) for name in _names_of(path, len(shards), 0))):
        check_overwrite(target, overwrite)
    # Shards of an older save keep their names as long as its index may be read, so the new ones take others; the
    # index takes the place of the old one in one step, and a process that is killed leaves one save or the other.
    generation = 0
    while any(path.with_name(name).exists() for name in _names_of(path, len(shards), generation)):
        generation += 1
    names, old = _names_of(path, len(shards), generation), _old_shards(path)
    index = {
        "metadata": {"total_size": sum(shard.size for shard in shards)},
        "weight_map": _weight_map(shards, names),
    }
    with contextlib.ExitStack() as stack:  # which renames in the opposite order: the index comes last
        stack.enter_context(atomic_file(path)).write_text(json.dumps(index, indent=4), encoding="utf-8")
        for shard, name in zip(shards, names, strict=True):
            temporary = stack.enter_context(atomic_file(path.with_name(name)))
            write_objects(temporary, ((where, *item) for where, item in shard.objects.items()))
            _flush(temporary)
    for name in old - set(names):
        path.with_name(name).unlink(missing_ok=True)


def _names_of(path: Path, count: int, generation: int) -> list[str]:
    """The names of the shards: Keras's, and for a save over another one with a number before."""
    base = f"{_base(path)}_g{generation}" if generation else _base(path)
    return [f"{base}_{number:05d}.weights.h5" for number in range(count)]


def _old_shards(path: Path) -> set[str]:
    """The shards of the save that is replaced, as far as they are called as ours are."""
    try:
        named = {name for value in _read_index(path)["weight_map"].values() for name in _names(value, path)}
    except ValueError:
        return set()  # no save, or a damaged one, of which nothing is known
    ours = re.compile(re.escape(_base(path)) + r"(_g\d+)?_\d{5}\.weights\.h5")
    return {name for name in named if ours.fullmatch(name)}


def _planned(objects: Iterator[tuple[str, Any, Mapping[str, Any]]], limit: float) -> list[_Shard]:
    """The shards, filled in order as Keras fills them."""
    shards = [_Shard()]
    for path, name, store in objects:
        label = name if isinstance(name, str) else None
        if not store:
            shards[-1].add(path, label, {})
        for key, value in store.items():
            size = np.asarray(value).nbytes
            if size > limit:
                raise ValueError(
                    message(
                        f"A variable is larger than a shard may be: {path or '.'}/vars/{key}.",
                        expected=f"at most {limit:.0f} bytes",
                        received=f"{size} bytes",
                        hint=f"Pass max_shard_size={size / 2**30:.3g} or more.",
                    )
                )
            if shards[-1].size + size > limit:
                shards.append(_Shard())
            shards[-1].add(path, label, {key: value})
            shards[-1].size += size
    return shards


def _weight_map(shards: list[_Shard], names: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for shard, name in zip(shards, names, strict=True):
        for path, (_, values) in shard.objects.items():
            if values:
                found.setdefault(_key(path), []).append(name)
    return found


def _key(path: str) -> str:
    return f"/{path}/vars" if path else "/vars"


def _base(path: Path) -> str:
    return path.stem.replace(_ENDING, "")


def _bytes_of(gigabytes: Any) -> float:
    if isinstance(gigabytes, bool) or not isinstance(gigabytes, int | float) or not 0 < gigabytes < math.inf:
        raise ValueError(
            message("`max_shard_size`.", expected="a positive number of gigabytes", received=gigabytes)
        )
    return gigabytes * 2**30


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


# Reading -------------------------------------------------------------------------------------------------
class ShardedWeights:
    """Weights in several files, opened for reading through their index.

    Args:
        path: The index.

    Attributes:
        index: What it says, by `weight_map`: path of a group -> names of files.
        total_size: Bytes of all variables as the index has it, None if it does not say.

    Raises:
        ValueError: If the index is missing or damaged, or names a file that is missing or stands elsewhere.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = str(path)
        data = _read_index(self.path)
        self.index = {key: _names(value, self.path) for key, value in data["weight_map"].items()}
        about = data.get("metadata")
        self.total_size = about.get("total_size") if isinstance(about, dict) else None
        self.shards = sorted({name for names in self.index.values() for name in names})
        for name in self.shards:
            self._check(name)
        self._files: dict[str, WeightsFile] = {}

    def _check(self, name: str) -> None:
        file = self.path.with_name(name)
        if file.is_symlink():
            raise ValueError(
                message(f"{file} is a link to elsewhere; it is refused.", expected="shards beside the index")
            )
        if not file.is_file():
            raise ValueError(
                message(
                    f"{self.path} is incomplete: the shard {name} is missing.",
                    hint="All shards must stand beside the index, under their own names.",
                )
            )

    def open(self, name: str) -> WeightsFile:
        """A shard by its name in the index; it stays open as long as this object."""
        if name not in self._files:
            self._files[name] = WeightsFile(self.path.with_name(name))
        return self._files[name]

    def group(self, path: str) -> JoinedGroup | None:
        """The group at a path, with what all shards have of it; None if there is none."""
        names = self.index.get(f"/{path}", ())
        pieces = []
        for name in names:
            piece = self.open(name).group(path)
            if piece is None:
                raise ValueError(
                    message(
                        f"{self.path} is damaged: the shard {name} has no {path}.",
                        hint="Are the shards those of another save? Get all files again.",
                    )
                )
            pieces.append(piece)
        return JoinedGroup(pieces) if pieces else None

    def close(self) -> None:
        """Close all files."""
        for file in self._files.values():
            file.close()

    def __enter__(self) -> ShardedWeights:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


class JoinedGroup:
    """A mapping of key to array over the pieces of one group in several files.

    Args:
        pieces: The pieces; no key may occur twice.
    """

    def __init__(self, pieces: list[StoredGroup]) -> None:
        self._places: dict[str, StoredGroup] = {}
        for piece in pieces:
            for key in piece.keys():  # noqa: SIM118 - a group of a file
                if key in self._places:
                    raise ValueError(message(f"Two shards have the same variable, number {key}."))
                self._places[key] = piece

    def keys(self) -> list[str]:
        """The keys, numbers in their order."""
        return sorted(self._places, key=lambda k: (not k.isdecimal(), int(k) if k.isdecimal() else 0, k))

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __getitem__(self, key: str) -> np.ndarray:
        return self._places[key][key]

    def shape(self, key: str) -> tuple:
        """The shape of an array, without reading it."""
        return self._places[key].shape(key)

    def get(self, key: str, default: Any = None) -> Any:
        """An array, or `default` if there is none."""
        return self[key] if key in self else default

    def items(self) -> list[tuple[str, np.ndarray]]:
        """Pairs of key and array."""
        return [(key, self[key]) for key in self]


def _read_index(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ValueError(message(f"File not found: {path}.", expected="an index that ends in .weights.json"))
    if path.stat().st_size > _MAX_INDEX:
        raise ValueError(
            message(f"{path} is too large for an index.", expected=f"at most {_MAX_INDEX} bytes")
        )
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(
            message(
                f"{path} is no index of weights, or damaged: it is not JSON.",
                received=str(error),
                hint="Was the copy or the download cut off? Get the file again.",
            )
        ) from error
    if not isinstance(data, dict) or not isinstance(data.get("weight_map"), dict):
        raise ValueError(
            message(
                f"{path} is no index of weights.",
                expected='JSON with the key "weight_map"',
                received=f"JSON with the keys {sorted(data)[:5]}" if isinstance(data, dict) else data,
            )
        )
    return data


def _names(value: Any, path: Path) -> list[str]:
    """The names of shards in an entry of the index, which must be those of files beside it."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(message(f"{path} is damaged.", expected="names of files", received=value))
    for name in names:
        if name in ("", ".", "..") or set(name) & {"/", "\\", "\0", ":"}:
            raise ValueError(
                message(
                    f"{path} names a file that would stand elsewhere; it is refused.",
                    expected="names of files beside the index",
                    received=repr(name),
                )
            )
    return list(names)
