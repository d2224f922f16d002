"""File formats as pure bytes: protocol buffers, TensorFlow bundles and records, TensorBoard events, PNG, WAV."""

from addax.formats._atomic import atomic_file
from addax.formats._bundle import BundleEntry, BundleReader, write_bundle
from addax.formats._checkpoint import (
    CHECKPOINT_SCHEMA,
    OBJECT_GRAPH_KEY,
    VARIABLE_VALUE,
    checkpoint_key,
    split_key,
)
from addax.formats._crc32c import crc32c, masked_crc32c
from addax.formats._events import Event, EventWriter, GraphNode, SummaryValue, read_events
from addax.formats._farmhash import fingerprint64, join_fingerprints, siphash
from addax.formats._graph_def import GRAPH_PRODUCER, GRAPH_SCHEMA
from addax.formats._message import Message, message_text
from addax.formats._npy import decode_npy, decode_pickle
from addax.formats._png import encode_png
from addax.formats._records import encode_record, read_records
from addax.formats._table import decode_table, encode_table
from addax.formats._tensor import (
    DT_RESOURCE,
    DT_STRING,
    TENSOR_SCHEMA,
    dtype_code,
    dtype_from_code,
    shape_from_message,
    shape_message,
    tensor_from_message,
    tensor_message,
)
from addax.formats._wav import encode_wav
from addax.formats._wire import Schema, decode_varint, encode_varint

__all__ = [
    "BundleEntry",
    "BundleReader",
    "CHECKPOINT_SCHEMA",
    "DT_RESOURCE",
    "DT_STRING",
    "Event",
    "EventWriter",
    "GRAPH_PRODUCER",
    "GRAPH_SCHEMA",
    "GraphNode",
    "Message",
    "OBJECT_GRAPH_KEY",
    "Schema",
    "SummaryValue",
    "TENSOR_SCHEMA",
    "VARIABLE_VALUE",
    "atomic_file",
    "checkpoint_key",
    "crc32c",
    "decode_npy",
    "decode_pickle",
    "decode_table",
    "decode_varint",
    "dtype_code",
    "dtype_from_code",
    "encode_png",
    "encode_record",
    "encode_table",
    "encode_varint",
    "encode_wav",
    "fingerprint64",
    "join_fingerprints",
    "masked_crc32c",
    "message_text",
    "read_events",
    "read_records",
    "shape_from_message",
    "shape_message",
    "siphash",
    "split_key",
    "tensor_from_message",
    "tensor_message",
    "write_bundle",
]
