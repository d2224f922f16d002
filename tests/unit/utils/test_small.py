"""`Config`, `get_source_inputs` and other small helpers."""

from __future__ import annotations

import json

import pytest

import addax as keras
from addax.utils import Config, get_source_inputs


def test_config_is_a_dict_with_attributes():
    config = Config(rate=0.1, units=8)
    config.units += 1
    config["depth"] = 2
    config.update(name="x")
    assert config.pop("rate") == 0.1 and config.pop("rate", None) is None
    assert list(config) == ["depth", "name", "units"] and len(config) == 3 and "name" in config
    assert dict(config.items()) == config.as_dict() == json.loads(config.to_json())
    assert set(config.keys()) == {"units", "depth", "name"} and sorted(map(str, config.values()))[0] == "2"
    del config["name"]
    assert config.get("name", 5) == 5
    with pytest.raises(AttributeError, match="Did you mean 'units'"):
        _ = config.unit
    with pytest.raises(AttributeError, match="as an item"):
        config.items = 3


def test_a_frozen_config_cannot_be_changed():
    config = Config(a=1)
    config.freeze()
    for change in (
        lambda: setattr(config, "a", 2),
        lambda: config.__setitem__("b", 2),
        lambda: config.__delitem__("a"),
        lambda: config.update(a=2),
        lambda: config.pop("a"),
    ):
        with pytest.raises(ValueError, match="frozen"):
            change()
    assert config.frozen and config.a == 1
    config.unfreeze()
    config.a = 2
    assert config.as_dict() == {"a": 2}


def test_source_inputs_come_once_and_in_order():
    a, b = keras.Input((2,)), keras.Input((2,))
    x = keras.layers.Dense(2)(a)
    assert [id(t) for t in get_source_inputs(x + b + x)] == [id(a), id(b)]
    assert get_source_inputs(a)[0] is a
    assert get_source_inputs(3) == 3


def test_names_shared_with_the_backend():
    assert keras.utils.is_keras_tensor(keras.Input((2,))) and not keras.utils.is_keras_tensor(1)
    assert keras.utils.standardize_dtype("float16") == "float16"
