"""The metrics against those of the real Keras: numbers over several batches, names, configs, variables."""

from __future__ import annotations

import inspect
import warnings

import jax.numpy as jnp
import keras as oracle
import numpy as np
import pytest

from addax import metrics
from addax.core import serial
from addax.engine import Tensor
from addax.metrics._resolve import resolve_metric

RNG = np.random.default_rng(0)
N, C = 12, 4

# The real Keras asks for int64 in its confusion matrix.
pytestmark = [pytest.mark.grid, pytest.mark.filterwarnings("ignore:Explicitly requested dtype int64")]


def _softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def _batches(kind):
    """Three batches of labels and predictions."""
    out = []
    for _ in range(3):
        real, real2 = RNG.normal(size=(2, N, C)).astype("float32")
        classes = RNG.integers(0, C, N)
        out.append(
            {
                "real": (real, real2),
                "positive": (np.abs(real) + 0.1, np.abs(real2) + 0.1),
                "one_hot": (np.eye(C, dtype="float32")[classes], _softmax(real2)),
                "sparse": (classes, _softmax(real2)),
                "sparse_column": (classes[:, None], _softmax(real2)),
                "steps": (RNG.integers(0, C, (N, 3)), _softmax(RNG.normal(size=(N, 3, C)))),
                "yes_no": ((real > 0).astype("float32"), RNG.random((N, C)).astype("float32")),
                "vector": (RNG.integers(0, 2, N), RNG.random(N).astype("float32")),
                "column": (RNG.integers(0, 2, N), RNG.random((N, 1)).astype("float32")),
                "columns": (RNG.integers(0, 2, (N, 1)), RNG.random((N, 1)).astype("float32")),
                "logits": (RNG.integers(0, 2, N), RNG.normal(size=N).astype("float32")),
                "ids": (classes, RNG.integers(0, C, N)),
                "image": (RNG.integers(0, C, (N, 5)), RNG.integers(0, C, (N, 5))),
                "ranking": (classes, np.argsort(real, axis=-1)),
            }[kind]
        )
    return out


