"""`save`, `load` and `snapshot`: the elements of a dataset in a folder.

The folder holds a file for each shard, in the form of a cache's file, and `dataset.json` with the spec of the elements
and the names of the shards. It is written last, and replaced at once, so that a folder is either whole or as it was.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addax.core import dtypes
from addax.core.errors import message
from addax.data import _cache_file, _nest
from addax.data._arrays import ListNode
from addax.data._function import Function
from addax.data._map import arguments
from addax.data._node import INFINITE, Cursor, Node, Same
from addax.data._random import seed_of
from addax.data._range import RangeNode
from addax.data._spec import DatasetSpec, TensorSpec
from addax.formats import atomic_file

_INDEX = "dataset.json"
_FORMAT = "addax-dataset-1"


class Shards:
    """Writes elements to the files of a folder; `finish` makes them what the folder holds.

    Args:
        folder: The folder.
        shard_func: A function of an element, called as that of `map`, that gives the number of its shard; None for a
            single shard.
        compression: None or `"GZIP"`.
    """

    def __init__(self, folder: str, shard_func: Callable | None, compression: Any) -> None:
        self.folder = Path(folder)
        self.compressed = _is_compressed(compression)
        self._token = secrets.token_hex(4)
        self._writers: dict[int, _cache_file.Writer] = {}
        self._counts: dict[int, int] = {}
        self._function = None if shard_func is None else Function(shard_func, "shard_func", seed_of(None))

    def write(self, element: Any) -> None:
        """Append an element to its shard."""
        shard = 0
        if self._function is not None:
            shard = int(self._function.one(arguments(element), self._function.keys.sample()))
        writer = self._writers.get(shard)
        if writer is None:
            name = str(self.folder / f"shard-{self._token}-{shard:05d}")
            writer = self._writers[shard] = _cache_file.Writer(name, self.compressed)
        writer.write(element)
        self._counts[shard] = self._counts.get(shard, 0) + 1

    def finish(self, spec: Any) -> None:
        """Make the files the contents of the folder, and remove those that were there before."""
        shards = []
        for shard, writer in sorted(self._writers.items()):
            writer.finish()
            shards.append({"file": os.path.basename(writer.file), "elements": self._counts[shard]})
        self.folder.mkdir(parents=True, exist_ok=True)
        index = {"format": _FORMAT, "spec": _spec_to_json(spec), "shards": shards}
        with atomic_file(self.folder / _INDEX) as temporary:
            temporary.write_text(json.dumps(index))
        kept = {shard["file"] for shard in shards}
        for old in self.folder.glob("shard-*.cache"):
            if old.name not in kept:
                old.unlink()


def _is_compressed(compression: Any) -> bool:
    if compression not in (None, "", "NONE", "GZIP", "SNAPPY", "AUTO"):
        raise ValueError(
            message(
                "Unknown compression of a saved dataset.", expected='None or "GZIP"', received=compression
            )
        )
    return compression == "GZIP"


def save(node: Node, path: str, compression: Any, shard_func: Callable | None) -> None:
    """Write all elements of a pipeline to a folder; see `Dataset.save`."""
    if node.cardinality() == INFINITE:
        raise ValueError(message("A dataset without end cannot be saved.", hint="Save dataset.take(n)."))
    spec = node.spec(run=True)
    _demand_tensors(spec)
    shards = Shards(path, shard_func, compression)
    cursor = node.start()
    while True:
        try:
            element = cursor.next()
        except StopIteration:
            break
        shards.write(element)
    shards.finish(spec)


def _demand_tensors(spec: Any) -> None:
    for name, leaf in zip(_nest.paths(spec), _nest.flatten(spec), strict=True):
        if not isinstance(leaf, TensorSpec):
            raise TypeError(
                message(
                    f"Component {name} is a dataset, which has no place in a file.",
                    received=leaf,
                    hint="Make tensors of it first: flat_map(lambda window: window.batch(n)).",
                )
            )


def is_saved(path: str) -> bool:
    """Whether a folder holds a whole dataset."""
    return os.path.exists(os.path.join(path, _INDEX))


class ShardNode(Node):
    """The elements of one file.

    Args:
        file: Its path.
        spec: The spec of the elements.
        size: Their number.
    """

    label = "Load"

    def __init__(self, file: str, spec: Any, size: int) -> None:
        self.file, self._spec, self.size = file, spec, size

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Shard(self)

    def make_spec(self, run: bool) -> Any:
        """See `Node.spec`."""
        return self._spec

    def cardinality(self) -> int:
        """See `Node.cardinality`."""
        return self.size


class _Shard(Cursor):
    def __init__(self, node: ShardNode) -> None:
        self.node = node
        self.reader = _cache_file.Reader(node.file)

    def next(self) -> Any:
        if self.reader.position >= self.node.size:
            raise StopIteration
        try:
            element = self.reader.next()
        except StopIteration:
            raise _damaged(self.node.file, f"{self.node.size} elements", f"{self.reader.position}") from None
        leaves, specs = _nest.flatten(element), _nest.flatten(self.node._spec)
        if len(leaves) != len(specs) or not all(_fits(x, s) for x, s in zip(leaves, specs, strict=True)):
            raise _damaged(self.node.file, str(self.node._spec), str(_nest.map_leaves(_shown, element)))
        return _nest.pack(self.node._spec, leaves)

    def get_state(self) -> Any:
        return self.reader.position

    def set_state(self, state: Any) -> None:
        if state < self.reader.position:
            self.reader = _cache_file.Reader(self.node.file)
        self.reader.seek(state)


def _shown(array: Any) -> str:
    return f"{array.dtype}{list(array.shape)}"


def _fits(array: Any, spec: TensorSpec) -> bool:
    wanted = dtypes.numpy_dtype(spec.dtype)
    return array.dtype == wanted and (spec.shape is None or spec.shape.is_compatible_with(array.shape))


def _damaged(file: str, expected: str, received: str) -> ValueError:
    return ValueError(
        message(
            f"The saved dataset is damaged: {file}.",
            expected=expected,
            received=received,
            hint="Save it anew.",
        )
    )


def load(path: str, element_spec: Any, reader_func: Callable | None, dataset: Callable) -> Any:
    """The dataset in a folder; see `Dataset.load`. `dataset` makes one of a node."""
    spec, shards = _index(path)
    if element_spec is not None and not _nest.same_form(element_spec, spec):
        raise ValueError(
            message("The saved dataset has other elements.", expected=str(element_spec), received=str(spec))
        )
    nodes = [ShardNode(file, spec, size) for file, size in shards]
    if reader_func is not None:
        return reader_func(dataset(ListNode(nodes, DatasetSpec(spec), "Shards")))
    if not nodes:
        return dataset(ListNode([], spec))
    if len(nodes) == 1:
        return dataset(nodes[0])
    # Of numbers rather than of datasets, which have no place in the state of an iterator.
    numbers = dataset(RangeNode(0, len(nodes)))
    return numbers.interleave(lambda number: dataset(nodes[int(number)]), len(nodes), 1)


def _index(path: str) -> tuple[Any, list[tuple[str, int]]]:
    """The spec in the index of a folder, and the path and size of each shard.

    Raises:
        FileNotFoundError: If there is no dataset.
        ValueError: If the index is none.
    """
    name = os.path.join(path, _INDEX)
    if not os.path.exists(name):
        raise FileNotFoundError(
            message(
                f"There is no saved dataset in {path}.",
                expected=f"a file {_INDEX}, as Dataset.save() writes it",
            )
        )
    try:
        with open(name, "rb") as file:
            index = json.loads(file.read().decode())
        if index["format"] != _FORMAT:
            raise ValueError("format")
        spec = _spec_from_json(index["spec"])
        shards = [(shard["file"], int(shard["elements"])) for shard in index["shards"]]
        if any(os.path.basename(file) != file or file in ("", ".", "..") for file, _ in shards):
            raise ValueError("a path")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(message(f"{name} is no index of a saved dataset.", received=str(error))) from None
    return spec, [(os.path.join(path, file), size) for file, size in shards]


def _spec_to_json(spec: Any) -> Any:
    if spec is None:
        return None
    if isinstance(spec, dict):
        return {"dict": [[key, _spec_to_json(value)] for key, value in spec.items()]}
    if _nest.is_nest(spec):
        return {"tuple": [_spec_to_json(value) for value in spec]}
    return {
        "shape": None if spec.shape is None else list(spec.shape),
        "dtype": dtypes.standardize(spec.dtype).name,
    }


def _spec_from_json(value: Any) -> Any:
    if value is None:
        return None
    if "dict" in value:
        return {key: _spec_from_json(child) for key, child in value["dict"]}
    if "tuple" in value:
        return tuple(_spec_from_json(child) for child in value["tuple"])
    return TensorSpec(value["shape"], value["dtype"])


class SnapshotNode(Same):
    """The input, written to a folder by its first whole iteration, from which the later ones read.

    Args:
        node: The input.
        path: The folder.
        compression: See `Shards`.
        reader_func: See `load`.
        shard_func: See `Shards`.
    """

    label = "Snapshot"

    def __init__(
        self,
        node: Node,
        path: str,
        compression: Any,
        reader_func: Callable | None,
        shard_func: Callable | None,
    ) -> None:
        self.inputs = (node,)
        self.path, self.compression = path, compression
        self.reader_func, self.shard_func = reader_func, shard_func
        _is_compressed(compression)

    def cursor(self) -> Cursor:
        """See `Node.cursor`."""
        return _Snapshot(self)


class _Snapshot(Cursor):
    """Reads the folder, or the input, which it writes to the folder if it sees all of it."""

    def __init__(self, node: SnapshotNode) -> None:
        self.node = node
        self.shards: Shards | None = None
        self._open(is_saved(node.path))
        if not self.reading:
            _demand_tensors(node.spec(run=True))
            self.shards = Shards(node.path, node.shard_func, node.compression)

    def _open(self, reading: bool) -> None:
        from addax.data._dataset import Dataset

        self.reading = reading
        node = self.node
        source = load(node.path, None, node.reader_func, Dataset)._node if reading else node.input
        self.child = source.start()

    def next(self) -> Any:
        try:
            element = self.child.next()
        except StopIteration:
            if self.shards is not None:
                self.shards.finish(self.node.spec(run=True))
                self.shards = None
            raise
        if self.shards is not None:
            self.shards.write(element)
        return element

    def get_state(self) -> Any:
        return {"reading": self.reading, "input": self.child.get_state()}

    def set_state(self, state: Any) -> None:
        self.shards = None  # what was read before is not here to be written; the next iteration writes
        if state["reading"] != self.reading:
            self._open(state["reading"])
        self.child.set_state(state["input"])
