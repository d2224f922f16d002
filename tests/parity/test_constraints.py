"""Constraints have the names, arguments, configs and values of Keras."""

from __future__ import annotations

import keras as real
import numpy as np
import pytest

from addax import constraints

W = np.random.default_rng(0).normal(size=(4, 3, 2)).astype("float32") * 3
CASES = [
    ("Constraint", {}),
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5, "axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {"axis": [1, 2]}),
    ("MinMaxNorm", {"min_value": 2.0, "max_value": 3.0, "rate": 0.5, "axis": 1}),
]


@pytest.mark.parametrize("name, options", CASES)
def test_values_and_configs(name, options):
    ours, theirs = getattr(constraints, name)(**options), getattr(real.constraints, name)(**options)
    np.testing.assert_allclose(np.asarray(ours(W)), np.asarray(theirs(W)), rtol=1e-5)
    config = real.constraints.serialize(theirs)
    assert constraints.serialize(ours) == config
    assert constraints.deserialize(config).get_config() == theirs.get_config()


@pytest.mark.parametrize("name", sorted(real.src.constraints.ALL_OBJECTS_DICT))
def test_names(name):
    assert type(constraints.get(name)).__name__ == type(real.constraints.get(name)).__name__
