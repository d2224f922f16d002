"""TensorFlow's tensor bundles (checkpoints, and the variables of a SavedModel), read and written."""

from __future__ import annotations

import contextlib
import math
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from addax.formats._atomic import atomic_file
from addax.formats._crc32c import crc32c, mask_crc
from addax.formats._table import decode_table, encode_table
from addax.formats._tensor import (
    DT_STRING,
    TENSOR_SCHEMA,
    dtype_code,
    dtype_from_code,
    shape_message,
    static_shape,
)
from addax.formats._wire import Schema, decode_varint, encode_varint

_SCHEMA = Schema(
    """
    Version: producer=1:int min_consumer=2:int
    Header: num_shards=1:int endianness=2:enum version=3:Version
    Slice: extent=1:*bytes
    Entry: dtype=1:enum shape=2:Shape shard_id=3:int offset=4:int size=5:int crc32c=6:fixed32 slices=7:*Slice
    """,
    TENSOR_SCHEMA,
)
# The name of a shard has room for five digits.
_MAX_SHARDS = 99_999


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """Where a tensor stands in a bundle.

    Attributes:
        dtype: The NumPy dtype; `object` for strings (bytes).
        shape: The shape.
        shard: The number of the data file.
        offset: The first byte in that file.
        size: The number of bytes.
        checksum: The masked CRC-32C of the contents.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


class BundleReader(Mapping[str, np.ndarray]):
    """The tensors of a bundle by key, each read and checked when it is asked for.

    Numeric tensors are arrays of their dtype, strings object arrays of bytes.

    Args:
        prefix: The path without `.index`, as given to TensorFlow's `save_weights` or `Checkpoint.write`.

    Raises:
        FileNotFoundError: There is no index file.
        ValueError: The files are not an intact bundle. Reading a tensor raises it as well.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_bundle(f"{folder}/weights", {"dense/kernel": np.ones((2, 3), "float32")})
        ...     BundleReader(f"{folder}/weights")["dense/kernel"].shape
        (2, 3)
    """

    def __init__(self, prefix: str | os.PathLike[str]) -> None:
        self._prefix = os.fspath(prefix)
        index = Path(self._prefix + ".index")
        if not index.is_file():
            raise FileNotFoundError(f"Expected a tensor bundle with the index file {index}, found none.")
        items = dict(decode_table(index.read_bytes()))
        if b"" not in items:
            raise ValueError(f"{index}: expected a bundle header under the empty key, found none.")
        self._shards = _shard_count(items.pop(b""), str(index))
        self._sizes: dict[int, int] = {}
        self._entries = {_decode_key(key): _SCHEMA.decode("Entry", value) for key, value in items.items()}

    def __getitem__(self, key: str) -> np.ndarray:
        entry = self.entry(key)
        with open(self._shard_path(entry.shard), "rb") as file:
            file.seek(entry.offset)
            raw = file.read(entry.size)
        if len(raw) != entry.size:
            raise ValueError(f"{key!r}: expected {entry.size} bytes, received {len(raw)}.")
        if entry.dtype == object:
            return _decode_strings(key, raw, entry)
        if mask_crc(crc32c(raw)) != entry.checksum:
            raise ValueError(f"{key!r}: the checksum of the tensor does not match; the file is corrupt.")
        return np.frombuffer(bytearray(raw), entry.dtype).reshape(entry.shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def entry(self, key: str) -> BundleEntry:
        """The dtype, shape and place of a tensor, checked against the size of its file.

        Args:
            key: The tensor's key.

        Returns:
            The entry; nothing of the tensor itself is read.

        Raises:
            KeyError: The bundle has no such key.
            ValueError: The entry contradicts itself or its file.
        """
        message = self._entries[key]
        if message.get("slices"):
            raise ValueError(f"{key!r}: expected a whole tensor, received one partitioned into slices.")
        code = message.get("dtype", 0)
        entry = BundleEntry(
            np.dtype(object) if code == DT_STRING else dtype_from_code(code),
            static_shape(message.get("shape", {})),
            message.get("shard_id", 0),
            message.get("offset", 0),
            message.get("size", 0),
            message.get("crc32c", 0),
        )
        self._check(key, entry)
        return entry

    def _check(self, key: str, entry: BundleEntry) -> None:
        if not 0 <= entry.shard < self._shards:
            raise ValueError(f"{key!r}: expected a shard below {self._shards}, received {entry.shard}.")
        stored = self._shard_size(entry.shard)
        if entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > stored:
            raise ValueError(
                f"{key!r}: expected bytes within a data file of {stored} bytes, "
                f"received {entry.size} bytes at {entry.offset}."
            )
        count = math.prod(entry.shape)
        if entry.dtype == object:
            # Every string takes at least the byte of its length, and the lengths have a checksum.
            fits = count + 4 <= entry.size
        else:
            fits = count * entry.dtype.itemsize == entry.size
        if not fits:
            raise ValueError(
                f"{key!r}: expected the bytes of a tensor of shape {entry.shape} and dtype {entry.dtype}, "
                f"received {entry.size} bytes."
            )

    def _shard_path(self, shard: int) -> str:
        return _shard_name(self._prefix, shard, self._shards)

    def _shard_size(self, shard: int) -> int:
        if shard not in self._sizes:
            path = self._shard_path(shard)
            if not os.path.isfile(path):
                raise ValueError(f"Incomplete bundle: the index expects the data file {path}, there is none.")
            self._sizes[shard] = os.path.getsize(path)
        return self._sizes[shard]


def _shard_count(data: bytes, index: str) -> int:
    header = _SCHEMA.decode("Header", data)
    shards = header.get("num_shards", 0)
    if not 1 <= shards <= _MAX_SHARDS:
        raise ValueError(f"{index}: expected 1 to {_MAX_SHARDS} shards, received {shards}.")
    if header.get("endianness", 0) != 0:
        raise ValueError(f"{index}: expected a little-endian bundle, received a big-endian one.")
    return shards


def _decode_key(key: bytes) -> str:
    # Keys of slices of partitioned tensors are binary; they are listed, and refused when they are read.
    return key.decode("utf-8", "surrogateescape")


def _decode_strings(key: str, raw: bytes, entry: BundleEntry) -> np.ndarray:
    count, position, lengths = math.prod(entry.shape), 0, []
    for _ in range(count):
        length, position = decode_varint(raw, position)
        lengths.append(length)
    begin = position + 4
    if begin + sum(lengths) != len(raw):
        raise ValueError(f"{key!r}: expected {begin + sum(lengths)} bytes of strings, received {len(raw)}.")
    widths = _pack_lengths(lengths)
    if raw[position:begin] != struct.pack("<I", mask_crc(crc32c(widths))) or entry.checksum != mask_crc(
        crc32c(raw[position:], crc32c(widths))
    ):
        raise ValueError(f"{key!r}: the checksum of the stored strings does not match; the file is corrupt.")
    strings = np.empty(count, object)
    for number, length in enumerate(lengths):
        strings[number] = raw[begin : begin + length]
        begin += length
    return strings.reshape(entry.shape)


def _pack_lengths(lengths: list[int]) -> bytes:
    """The lengths as the checksum sees them: of fixed width, whatever the width of the stored varints."""
    return b"".join(struct.pack("<I" if length < 1 << 32 else "<Q", length) for length in lengths)


def _encode_strings(strings: list[bytes]) -> tuple[bytes, int]:
    """The stored bytes of strings, and their masked checksum."""
    lengths = [len(item) for item in strings]
    widths = _pack_lengths(lengths)
    tail = struct.pack("<I", mask_crc(crc32c(widths))) + b"".join(strings)
    return b"".join(map(encode_varint, lengths)) + tail, mask_crc(crc32c(tail, crc32c(widths)))


def _encode_tensor(key: str, value: Any) -> tuple[Any, int, int, tuple[int, ...]]:
    """The contents (a buffer), checksum, dtype code and shape of a tensor."""
    array = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
    if array.dtype.kind in "SO":
        strings = array.ravel().tolist()
        if not all(isinstance(item, bytes) for item in strings):
            raise ValueError(f"{key!r}: expected an array of numbers or of bytes, received {value!r:.100}.")
        content, checksum = _encode_strings(strings)
        return content, checksum, DT_STRING, array.shape
    code = dtype_code(array.dtype)
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    return content, mask_crc(crc32c(content)), code, array.shape


def write_bundle(prefix: str | os.PathLike[str], tensors: Mapping[str, Any]) -> None:
    """Write a bundle of one shard: `<prefix>.index` and `<prefix>.data-00000-of-00001`.

    The bundle appears whole or not at all: the index, which names the data file, is written last. A bundle that is
    there already keeps its data file until the new index stands, so the new data goes into `data-00000-of-00002`
    then (or back).

    Args:
        prefix: The path without extension; the folder is created.
        tensors: By key: arrays of any dtype that TensorFlow has, or bytes and arrays of bytes for strings.

    Raises:
        ValueError: A value is no such array.
        OSError: The disk is full, or the folder cannot be written to; an older bundle is as it was.
    """
    path = os.fspath(prefix)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    shards = 2 if _shards_in_use(path) == 1 else 1
    items = [(b"", _SCHEMA.encode("Header", {"num_shards": shards, "version": {"producer": 1}}))]
    offset = 0
    with atomic_file(_shard_name(path, 0, shards)) as temporary, open(temporary, "wb") as file:
        for key in sorted(tensors, key=str.encode):
            content, checksum, code, shape = _encode_tensor(key, tensors[key])
            size = len(content)
            file.write(content)
            entry = {"dtype": code, "shape": shape_message(shape), "offset": offset, "size": size}
            items.append((key.encode(), _SCHEMA.encode("Entry", {**entry, "crc32c": checksum})))
            offset += size
    with atomic_file(path + ".index") as temporary:
        temporary.write_bytes(encode_table(items))
    with contextlib.suppress(OSError):
        os.unlink(_shard_name(path, 0, 3 - shards))


def _shards_in_use(prefix: str) -> int:
    """The number of shards of the bundle that stands there; 0 if there is none that can be read."""
    try:
        return BundleReader(prefix)._shards
    except (OSError, ValueError):
        return 0


def _shard_name(prefix: str, shard: int, shards: int) -> str:
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"
