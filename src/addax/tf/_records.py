"""`tf.io`: records, tensors as bytes, CSV lines, base64."""

from __future__ import annotations

import base64
import csv
import gzip
import math
import os
import zlib
from typing import Any

import numpy as np

from addax import ops
from addax.core import dtypes, tree
from addax.core.errors import message
from addax.data import column_of, values
from addax.engine import Tensor
from addax.formats import TENSOR_SCHEMA, Message, encode_record, tensor_from_message, tensor_message
from addax.ops._sparse import SparseTensor
from addax.tf._strings import _bytes, _each

_MAX_FILLED = 1 << 28  # bytes of a tensor whose elements are all one


class TFRecordOptions:
    """How a record file is written.

    Args:
        compression_type: `""`, `"GZIP"` or `"ZLIB"`.
    """

    def __init__(self, compression_type: str | None = None, **ignored: Any) -> None:
        self.compression_type = compression_type or ""


class TFRecordWriter:
    """Writes records into a file that `tf.data.TFRecordDataset` reads.

    Args:
        path: The file.
        options: A compression type, or `TFRecordOptions`.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        kind = options if isinstance(options, str) else getattr(options, "compression_type", "") or ""
        if kind not in ("", "GZIP", "ZLIB"):
            raise ValueError(message("Unknown compression.", expected="'', 'GZIP' or 'ZLIB'", received=kind))
        self._path, self._kind = os.fspath(path), kind
        self._file: Any = gzip.open(self._path, "wb") if kind == "GZIP" else open(self._path, "wb")  # noqa: SIM115
        self._compressor = zlib.compressobj() if kind == "ZLIB" else None

    def write(self, record: Any) -> None:
        """Write one record, bytes."""
        data = encode_record(bytes(record.numpy() if isinstance(record, Tensor) else record))
        self._file.write(self._compressor.compress(data) if self._compressor else data)

    def flush(self) -> None:
        """Bring what was written to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._compressor is not None and not self._file.closed:
            self._file.write(self._compressor.flush())
        self._file.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()


def serialize_tensor(tensor: Any, name: str | None = None) -> Tensor:
    """A tensor as a scalar string, a `TensorProto` message."""
    proto = tensor_message(np.asarray(ops.convert_to_tensor(tensor)))
    return ops.convert_to_tensor(TENSOR_SCHEMA.encode("Tensor", proto))


def serialize_sparse(sp_input: SparseTensor, out_type: Any = "string", name: str | None = None) -> Tensor:
    """A sparse tensor as three strings: its indices, values and shape.

    Args:
        sp_input: The sparse tensor.
        out_type: Accepted for TensorFlow's sake: they are strings.
        name: Accepted for TensorFlow's sake.

    Example:
        >>> import addax.tf as tf
        >>> sparse = tf.SparseTensor([[1]], [5], [3])
        >>> text = tf.io.serialize_sparse(sparse)
        >>> tf.sparse.to_dense(tf.io.deserialize_many_sparse([text], tf.int32)).numpy().tolist()
        [[0, 5, 0]]
    """
    parts = (sp_input._places, np.asarray(sp_input.values), sp_input._shape)
    return ops.convert_to_tensor([TENSOR_SCHEMA.encode("Tensor", tensor_message(part)) for part in parts])


def serialize_many_sparse(
    sp_input: SparseTensor, out_type: Any = "string", name: str | None = None
) -> Tensor:
    """The slices of a sparse tensor along its first axis, each as `serialize_sparse` gives it.

    Args:
        sp_input: The sparse tensor, of rank 2 or more.
        out_type: Accepted for TensorFlow's sake: they are strings.
        name: Accepted for TensorFlow's sake.
    """
    rows = [np.asarray(serialize_sparse(row)) for row in sp_input._rows()]
    return Tensor(np.stack(rows) if rows else np.zeros((0, 3), object))


