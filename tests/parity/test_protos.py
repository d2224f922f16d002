"""`tf.make_tensor_proto` writes TensorFlow's messages (recorded by tests/oracle/write_protos.py)."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.util.tensor_util import make_ndarray

import addax.tf as tf

HERE = Path(__file__).parent
PROTOS = json.loads((HERE / "tensor_protos.json").read_text())
SCRIPTS = json.loads((HERE / "unicode_scripts.json").read_text())


@pytest.mark.parametrize("call", PROTOS)
def test_the_messages_are_those_of_tensorflow(call):
    proto = eval(call, {"tf": tf, "np": np})
    theirs = TensorProto.FromString(bytes.fromhex(PROTOS[call]))
    assert TensorProto.FromString(proto.SerializeToString()) == theirs


@pytest.mark.parametrize(
    "call", [c for c in PROTOS if "bfloat16" not in c and "1j" not in c and "+ 2j" not in c]
)
def test_both_read_them(call):
    data = bytes.fromhex(PROTOS[call])
    theirs, mine = make_ndarray(TensorProto.FromString(data)), tf.make_ndarray(data)
    np.testing.assert_array_equal(mine, theirs)
    assert mine.dtype == theirs.dtype and mine.shape == theirs.shape


def test_scripts_of_all_code_points():
    found = tf.strings.unicode_script(np.arange(0x110000, dtype="int32")).numpy()
    counts = np.bincount(found)
    assert {str(i): int(counts[i]) for i in np.flatnonzero(counts)} == SCRIPTS["counts"]
    assert zlib.crc32(found.astype("<i4").tobytes()) == SCRIPTS["crc32"]
