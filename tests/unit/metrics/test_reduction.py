from __future__ import annotations

import json

import jax.numpy as jnp
import numpy as np
import pytest

from addax import losses, measures, metrics, ops
from addax.engine import Tensor


def _masked(values, mask):
    tensor = Tensor(jnp.asarray(np.asarray(values, "float32")))
    tensor._keras_mask = measures.as_tensor(mask)
    return tensor


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        (4.0, None, 4.0),
        ([1, 3, 5, 7], [1, 1, 0, 0], 2.0),
        ([[1.0, 3.0], [5.0, 9.0]], [1.0, 3.0], 5.75),
        ([[1.0, 3.0], [5.0, 9.0]], [[1.0, 0.0], [0.0, 1.0]], 5.0),
        ([1.0, 3.0], 2.0, 2.0),
        ([1.0, 3.0], [0.0, 0.0], 0.0),
    ],
)
def test_mean_weighs_samples(values, weights, expected):
    assert float(metrics.Mean()(values, sample_weight=weights)) == pytest.approx(expected)


def test_mean_before_the_first_value_is_zero():
    assert float(metrics.Mean().result()) == 0.0


def test_masked_values_do_not_count():
    assert float(metrics.Mean()(_masked([1.0, 3.0, 100.0], [True, True, False]))) == 2.0
    assert float(metrics.Sum()(_masked([1.0, 3.0, 100.0], [True, True, False]))) == 4.0


def test_weights_that_do_not_fit_are_an_error():
    with pytest.raises(ValueError, match="do not fit the values"):
        metrics.Mean().update_state([1.0, 2.0], sample_weight=[1.0, 2.0, 3.0])


def rmse(y_true, y_pred):
    return ops.sqrt(ops.mean(ops.square(y_pred - y_true)))


def distance(y_true, y_pred, scale=1.0):
    return scale * ops.abs(y_true - y_pred)


def test_a_users_function_sees_labels_in_the_rank_of_predictions():
    m = metrics.MeanMetricWrapper(distance, scale=2.0)
    assert float(m(np.array([0.0, 1.0]), np.array([[1.0], [3.0]]))) == 3.0  # not the mean of a 2 x 2 table


def test_a_function_that_gives_one_number_for_the_batch_is_averaged_over_batches():
    m = metrics.MeanMetricWrapper(rmse, name="rmse")
    m.update_state([[0.0]], [[2.0]])
    m.update_state([[0.0], [0.0]], [[4.0], [4.0]])
    assert float(m.result()) == 3.0


def test_one_number_for_the_batch_weighs_as_much_as_its_samples():
    m = metrics.MeanMetricWrapper(rmse)
    m.update_state([[0.0], [0.0]], [[2.0], [2.0]], sample_weight=[1.0, 2.0])
    m.update_state([[0.0]], [[6.0]], sample_weight=[1.0])
    assert float(m.result()) == 3.0


def test_a_loss_object_is_a_metric_too():
    m = metrics.MeanMetricWrapper(losses.MeanSquaredError(), name="l")
    assert float(m([[0.0]], [[3.0]])) == 9.0


def test_masks_of_predictions_leave_steps_out():
    y_pred = _masked([[[1.0], [5.0]]], [[True, False]])
    assert float(metrics.MeanSquaredError()(np.zeros((1, 2, 1)), y_pred)) == 1.0
    assert float(metrics.MeanSquaredError()(np.zeros((1, 2, 1)), y_pred, sample_weight=[3.0])) == 1.0
    assert float(metrics.RootMeanSquaredError()(np.zeros((1, 2, 1)), y_pred)) == 1.0


def test_an_ignored_class_does_not_count_with_and_without_weights():
    m = metrics.SparseCategoricalCrossentropy(ignore_class=-1)
    y_true, y_pred = [0, -1], [[0.5, 0.5], [0.5, 0.5]]
    assert float(m(y_true, y_pred)) == pytest.approx(np.log(2))
    assert float(m(y_true, y_pred, sample_weight=[2.0, 5.0])) == pytest.approx(np.log(2))


def test_the_wrapper_saves_its_function_by_name():
    m = metrics.MeanMetricWrapper(metrics.huber, name="far", delta=2.0)
    back = metrics.deserialize(json.loads(json.dumps(metrics.serialize(m))))
    assert back.name == "far" and float(back([[0.0]], [[3.0]])) == 4.0
    assert m._direction == "down" and metrics.BinaryAccuracy()._direction == "up"


def test_mean_tensor_keeps_the_shape():
    m = metrics.MeanTensor()
    with pytest.raises(ValueError, match="no shape yet"):
        m.result()
    m.update_state([[0.0, 2.0]])
    m.update_state([[4.0, 4.0]], sample_weight=[3.0])
    assert m.result().numpy().tolist() == [[3.0, 3.5]]
    with pytest.raises(ValueError, match=r"expected: shape \(1, 2\)"):
        m.update_state([1.0])
    assert metrics.MeanTensor.from_config(metrics.MeanTensor(shape=(2,)).get_config()).total.shape == (2,)


def test_mean_relative_error_divides_by_its_normalizer():
    m = metrics.MeanRelativeError(normalizer=[1.0, 0.0])
    assert float(m([1.0, 1.0], [3.0, 5.0])) == 1.0
    assert float(metrics.MeanRelativeError.from_config(m.get_config())([1.0, 1.0], [3.0, 5.0])) == 1.0
