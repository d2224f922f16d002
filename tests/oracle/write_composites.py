"""Writes what TensorFlow gives for expressions of ragged and sparse tensors: tests/parity/composite_results.json."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import tensorflow as tf  # noqa: E402
from tests.parity._composites import HERE, results  # noqa: E402

if __name__ == "__main__":
    found = results(tf)
    rows = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in found.items()]
    (HERE / "composite_results.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")
