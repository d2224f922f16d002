"""Writes models for Keras 2 with Addax, and what they compute: `write_keras2.py DIR`; needs no TensorFlow."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.browser.cases import CASES, L, inputs_of, keras, trained_like


def attention():
    """Attention, and operations of the graph."""
    x = keras.Input((6, 8))
    y = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 4)(x, x)]))
    return keras.Model(x, L.Dense(2)(keras.ops.mean(y * 2.0 + 1.0, axis=1)))


def gates():
    """The recurrent layers as they are by default."""
    return keras.Sequential([keras.Input((6, 3)), L.GRU(4, return_sequences=True), L.LSTM(3), L.Dense(2)])


def no_dropout():
    """Dense layers whose training has nothing random."""
    return keras.Sequential([keras.Input((5,)), L.Dense(8, "relu"), L.Dense(2, "softmax")])


MODELS = {
    "attention": (attention, "adam"),
    "branches": (CASES["branches"], "adam"),
    "cnn": (CASES["cnn"], "rmsprop"),
    "gates": (gates, keras.optimizers.Adam(0.01, amsgrad=True)),
    "no_dropout": (no_dropout, keras.optimizers.SGD(0.1, momentum=0.9)),
    "recurrent": (CASES["recurrent"], "adam"),
}


def _listed(results):
    return [np.asarray(x) for x in (results if isinstance(results, list) else [results])]


def main(folder):
    """Every model after two steps, and its results before and after a third."""
    for name, (make, optimizer) in MODELS.items():
        model = trained_like(make())
        inputs = inputs_of(model)
        x = inputs if len(inputs) > 1 else inputs[0]
        targets = [np.ones(y.shape, "float32") for y in _listed(model(x, training=False))]
        model.compile(optimizer, "mse")
        y = targets if len(targets) > 1 else targets[0]
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
        model.save(f"{folder}/{name}.h5", keras2=True)
        Path(f"{folder}/{name}.json").write_text(model.to_json(keras2=True))
        before = _listed(model(x, training=False))
        model.fit(x, y, epochs=1, shuffle=False, verbose=0)
        after = _listed(model(x, training=False))
        groups = {"x": inputs, "before": before, "after": after}
        np.savez(f"{folder}/{name}.npz", **{f"{k}{i}": a for k, g in groups.items() for i, a in enumerate(g)})


if __name__ == "__main__":
    main(sys.argv[1])
