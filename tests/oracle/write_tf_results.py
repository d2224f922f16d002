"""Evaluates the expressions of `tests/parity/tf_expressions.txt` with the real TensorFlow and keeps the results.

Run in the environment of the oracle: `python tests/oracle/write_tf_results.py`.
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

PARITY = Path(__file__).parents[1] / "parity"


def plain(value):
    """A result as JSON: arrays with dtype and shape, floats with the digits that are compared."""
    if isinstance(value, dict):
        return {"dict": {key: plain(item) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"list": [plain(item) for item in value]}
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind == "c":
        return {"dtype": array.dtype.name, "real": plain(array.real), "imag": plain(array.imag)}
    if kind in "OSU":
        texts = [item if isinstance(item, bytes) else str(item).encode() for item in array.ravel().tolist()]
        return {"dtype": "string", "shape": array.shape, "values": [item.decode("latin-1") for item in texts]}
    flat = array.ravel().tolist()
    values = [float(f"{item:.6g}") for item in flat] if kind == "f" else [int(item) for item in flat]
    return {"dtype": array.dtype.name, "shape": array.shape, "values": values}


def main():
    """Write the results, one line for each expression."""
    expressions = (PARITY / "tf_expressions.txt").read_text().splitlines()
    results = {text: plain(eval(text, {"tf": tf})) for text in expressions}
    lines = [
        f"{json.dumps(text)}:{json.dumps(result, separators=(',', ':'))}" for text, result in results.items()
    ]
    (PARITY / "tf_results.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(results)} expressions")


if __name__ == "__main__":
    main()
