from __future__ import annotations

import copy
import json
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import losses, measures, ops
from addax.core import registry, serial
from addax.engine import GradientTape, Tensor, Variable
from addax.losses._base import LossFunctionWrapper


class Weighted(losses.Loss):
    """A user's loss whose constructor passes the rest on."""

    def __init__(self, alpha=1.0, **kwargs):
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, y_true, y_pred):
        return self.alpha * ops.mean(ops.abs(y_true - y_pred), axis=-1)


class Closed(losses.Loss):
    """A user's loss whose constructor takes neither name nor reduction."""

    def __init__(self, alpha):
        super().__init__(name="closed")
        self.alpha = alpha

    def call(self, y_true, y_pred):
        return self.alpha * (y_true - y_pred)[:, 0]


def plain(y_true, y_pred, scale=1.0):
    return scale * ops.abs(y_true - y_pred)


@pytest.mark.parametrize("reduction", ["auto", losses.Reduction.AUTO])
def test_auto_is_the_mean(reduction):
    loss = losses.MeanSquaredError(reduction=reduction)
    assert loss.reduction == "sum_over_batch_size"
    assert float(loss([[0.0], [0.0]], [[1.0], [3.0]])) == 5.0


def test_an_unknown_reduction_is_an_error_that_lists_the_known():
    with pytest.raises(ValueError, match="Unknown reduction") as caught:
        losses.MeanSquaredError(reduction="summ")
    assert "'mean_with_sample_weight'" in str(caught.value) and "Did you mean 'sum'" in str(caught.value)
    with pytest.raises(ValueError, match="Unknown reduction"):
        losses.Reduction.validate("nope")
    assert all(losses.Reduction.validate(r) is None for r in losses.Reduction.all())


def test_a_loss_without_call_says_what_is_missing():
    with pytest.raises(NotImplementedError, match=r"Define call\(self, y_true, y_pred\)"):
        losses.Loss()([0.0], [1.0])


def test_a_users_loss_gets_a_name_from_its_class_and_tensors_of_its_dtype():
    class SeesTensors(losses.Loss):
        def call(self, y_true, y_pred):
            assert isinstance(y_true, Tensor) and y_true.dtype == y_pred.dtype == "float32"
            return ops.mean(y_pred - y_true, axis=-1)

    loss = SeesTensors()
    assert loss.name.startswith("sees_tensors")
    assert float(loss(np.array([[1]]), np.array([[3]], "float64"))) == 2.0


def test_a_users_loss_is_rebuilt_from_its_recorded_arguments():
    loss = Weighted(alpha=3.0, name="w", reduction="sum")
    config = json.loads(json.dumps(serial.serialize_config(loss)))
    assert config == {"name": "w", "reduction": "sum", "alpha": 3.0}
    back = Weighted.from_config(config)
    assert (back.name, back.reduction, back.alpha) == ("w", "sum", 3.0)
    assert Closed.from_config(Closed(2.0).get_config()).alpha == 2.0


def test_a_users_loss_loads_by_custom_objects():
    data = losses.serialize(Weighted(alpha=3.0))
    assert losses.deserialize(data, custom_objects={"Weighted": Weighted}).alpha == 3.0
    with registry.custom_object_scope({"plain": plain}):
        assert losses.get("plain") is plain


def test_another_dtype_stands_in_the_config():
    assert "dtype" not in losses.Huber().get_config()
    assert losses.Huber.from_config(losses.Huber(dtype="float16").get_config()).dtype == "float16"


def test_the_wrapper_saves_its_function_by_name():
    loss = LossFunctionWrapper(losses.huber, name="h", delta=2.0)
    back = losses.deserialize(json.loads(json.dumps(losses.serialize(loss))))
    assert type(back) is LossFunctionWrapper and back.fn is losses.huber and back.name == "h"
    assert float(back([[0.0]], [[3.0]])) == float(loss([[0.0]], [[3.0]])) == 4.0


def test_the_wrapper_aligns_labels_for_a_users_function():
    loss = LossFunctionWrapper(plain, reduction=None, scale=2.0)
    assert loss(np.zeros(3), np.ones((3, 1))).numpy().tolist() == [[2.0], [2.0], [2.0]]


def test_nests_of_tensors_reach_a_users_loss_as_nests():
    class OfDict(losses.Loss):
        def call(self, y_true, y_pred):
            return y_pred["a"] - y_true["a"] + y_pred["b"][0]

    y_true, y_pred = {"a": np.zeros(2)}, {"a": np.ones(2), "b": [np.array([1.0, 3.0])]}
    assert float(OfDict()(y_true, y_pred)) == 3.0


def test_nested_lists_of_numbers_are_one_tensor():
    assert float(losses.BinaryCrossentropy(from_logits=True)([0, 1, 0, 0], [-18.6, 0.51, 2.94, -12.8])) == (
        pytest.approx(0.865, abs=1e-3)
    )


def test_sample_weights_of_samples_weigh_whole_sequences():
    loss = losses.MeanSquaredError(reduction="sum")
    y_pred = np.ones((2, 2, 3), "float32")
    assert float(loss(np.zeros((2, 2, 3)), y_pred, sample_weight=[1.0, 10.0])) == 22.0


def test_masks_of_predictions_and_of_values_combine():
    y_pred = Tensor(jnp.zeros((1, 4, 3)))
    y_pred._keras_mask = measures.as_tensor([[True, True, False, True]])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1, reduction="sum")
    assert float(loss([[0, -1, 0, 1]], y_pred)) == pytest.approx(2 * np.log(3), rel=1e-6)


def test_gradients_flow_through_tapes_and_through_jax():
    w = Variable(np.ones((3, 1), "float32"))
    with GradientTape() as tape:
        loss = losses.MeanSquaredError()(np.zeros((4, 1)), ops.matmul(np.ones((4, 3), "float32"), w))
    assert tape.gradient(loss, w).numpy().ravel().tolist() == [6.0, 6.0, 6.0]
    grad = jax.jit(jax.grad(lambda p: losses.MeanSquaredError()(np.zeros((4, 1)), p)))(jnp.ones((4, 1)))
    np.testing.assert_allclose(grad, np.full((4, 1), 0.5))


def test_raw_arrays_give_a_raw_array_and_keep_the_masks_of_values():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    raw = loss(jnp.array([0, 1]), jnp.array([[0.5, 0.5], [0.5, 0.5]]))
    assert isinstance(raw, jax.Array) and float(raw) == pytest.approx(np.log(2))


def test_losses_can_be_copied_and_pickled():
    for back in (copy.deepcopy(losses.Huber(delta=2.0)), pickle.loads(pickle.dumps(losses.Huber(delta=2.0)))):
        assert float(back([[0.0]], [[3.0]])) == 4.0


def test_repr_names_the_loss():
    assert repr(losses.Huber()) == "<Huber name=huber_loss, reduction=sum_over_batch_size>"
