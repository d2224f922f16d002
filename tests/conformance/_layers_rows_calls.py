"""Rows of layers that are called with more than one argument, or on text, or that wrap code of others."""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.conformance._layers_registry import FIRST, F, I, row

# attention
row(
    "MultiHeadAttention",
    [F(3, 6), F(5, 6)],
    {"num_heads": 2, "key_dim": 3},
    {"num_heads": 2, "key_dim": 3, "use_bias": False, "output_shape": 4},
    flags="spread grad",
)
row("MultiHeadAttention", [F(3, 6), F(5, 6), F(5, 6)], {"num_heads": 2, "key_dim": 3}, flags="spread")
row(
    "GroupQueryAttention",
    [F(3, 6), F(5, 6)],
    {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2},
    {"head_dim": 2, "num_query_heads": 3, "num_key_value_heads": 1, "use_bias": False},
    flags="spread grad",
)

# cells
row("SimpleRNNCell", [F(3), [F(4)]], {"units": 4}, {"units": 4, "use_bias": False}, flags="cell grad")
row("GRUCell", [F(3), [F(4)]], {"units": 4}, {"units": 4, "reset_after": False}, flags="cell grad")
row(
    "LSTMCell",
    [F(3), [F(4), F(4)]],
    {"units": 4},
    {"units": 4, "unit_forget_bias": False, "activation": "relu"},
    flags="cell grad",
)
row(
    "StackedRNNCells",
    [F(3), [[F(4), F(4)], [F(2)]]],
    lambda keras: {"cells": [keras.layers.LSTMCell(4, name="one"), keras.layers.GRUCell(2, name="two")]},
    flags="cell grad nolow",  # the cells inside have their own dtype
)

# images of another size; Keras 3's RandomCrop leaves images alone when not in training, tf.keras's cuts the middle
CROP = {"height": 4, "width": 5, "seed": 1}
row("RandomCrop", F(6, 8, 3), CROP, call={"training": False}, flags="noparity")
row("RandomCrop", F(3, 6, 8), {**CROP, **FIRST}, call={"training": False}, flags="noparity")
for name in ("RandomHeight", "RandomWidth"):  # layers of tf.keras
    row(name, F(6, 8, 3), {"factor": 0.3, "seed": 1}, call={"training": False}, flags="noparity")

# other layers of tf.keras alone; tests/parity/test_old_layers.py has its numbers
for data in ("channels_last", "channels_first"):
    local = {"filters": 4, "kernel_size": 2, "data_format": data}
    row("LocallyConnected1D", F(6, 5), local, {**local, "strides": 2, "activation": "relu"}, flags="noparity")
    row(
        "LocallyConnected2D",
        F(6, 5, 4),
        local,
        {**local, "strides": (2, 1), "use_bias": False},
        flags="noparity",
    )

# text and keys; the numbers of Keras, which needs TensorFlow for them, are in tests/parity/test_layers_preprocess.py
WORDS = np.array([["a", "b"], ["zz", "a"], ["c", "c"], ["b", "q"]], dtype=object)
ABC = {"vocabulary": ["a", "b", "c"]}
row("StringLookup", WORDS, ABC, {**ABC, "output_mode": "multi_hot"}, flags="text noparity nolow")
row("StringLookup", I(2, high=4), {**ABC, "invert": True}, flags="text noparity nolow")
row(
    "IntegerLookup",
    I(2, high=6),
    {"vocabulary": [1, 3, 4]},
    {"vocabulary": [1, 3, 4], "output_mode": "count", "num_oov_indices": 2},
    flags="text noparity nolow",
)
row(
    "TextVectorization",
    np.array(["a b zz", "C!", "b b a", ""], dtype=object),
    {**ABC, "output_sequence_length": 3},
    {**ABC, "output_mode": "multi_hot"},
    flags="text noparity nolow",
)
row("Hashing", WORDS, {"num_bins": 5}, {"num_bins": 5, "output_mode": "count"}, flags="text noparity nolow")
row("Hashing", I(2, high=99), {"num_bins": 5, "salt": 7}, flags="text noparity nolow")
row(
    "HashedCrossing",
    [WORDS[:, :1], I(1, high=9)],
    {"num_bins": 5},
    {"num_bins": 5, "output_mode": "one_hot"},
    flags="text noparity nolow",
)


# code of others
def _times(params: Any, inputs: Any) -> Any:
    return inputs * params["factor"]


def _factor(rng: Any, inputs: Any) -> dict[str, np.ndarray]:
    return {"factor": np.ones(inputs.shape[-1:], "float32")}


class _Module:
    """What `FlaxLayer` needs of a module of Flax."""

    def __call__(self, x: Any) -> Any:
        raise AssertionError("only apply() is called")

    def init(self, rngs: Any, x: Any, method: Any = None) -> dict[str, Any]:
        return {"params": _factor(None, x)}

    def apply(self, variables: Any, x: Any, rngs: Any = None, method: Any = None, mutable: Any = None) -> Any:
        result = _times(variables["params"], x)
        return result if mutable is None else (result, {})


row(
    "JaxLayer", F(3), {"call_fn": _times, "init_fn": _factor}, flags="noconfig nolow noparity"
)  # asks for TensorFlow
row(
    "FlaxLayer", F(3), lambda keras: {"module": _Module()}, flags="noconfig nolow noparity"
)  # flax is not installed
