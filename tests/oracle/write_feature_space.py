"""Writes what the real `FeatureSpace` makes of a small table: `write_feature_space.py DIR`.

Run it where TensorFlow and Keras are installed, with `tests/parity/feature_space` as the folder: Keras's class works
with `tf.data` alone, so the tests cannot ask it.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

ROWS = {
    "f": [1.0, 2.0, 3.0, 4.0],
    "n": [1.0, 5.0, 2.0, 8.0],
    "r": [1.0, 2.0, 3.0, 4.0],
    "d": [0.1, 0.2, 0.9, 0.5],
    "i": [1, 2, 2, 7],
    "ih": [1, 2, 3, 4],
    "s": ["a", "b", "a", "c"],
    "sh": ["x", "y", "z", "x"],
}


def space_of(cls: type) -> object:
    """The space of the test, by Keras's class or by ours."""
    return cls(
        {
            "f": "float",
            "n": "float_normalized",
            "r": cls.float_rescaled(2.0, 1.0),
            "d": cls.float_discretized(3),
            "i": "integer_categorical",
            "ih": cls.integer_hashed(4),
            "s": "string_categorical",
            "sh": "string_hashed",
        },
        crosses=[("s", "i"), cls.cross(("i", "ih"), 5)],
        crossing_dim=8,
        hashing_dim=6,
    )


def main(target: str) -> None:
    space = space_of(keras.utils.FeatureSpace)
    space.adapt(tf.data.Dataset.from_tensor_slices(ROWS))
    encoded = np.asarray(space({key: tf.constant(values) for key, values in ROWS.items()}))
    (Path(target) / "encoded.json").write_text(json.dumps(encoded.tolist()))
    plain = Path(target) / "plain.keras"
    space.save(plain)
    with (
        zipfile.ZipFile(plain) as archive,
        zipfile.ZipFile(Path(target) / "space.keras", "w", zipfile.ZIP_DEFLATED) as small,
    ):
        for name in archive.namelist():
            small.writestr(name, archive.read(name))
    plain.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
