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


def results(tf: Any, features: dict[str, Any]) -> dict[str, Any]:
    """What `DenseFeatures` makes of the features."""
    return {
        name: tf.keras.layers.DenseFeatures(group)(features).numpy().round(6).tolist()
        for name, group in columns(tf).items()
    }


if __name__ == "__main__":
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3")
    import tensorflow

    tensors = {key: tensorflow.constant(value) for key, value in FEATURES.items()}
    RESULTS.write_text(json.dumps(results(tensorflow, tensors), separators=(",", ":")) + "\n")
