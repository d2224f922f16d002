from __future__ import annotations

import numpy as np
import pytest

from addax import measures
from addax.engine import SymbolicTensor, Tensor


def _tensor(values):
    return measures.as_tensor(np.asarray(values, "float32"))


def test_weights_of_samples_weigh_all_steps_even_if_there_are_as_many_steps_as_samples():
    values, weights = measures.fit_weights(_tensor(np.ones((2, 2))), _tensor([1.0, 3.0]))
    assert (values * weights).numpy().tolist() == [[1.0, 1.0], [3.0, 3.0]]


@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (2, 3), (1, 3), (3,)])
def test_weights_that_fit_broadcast_to_the_values(shape):
    values, weights = measures.fit_weights(_tensor(np.ones((2, 3))), _tensor(np.ones(shape)))
    assert (values * weights).shape == (2, 3)


@pytest.mark.parametrize("shape", [(4,), (3, 2), (2, 3, 5)])
def test_weights_that_do_not_fit_are_errors(shape):
    with pytest.raises(ValueError, match="weights .* do not fit") as caught:
        measures.fit_weights(_tensor(np.ones((2, 3))), _tensor(np.ones(shape)))
    assert "(2, 3)" in str(caught.value) and str(shape) in str(caught.value)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("sum_over_batch_size", 5 / 3),
        ("mean", 5 / 3),
        ("sum", 5.0),
        ("mean_with_sample_weight", 5 / 3),
        (None, [2.0, 0.0, 3.0]),
        ("none", [2.0, 0.0, 3.0]),
    ],
)
def test_reductions_of_weighted_values(reduction, expected):
    found = measures.reduce_weighted(_tensor([1.0, 2.0, 3.0]), [2.0, 0.0, 1.0], reduction=reduction)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [("mean", 2.0), ("sum", 4.0), ("mean_with_sample_weight", 2.0), (None, [0, 1, 3])],
)
def test_what_a_mask_leaves_out_does_not_count(reduction, expected):
    mask = measures.as_tensor([False, True, True])
    found = measures.reduce_weighted(_tensor([9.0, 1.0, 3.0]), mask=mask, reduction=reduction).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_mask_that_leaves_out_everything_gives_zero():
    mask = measures.as_tensor([False, False])
    assert float(measures.reduce_weighted(_tensor([1.0, 2.0]), mask=mask)) == 0.0


def test_an_empty_batch_has_no_loss():
    assert float(measures.reduce_weighted(_tensor(np.zeros((0,))))) == 0.0


def test_masks_combine_by_logical_and():
    a, b = measures.as_tensor([[True, True], [False, True]]), measures.as_tensor([True, False])
    assert measures.combine_masks(None, None) is None
    assert measures.combine_masks(a, None) is a and measures.combine_masks(None, b) is b
    assert measures.combine_masks(a, b).numpy().tolist() == [[True, True], [False, False]]


def test_tensors_and_symbolic_tensors_carry_masks():
    for tensor in (Tensor(np.zeros(2)), SymbolicTensor((2,))):
        assert measures.mask_of(tensor) is None
        assert measures.mask_of(measures.with_mask(tensor, "mask")) == "mask"
