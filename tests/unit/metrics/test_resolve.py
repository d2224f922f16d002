from __future__ import annotations

import pytest

from addax import losses, metrics
from addax.metrics._resolve import resolve_metric

SHAPES = {"Binary": ((8,), (8, 1)), "SparseCategorical": ((8,), (8, 3)), "Categorical": ((8, 3), (8, 3))}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize(
    ("name", "what"), [("acc", "Accuracy"), ("accuracy", "Accuracy"), ("ce", "Crossentropy")]
)
def test_accuracy_and_crossentropy_are_chosen_by_the_shapes(kind, name, what):
    metric = resolve_metric(name, *SHAPES[kind])
    assert type(metric).__name__.lower() == f"{kind}{what}".lower() and metric.name == name


def rmse(y_true, y_pred):
    return y_pred


def test_names_in_logs():
    def name(given):
        return resolve_metric(given, (8, 1), (8, 1)).name

    assert name("mse") == "mse" and name("MSE") == "MSE" and name("huber") == "huber"
    assert name(rmse) == "rmse" and name(lambda t, p: p) == "lambda"
    assert name(metrics.mean_squared_error) == "mean_squared_error"
    assert name(metrics.BinaryAccuracy) == "binary_accuracy" and name(metrics.Mean(name="m")) == "m"
    assert name(losses.Huber()) == "huber_loss"


def test_objects_are_kept_and_functions_are_averaged_in_the_given_dtype():
    metric = metrics.AUC()
    assert resolve_metric(metric, (8, 1), (8, 1)) is metric
    wrapped = resolve_metric(rmse, (8, 1), (8, 1), dtype="float16")
    assert type(wrapped) is metrics.MeanMetricWrapper and wrapped.dtype == "float16"


@pytest.mark.parametrize("given", [None, "acuracy", 3])
def test_what_is_no_metric_is_an_error(given):
    with pytest.raises(ValueError, match=r"metric"):
        resolve_metric(given, (8, 1), (8, 1))
