"""Preprocessing layers on small inputs; the numbers of the real Keras, which needs TensorFlow, are in a file.

`python -m tests.parity._preprocess_cases` writes that file, in an environment with TensorFlow.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).with_name("preprocess_golden.json")

TEXTS = np.array(
    ["The cat sat, on the mat!", "A DOG  barked:\tloud", "the the cat", "", "Ünï cöde 日本", "(x)"]  # noqa: RUF001
)
TOKENS = np.array([["a", "b", "zz", ""], ["c", "a", "a", "q"]])
INTEGERS = np.array([[12, 36, 7, 0], [1138, 12, 12, -5]])
NUMBERS = np.random.RandomState(0).normal(size=(200, 3)).round(4).astype("float32")
CUBE = NUMBERS[:96].reshape(4, 8, 9)
ABC = {"vocabulary": ["a", "b", "c"]}
KEYS = {"vocabulary": [12, 36, 1138]}
LETTERS, ROOMS = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
BINS = {"bin_boundaries": [-1.0, 0.0, 0.5]}
CATEGORIES = np.array([[0, 1, 1], [3, 0, 2]])

# Class, constructor arguments, inputs of the call, data to adapt to.
CASES: dict[str, tuple[str, dict[str, Any], tuple, Any]] = {}


def case(name: str, arguments: dict[str, Any], *inputs: Any, adapt: Any = None) -> None:
    number = sum(other[0] == name for other in CASES.values())
    CASES[f"{name}-{number}"] = (name, {**arguments, "name": "layer"}, inputs, adapt)


case("StringLookup", ABC, TOKENS)
case("StringLookup", {**ABC, "mask_token": ""}, TOKENS)
case("StringLookup", {**ABC, "num_oov_indices": 3}, TOKENS)
case("StringLookup", {**ABC, "num_oov_indices": 3, "salt": 7}, TOKENS)
case("StringLookup", {"vocabulary": ["", "[UNK]", "a", "b", "c"], "mask_token": ""}, TOKENS)
case("StringLookup", {**ABC, "output_mode": "one_hot"}, TOKENS[:, 0])
case("StringLookup", {**ABC, "output_mode": "one_hot"}, TOKENS[:, :1])
case("StringLookup", {**ABC, "output_mode": "multi_hot", "mask_token": ""}, TOKENS)
case("StringLookup", {**ABC, "output_mode": "count", "max_tokens": 6, "pad_to_max_tokens": True}, TOKENS)
case("StringLookup", {**ABC, "output_mode": "tf_idf", "idf_weights": [0.2, 0.5, 1.0]}, TOKENS)
case("StringLookup", {"output_mode": "tf_idf"}, TOKENS, adapt=TOKENS)
case(
    "StringLookup",
    {"output_mode": "tf_idf", "max_tokens": 9, "pad_to_max_tokens": True, "num_oov_indices": 2},
    TOKENS,
    adapt=TOKENS,
)
case("StringLookup", {"mask_token": ""}, TOKENS, adapt=TOKENS)
case("StringLookup", {"max_tokens": 3}, TOKENS, adapt=TOKENS)
case("StringLookup", {**ABC, "invert": True}, np.array([[0, 1, 3], [2, 9, -1]]))
case(
    "StringLookup",
    {**ABC, "invert": True, "mask_token": "", "num_oov_indices": 2},
    np.array([[0, 1, 3], [2, 9, 4]]),
)
case("IntegerLookup", KEYS, INTEGERS)
case("IntegerLookup", {**KEYS, "mask_token": 0, "num_oov_indices": 2}, INTEGERS)
case("IntegerLookup", {**KEYS, "num_oov_indices": 4, "oov_method": "farmhash"}, INTEGERS)
case("IntegerLookup", {**KEYS, "num_oov_indices": 4, "oov_method": "farmhash", "salt": [1, 2]}, INTEGERS)
case("IntegerLookup", {**KEYS, "output_mode": "multi_hot"}, INTEGERS)
case("IntegerLookup", {**KEYS, "invert": True}, np.array([[0, 1, 3], [2, 9, -1]]))
case("IntegerLookup", {}, INTEGERS, adapt=INTEGERS)
case("IntegerLookup", {"vocabulary": [12, 36], "output_mode": "one_hot"}, np.array([[12], [1]]))
case("IntegerLookup", {"vocabulary": [2**40, 7]}, np.array([[2**40, 7, 2**41]]))
for mode in ("int", "multi_hot", "count", "tf_idf"):
    case("TextVectorization", {"output_mode": mode}, TEXTS, adapt=TEXTS)
    case(
        "TextVectorization", {"output_mode": mode, "ngrams": 2, "max_tokens": 8}, TEXTS[:, None], adapt=TEXTS
    )
for arguments in (
    {"ngrams": (1, 3)},
    {"split": "character", "standardize": "lower"},
    {"standardize": "strip_punctuation"},
    {"standardize": None},
    {"output_mode": "count", "max_tokens": 20, "pad_to_max_tokens": True},
):
    case("TextVectorization", arguments, TEXTS, adapt=TEXTS)
case("TextVectorization", {"output_sequence_length": 3, "vocabulary": ["the", "cat"]}, TEXTS)
case("TextVectorization", {"vocabulary": ["the", "cat"]}, "the cat sat")
case(
    "TextVectorization",
    {"output_mode": "tf_idf", "vocabulary": ["the", "cat"], "idf_weights": [0.5, 0.25]},
    TEXTS,
)
case("TextVectorization", {"split": None}, TEXTS[:4].reshape(2, 2), adapt=TEXTS)
case("TextVectorization", {"split": None, "output_sequence_length": 3}, TEXTS[:4].reshape(2, 2), adapt=TEXTS)
for mode in ("one_hot", "multi_hot", "count"):
    for inputs in (CATEGORIES, CATEGORIES[1], CATEGORIES[1][:, None]):
        case("CategoryEncoding", {"num_tokens": 4, "output_mode": mode}, inputs)
case("Hashing", {"num_bins": 5}, TOKENS)
case("Hashing", {"num_bins": 50}, INTEGERS)
case("Hashing", {"num_bins": 5, "mask_value": ""}, TOKENS)
case("Hashing", {"num_bins": 5, "mask_value": 0}, INTEGERS)
case("Hashing", {"num_bins": 50, "salt": 133}, TOKENS)
case("Hashing", {"num_bins": 50, "salt": [133, 137]}, INTEGERS)
case("Hashing", {"num_bins": 5, "output_mode": "one_hot"}, TOKENS[:, :1])
case("Hashing", {"num_bins": 5, "output_mode": "multi_hot"}, TOKENS)
case("Hashing", {"num_bins": 5, "output_mode": "count"}, TOKENS)
case("HashedCrossing", {"num_bins": 1000}, (LETTERS, ROOMS))
case("HashedCrossing", {"num_bins": 1000}, (LETTERS[:, None], ROOMS[:, None], ROOMS[:, None]))
case("HashedCrossing", {"num_bins": 4, "output_mode": "one_hot"}, (LETTERS, ROOMS))
case("HashedCrossing", {"num_bins": 4, "output_mode": "one_hot"}, (LETTERS[:, None], ROOMS[:, None]))
for mode in ("int", "one_hot", "multi_hot", "count"):
    case("Discretization", {**BINS, "output_mode": mode}, NUMBERS[:4])
case("Discretization", {**BINS, "output_mode": "one_hot"}, NUMBERS[:4, :1])
case("Discretization", {"num_bins": 4}, NUMBERS[:5], adapt=NUMBERS)
case("Discretization", {"num_bins": 7, "epsilon": 0.1}, NUMBERS[:5], adapt=NUMBERS)
case("Normalization", {}, NUMBERS[:4], adapt=NUMBERS)
case("Normalization", {"axis": None}, NUMBERS[:4], adapt=NUMBERS)
case("Normalization", {"invert": True}, NUMBERS[:4], adapt=NUMBERS)
case("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [1.0, 4.0, 9.0]}, NUMBERS[:4])
case("Normalization", {"mean": 3.0, "variance": 2.0}, NUMBERS[:4])
case("Normalization", {"axis": (1, 2)}, CUBE, adapt=CUBE)
case("Normalization", {"axis": 1}, CUBE[:2], adapt=CUBE)
case("Rescaling", {"scale": 1 / 127.5, "offset": -1}, np.array([[0, 255, 3]]))
case("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": [0.0, 1.0, 2.0]}, np.ones((2, 2, 2, 3)))


def run(keras: Any, key: str) -> dict[str, Any]:
    """What a layer gives: its output, vocabulary and config as plain data."""
    name, arguments, inputs, data = CASES[key]
    layer = getattr(keras.layers, name)(**arguments)
    if data is not None:
        layer.adapt(data)
    output = np.asarray(layer(*inputs))
    if output.dtype.kind == "f":
        output = output.round(5)
    found: dict[str, Any] = {"output": output.tolist(), "config": layer.get_config()}
    if hasattr(layer, "get_vocabulary"):
        found["vocabulary"] = layer.get_vocabulary()
    return json.loads(json.dumps(found, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if hasattr(value, "item") else list(value)


if __name__ == "__main__":
    import keras as oracle

    golden = {key: run(oracle, key) for key in CASES}
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in golden.items())
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
