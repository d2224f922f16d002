from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from addax import metrics
from addax.engine import Compiled


@pytest.mark.parametrize("average", ["micro", "macro", "weighted", None])
def test_f1_is_that_of_scikit_learn(average):
    rng = np.random.default_rng(0)
    y_true, y_pred = rng.integers(0, 2, (40, 3)), rng.random((40, 3)).astype("float32")
    expected = sklearn_metrics.f1_score(y_true, y_pred > 0.5, average=average)
    np.testing.assert_allclose(
        metrics.F1Score(average=average, threshold=0.5)(y_true, y_pred), expected, atol=1e-5
    )


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"average": "all"}, "Unknown `average`"),
        ({"beta": 2}, "`beta` is out of range"),
        ({"beta": -1.0}, "`beta` is out of range"),
        ({"threshold": 0.0}, "`threshold` is out of range"),
        ({"threshold": 1}, "`threshold` is out of range"),
    ],
)
def test_arguments_of_f_scores_are_checked(kwargs, words):
    with pytest.raises(ValueError, match=words):
        metrics.FBetaScore(**kwargs)


def test_f_scores_and_r2_need_matrices():
    with pytest.raises(ValueError, match="^F1Score: the predictions do not fit"):
        metrics.F1Score().update_state([0, 1], [0.2, 0.8])
    with pytest.raises(ValueError, match="^R2Score: the predictions do not fit"):
        metrics.R2Score().update_state(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))


def test_scores_before_the_first_batch_are_zero_and_resets_need_no_variables():
    for m in (metrics.F1Score(), metrics.R2Score()):
        m.reset_state()
        assert float(m.result()) == 0.0


@pytest.mark.parametrize("weights", [None, np.linspace(0.1, 1, 30)])
def test_r2_is_that_of_scikit_learn(weights):
    rng = np.random.default_rng(0)
    y_true = rng.normal(size=(30, 2)).astype("float32")
    y_pred = (y_true + rng.normal(size=(30, 2)) / 3).astype("float32")
    expected = sklearn_metrics.r2_score(y_true, y_pred, sample_weight=weights)
    assert float(metrics.R2Score()(y_true, y_pred, sample_weight=weights)) == pytest.approx(
        expected, abs=1e-5
    )


def test_r2_takes_labels_without_a_column():
    y = np.array([1.0, 4.0, 3.0], "float32")
    assert float(metrics.R2Score()(y, y[:, None])) == 1.0


@pytest.mark.parametrize("arguments", [{"class_aggregation": "mean"}, {"num_regressors": -1}])
def test_arguments_of_r2_are_checked(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        metrics.R2Score(**arguments)


def test_the_adjusted_score_needs_samples_enough_and_says_so():
    y_true, y_pred = np.array([[1.0], [4.0], [3.0]]), np.array([[2.0], [4.0], [4.0]])
    m = metrics.R2Score(num_regressors=2)
    m.update_state(y_true, y_pred)
    with pytest.warns(UserWarning, match="3 samples for 2 regressors"):
        assert float(m.result()) == pytest.approx(0.5714, abs=1e-4)
    one = metrics.R2Score(num_regressors=1)
    one.update_state(y_true, y_pred)
    assert float(one.result()) == pytest.approx(1 - (1 - 0.5714) * 2, abs=1e-3)
    assert float(Compiled(one.result)()) == float(one.result())
