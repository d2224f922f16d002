from __future__ import annotations

import numpy as np
import pytest

from addax import metrics


@pytest.mark.parametrize("name", ["binary_accuracy", "categorical_accuracy", "top_k_categorical_accuracy"])
def test_labels_that_would_only_broadcast_are_an_error(name):
    with pytest.raises(ValueError, match=f"^{name}: the labels do not fit"):
        getattr(metrics, name)(np.zeros(4), np.zeros((4, 3)))


def test_the_errors_of_accuracies_point_to_the_right_one():
    with pytest.raises(ValueError, match="SparseCategoricalAccuracy"):
        metrics.CategoricalAccuracy().update_state([0, 1], np.zeros((2, 3)))
    with pytest.raises(ValueError, match="CategoricalAccuracy"):
        metrics.SparseCategoricalAccuracy().update_state(np.eye(3), np.zeros((3, 3)))


def test_labels_of_one_column_are_squeezed():
    y_pred = [[0.1, 0.9], [0.8, 0.2]]
    assert metrics.sparse_categorical_accuracy([[1], [1]], y_pred).numpy().tolist() == [1.0, 0.0]
    assert metrics.sparse_top_k_categorical_accuracy([[1], [1]], y_pred, k=1).numpy().tolist() == [1.0, 0.0]
    assert float(metrics.BinaryAccuracy()([1, 0], [[0.9], [0.8]])) == 0.5


def test_sequences_are_judged_step_by_step():
    y_pred = np.array([[[0.1, 0.9], [0.9, 0.1]]])
    assert metrics.sparse_categorical_accuracy([[1, 1]], y_pred).numpy().tolist() == [[1.0, 0.0]]
    assert metrics.top_k_categorical_accuracy(np.eye(2)[[[1, 1]]], y_pred, k=1).numpy().tolist() == [
        [1.0, 0.0]
    ]


def test_more_than_all_classes_are_always_right():
    assert metrics.sparse_top_k_categorical_accuracy(
        [0, 1], [[0.1, 0.9], [0.9, 0.1]], k=5
    ).numpy().tolist() == [1, 1]


def test_accuracy_compares_classes():
    assert float(metrics.Accuracy()([[1], [2], [3]], [1, 2, 0])) == pytest.approx(2 / 3)