def deserialize_many_sparse(
    serialized_sparse: Any, dtype: Any, rank: int | None = None, name: str | None = None
) -> SparseTensor:
    """Sparse tensors that `serialize_sparse` made strings of, as one with a new first axis.

    Args:
        serialized_sparse: Strings of shape `(n, 3)`.
        dtype: The dtype of the values.
        rank: Accepted for TensorFlow's sake: the strings tell.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the strings are no sparse tensors of this dtype, or of different ranks.
    """
    rows = []
    for texts in _bytes(serialized_sparse).reshape(-1, 3):
        places, values, shape = (tensor_from_message(TENSOR_SCHEMA.decode("Tensor", text)) for text in texts)
        parsed = parse_tensor(texts[1], dtype)
        rows.append(SparseTensor(places, parsed if values.dtype != object else Tensor(values), shape))
    return SparseTensor._stacked(rows)


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Tensor:
    """The tensor that `serialize_tensor` made a string of.

    Args:
        serialized: A scalar string, a `TensorProto` message.
        out_type: The dtype that the tensor must have.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If it has another dtype, or the string is no such message.

    Example:
        >>> import addax.tf as tf
        >>> tf.io.parse_tensor(tf.io.serialize_tensor([1.0, 2.0]), tf.float32).numpy()
        array([1., 2.], dtype=float32)
    """
    data: Any = _bytes(serialized)[()]
    array = tensor_from_message(TENSOR_SCHEMA.decode("Tensor", data))
    if array.nbytes > max(_MAX_FILLED, 8 * len(data)):  # one value stands for all
        raise ValueError(
            message(
                "The tensor is far larger than the string.",
                expected=f"at most {_MAX_FILLED} bytes of one value",
                received=f"shape {array.shape} in {len(data)} bytes",
            )
        )
    found, wanted = ops.convert_to_tensor(array), dtypes.standardize(out_type)
    if dtypes.narrow(found.dtype.name) != dtypes.narrow(wanted.name):
        raise ValueError(
            message("The tensor has another dtype.", expected=wanted.name, received=found.dtype.name)
        )
    return found


def make_tensor_proto(
    values: Any,
    dtype: Any = None,
    shape: Any = None,
    verify_shape: bool = False,
    allow_broadcast: bool = False,
) -> Message:
    """A `TensorProto`: a tensor as the message that event files and clients of servers hold.

    Args:
        values: A number, a string, nested lists of them, an array or a tensor.
        dtype: The dtype; that of the values if None (int32 and float32 for Python's numbers).
        shape: The shape. Fewer values than it has elements are filled up with the last one.
        verify_shape: Whether values of any other shape are an error.
        allow_broadcast: Whether only a single value is filled up.

    Returns:
        An object with `SerializeToString`, `dtype` (its number in TensorFlow's DataType), `tensor_shape`, and the
        values: of one number in `float_val`, `int_val`, ..., of several in `tensor_content`, texts in `string_val`.

    Raises:
        TypeError: If the values do not fit the dtype, or another shape is verified.
        ValueError: If there are more values than elements, or no tensor can be made of them.

    Example:
        >>> import addax.tf as tf
        >>> proto = tf.make_tensor_proto([[1.0, 2.0]])
        >>> proto.dtype, [dim.size for dim in proto.tensor_shape.dim]
        (1, [1, 2])
        >>> tf.make_ndarray(proto)
        array([[1., 2.]], dtype=float32)
    """
    if verify_shape and allow_broadcast:
        raise ValueError("tf.make_tensor_proto() either verifies the shape or broadcasts to it, not both.")
    array = _proto_array(values, dtype)
    if shape is not None:
        array = _filled(array, tuple(int(d) for d in shape), verify_shape, allow_broadcast)
    wanted = None if shape is None else tuple(int(d) for d in shape)
    plain = tensor_message(array, numbers=True, shape=None if array.dtype == object else wanted)
    return Message(TENSOR_SCHEMA, "Tensor", plain)