GRID = [
    ("Accuracy", {}, "ids"),
    ("BinaryAccuracy", {}, "column"),
    ("BinaryAccuracy", {"threshold": 0.7}, "yes_no"),
    ("CategoricalAccuracy", {}, "one_hot"),
    ("SparseCategoricalAccuracy", {}, "sparse"),
    ("SparseCategoricalAccuracy", {}, "sparse_column"),
    ("SparseCategoricalAccuracy", {}, "steps"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one_hot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "sparse"),
    ("SparseTopKCategoricalAccuracy", {"k": 3}, "steps"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "ranking"),
    ("MeanSquaredError", {}, "real"),
    ("MeanAbsoluteError", {}, "real"),
    ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"),
    ("RootMeanSquaredError", {}, "real"),
    ("CosineSimilarity", {}, "real"),
    ("LogCoshError", {}, "real"),
    ("Hinge", {}, "yes_no"),
    ("SquaredHinge", {}, "yes_no"),
    ("CategoricalHinge", {}, "one_hot"),
    ("KLDivergence", {}, "one_hot"),
    ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "columns"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "yes_no"),
    ("CategoricalCrossentropy", {}, "one_hot"),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "one_hot"),
    ("SparseCategoricalCrossentropy", {}, "sparse"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "steps"),
    ("PearsonCorrelation", {}, "real"),
    ("PearsonCorrelation", {"axis": 0}, "real"),
    ("ConcordanceCorrelation", {}, "real"),
    ("R2Score", {}, "real"),
    ("R2Score", {"class_aggregation": None}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average", "num_regressors": 2}, "real"),
    ("F1Score", {}, "one_hot"),
    ("F1Score", {"average": "micro", "threshold": 0.4}, "yes_no"),
    ("FBetaScore", {"beta": 2.0, "average": "macro"}, "one_hot"),
    ("FBetaScore", {"beta": 0.5, "average": "weighted", "threshold": 0.6}, "yes_no"),
    ("TruePositives", {}, "vector"),
    ("TruePositives", {"thresholds": [0.2, 0.8]}, "yes_no"),
    ("FalsePositives", {}, "column"),
    ("FalsePositives", {"thresholds": [0.0, 0.5, 1.0]}, "vector"),
    ("TrueNegatives", {"thresholds": 0.3}, "vector"),
    ("FalseNegatives", {"thresholds": [0.3]}, "yes_no"),
    ("Precision", {}, "column"),
    ("Precision", {"thresholds": [0.3, 0.6]}, "vector"),
    ("Precision", {"top_k": 2}, "yes_no"),
    ("Precision", {"class_id": 1}, "yes_no"),
    ("Recall", {}, "yes_no"),
    ("Recall", {"top_k": 2, "class_id": 0}, "one_hot"),
    ("Recall", {"top_k": 1, "thresholds": 0.5}, "one_hot"),
    ("SensitivityAtSpecificity", {"specificity": 0.6}, "vector"),
    ("SensitivityAtSpecificity", {"specificity": 0.6, "num_thresholds": 1}, "vector"),
    ("SpecificityAtSensitivity", {"sensitivity": 0.4, "num_thresholds": 50}, "yes_no"),
    ("PrecisionAtRecall", {"recall": 0.5}, "vector"),
    ("PrecisionAtRecall", {"recall": 0.5, "class_id": 2}, "yes_no"),
    ("RecallAtPrecision", {"precision": 0.6}, "vector"),
    ("AUC", {}, "vector"),
    ("AUC", {"num_thresholds": 7, "curve": "PR"}, "column"),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "vector"),
    ("AUC", {"curve": "PRGAIN"}, "vector"),
    ("AUC", {"summation_method": "minoring", "from_logits": True}, "logits"),
    ("AUC", {"thresholds": [0.1, 0.4, 0.9]}, "vector"),
    ("AUC", {"multi_label": True}, "yes_no"),
    ("AUC", {"multi_label": True, "num_labels": C, "label_weights": [1.0, 2.0, 0.0, 1.0]}, "yes_no"),
    ("AUC", {"multi_label": True, "thresholds": [0.2, 0.3], "curve": "PR"}, "yes_no"),
    ("AUC", {"label_weights": [1.0, 2.0, 0.5, 1.0]}, "yes_no"),
    ("IoU", {"num_classes": C, "target_class_ids": [0, 2]}, "image"),
    ("IoU", {"num_classes": 3, "target_class_ids": [0], "ignore_class": 1}, "image"),
    ("IoU", {"num_classes": C, "target_class_ids": [1], "sparse_y_pred": False}, "sparse"),
    ("BinaryIoU", {"threshold": 0.4}, "vector"),
    ("MeanIoU", {"num_classes": C}, "image"),
    ("OneHotIoU", {"num_classes": C, "target_class_ids": [1, 3]}, "one_hot"),
    ("OneHotMeanIoU", {"num_classes": C}, "one_hot"),
]
IDS = [f"{name}-{i}" for i, (name, _, _) in enumerate(GRID)]
each_case = pytest.mark.parametrize(("name", "kwargs", "kind"), GRID, ids=IDS)


def _close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=1e-5, atol=1e-6)


def _pair(name, kwargs):
    return getattr(metrics, name)(**kwargs), getattr(oracle.metrics, name)(**kwargs)


def test_every_metric_of_keras_is_in_the_grid():
    classes = {name for name in dir(oracle.metrics) if inspect.isclass(getattr(oracle.metrics, name))}
    assert classes - {"Metric", "Mean", "Sum", "MeanMetricWrapper"} == {name for name, _, _ in GRID}


@each_case
def test_results_over_batches_are_the_same(name, kwargs, kind):
    ours, theirs = _pair(name, kwargs)
    for y_true, y_pred in _batches(kind):
        ours.update_state(y_true, y_pred)
        theirs.update_state(jnp.asarray(y_true), jnp.asarray(y_pred))
        _close(ours.result(), theirs.result())
    assert [v.name for v in ours.variables] == [v.name for v in theirs.variables]
    for mine, other in zip(ours.variables, theirs.variables, strict=True):
        _close(mine, other)
        assert (tuple(mine.shape), str(mine.dtype)) == (tuple(other.shape), str(other.dtype))
        assert mine.path == f"{ours.name}/{mine.name}" and other.path == f"{theirs.name}/{other.name}"
    ours.reset_state()
    assert all(not np.any(np.asarray(v)) for v in ours.variables)


