"""Writes what TensorFlow gives for linear operators: tests/parity/linear_operators.json.

Run in the environment of the oracle: `python tests/oracle/write_linear_operators.py`.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import tensorflow as tf  # noqa: E402
from tests.parity._linear_operators import GOLDEN, pairs, results  # noqa: E402

if __name__ == "__main__":
    rows = [
        f"{json.dumps(case)}:{json.dumps(row, separators=(',', ':'))}"
        for case, row in {**results(tf), "pairs": pairs(tf)}.items()
    ]
    GOLDEN.write_text("{\n" + ",\n".join(rows) + "\n}\n")
