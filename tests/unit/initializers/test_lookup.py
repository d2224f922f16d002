"""Initializers by name, config, class, array and callable."""

from __future__ import annotations

import numpy as np
import pytest

from addax import initializers
from addax.core.registry import custom_object_scope, register_keras_serializable


@pytest.mark.parametrize("name", ["he_normal", "HeNormal"])
def test_names_make_new_instances(name):
    made = initializers.get(name)
    assert isinstance(made, initializers.HeNormal) and initializers.get(name) is not made


@pytest.mark.parametrize(
    "name, cls",
    [("uniform", "RandomUniform"), ("normal", "RandomNormal"), ("zero", "Zeros"), ("one", "Ones")],
)
def test_short_names(name, cls):
    assert type(initializers.get(name)).__name__ == cls


def test_other_forms():
    assert initializers.get(None) is None
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    fn = lambda shape, dtype=None: np.zeros(shape)  # noqa: E731
    assert initializers.get(fn) is fn
    from_array = initializers.get(np.array([1.0, 2.0]))
    assert from_array((2,), "float32").numpy().tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="another shape"):
        from_array((3,))


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ValueError, match="glorot_uniform"):
        initializers.get("glorot_unifrom")
    with pytest.raises(ValueError, match="identifier"):
        initializers.get(3)


def test_configs_of_other_versions():
    old = {
        "class_name": "VarianceScaling",
        "config": {"scale": 2.0, "mode": "fan_in", "seed": None, "dtype": "float32"},
    }
    assert initializers.get(old).scale == 2.0
    assert isinstance(initializers.get({"class_name": "zeros", "config": {}}), initializers.Zeros)


def test_classes_of_the_user():
    @register_keras_serializable("init_test")
    class Sevens(initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return np.full(shape, 7.0)

    config = initializers.serialize(Sevens())
    assert config["registered_name"] == "init_test>Sevens"
    assert isinstance(initializers.deserialize(config), Sevens)
    assert isinstance(initializers.get("init_test>Sevens"), Sevens)
    with custom_object_scope({"Eights": Sevens}):
        assert isinstance(initializers.get("Eights"), Sevens)
