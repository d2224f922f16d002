from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from addax import measures, metrics
from addax.engine import Tensor


def _masked(values, mask):
    tensor = Tensor(jnp.asarray(np.asarray(values, "float32")))
    tensor._keras_mask = measures.as_tensor(mask)
    return tensor


@pytest.mark.parametrize("cls", [metrics.Precision, metrics.Recall, metrics.TruePositives])
@pytest.mark.parametrize("thresholds", [1.5, -0.1, [0.5, 2.0], [None]])
def test_thresholds_out_of_range_are_errors(cls, thresholds):
    with pytest.raises(ValueError, match="Thresholds are out of range"):
        cls(thresholds=thresholds)


def test_several_thresholds_give_several_numbers():
    m = metrics.Precision(thresholds=[0.5, 0.8])
    np.testing.assert_allclose(m([0, 1, 1, 1], [1.0, 0.0, 0.7, 0.9]), [2 / 3, 0.5], rtol=1e-6)
    counts = metrics.FalseNegatives(thresholds=[0.5, 0.8])
    assert counts([0, 1, 1, 1], [1.0, 0.0, 0.7, 0.9]).numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "name", ["TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "AUC", "Recall"]
)
def test_labels_that_would_only_broadcast_are_an_error(name):
    with pytest.raises(ValueError, match=f"^{name}: the labels do not fit"):
        getattr(metrics, name)().update_state(np.zeros(4), np.zeros((4, 3)))


def test_masked_predictions_do_not_count():
    y_true, y_pred = [[1, 1, 0]], _masked([[0.9, 0.1, 0.9]], [[True, False, True]])
    assert float(metrics.Recall()(y_true, y_pred)) == 1.0
    assert float(metrics.TruePositives()(y_true, y_pred, sample_weight=[2.0])) == 2.0
    assert float(metrics.FalsePositives()(y_true, y_pred)) == 1.0
    assert np.asarray(metrics.F1Score(threshold=0.5)([[1], [1]], _masked([[0.9], [0.1]], [True, False]))) == (
        pytest.approx(1.0, abs=1e-5)
    )


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 3), (2, 3, 1), ()])
def test_weights_of_samples_steps_and_places(shape):
    y_pred = np.full((2, 3), 0.9, "float32")
    weights = np.full(shape, 2.0, "float32")
    assert float(metrics.TruePositives()(np.ones((2, 3)), y_pred, sample_weight=weights)) == 12.0


def test_weights_of_samples_weigh_whole_images():
    weights = np.array([1.0, 10.0], "float32")
    m = metrics.TruePositives()
    assert float(m(np.ones((2, 3, 2)), np.ones((2, 3, 2)), sample_weight=weights)) == 66.0


def test_a_class_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="`class_id` does not fit"):
        metrics.Precision(class_id=3).update_state(np.zeros((2, 3)), np.zeros((2, 3)))
    with pytest.raises(ValueError, match="`class_id` does not fit"):
        metrics.Recall(class_id=0).update_state(np.zeros(2), np.zeros(2))


def test_bool_labels_are_labels():
    assert float(metrics.Precision()(np.array([True, False]), [0.9, 0.8])) == 0.5


def test_auc_is_near_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, 400)
    y_pred = np.clip(rng.normal(0.4 + 0.2 * y_true, 0.2), 0, 1).astype("float32")
    assert float(metrics.AUC(num_thresholds=2000)(y_true, y_pred)) == pytest.approx(
        sklearn_metrics.roc_auc_score(y_true, y_pred), abs=1e-4
    )
    assert float(metrics.AUC(num_thresholds=2000, curve="PR")(y_true, y_pred)) == pytest.approx(
        sklearn_metrics.average_precision_score(y_true, y_pred), abs=5e-3
    )


def test_even_and_uneven_thresholds_count_alike():
    rng = np.random.default_rng(1)
    y_true, y_pred = rng.integers(0, 2, 50), rng.random(50).astype("float32")
    even, uneven = metrics.AUC(num_thresholds=11), metrics.AUC(num_thresholds=11)
    uneven._even = False
    even.update_state(y_true, y_pred)
    uneven.update_state(y_true, y_pred)
    for a, b in zip(even.variables, uneven.variables, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-5)


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"num_thresholds": 1}, "AUC needs thresholds"),
        ({"curve": "RCO"}, "Unknown `curve`"),
        ({"summation_method": "middle"}, "Unknown `summation_method`"),
        ({"num_labels": 3}, "multi_label=True only"),
        ({"thresholds": [0.1, 1.2]}, "out of range"),
    ],
)
def test_arguments_of_auc_are_checked(kwargs, words):
    with pytest.raises(ValueError, match=words):
        metrics.AUC(**kwargs)


def test_auc_of_labels_checks_their_number():
    m = metrics.AUC(multi_label=True, num_labels=3)
    with pytest.raises(ValueError, match=r"expected: y_pred of shape \(batch, 3\)"):
        m.update_state(np.zeros((4, 2)), np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"shape \(batch, labels\)"):
        metrics.AUC(multi_label=True).update_state(np.zeros(4), np.zeros(4))
    assert float(metrics.AUC(multi_label=True).result()) == 0.0


@pytest.mark.parametrize(
    ("cls", "bound"),
    [
        (metrics.SensitivityAtSpecificity, "specificity"),
        (metrics.SpecificityAtSensitivity, "sensitivity"),
        (metrics.PrecisionAtRecall, "recall"),
        (metrics.RecallAtPrecision, "precision"),
    ],
)
def test_points_of_curves_check_their_bound(cls, bound):
    with pytest.raises(ValueError, match=f"`{bound}` is out of range"):
        cls(1.5)
    with pytest.raises(ValueError, match="num_thresholds > 0"):
        cls(0.5, num_thresholds=0)
    assert getattr(cls(0.25), bound) == 0.25


def test_a_bound_that_no_threshold_keeps_gives_zero():
    assert float(metrics.PrecisionAtRecall(1.0)([1, 1], [0.0, 0.0])) == 0.0
