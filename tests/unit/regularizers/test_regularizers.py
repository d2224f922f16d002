"""Penalties: dtypes, gradients, wrong arguments."""

from __future__ import annotations

import numpy as np
import pytest

from addax import regularizers
from addax.engine import GradientTape, Variable


def test_gradients():
    w = Variable([1.0, -2.0])
    with GradientTape() as tape:
        penalty = regularizers.L1L2(0.5, 0.25)(w)
    assert tape.gradient(penalty, w).numpy().tolist() == [1.0, -1.5]


@pytest.mark.parametrize("make", [regularizers.L1(), regularizers.L2(), regularizers.L1L2(0.1, 0.1)])
def test_the_penalty_has_the_dtype_of_the_weight(make):
    assert make(Variable(np.ones(3), dtype="float16")).dtype == "float16"


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), "much", True])
def test_factors_are_finite_and_not_negative(value):
    for cls in (regularizers.L1, regularizers.L2, regularizers.L1L2, regularizers.OrthogonalRegularizer):
        with pytest.raises(ValueError, match="not negative"):
            cls(value)


def test_none_is_the_default():
    assert regularizers.L1(None).l1 == 0.01 and regularizers.L1L2(None, None).l2 == 0.0
    assert regularizers.get(None) is None


def test_orthogonal_is_for_matrices():
    with pytest.raises(ValueError, match="rank 2"):
        regularizers.OrthogonalRegularizer()(np.ones(3))
    with pytest.raises(ValueError, match="mode"):
        regularizers.OrthogonalRegularizer(mode="diagonal")
    w = np.array([[1.0, 0.0], [1.0, 0.0]], "float32")
    assert float(regularizers.OrthogonalRegularizer(1.0)(w)) == 1.0


def test_unknown_names():
    with pytest.raises(ValueError, match="'L1'"):
        regularizers.get("l3")
    with pytest.raises(ValueError, match="identifier"):
        regularizers.get(3)
    with pytest.raises(NotImplementedError, match="get_config"):
        regularizers.Regularizer().get_config()
