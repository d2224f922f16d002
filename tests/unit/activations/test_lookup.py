"""Activations by name, config and callable."""

from __future__ import annotations

import pytest

from addax import activations
from addax.core.registry import custom_object_scope, register_keras_serializable
from addax.engine import SymbolicTensor


def test_none_is_linear():
    assert activations.get(None) is activations.linear
    assert activations.serialize(None) == "linear"


def test_aliases_are_the_same_function():
    assert activations.get("swish") is activations.get("silu")
    assert activations.serialize(activations.swish) == "silu"
    assert activations.get(activations.serialize(activations.get("hard_swish"))) is activations.hard_silu


def test_callables_are_given_back():
    fn = lambda x: x  # noqa: E731
    assert activations.get(fn) is fn


def test_registered_functions_round_trip():
    @register_keras_serializable("act_test")
    def double(x):
        return 2 * x

    config = activations.serialize(double)
    assert config["config"] == "act_test>double"
    assert activations.get(config) is double
    with custom_object_scope({"twice": double}):
        assert activations.get("twice") is double


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="'relu'"):
        activations.get("reluu")
    with pytest.raises(ValueError, match="identifier"):
        activations.get(3)


@pytest.mark.parametrize("name", ["mish", "relu", "gelu", "exponential", "softmax", "linear"])
def test_symbolic_tensors(name):
    assert activations.get(name)(SymbolicTensor((None, 3))).shape == (None, 3)
