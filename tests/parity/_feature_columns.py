"""Feature columns and features, for Addax and for the real TensorFlow alike; by itself, it writes the latter's results.

`.venv-oracle/bin/python -m tests.parity._feature_columns` writes `feature_columns.json`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).with_name("feature_columns.json")

FEATURES: dict[str, Any] = {
    "age": np.array([17.5, 18, 29.9, 65, 80], "float32"),
    "pair": np.array([[0, 1], [2, 3], [5, 5], [-1, 9], [3, 0]], "float32"),
    "kind": np.array([b"cat", b"dog", b"", b"bird", b"dog"], object),
    "tags": np.array([[b"a", b"b"], [b"b", b"b"], [b"", b"c"], [b"z", b"a"], [b"", b""]], object),
    "full": np.array([[b"a", b"b"], [b"b", b"b"], [b"z", b"c"], [b"a", b"a"], [b"c", b"b"]], object),
    "number": np.array([3, 0, -1, 7, 2], "int64"),
    "code": np.array([12345678901, 5, -1, -7, 2], "int64"),
    "weight": np.array([[0.5, 2.0], [1.0, 1.0], [9.0, 3.0], [-1.0, 2.0], [1.0, 1.0]], "float32"),
}


def _table(shape: Any, dtype: Any = None, **_: Any) -> Any:
    return (np.arange(np.prod(shape)).reshape(shape) / 7).astype("float32")


def columns(tf: Any) -> dict[str, list]:
    """Lists of columns by what they show."""
    fc = tf.feature_column
    age, pair = fc.numeric_column("age"), fc.numeric_column("pair", shape=2)
    ages, pairs = fc.bucketized_column(age, [18, 30, 65]), fc.bucketized_column(pair, [1.0, 4.0])
    kind = fc.categorical_column_with_vocabulary_list("kind", ["cat", "dog"])
    spare = fc.categorical_column_with_vocabulary_list("kind", ["cat"], num_oov_buckets=3)
    default = fc.categorical_column_with_vocabulary_list("kind", ["cat", "dog"], default_value=1)
    tags = fc.categorical_column_with_vocabulary_list("tags", ["a", "b", "c"])
    hashed = fc.categorical_column_with_hash_bucket("tags", 11)
    codes = fc.categorical_column_with_hash_bucket("code", 9, dtype=tf.int64)
    number = fc.categorical_column_with_identity("number", 5, default_value=4)
    numbers = fc.categorical_column_with_vocabulary_list("number", [7, 3, 0], dtype=tf.int64)
    full = fc.categorical_column_with_vocabulary_list("full", ["a", "b", "c"])
    weighted = fc.weighted_categorical_column(full, "weight")
    cross = fc.crossed_column(["kind", "tags"], 13)
    deep = fc.crossed_column([fc.crossed_column([ages, "kind"], 10), "number", number], 17)
    found = {
        "numbers": [
            pair,
            age,
            fc.numeric_column("weight", shape=(2,), normalizer_fn=lambda x: (x - 1.0) / 2.0),
        ],
        "buckets": [ages, pairs],
        "indicators": [fc.indicator_column(c) for c in (kind, tags, number)],
        "vocabulary of integers": [fc.indicator_column(numbers)],
        "out of vocabulary": [fc.indicator_column(spare)],
        "default": [fc.indicator_column(default)],
        "hashes": [fc.indicator_column(hashed), fc.indicator_column(codes)],
        "weights": [fc.indicator_column(weighted)],
        "crosses": [fc.indicator_column(cross), fc.indicator_column(deep)],
        "other key": [fc.indicator_column(fc.crossed_column([ages, pairs], 23, hash_key=99))],
        "bucketized": [fc.indicator_column(pairs), fc.embedding_column(ages, 2, initializer=_table)],
        "short vectors": [fc.embedding_column(tags, 2, initializer=_table, max_norm=0.5)],
    }
    for combiner in ("mean", "sum", "sqrtn"):
        found[combiner] = [
            fc.embedding_column(tags, 3, combiner, _table),
            fc.embedding_column(cross, 2, combiner, _table),
            fc.embedding_column(weighted, 2, combiner, _table),
        ]
    return found


def sparse_features(tf: Any) -> dict[str, Any]:
    """Features as an `Example` with lists of any length gives them."""
    places = [[0, 0], [0, 1], [2, 0], [3, 0], [3, 1], [3, 2]]

    def sparse(values: Any, places: Any = places, width: int = 3) -> Any:
        return tf.SparseTensor(places, values, [5, width])

    pairs = [[0, 0], [0, 1], [0, 2], [0, 3], [2, 0], [2, 1], [3, 0], [3, 1], [3, 2], [3, 3], [3, 4], [3, 5]]
    return {
        "tags": sparse([b"a", b"b", b"z", b"c", b"a", b""]),
        "ids": sparse(np.array([0, 3, 3, 1, 0, 2], "int64")),
        "weight": sparse(np.array([0.5, 2.0, 1.0, -1.0, 2.0, 1.0], "float32")),
        "speed": sparse(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "float32")),
        "point": sparse(np.arange(12, dtype="float32"), pairs, 6),
    }


def sparse_columns(tf: Any) -> dict[str, tuple]:
    """The layer and columns that take them."""
    fc = tf.feature_column
    dense, sequence = tf.keras.layers.DenseFeatures, tf.keras.experimental.SequenceFeatures
    tags = fc.categorical_column_with_vocabulary_list("tags", ["a", "b", "c"])
    ids = fc.categorical_column_with_identity("ids", 4)
    weighted = fc.weighted_categorical_column(ids, "weight")
    words = fc.sequence_categorical_column_with_vocabulary_list("tags", ["a", "b", "c"], num_oov_buckets=2)
    steps = fc.sequence_categorical_column_with_identity("ids", 4)
    hashed = fc.sequence_categorical_column_with_hash_bucket("tags", 7)
    speed = fc.sequence_numeric_column("speed", default_value=-1.0, normalizer_fn=lambda x: x / 2)
    found = {
        "sparse indicators": (dense, [fc.indicator_column(c) for c in (tags, ids)]),
        "sparse hashes": (dense, [fc.indicator_column(fc.categorical_column_with_hash_bucket("tags", 9))]),
        "sequence of vectors": (sequence, [fc.embedding_column(words, 3, initializer=_table), speed]),
        "sequence of ids": (sequence, [fc.indicator_column(steps)]),
        "sequence of hashes": (sequence, [fc.embedding_column(hashed, 2, initializer=_table)]),
        "sequence of points": (sequence, [fc.sequence_numeric_column("point", shape=2)]),
    }
    for combiner in ("mean", "sum", "sqrtn"):
        group = [fc.embedding_column(c, 2, combiner, _table) for c in (tags, weighted)]
        found[f"sparse {combiner}"] = (dense, group)
    return found


def _listed(found: Any) -> Any:
    if isinstance(found, tuple):
        return [_listed(part) for part in found]
    return found.numpy().round(6).tolist()


def results(tf: Any, features: dict[str, Any]) -> dict[str, Any]:
    """What `DenseFeatures` and `SequenceFeatures` make of the features."""
    dense = {
        name: _listed(tf.keras.layers.DenseFeatures(group)(features)) for name, group in columns(tf).items()
    }
    given = sparse_features(tf)
    return dense | {name: _listed(layer(group)(given)) for name, (layer, group) in sparse_columns(tf).items()}


if __name__ == "__main__":
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3")
    import tensorflow

    tensors = {key: tensorflow.constant(value) for key, value in FEATURES.items()}
    RESULTS.write_text(json.dumps(results(tensorflow, tensors), separators=(",", ":")) + "\n")