def _proto_array(values: Any, dtype: Any) -> np.ndarray:
    """The values as an array of the dtype that TensorFlow would give them; strings as bytes."""
    if not isinstance(values, (np.ndarray, np.generic)):
        values = values.numpy() if hasattr(values, "numpy") else values
    typed = isinstance(values, (np.ndarray, np.generic))
    if values is None or (not typed and any(x is None for x in tree.flatten(values))):
        raise ValueError(message("None is no tensor.", received=values))
    array = np.asarray(values)
    if array.dtype.kind in "OSU":
        texts = np.empty(array.shape, object)
        texts.ravel()[:] = [x.encode() if isinstance(x, str) else bytes(x) for x in array.ravel().tolist()]
        array = texts
    elif not typed and dtype is None and array.dtype.kind == "f":
        array = array.astype(np.float32)
    elif not typed and array.dtype.kind == "i" and np.array_equal(array.astype(np.int32), array):
        array = array.astype(np.int32)
    if dtype is None:
        return array
    return _as_wanted(array, dtypes.standardize(dtype), typed)


def _as_wanted(array: np.ndarray, dtype: Any, typed: bool) -> np.ndarray:
    if dtype == "string" and array.dtype == object:
        return array
    kind = None if dtype == "string" else np.dtype(dtypes.numpy_dtype(dtype))
    if kind is None or array.dtype == object or not (typed or np.can_cast(array.dtype, kind, "same_kind")):
        raise TypeError(
            message("The values have another dtype.", expected=str(dtype), received=array.dtype.name)
        )
    return array.astype(kind)


def _filled(array: np.ndarray, shape: tuple[int, ...], verify: bool, single: bool) -> np.ndarray:
    """An array in a shape; one number is left as it is, since a message need not repeat it."""
    if verify and array.shape != shape:
        raise TypeError(message("The values have another shape.", expected=shape, received=array.shape))
    count = math.prod(shape)
    if array.size > count or array.size == 0 < count or (single and array.size not in (1, count)):
        raise ValueError(
            message("The values do not fit the shape.", expected=f"{count} elements", received=array.size)
        )
    if array.size == 1 and array.dtype != object and array.dtype.itemsize * count:
        return array
    flat = array.ravel()
    rest = np.repeat(flat[-1:], count - flat.size)
    return np.concatenate([flat, rest]).reshape(shape)


def make_ndarray(tensor: Any) -> np.ndarray:
    """The array in a `TensorProto` of TensorBoard or TensorFlow, such as an event file of summaries holds.

    Args:
        tensor: What has `SerializeToString`, or the bytes of the message.

    Raises:
        ValueError: If it is no such message.
    """
    data = tensor.SerializeToString() if hasattr(tensor, "SerializeToString") else bytes(tensor)
    return np.array(tensor_from_message(TENSOR_SCHEMA.decode("Tensor", data)))


def decode_compressed(bytes: Any, compression_type: str = "", name: str | None = None) -> Tensor:  # noqa: A002
    """Strings that were compressed, as they were before.

    Args:
        bytes: A tensor of strings.
        compression_type: `"GZIP"`, `"ZLIB"`, or `""` for strings that are not compressed.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the type is unknown, or a string is not compressed in this way.

    Example:
        >>> import zlib
        >>> import addax.tf as tf
        >>> tf.io.decode_compressed([zlib.compress(b"abc")], "ZLIB").numpy().tolist()
        [b'abc']
    """
    if compression_type not in ("", "GZIP", "ZLIB"):
        raise ValueError(
            message("Unknown compression.", expected='"", "GZIP" or "ZLIB"', received=compression_type)
        )
    bits = {"": 0, "GZIP": 16 + zlib.MAX_WBITS, "ZLIB": zlib.MAX_WBITS}[compression_type]

    def plain(data: Any) -> Any:
        try:
            return zlib.decompress(data, bits) if bits else data
        except zlib.error as error:
            raise ValueError(message(f"This is no {compression_type} data.", received=str(error))) from None

    return _each(plain, bytes)


