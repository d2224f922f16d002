"""Writes the bytes of TensorFlow's `tf.make_tensor_proto`: tests/parity/tensor_protos.json.

Run in the environment of the oracle: `python tests/oracle/write_protos.py`.
"""

import json
from pathlib import Path

PARITY = Path(__file__).parents[1] / "parity"
CALLS = """
tf.make_tensor_proto(3)
tf.make_tensor_proto(-3)
tf.make_tensor_proto(2.5)
tf.make_tensor_proto(True)
tf.make_tensor_proto("text")
tf.make_tensor_proto(b"bytes")
tf.make_tensor_proto([1.0, 2.0])
tf.make_tensor_proto([[1, 2], [3, 4]])
tf.make_tensor_proto([["a", "bc"]])
tf.make_tensor_proto(2**40)
tf.make_tensor_proto([True, False])
tf.make_tensor_proto(1j)
tf.make_tensor_proto(np.float16(2))
tf.make_tensor_proto(np.zeros((2, 2), "int64"))
tf.make_tensor_proto(np.arange(3.0))
tf.make_tensor_proto(np.uint8(7))
tf.make_tensor_proto([1, 2], dtype=tf.float32)
tf.make_tensor_proto(1, dtype=tf.float64)
tf.make_tensor_proto([1, 2], tf.int64)
tf.make_tensor_proto(5.0, shape=[2, 3])
tf.make_tensor_proto([1, 2], shape=[2, 1])
tf.make_tensor_proto([], dtype=tf.float32)
tf.make_tensor_proto(np.complex64(1 + 2j))
""".strip().splitlines()


if __name__ == "__main__":
    found = {call: eval(call).SerializeToString().hex() for call in CALLS}
    (PARITY / "tensor_protos.json").write_text(json.dumps(found, indent=0) + "\n")
