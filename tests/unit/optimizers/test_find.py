"""Optimizers and schedules by name, class and config."""

from __future__ import annotations

import subprocess
import sys

import pytest

from addax import optimizers
from addax.core import registry
from addax.optimizers import schedules

NAMES = [
    "sgd", "rmsprop", "adam", "adamw", "adadelta", "adagrad", "adamax", "adafactor",
    "nadam", "ftrl", "lion", "lamb", "muon", "schedulefreeadamw",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_found_in_any_case(name):
    found = optimizers.get(name)
    assert type(found).__name__.lower() == name
    assert type(optimizers.get(type(found).__name__)) is type(found)
    assert optimizers.get(name) is not found


def test_other_identifiers():
    optimizer = optimizers.Adam(0.5)
    assert optimizers.get(optimizer) is optimizer and optimizers.get(None) is None
    assert isinstance(optimizers.get(optimizers.Lion), optimizers.Lion)
    found = optimizers.get({"class_name": "rmsprop", "config": {"learning_rate": 0.5, "rho": 0.8}})
    assert isinstance(found, optimizers.RMSprop) and found.rho == 0.8


def test_configs_of_tf_keras_are_read():
    config = {
        "module": "keras.optimizers",
        "class_name": "Custom>Adam",
        "config": {"name": "Adam", "learning_rate": 0.001, "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999,
                   "epsilon": 1e-07, "amsgrad": False, "jit_compile": True, "is_legacy_optimizer": False},
        "registered_name": "Custom>Adam",
    }  # fmt: skip
    assert type(optimizers.deserialize(config)) is optimizers.Adam


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown optimizer: 'adm'[\s\S]*'adam'"):
        optimizers.get("adm")


def test_things_that_are_no_optimizer_are_refused():
    with pytest.raises(ValueError, match="This is no optimizer"):
        optimizers.get(3)
    with pytest.raises(ValueError, match="describes no optimizer"):
        optimizers.deserialize(schedules.serialize(schedules.CosineDecay(0.1, 3)))
    with pytest.raises(ValueError, match="no learning rate schedule"):
        schedules.deserialize(optimizers.serialize(optimizers.SGD()))


def test_own_classes_come_back_from_their_config():
    class Mine(optimizers.SGD):
        pass

    class Flat(schedules.LearningRateSchedule):
        def __init__(self, rate):
            self.rate = rate

        def __call__(self, step):
            return self.rate

    custom = {"Mine": Mine, "Flat": Flat}
    data = optimizers.serialize(Mine(Flat(0.5)))
    found = optimizers.deserialize(data, custom_objects=custom)
    assert type(found) is Mine and float(found.learning_rate) == 0.5
    with registry.custom_object_scope(custom):
        assert type(optimizers.get(data)) is Mine


def test_schedules_check_their_arguments():
    for make in (
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.InverseTimeDecay(0.1, 0, 0.5),
        lambda: schedules.PolynomialDecay(0.1, -1),
        lambda: schedules.CosineDecay(0.1, 0),
        lambda: schedules.CosineDecayRestarts(0.1, 0),
    ):
        with pytest.raises(ValueError, match="must be > 0"):
            make()
    with pytest.raises(ValueError, match="one item more"):
        schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2])


def test_an_unfinished_schedule_says_what_is_missing():
    class Unfinished(schedules.LearningRateSchedule):
        def __init__(self, rate):
            self.other = rate

    with pytest.raises(TypeError, match="__call__"):
        Unfinished(0.1)(0)
    with pytest.raises(TypeError, match="no attribute rate"):
        Unfinished(0.1).get_config()


def test_importing_the_package_does_not_import_jax():
    code = "import addax.optimizers as o, sys; o.Adam(); print('jax' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
