"""Models on ragged tensors, for Addax and for the real TensorFlow with Keras 2 alike; by itself, it writes the results.

`.venv-oracle/bin/python tests/oracle/write_ragged_training.py` writes `tests/parity/ragged_training.json`: losses
while training, the evaluation behind it, and predictions, which Addax has to come to from the same initial weights.
There is no attention among them: that of Keras 2 attends to what fills the rows of ragged tensors up.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).parents[1] / "parity" / "ragged_training.json"
LENGTHS = [2, 1, 3, 5, 4, 1]
STEPS = sum(LENGTHS)


def data(tf: Any) -> dict[str, Any]:
    """Inputs and targets."""
    rng = np.random.default_rng(7)
    rows = lambda values: tf.RaggedTensor.from_row_lengths(values, LENGTHS)  # noqa: E731
    return {
        "ids": rows(rng.integers(1, 20, STEPS).astype("int64")),
        "words": rows(np.array([b"a", b"b", b"c", b"d"], object)[rng.integers(0, 4, STEPS)]),
        "texts": np.array(["b a", "c", "a b c", "d b a c a", "d a c b", "d"]),
        "features": rows(rng.normal(size=(STEPS, 3)).astype("float32")),
        "y": rng.normal(size=(len(LENGTHS), 1)).astype("float32"),
        "labels": (rng.random((len(LENGTHS), 1)) > 0.5).astype("float32"),
        "step_y": rows(rng.normal(size=(STEPS, 2)).astype("float32")),
        "step_labels": rows(rng.integers(0, 3, STEPS).astype("int64")),
        "weights": rng.random(len(LENGTHS)).astype("float32"),
    }


def models(tf: Any) -> dict[str, tuple]:
    """Name -> the input and a function that makes the outputs of it, inputs, targets, loss, metrics."""
    layers = tf.keras.layers
    ids = dict(shape=(None,), dtype="int64", ragged=True)
    features = dict(shape=(None, 3), ragged=True)

    def chain(*parts: Any) -> Any:
        """One layer behind the other, each given as a function that makes it."""

        def outputs(x: Any) -> Any:
            for make in (*parts, lambda: layers.Dense(1)):
                x = make()(x)
            return x

        return outputs

    def branches(x: Any) -> Any:
        a, b = layers.Dense(4, "tanh")(x), layers.Dense(4)(x)
        joined = layers.Concatenate()([layers.Add()([a, b]), layers.Multiply()([a, b])])
        return layers.Dense(1)(layers.GlobalMaxPooling1D()(joined))

    def functions(x: Any) -> Any:
        x = layers.Lambda(lambda x: tf.sqrt(tf.abs(x)) / 2.0 + 1.0)(x)
        parts = [tf.reduce_mean(x, axis=1), tf.reduce_max(x, axis=1), tf.reduce_sum(x[:, :2], axis=1)]
        return layers.Dense(1)(layers.Concatenate()(parts))

    def joined_rows(x: Any) -> Any:
        return layers.Dense(1)(layers.LSTM(3)(layers.Concatenate(axis=1)([x, layers.Dense(3)(x)])))

    def step_outputs(x: Any) -> Any:
        return layers.TimeDistributed(layers.Dense(2))(layers.LSTM(3, return_sequences=True)(x))

    def step_classes(x: Any) -> Any:
        return layers.Dense(3, "softmax")(layers.GRU(3, return_sequences=True)(x))

    embed = lambda: layers.Embedding(20, 4)  # noqa: E731
    lstm = lambda: layers.LSTM(3)  # noqa: E731
    average, largest = layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D
    both = lambda: layers.Bidirectional(layers.LSTM(3))  # noqa: E731
    first = lambda: layers.Bidirectional(layers.GRU(3, return_sequences=True))  # noqa: E731
    words = lambda: layers.StringLookup(vocabulary=["a", "b", "c"])  # noqa: E731
    texts = lambda: layers.TextVectorization(vocabulary=["a", "b", "c"], ragged=True)  # noqa: E731
    dense = chain(lambda: layers.Dense(4, "relu"), layers.LayerNormalization, average)
    plain, string = dict(shape=(), dtype="string"), dict(shape=(None,), dtype="string", ragged=True)
    guide = chain(embed, lambda: layers.LSTM(5, use_bias=False))
    crossentropy = "sparse_categorical_crossentropy"
    return {
        "lstm": (ids, guide, "ids", "labels", "binary_crossentropy", []),
        "gru": (features, chain(lambda: layers.GRU(4)), "features", "y", "mse", ["mae"]),
        "simple": (features, chain(lambda: layers.SimpleRNN(4)), "features", "y", "mse", []),
        "bidirectional": (features, chain(both), "features", "y", "mse", []),
        "stacked": (features, chain(first, lstm), "features", "y", "mse", []),
        "average": (ids, chain(embed, average), "ids", "y", "mse", ["mae"]),
        "largest": (ids, chain(embed, largest), "ids", "y", "mae", []),
        "dense": (features, dense, "features", "y", "mse", []),
        "branches": (features, branches, "features", "y", "mse", []),
        "functions": (features, functions, "features", "y", "mse", []),
        "joined rows": (features, joined_rows, "features", "y", "mse", []),
        "step outputs": (features, step_outputs, "features", "step_y", "mse", ["mae"]),
        "step classes": (features, step_classes, "features", "step_labels", crossentropy, ["accuracy"]),
        "words": (string, chain(words, embed, lstm), "words", "y", "mse", []),
        "texts": (plain, chain(texts, embed, average), "texts", "y", "mse", []),
    }


def results(tf: Any) -> dict[str, Any]:
    """What training, evaluation and prediction give, by model."""
    return {name: result(tf, name) for name in models(tf)}


def result(tf: Any, name: str) -> dict[str, Any]:
    """What training, evaluation and prediction of one model give."""
    form, outputs, x, y, loss, metrics = models(tf)[name]
    given = data(tf)
    x, y = given[x], given[y]
    source = tf.keras.Input(**form)
    model = tf.keras.Model(source, outputs(source))
    rng = np.random.default_rng(3)
    model.set_weights([rng.normal(0, 0.4, w.shape).astype("float32") for w in model.get_weights()])
    model.compile(tf.keras.optimizers.SGD(0.05), loss, metrics=metrics)
    history = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0).history
    stream = tf.data.Dataset.from_tensor_slices((x, y)).batch(3)
    found = {"history": history, "stream": model.fit(stream, verbose=0).history}
    if name in ("gru", "step classes"):
        weights = given["weights"]
        found["weighted"] = model.fit(x, y, 3, sample_weight=weights, shuffle=False, verbose=0).history
        found["evaluation"] = model.evaluate(x, y, batch_size=3, verbose=0)
    predicted = model.predict(x, batch_size=3, verbose=0)
    found["predictions"] = (
        predicted.to_list() if hasattr(predicted, "to_list") else np.asarray(predicted).tolist()
    )
    return found


if __name__ == "__main__":
    os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
    import tensorflow

    rounded = json.loads(
        json.dumps(results(tensorflow)), parse_float=lambda text: float(f"{float(text):.6g}")
    )
    lines = [
        f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in rounded.items()
    ]
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(lines)} models")