def decode_raw(
    input_bytes: Any, out_type: Any, little_endian: bool = True, fixed_length: Any = None, name: Any = None
) -> Tensor:
    r"""The bytes of strings read as numbers, along a new last axis.

    Args:
        input_bytes: A tensor of strings, all of one length.
        out_type: The dtype of the numbers.
        little_endian: Whether the low byte of a number comes first.
        fixed_length: A number of bytes that each string is cut or filled with zeros to; as they are if None.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If the lengths differ, or are no multiple of the size of a number.

    Example:
        >>> import addax.tf as tf
        >>> tf.io.decode_raw(tf.constant(b"\x01\x00\x02\x00"), tf.int16).numpy()
        array([1, 2], dtype=int16)
    """
    dtype = np.dtype(dtypes.numpy_dtype(out_type)).newbyteorder("<" if little_endian else ">")
    array = _bytes(input_bytes)
    rows = [
        np.frombuffer(s if fixed_length is None else s[:fixed_length].ljust(fixed_length, b"\0"), dtype)
        for s in array.ravel()
    ]
    out = np.stack(rows).reshape(*array.shape, -1)
    return ops.convert_to_tensor(out.astype(dtype.newbyteorder("=")))


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Strings in web-safe base64.

    Args:
        input: A tensor of strings.
        pad: Whether `=` fills the last group of four characters.
        name: Accepted for TensorFlow's sake.
    """
    return _each(
        lambda s: base64.urlsafe_b64encode(s) if pad else base64.urlsafe_b64encode(s).rstrip(b"="), input
    )


def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """Strings out of web-safe base64."""
    return _each(lambda s: base64.urlsafe_b64decode(s + b"=" * (-len(s) % 4)), input)


def decode_csv(
    records: Any, record_defaults: Any, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
    select_cols: Any = None, name: str | None = None,
) -> list[Tensor]:  # fmt: skip
    """The columns of lines of CSV.

    Args:
        records: Strings, a line each.
        record_defaults: For each column a dtype (the column must have a value) or a list of the default value.
        field_delim: What parts the columns.
        use_quote_delim: Whether quotes hold fields together.
        na_value: What stands for a missing value.
        select_cols: The numbers of the columns wanted, or None for all.
        name: Accepted for TensorFlow's sake.

    Raises:
        ValueError: If a line has another number of columns, or a value is missing.
    """
    array = _bytes(records)
    quoting = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    texts = [s.decode("utf-8", "surrogateescape") for s in array.ravel().tolist()]
    try:
        lines = list(csv.reader(texts, delimiter=field_delim, quoting=quoting))
    except csv.Error as error:
        raise ValueError(message("A record of decode_csv() is no CSV.", received=str(error))) from None
    if len(lines) != len(texts):
        raise ValueError(
            message(
                "A record of decode_csv() does not end where its string does.",
                expected=f"{len(texts)} lines of CSV, one in each string",
                received=f"{len(lines)}",
                hint="Is there a quote without its partner?",
            )
        )
    if select_cols is not None:
        lines = [[line[i] for i in select_cols if i < len(line)] for line in lines]
    for number, line in enumerate(lines):
        if len(line) != len(record_defaults):
            raise ValueError(
                message(
                    f"Record {number} of decode_csv() has another number of fields than record_defaults.",
                    expected=f"{len(record_defaults)} fields",
                    received=f"{len(line)}: {line}",
                )
            )
    columns = [column_of(i, default) for i, default in enumerate(record_defaults)]
    return [
        ops.convert_to_tensor(
            values([line[c.place] for line in lines], c, ("", na_value), lambda i: f"record {i}").reshape(
                array.shape
            )
        )
        for c in columns
    ]
