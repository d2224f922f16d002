"""Optimizers and schedules against the real Keras: trajectories, states, names, configs."""

from __future__ import annotations

import inspect
import json

import jax
import keras as oracle
import numpy as np
import pytest

from addax import optimizers
from addax.engine import Variable
from addax.optimizers import schedules

pytestmark = pytest.mark.grid

SHAPES = {"kernel": (4, 3), "bias": (3,), "embeddings": (2, 3, 2), "scale": ()}
BASE = {"name": "opt"}
TRAJECTORIES = {
    "sgd": ("SGD", {}),
    "sgd_momentum": ("SGD", {"momentum": 0.9}),
    "sgd_nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop_momentum_centered": ("RMSprop", {"momentum": 0.9, "centered": True, "rho": 0.8}),
    "adam": ("Adam", {}),
    "adam_amsgrad": ("Adam", {"amsgrad": True, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    "adamw": ("AdamW", {"weight_decay": 0.1}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1}),
    "adamax": ("Adamax", {}),
    "adafactor": ("Adafactor", {}),
    "adafactor_scheduled": ("Adafactor", {"clip_threshold": 0.5, "relative_step": False}),
    "nadam": ("Nadam", {}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "ftrl_regularized": (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.7,
            "l1_regularization_strength": 0.05,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.1,
            "beta": 0.2,
        },
    ),
    "lion": ("Lion", {}),
    "lamb": ("Lamb", {}),
    "muon": ("Muon", {}),
    "muon_plain": (
        "Muon",
        {"nesterov": False, "rms_rate": None, "exclude_layers": ["bias"], "adam_lr_ratio": 2},
    ),
    "schedule_free": ("ScheduleFreeAdamW", {"warmup_steps": 7}),
    "clipnorm": ("SGD", {"learning_rate": 0.1, "clipnorm": 0.3}),
    "clipvalue": ("SGD", {"learning_rate": 0.1, "clipvalue": 0.2}),
    "global_clipnorm": ("Adam", {"global_clipnorm": 0.5}),
    "weight_decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1}),
    "loss_scale_factor": ("SGD", {"learning_rate": 0.1, "loss_scale_factor": 4.0}),
    "ema": ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9}),
    "ema_overwrite": ("Adam", {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 4}),
    "accumulation": ("Adam", {"gradient_accumulation_steps": 3, "clipnorm": 0.5, "weight_decay": 0.01}),
    "accumulation_ema": (
        "SGD",
        {"gradient_accumulation_steps": 2, "momentum": 0.5, "use_ema": True, "ema_overwrite_frequency": 3},
    ),
    "nadam_accumulation": ("Nadam", {"gradient_accumulation_steps": 4}),
}


def _values() -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    return {name: random.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}


def _trajectory(optimizer, variables, steps: int = 50) -> np.ndarray:
    """Descend noisy quadratics; the values of all variables every tenth step."""
    random = np.random.default_rng(3)
    targets = [np.asarray(random.normal(size=v.shape), "float32") for v in variables]
    apply = (
        optimizer.apply
        if isinstance(optimizer, optimizers.Optimizer)
        else _compiled_apply(optimizer, variables)
    )
    seen = []
    for step in range(steps):
        noise = [np.asarray(random.normal(size=v.shape), "float32") for v in variables]
        grads = [np.asarray(v) - t + 0.3 * n for v, t, n in zip(variables, targets, noise, strict=True)]
        apply([np.asarray(g, "float32") for g in grads], variables)
        if step % 10 == 9:
            seen.append(np.concatenate([np.ravel(v) for v in variables]))
    return np.stack(seen)


def _compiled_apply(optimizer, variables):
    """`apply` of a Keras optimizer, compiled: op by op it takes minutes."""
    optimizer.build(variables)
    step = jax.jit(optimizer.stateless_apply)

    def apply(grads, variables):
        own = optimizer.variables
        values, state = step([v.value for v in own], grads, [v.value for v in variables])
        for v, value in zip([*variables, *own], [*values, *state], strict=True):
            v.assign(value)

    return apply


