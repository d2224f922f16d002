"""Writes the table of `tf.strings.unicode_script`, and what TensorFlow gives for all code points together.

Run in the environment of the oracle: `python tests/oracle/write_unicode_scripts.py`.
"""

import base64
import json
import textwrap
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf

ROOT = Path(__file__).parents[2]
CODES = 0x110000


def packed(found):
    """Runs of equal scripts: how often, then which, as bytes of two each."""
    starts = np.concatenate([[0], np.flatnonzero(np.diff(found)) + 1])
    lengths = np.diff([*starts, CODES])
    low, high = lengths & 0xFFFF, lengths >> 16
    return zlib.compress(np.concatenate([low, high, found[starts]]).astype("<u2").tobytes(), 9)


def main():
    """Write both files."""
    found = tf.strings.unicode_script(np.arange(CODES, dtype="int32")).numpy()
    lines = textwrap.wrap(base64.b85encode(packed(found)).decode(), 100)
    table = "\n".join(f"    {json.dumps(line)}" for line in lines)
    (ROOT / "src/addax/tf/_unicode_scripts.py").write_text(
        '"""The scripts of all code points, as runs; written by tests/oracle/write_unicode_scripts.py."""\n\n'
        f"RUNS = (\n{table}\n)\n"
    )
    counts = np.bincount(found)
    golden = {
        "crc32": zlib.crc32(found.astype("<i4").tobytes()),
        "counts": {int(i): int(counts[i]) for i in np.flatnonzero(counts)},
    }
    (ROOT / "tests/parity/unicode_scripts.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
