"""Regularizers have the names, arguments, configs and values of Keras."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

from addax import regularizers

W = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
CASES = [
    ("L1", {"l1": 0.3}),
    ("L2", {"l2": 0.3}),
    ("L1L2", {"l1": 0.25, "l2": 0.5}),
    ("L1L2", {}),
    ("OrthogonalRegularizer", {"factor": 0.5}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]


@pytest.mark.parametrize("name, options", CASES)
def test_values_and_configs(name, options):
    ours, theirs = getattr(regularizers, name)(**options), getattr(real.regularizers, name)(**options)
    np.testing.assert_allclose(float(ours(W)), float(theirs(real.ops.convert_to_tensor(W))), rtol=1e-5)
    config = real.regularizers.serialize(theirs)
    made = regularizers.serialize(ours)
    assert made["config"] == pytest.approx(config["config"])
    assert {k: v for k, v in made.items() if k != "config"} == {
        k: v for k, v in config.items() if k != "config"
    }
    assert type(regularizers.deserialize(config)) is type(ours)


@pytest.mark.parametrize("name", sorted(real.src.regularizers.ALL_OBJECTS_DICT))
def test_names(name):
    assert type(regularizers.get(name)).__name__ == type(real.regularizers.get(name)).__name__