def _pair(name: str, options: dict):
    options = {"learning_rate": 0.02, **BASE, **options}
    ours = getattr(optimizers, name)(**options)
    theirs = getattr(oracle.optimizers, name)(**options)
    our_variables = [Variable(value, name=key) for key, value in _values().items()]
    their_variables = [oracle.Variable(value, name=key) for key, value in _values().items()]
    return ours, our_variables, theirs, their_variables


@pytest.mark.parametrize("case", TRAJECTORIES)
def test_fifty_steps_and_the_state_after_them_equal_those_of_keras(case):
    ours, our_variables, theirs, their_variables = _pair(*TRAJECTORIES[case])
    found = _trajectory(ours, our_variables)
    expected = _trajectory(theirs, their_variables)
    tolerance = 2e-3 if case.startswith("muon") else 2e-5  # Newton-Schulz works on small differences
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    assert not np.allclose(found[0], found[-1])
    _same_state(ours.variables, theirs.variables, tolerance)
    ours.finalize_variable_values(our_variables)
    theirs.finalize_variable_values(their_variables)
    for a, b in zip(our_variables, their_variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance)


def _same_state(ours, theirs, tolerance):
    """The same variables in the same order, with the same names, paths, dtypes and values."""
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if b.path.startswith("opt/"):  # Keras forgets its own name on a few
            assert (a.name, a.path) == (b.name, b.path)
        assert (tuple(a.shape), str(a.dtype)) == (tuple(b.shape), str(b.dtype))
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=10 * tolerance, atol=10 * tolerance)


@pytest.mark.parametrize("case", TRAJECTORIES)
def test_config_equals_that_of_keras_and_makes_an_equal_optimizer(case):
    ours, _, theirs, _ = _pair(*TRAJECTORIES[case])
    assert ours.get_config() == theirs.get_config()
    assert list(ours.get_config())[:11] == list(theirs.get_config())[:11]
    data = json.loads(json.dumps(optimizers.serialize(ours)))
    assert data == oracle.optimizers.serialize(theirs)
    again = optimizers.deserialize(data)
    assert type(again) is type(ours) and again.get_config() == ours.get_config()
    if type(ours).__name__ != "Lamb":  # Keras 3.15 does not find its own
        assert oracle.optimizers.deserialize(data).get_config() == theirs.get_config()


@pytest.mark.parametrize("name", sorted({name for name, _ in TRAJECTORIES.values()} | {"LossScaleOptimizer"}))
def test_arguments_and_defaults_are_those_of_keras(name):
    ours = {p.name: p.default for p in inspect.signature(getattr(optimizers, name)).parameters.values()}
    theirs = inspect.signature(getattr(oracle.optimizers, name).__init__).parameters.values()
    assert ours == {p.name: p.default for p in theirs if p.name != "self"}


def test_weight_decay_leaves_excluded_variables_alone():
    ours, our_variables, theirs, their_variables = _pair("AdamW", {"weight_decay": 0.5})
    ours.exclude_from_weight_decay(var_list=[our_variables[0]], var_names=["bia"])
    theirs.exclude_from_weight_decay(var_list=[their_variables[0]], var_names=["bia"])
    found, expected = _trajectory(ours, our_variables, 20), _trajectory(theirs, their_variables, 20)
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-5)


def test_loss_scale_optimizer_skips_and_rescales_as_keras_does():
    logs = []
    for library, variable in ((optimizers, Variable), (oracle.optimizers, oracle.Variable)):
        inner = library.Adam(0.1, name="inner")
        outer = library.LossScaleOptimizer(inner, initial_scale=8.0, dynamic_growth_steps=3, name="outer")
        v = variable(np.array([1.0, 2.0], "float32"), name="v")
        apply = outer.apply if library is optimizers else _compiled_apply(outer, [v])
        logs.append([])
        for step in range(12):
            bad = np.inf if step in (2, 9) else 1.0
            apply([np.array([0.5 * step, bad], "float32")], [v])
            counts = [int(outer.step_counter), int(outer.iterations)]
            logs[-1].append([*np.asarray(v), float(outer.dynamic_scale), *counts])
        logs[-1].append([float(outer.scale_loss(2.0)), 0, 0, 0, len(outer.variables)])
        assert [w.path for w in outer.variables] == [
            "outer/iteration",
            "outer/learning_rate",
            "outer/step_counter",
            "outer/dynamic_scale",
            "inner/iteration",
            "inner/learning_rate",
            "inner/v_momentum",
            "inner/v_velocity",
        ]
    np.testing.assert_allclose(logs[0], logs[1], rtol=1e-5)


