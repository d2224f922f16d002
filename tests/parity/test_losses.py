"""The losses against those of the real Keras: numbers, gradients, names, configs."""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

from addax import losses
from addax.core import serial
from addax.engine import Tensor

pytestmark = pytest.mark.grid

RNG = np.random.default_rng(0)


def _unit(x):
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype("float32")


REAL = RNG.normal(size=(6, 5)).astype("float32")
REAL2 = RNG.normal(size=(6, 5)).astype("float32")
POSITIVE = (np.abs(REAL) + 0.1).astype("float32")
POSITIVE2 = (np.abs(REAL2) + 0.1).astype("float32")
PROBABILITIES = jax.nn.softmax(REAL2).__array__()
ONE_HOT = np.eye(5, dtype="float32")[[0, 1, 2, 3, 4, 0]]
CLASSES = np.array([0, 1, 2, 3, 4, 0])
YES_NO = (REAL > 0).astype("float32")
EMBEDDINGS = _unit(REAL)
GROUPS = np.array([0, 0, 1, 1, 2, 0])

CASES = {
    "mean_squared_error": ("MeanSquaredError", [{}], REAL, REAL2),
    "mean_absolute_error": ("MeanAbsoluteError", [{}], REAL, REAL2),
    "mean_absolute_percentage_error": ("MeanAbsolutePercentageError", [{}], POSITIVE, POSITIVE2),
    "mean_squared_logarithmic_error": ("MeanSquaredLogarithmicError", [{}], POSITIVE, POSITIVE2),
    "cosine_similarity": ("CosineSimilarity", [{}, {"axis": 0}], REAL, REAL2),
    "huber": ("Huber", [{}, {"delta": 0.3}], REAL, REAL2),
    "log_cosh": ("LogCosh", [{}], REAL, REAL2),
    "hinge": ("Hinge", [{}], YES_NO, REAL2),
    "squared_hinge": ("SquaredHinge", [{}], np.sign(REAL), REAL2),
    "categorical_hinge": ("CategoricalHinge", [{}], ONE_HOT, REAL2),
    "kl_divergence": ("KLDivergence", [{}], ONE_HOT, PROBABILITIES),
    "poisson": ("Poisson", [{}], POSITIVE, POSITIVE2),
    "binary_crossentropy": (
        "BinaryCrossentropy",
        [{}, {"from_logits": True}, {"label_smoothing": 0.2}, {"from_logits": True, "axis": 0}],
        YES_NO,
        PROBABILITIES,
    ),
    "binary_focal_crossentropy": (
        "BinaryFocalCrossentropy",
        [
            {},
            {"apply_class_balancing": True, "alpha": 0.4, "gamma": 1.5},
            {"from_logits": True, "label_smoothing": 0.1, "axis": 0},
        ],
        YES_NO,
        PROBABILITIES,
    ),
    "categorical_crossentropy": (
        "CategoricalCrossentropy",
        [{}, {"from_logits": True}, {"label_smoothing": 0.2}],
        ONE_HOT,
        PROBABILITIES,
    ),
    "categorical_focal_crossentropy": (
        "CategoricalFocalCrossentropy",
        [{}, {"alpha": 0.5, "gamma": 1.0}, {"from_logits": True, "label_smoothing": 0.1}],
        ONE_HOT,
        PROBABILITIES,
    ),
    "sparse_categorical_crossentropy": (
        "SparseCategoricalCrossentropy",
        [{}, {"from_logits": True}, {"ignore_class": 0}, {"ignore_class": 3, "from_logits": True}],
        CLASSES,
        PROBABILITIES,
    ),
    "categorical_generalized_cross_entropy": (
        "CategoricalGeneralizedCrossEntropy",
        [{"q": 0.5}, {"q": 0.9}],
        CLASSES,
        PROBABILITIES,
    ),
    "dice": ("Dice", [{}, {"axis": 1}, {"axis": (0,)}], YES_NO, PROBABILITIES),
    "tversky": ("Tversky", [{}, {"alpha": 0.2, "beta": 0.7, "axis": 1}], YES_NO, PROBABILITIES),
    "circle": (
        "Circle",
        [{}, {"gamma": 10.0, "margin": 0.2, "remove_diagonal": False}],
        GROUPS,
        EMBEDDINGS,
    ),
    "ctc": ("CTC", [{}], np.array([[1, 2, 0], [3, 3, 1]]), RNG.normal(size=(2, 8, 5)).astype("float32")),
}
GRID = [(name, i) for name, (_, grid, _, _) in CASES.items() for i in range(len(grid))]


def _close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-6)


def test_every_loss_of_keras_is_in_the_grid():
    functions = {name for name in dir(oracle.losses) if inspect.isfunction(getattr(oracle.losses, name))}
    assert functions - {"get", "serialize", "deserialize"} == set(CASES)
    classes = {name for name in dir(oracle.losses) if inspect.isclass(getattr(oracle.losses, name))}
    assert classes - {"Loss"} == {case[0] for case in CASES.values()}


@pytest.mark.parametrize(("name", "i"), GRID)
def test_functions_give_the_same_values_for_each_sample(name, i):
    _, grid, y_true, y_pred = CASES[name]
    _close(
        getattr(losses, name)(y_true, y_pred, **grid[i]),
        getattr(oracle.losses, name)(y_true, y_pred, **grid[i]),
    )


@pytest.mark.parametrize(("name", "i"), GRID)
def test_gradients_are_the_same(name, i):
    _, grid, y_true, y_pred = CASES[name]

    def total(function):
        return jax.jit(jax.grad(lambda p: jnp.sum(function(y_true, p, **grid[i]))))(jnp.asarray(y_pred))

    _close(total(getattr(losses, name)), total(getattr(oracle.losses, name)))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", None])
