"""Activations have the names, defaults, values and configs of Keras."""

from __future__ import annotations

import inspect

import keras as real
import numpy as np
import pytest

from addax import activations, ops

NAMES = sorted(n for n in real.src.activations.ALL_OBJECTS_DICT if n not in ("threshold", "sparsemax"))
X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32") * 3


@pytest.mark.parametrize("name", NAMES)
def test_values(name):
    theirs = np.asarray(real.activations.get(name)(X))
    np.testing.assert_allclose(np.asarray(activations.get(name)(X)), theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_defaults(name):
    ours = inspect.signature(getattr(activations, name)).parameters
    theirs = inspect.signature(getattr(real.activations, name)).parameters
    assert {k: p.default for k, p in ours.items()} == {k: p.default for k, p in theirs.items()}


@pytest.mark.parametrize("name", sorted(real.src.activations.ALL_OBJECTS_DICT))
def test_configs(name):
    assert activations.serialize(activations.get(name)) == real.activations.serialize(
        real.activations.get(name)
    )


@pytest.mark.parametrize(
    "options",
    [
        {"negative_slope": 0.3},
        {"max_value": 2.0},
        {"max_value": 6},
        {"threshold": 1.0},
        {"threshold": -1.0, "negative_slope": 0.5, "max_value": 1.5},
    ],
)
def test_relu_in_its_general_form(options):
    theirs = np.asarray(real.activations.relu(X, **options))
    np.testing.assert_allclose(activations.relu(X, **options).numpy(), theirs, rtol=1e-6)


def test_functions_of_the_user_have_the_config_of_keras():
    def cube(x):
        return x * x * x

    ours, theirs = activations.serialize(cube), real.activations.serialize(cube)
    assert (
        ours["class_name"] == theirs["class_name"] == "function"
        and ours["config"] == theirs["config"] == "cube"
    )
    assert activations.deserialize(theirs, custom_objects={"cube": cube}) is cube
    assert activations.serialize(ops.relu) == real.activations.serialize(real.ops.relu) == "relu"
