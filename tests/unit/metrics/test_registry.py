from __future__ import annotations

import pytest

from addax import metrics
from addax.core import registry


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("acuracy", "accuracy"), ("mean_square_error", "mean_squared_error"), ("Recal", "recall")],
)
def test_an_unknown_name_is_an_error_that_lists_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"Unknown metric: '{name}'") as caught:
        metrics.get(name)
    assert nearest in str(caught.value).lower()


@pytest.mark.parametrize(
    ("alias", "cls"),
    [
        ("acc", metrics.Accuracy),
        ("ACC", metrics.Accuracy),
        ("accuracy", metrics.Accuracy),
        ("kld", metrics.KLDivergence),
        ("kullback_leibler_divergence", metrics.KLDivergence),
        ("logcosh", metrics.LogCoshError),
        ("cosine_proximity", metrics.CosineSimilarity),
        ("fbeta_score", metrics.FBetaScore),
        ("f1_score", metrics.F1Score),
        ("r2_score", metrics.R2Score),
        ("sparse_top_k_categorical_accuracy", metrics.SparseTopKCategoricalAccuracy),
    ],
)
def test_names_give_objects_of_their_class(alias, cls):
    assert type(metrics.get(alias)) is cls


def test_losses_that_are_no_metric_class_give_their_function():
    assert metrics.get("huber") is metrics.huber
    assert metrics.get("binary_focal_crossentropy") is metrics.binary_focal_crossentropy


def test_objects_functions_and_classes():
    m = metrics.AUC()
    assert metrics.get(m) is m and metrics.get(None) is None and metrics.get(metrics.mse) is metrics.mse
    assert type(metrics.get(metrics.AUC)) is metrics.AUC
    assert type(metrics.get({"class_name": "MeanSquaredError", "config": {}})) is metrics.MeanSquaredError
    with pytest.raises(ValueError, match="This is no metric"):
        metrics.get(3)


def test_registered_metrics_are_found_by_name():
    class Mine(metrics.Mean):
        pass

    with registry.custom_object_scope({"Mine": Mine}):
        assert type(metrics.get("Mine")) is Mine