@pytest.mark.parametrize("name", CASES)
def test_objects_reduce_and_weigh_alike(name, reduction):
    cls, grid, y_true, y_pred = CASES[name]
    ours = getattr(losses, cls)(reduction=reduction, **grid[-1])
    theirs = getattr(oracle.losses, cls)(reduction=reduction, **grid[-1])
    _close(ours(y_true, y_pred), theirs(y_true, y_pred))
    _close(ours(y_true, y_pred, 0.5), theirs(y_true, y_pred, 0.5))
    per_sample = np.shape(theirs.fn(y_true, y_pred, **theirs._fn_kwargs))
    if len(per_sample) == 1:
        weights = np.linspace(0, 2, per_sample[0]).astype("float32")
        _close(ours(y_true, y_pred, weights), theirs(y_true, y_pred, weights))
        _close(ours(y_true, y_pred, weights[:, None]), theirs(y_true, y_pred, weights[:, None]))


@pytest.mark.parametrize(("name", "i"), GRID)
def test_names_and_configs_are_the_same(name, i):
    cls, grid, _, _ = CASES[name]
    ours, theirs = getattr(losses, cls)(**grid[i]), getattr(oracle.losses, cls)(**grid[i])
    forgotten = {k: grid[i][k] for k in ("delta", "axis") if k in grid[i] and k not in theirs.get_config()}
    assert ours.name == theirs.name
    assert ours.get_config() == {**theirs.get_config(), **forgotten}
    assert str(ours.dtype) == theirs.dtype


@pytest.mark.parametrize("name", CASES)
def test_signatures_are_the_same(name):
    cls = CASES[name][0]
    for ours, theirs in (
        (getattr(losses, name), getattr(oracle.losses, name)),
        (getattr(losses, cls), getattr(oracle.losses, cls)),
    ):
        ours, theirs = inspect.signature(ours).parameters, inspect.signature(theirs).parameters
        assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


@pytest.mark.parametrize(("name", "i"), GRID)
def test_configs_load_in_either(name, i):
    cls, grid, y_true, y_pred = CASES[name]
    ours, theirs = getattr(losses, cls)(**grid[i]), getattr(oracle.losses, cls)(**grid[i])
    data = serial.serialize(ours)
    assert {k: data[k] for k in ("module", "class_name", "registered_name")} == {
        "module": "keras.losses",
        "class_name": cls,
        "registered_name": None,
    }
    if cls != "CategoricalGeneralizedCrossEntropy":  # the one that Keras itself cannot load
        _close(oracle.losses.deserialize(data)(y_true, y_pred), ours(y_true, y_pred))
    back = losses.deserialize(oracle.losses.serialize(theirs))
    assert type(back) is type(ours)
    _close(losses.deserialize(data)(y_true, y_pred), ours(y_true, y_pred))


@pytest.mark.parametrize("name", CASES)
def test_functions_by_name_load_in_either(name):
    data = losses.serialize(getattr(losses, name))
    assert losses.deserialize(data) is getattr(losses, name)
    if name != "categorical_generalized_cross_entropy":  # Keras has no string for it
        assert oracle.losses.deserialize(data) is getattr(oracle.losses, name)
        assert losses.deserialize(oracle.losses.serialize(getattr(oracle.losses, name))) is getattr(
            losses, name
        )
        assert losses.get(name) is getattr(losses, name)


@pytest.mark.parametrize(
    "alias", ["bce", "BCE", "kld", "KLD", "mae", "MAE", "mse", "MSE", "mape", "MAPE", "msle"]
)
def test_aliases_name_the_same_function(alias):
    assert losses.get(alias).__name__ == oracle.losses.get(alias).__name__


@pytest.mark.parametrize("shapes", [((6,), (6, 1)), ((6, 1), (6,)), ((6, 4, 1), (6, 4)), ((6, 4), (6, 4, 1))])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", None])
def test_an_axis_of_size_one_is_squeezed_or_expanded_alike(shapes, reduction):
    y_true, y_pred = (np.random.default_rng(i).normal(size=s).astype("float32") for i, s in enumerate(shapes))
    args = {"reduction": reduction}
    _close(
        losses.MeanSquaredError(**args)(y_true, y_pred),
        oracle.losses.MeanSquaredError(**args)(y_true, y_pred),
    )
    _close(losses.mean_squared_error(y_true, y_pred), oracle.losses.mean_squared_error(y_true, y_pred))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", None])
@pytest.mark.parametrize("weight_shape", [None, (3, 4), (3, 1), (1, 4)])
def test_masks_and_weights_of_steps_combine_alike(reduction, weight_shape):
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    mask = rng.integers(0, 2, (3, 4)).astype(bool)
    weights = None if weight_shape is None else rng.random(weight_shape).astype("float32")
    theirs, ours = oracle.ops.convert_to_tensor(y_pred), Tensor(jnp.asarray(y_pred))
    theirs._keras_mask, ours._keras_mask = jnp.asarray(mask), Tensor(jnp.asarray(mask))
    expected = oracle.losses.MeanSquaredError(reduction=reduction)(y_true, theirs, weights)
    _close(losses.MeanSquaredError(reduction=reduction)(y_true, ours, weights), expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_bfloat16"])
def test_dtypes_of_the_computation_are_the_same(dtype):
    ours, theirs = losses.Huber(dtype=dtype), oracle.losses.Huber(dtype=dtype)
    assert str(ours.dtype) == theirs.dtype
    a, b = ours(REAL, REAL2), theirs(REAL, REAL2)
    assert a.dtype == str(b.dtype)
    np.testing.assert_allclose(float(a), float(b), rtol=1e-2)
