from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from addax import measures, metrics
from addax.engine import Tensor


def test_classes_out_of_range_and_ignored_ones_do_not_count():
    m = metrics.MeanIoU(num_classes=2, ignore_class=255)
    m.update_state([0, 1, 255, -1, 5], [0, 0, 0, 0, 1])
    assert np.asarray(m.total_cm).tolist() == [[1, 0], [1, 0]]


def test_a_target_class_out_of_range_is_an_error():
    with pytest.raises(ValueError, match="A target class is out of range"):
        metrics.IoU(num_classes=2, target_class_ids=[2])


def test_numbers_of_places_must_be_equal():
    with pytest.raises(ValueError, match="^MeanIoU: the labels do not fit"):
        metrics.MeanIoU(2).update_state([0, 1, 0], [0, 1])


def test_fractions_of_weights_count_in_a_float_dtype_and_warn_in_an_integer_one():
    m = metrics.MeanIoU(num_classes=2, dtype="float32")
    m.update_state([0, 1], [0, 0], sample_weight=[0.5, 1.5])
    assert np.asarray(m.total_cm).tolist() == [[0.5, 0.0], [1.5, 0.0]]
    with pytest.warns(UserWarning, match='dtype="float32"'):
        metrics.MeanIoU(num_classes=2).update_state([0, 1], [0, 0], sample_weight=[0.5, 1.5])


def test_weights_of_samples_weigh_whole_images_and_masks_leave_places_out():
    m = metrics.MeanIoU(num_classes=2)
    y_pred = Tensor(jnp.zeros((2, 2), "int32"))
    y_pred._keras_mask = measures.as_tensor([[True, False], [True, True]])
    m.update_state(np.zeros((2, 2), int), y_pred, sample_weight=np.array([1, 10]))
    assert np.asarray(m.total_cm).tolist() == [[21, 0], [0, 0]]
    binary = metrics.BinaryIoU()
    scores = Tensor(jnp.array([0.9, 0.9]))
    scores._keras_mask = measures.as_tensor([True, False])
    binary.update_state([1, 0], scores)
    assert np.asarray(binary.total_cm).tolist() == [[0, 0], [0, 1]]


def test_channels_may_come_first():
    y_true = np.moveaxis(np.eye(3)[np.array([[0, 1], [2, 2]])], -1, 1)
    m = metrics.OneHotMeanIoU(num_classes=3, axis=1)
    assert float(m(y_true, y_true)) == pytest.approx(1.0, abs=1e-5)