def test_wrapping_optimizers_have_the_config_of_keras():
    made = []
    for library in (optimizers, oracle.optimizers):
        scaled = library.LossScaleOptimizer(library.Adam(1e-3, name="a"), initial_scale=2.0, name="s")
        chosen = library.OptimizerMap(library.SGD(0.5, name="rest"), {"k.*": library.Lion(1e-3, name="k")})
        made.append([library.serialize(scaled), library.serialize(library.MultiOptimizer(chosen, name="m"))])
    assert made[0] == made[1]
    for data in made[1]:
        assert optimizers.serialize(optimizers.deserialize(json.loads(json.dumps(data)))) == data


def test_multi_optimizer_updates_as_keras_does():
    results = []
    for library, variable in ((optimizers, Variable), (oracle.optimizers, oracle.Variable)):
        chosen = library.OptimizerMap(library.SGD(0.1, momentum=0.5, name="rest"))
        chosen["ker.*"] = library.Adam(0.01, name="kernels")
        optimizer = library.MultiOptimizer(chosen, name="multi")
        variables = [variable(value, name=key) for key, value in _values().items()]
        optimizer.build(variables)
        results.append(_trajectory(optimizer, variables, 20))
        paths = [v.path for v in optimizer.variables]
        assert paths[:4] == [
            "multi/iteration",
            "multi/learning_rate",
            "kernels/iteration",
            "kernels/learning_rate",
        ]
        assert int(optimizer.iterations) == 20
    np.testing.assert_allclose(results[0], results[1], rtol=2e-5, atol=2e-5)


SCHEDULES = {
    "exponential": ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}),
    "exponential_staircase": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6, "staircase": True},
    ),
    "inverse": ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6}),
    "inverse_staircase": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.6, "staircase": True},
    ),
    "polynomial": ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 2.0}),
    "polynomial_cycle": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.01, "cycle": True},
    ),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [5, 10, 30], "values": [1.0, 0.5, 0.2, 0.1]}),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 40, "alpha": 0.1}),
    "cosine_warmup": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 40,
            "warmup_target": 0.2,
            "warmup_steps": 10,
            "alpha": 0.1,
        },
    ),
    "restarts": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "alpha": 0.05},
    ),
    "restarts_even": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.0, "m_mul": 0.7},
    ),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_schedules_equal_those_of_keras(case):
    name, options = SCHEDULES[case]
    ours, theirs = getattr(schedules, name)(**options), getattr(oracle.optimizers.schedules, name)(**options)
    steps = [0, 1, 5, 6, 7, 9, 10, 20, 21, 30, 31, 40, 55, 64, 200]
    found = [float(ours(step)) for step in steps]
    np.testing.assert_allclose(found, [float(theirs(step)) for step in steps], rtol=1e-5, atol=1e-8)
    assert ours.get_config() == theirs.get_config()
    assert schedules.serialize(ours) == oracle.optimizers.schedules.serialize(theirs)
    assert float(schedules.deserialize(schedules.serialize(ours))(13)) == float(ours(13))


def test_a_schedule_drives_the_updates_as_in_keras():
    results = []
    for library, variable in ((optimizers, Variable), (oracle.optimizers, oracle.Variable)):
        optimizer = library.Adam(library.schedules.CosineDecay(0.1, 15, warmup_target=0.2, warmup_steps=3))
        variables = [variable(value, name=key) for key, value in _values().items()]
        results.append(_trajectory(optimizer, variables, 20))
        assert len(optimizer.variables) == 1 + 2 * len(variables)
    np.testing.assert_allclose(results[0], results[1], rtol=2e-5, atol=2e-5)
