"""Every loss and metric: eager, compiled, inferred and pure are one; configs and dtypes are kept."""

from __future__ import annotations

import inspect
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import losses, metrics, ops
from addax.core import serial
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor, Variable, raw_of

pytestmark = pytest.mark.grid

RNG = np.random.default_rng(0)
N, C = 8, 4

REAL = RNG.normal(size=(N, C)).astype("float32")
PROBABILITIES = np.asarray(jax.nn.softmax(RNG.normal(size=(N, C)), axis=-1), "float32")
CLASSES = np.arange(N) % C
ONE_HOT = np.eye(C, dtype="float32")[CLASSES]
YES_NO = (REAL > 0).astype("float32")
REGIONS = RNG.integers(0, C, (N, 5))
SEQUENCES = (RNG.integers(1, C, (N, 2)), RNG.normal(size=(N, 6, C)).astype("float32"))

SPARSE = {"SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy", "Circle"}
LOSSES = sorted(
    name
    for name in losses.__all__
    if inspect.isclass(getattr(losses, name)) and name not in ("Loss", "Reduction")
)
METRIC_ARGUMENTS = {
    "BinaryIoU": {},
    "IoU": {"num_classes": C, "target_class_ids": [0, 1]},
    "MeanIoU": {"num_classes": C},
    "MeanMetricWrapper": {"fn": losses.huber, "delta": 0.5},
    "MeanRelativeError": {"normalizer": [1.0, 2.0, 3.0, 4.0]},
    "OneHotIoU": {"num_classes": C, "target_class_ids": [0, 1]},
    "OneHotMeanIoU": {"num_classes": C},
    "PrecisionAtRecall": {"recall": 0.3},
    "RecallAtPrecision": {"precision": 0.3},
    "SensitivityAtSpecificity": {"specificity": 0.3},
    "SpecificityAtSensitivity": {"sensitivity": 0.3},
}
METRICS = sorted(
    name for name in metrics.__all__ if inspect.isclass(getattr(metrics, name)) and name != "Metric"
)


def _loss_data(name):
    if name == "CTC":
        return SEQUENCES
    return (CLASSES if name in SPARSE else YES_NO), PROBABILITIES


def _metric(name):
    return getattr(metrics, name)(**METRIC_ARGUMENTS.get(name, {}))


def _metric_data(name):
    if name in ("Mean", "Sum", "MeanTensor"):
        return (PROBABILITIES,)
    if name.startswith("Sparse"):
        return CLASSES, PROBABILITIES
    if name in ("IoU", "MeanIoU"):
        return REGIONS, REGIONS[::-1].copy()
    return (ONE_HOT if "Categorical" in name or "OneHot" in name else YES_NO), PROBABILITIES


def _close(a, b, tolerance=1e-6):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_the_same_eager_compiled_and_under_jit(name):
    loss = getattr(losses, name)()
    y_true, y_pred = _loss_data(name)
    eager = loss(y_true, y_pred)
    assert isinstance(eager, Tensor) and eager.shape == () and eager.dtype == "float32"
    _close(Compiled(loss)(y_true, y_pred), eager)
    _close(jax.jit(loss)(jnp.asarray(y_true), jnp.asarray(y_pred)), eager)


@pytest.mark.parametrize("name", LOSSES)
def test_a_tape_and_jax_give_the_same_gradient_of_a_loss(name):
    loss = getattr(losses, name)(reduction="sum")
    y_true, y_pred = _loss_data(name)
    variable = Variable(y_pred)
    with GradientTape() as tape:
        value = loss(y_true, ops.multiply(variable, 1.0))
    taped = tape.gradient(value, variable)
    _close(taped, jax.jit(jax.grad(lambda p: loss(y_true, p)))(jnp.asarray(y_pred)), 1e-5)
    assert np.isfinite(np.asarray(taped)).all() and np.any(np.asarray(taped))


@pytest.mark.parametrize("name", [n for n in LOSSES if n not in ("Circle", "CTC")])
def test_the_inferred_shape_of_a_function_is_the_one_it_has(name):
    loss = getattr(losses, name)()
    y_true, y_pred = _loss_data(name)
    found = loss.fn(y_true, y_pred, **loss._fn_kwargs)
    true = SymbolicTensor((None, *y_true.shape[1:]), "int32" if y_true.ndim == 1 else "float32")
    inferred = loss.fn(true, SymbolicTensor((None, C)), **loss._fn_kwargs)
    assert isinstance(inferred, SymbolicTensor) and inferred.dtype == found.dtype
    assert inferred.shape == (None, *found.shape[1:]) if found.shape else inferred.shape == ()


@pytest.mark.parametrize("name", LOSSES)
def test_losses_survive_their_config_as_json(name):
    loss = getattr(losses, name)(reduction="sum", name="mine", dtype="float16")
    back = losses.deserialize(json.loads(json.dumps(serial.serialize(loss))))
    assert type(back) is type(loss)
    assert (back.name, back.reduction, back.dtype) == ("mine", "sum", "float16")
    assert back.get_config() == loss.get_config()


@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_predictions_give_the_loss_in_its_own_dtype(name):
    y_true, y_pred = _loss_data(name)
    loss = getattr(losses, name)()
    half = loss(y_true, jnp.asarray(y_pred, "bfloat16"))
    assert half.dtype == "float32"
    _close(half, loss(y_true, y_pred), 5e-2)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_are_the_same_eager_compiled_and_pure(name, weighted):
    data = _metric_data(name)
    kwargs = {"sample_weight": np.arange(N) % 3} if weighted and name != "MeanTensor" else {}
    eager, compiled, pure = _metric(name), _metric(name), _metric(name)

    def step(*data, **kwargs):
        compiled.update_state(*data, **kwargs)
        return compiled.result()

    run = Compiled(lambda data, kwargs: step(*data, **kwargs))
    for _ in range(2):
        eager.update_state(*data, **kwargs)
        found = run(data, kwargs)
    _close(found, eager.result())
    _close(compiled.result(), eager.result())
    for a, b in zip(compiled.variables, eager.variables, strict=True):
        _close(a, b)
    pure.update_state(*data, **kwargs)  # makes the variables that depend on shapes
    values = [raw_of(v) for v in pure.variables]
    values = jax.jit(lambda v, d, k: pure.stateless_update_state(v, *d, **k))(values, data, kwargs)
    _close(pure.stateless_result(values), eager.result())


@pytest.mark.parametrize("name", METRICS)
def test_a_reset_metric_is_like_a_new_one(name):
    data = _metric_data(name)
    used, fresh = _metric(name), _metric(name)
    used.update_state(*data)
    used.reset_state()
    _close(used(*data), fresh(*data))
    assert all(not v.trainable for v in used.variables)


@pytest.mark.parametrize("name", METRICS)
def test_metrics_survive_their_config_as_json(name):
    data = _metric_data(name)
    metric = getattr(metrics, name)(**METRIC_ARGUMENTS.get(name, {}), name="mine")
    back = metrics.deserialize(json.loads(json.dumps(serial.serialize(metric))))
    assert type(back) is type(metric) and back.name == "mine" and back.get_config() == metric.get_config()
    _close(back(*data), metric(*data))