by_sample = pytest.mark.parametrize(("name", "kwargs", "kind"), [c for c in GRID if c[1].get("axis") != 0])


@by_sample
def test_batches_of_any_size_give_the_result_of_the_whole_set(name, kwargs, kind):
    streamed, whole = (getattr(metrics, name)(**kwargs) for _ in range(2))
    batches = list(_batches(kind))
    last = [x[: len(x) // 2 + 1] for x in batches.pop()]
    for y_true, y_pred in [*batches, last]:
        streamed.update_state(y_true, y_pred)
    whole.update_state(*(np.concatenate(parts) for parts in zip(*batches, last, strict=True)))
    _close(streamed.result(), whole.result())


@by_sample
def test_sample_weights_count_alike(name, kwargs, kind):
    ours, theirs = _pair(name, kwargs)
    for i, (y_true, y_pred) in enumerate(_batches(kind)[:2]):
        weights = np.linspace(0, 2, N).astype("float32")[::-1] if i else np.arange(N) % 3
        if "IoU" in name:
            weights = (
                np.broadcast_to((np.arange(N) % 3)[:, None], (N, 5)) if kind == "image" else np.arange(N) % 3
            )
        elif i and "AUC" not in name:
            weights = weights.astype("float32")
        ours.update_state(y_true, y_pred, sample_weight=weights)
        weights = weights.reshape(-1) if "IoU" in name else weights
        theirs.update_state(jnp.asarray(y_true), jnp.asarray(y_pred), sample_weight=jnp.asarray(weights))
    _close(ours.result(), theirs.result())


@each_case
def test_names_configs_and_dtypes_are_the_same(name, kwargs, kind):
    given = {**kwargs, "name": "mine"}
    ours, theirs = _pair(name, given)
    expected = theirs.get_config()
    if expected.get("label_weights") is not None:
        expected["label_weights"] = np.asarray(expected["label_weights"]).tolist()
    assert ours.get_config() == expected
    assert str(ours.dtype) == theirs.dtype
    ours, theirs = _pair(name, {**kwargs, "dtype": "float16"})
    assert str(ours.dtype) == theirs.dtype == ours.get_config()["dtype"]


@pytest.mark.parametrize("name", sorted({name for name, _, _ in GRID} | {"Mean", "Sum", "MeanMetricWrapper"}))
def test_signatures_and_default_names_are_the_same(name):
    ours, theirs = (inspect.signature(getattr(m, name)).parameters for m in (metrics, oracle.metrics))
    assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


@pytest.mark.parametrize(
    "name", ["AUC", "F1Score", "R2Score", "TruePositives", "MeanIoU", "Precision", "Sum"]
)
def test_automatic_names_have_the_same_stem(name):
    kwargs = {"num_classes": 2} if name == "MeanIoU" else {}
    ours, theirs = _pair(name, kwargs)
    assert ours.name.rstrip("0123456789").rstrip("_") == theirs.name.rstrip("0123456789").rstrip("_")


@each_case
def test_configs_load_in_either(name, kwargs, kind):
    ours, theirs = _pair(name, {**kwargs, "name": "mine"})
    back = oracle.metrics.deserialize(serial.serialize(ours))
    assert type(back).__name__ == name and back.name == "mine"
    mine = metrics.deserialize(oracle.metrics.serialize(theirs))
    assert type(mine) is type(ours) and mine.name == "mine"
    for y_true, y_pred in _batches(kind)[:1]:
        mine.update_state(y_true, y_pred)
        back.update_state(jnp.asarray(y_true), jnp.asarray(y_pred))
    _close(mine.result(), back.result())


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in dir(oracle.metrics)
        if inspect.isfunction(getattr(oracle.metrics, name))
        and name not in ("get", "serialize", "deserialize")
    ],
)
def test_functions_have_the_signature_of_keras(name):
    ours, theirs = (inspect.signature(getattr(m, name)).parameters for m in (metrics, oracle.metrics))
    assert [(p.name, p.default) for p in ours.values()] == [(p.name, p.default) for p in theirs.values()]


