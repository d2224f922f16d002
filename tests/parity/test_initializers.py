"""Initializers have the names, arguments, configs and (without chance) values of Keras."""

from __future__ import annotations

import inspect

import keras as real
import numpy as np
import pytest

from addax import initializers

CLASSES = sorted(n for n in dir(real.initializers) if inspect.isclass(getattr(real.initializers, n)))


@pytest.mark.parametrize("name", CLASSES)
def test_signatures(name):
    ours, theirs = getattr(initializers, name), getattr(real.initializers, name)
    if theirs.__init__ is not object.__init__:
        assert list(inspect.signature(ours.__init__).parameters) == list(
            inspect.signature(theirs.__init__).parameters
        )
        for key, parameter in inspect.signature(theirs.__init__).parameters.items():
            assert inspect.signature(ours.__init__).parameters[key].default == parameter.default


@pytest.mark.parametrize("name", CLASSES)
def test_configs_cross_over(name):
    theirs = real.initializers.serialize(getattr(real.initializers, name)())
    assert initializers.serialize(getattr(initializers, name)()) == theirs
    made = initializers.deserialize(theirs)
    assert type(made).__name__ == theirs["class_name"]
    real.initializers.deserialize(initializers.serialize(made))


@pytest.mark.parametrize("name", sorted(real.src.initializers.ALL_OBJECTS_DICT))
def test_names(name):
    assert type(initializers.get(name)).__name__ == real.src.initializers.ALL_OBJECTS_DICT[name].__name__


@pytest.mark.parametrize("side", ["real", "imag"])
@pytest.mark.parametrize(
    "options", [{}, {"window": None}, {"scaling": "spectrum", "periodic": True}, {"scaling": None}]
)
def test_stft(side, options):
    theirs = np.asarray(real.initializers.STFT(side, **options)((8, 1, 5)))
    np.testing.assert_allclose(initializers.STFT(side, **options)((8, 1, 5)).numpy(), theirs, atol=1e-5)
