"""Writes the files of TensorFlow that the unit tests of `addax.formats` read: `write_fixtures.py DIR`.

Run it where TensorFlow is installed, with `tests/unit/formats/fixtures` as the folder, and only if the files
have to change.
"""

from __future__ import annotations

import sys
from pathlib import Path

import tensorflow as tf


def main(target: str) -> None:
    folder = Path(target)
    checkpoint = tf.train.Checkpoint(
        kernel=tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        step=tf.Variable(7, dtype=tf.int64),
        half=tf.Variable(tf.cast([1.5, -2.0], tf.bfloat16)),
        words=tf.Variable(["a", "longer"], dtype=tf.string),
        layers=[tf.Variable([float(number)]) for number in range(20)],
    )
    checkpoint.write(str(folder / "tf_checkpoint"))
    with tf.io.TFRecordWriter(str(folder / "tf.tfrecord")) as writer:
        for payload in (b"first", b"", bytes(range(256))):
            writer.write(payload)


if __name__ == "__main__":
    main(sys.argv[1])