FITTING = [
    ((), [None, ()]),
    ((6,), [None, (), (6,), (6, 1)]),
    ((6, 3), [None, (), (6,), (6, 1), (6, 3)]),
    ((6, 3, 2), [None, (), (6,), (6, 3), (6, 3, 2)]),
]


@pytest.mark.parametrize(("shape", "weight_shape"), [(s, w) for s, weights in FITTING for w in weights])
@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_mean_and_sum_reduce_alike(name, shape, weight_shape):
    ours, theirs = _pair(name, {})
    values = np.asarray(np.random.default_rng(1).normal(size=shape), "float32")
    weights = None
    if weight_shape is not None:
        weights = np.asarray(np.random.default_rng(2).random(weight_shape), "float32")
    for _ in range(2):
        ours.update_state(values, sample_weight=weights)
        theirs.update_state(values, sample_weight=weights)
    _close(ours.result(), theirs.result())
    for mine, other in zip(ours.variables, theirs.variables, strict=True):
        _close(mine, other)


def test_masks_leave_steps_out_alike():
    rng = np.random.default_rng(3)
    y_true, y_pred = rng.normal(size=(2, 4, 5, 2)).astype("float32")
    mask = rng.integers(0, 2, (4, 5)).astype(bool)
    ours, theirs = _pair("MeanSquaredError", {})
    p = Tensor(jnp.asarray(y_pred))
    p._keras_mask = Tensor(jnp.asarray(mask))
    q = oracle.ops.convert_to_tensor(y_pred)
    q._keras_mask = jnp.asarray(mask)
    for weights in (None, rng.random((4, 5)).astype("float32")):
        ours.update_state(y_true, p, sample_weight=weights)
        theirs.update_state(y_true, q, sample_weight=weights)
        _close(ours.result(), theirs.result())


CASES = [
    ("accuracy", (8, 1), (8, 1)),
    ("acc", (8,), (8, 1)),
    ("Accuracy", (8,), (8, 3)),
    ("accuracy", (8, 1), (8, 3)),
    ("accuracy", (8, 3), (8, 3)),
    ("accuracy", (8, 5), (8, 5, 3)),
    ("mse", (8, 1), (8, 1)),
    ("MAE", (8, 1), (8, 1)),
    ("mean_squared_error", (8, 1), (8, 1)),
    ("AUC", (8, 1), (8, 1)),
    ("binary_accuracy", (8, 1), (8, 1)),
    ("root_mean_squared_error", (8, 1), (8, 1)),
]


@pytest.mark.parametrize(("identifier", "true", "pred"), CASES)
def test_compile_resolves_strings_to_the_same_metric_and_name(identifier, true, pred):
    from keras.src.trainers.compile_utils import get_metric

    ours = resolve_metric(identifier, true, pred)
    theirs = get_metric(identifier, np.zeros(true), np.zeros(pred))
    assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)


def rmse(y_true, y_pred):
    return 0.0


def MyRMSE(y_true, y_pred):  # noqa: N802
    return 0.0


@pytest.mark.parametrize("identifier", [rmse, MyRMSE, lambda t, p: 0.0])
def test_compile_names_functions_alike(identifier):
    from keras.src.trainers.compile_utils import get_metric

    theirs = get_metric(identifier, np.zeros((2, 1)), np.zeros((2, 1)))
    assert resolve_metric(identifier, (2, 1), (2, 1)).name == theirs.name


@pytest.mark.parametrize(
    "name", ["mse", "MSE", "mae", "mape", "msle", "bce", "accuracy", "f_beta_score", "auc"]
)
def test_strings_name_the_same_class(name):
    assert type(metrics.get(name)).__name__ == type(oracle.metrics.get(name)).__name__


def test_float_weights_of_integer_counts_warn_alike():
    ours, theirs = _pair("MeanIoU", {"num_classes": 2})
    for metric in (ours, theirs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            metric.update_state([0, 1], [0, 1], sample_weight=np.array([1.0, 2.0], "float32"))
        assert any("weight" in str(w.message) for w in caught)
    _close(ours.result(), theirs.result())
