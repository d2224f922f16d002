"""Constraints take variables, and are found by name."""

from __future__ import annotations

import numpy as np
import pytest

from addax import constraints
from addax.engine import Compiled, Variable


@pytest.mark.parametrize(
    "make", [constraints.MaxNorm(1), constraints.UnitNorm(), constraints.MinMaxNorm(1.0, 1.0)]
)
def test_norms_after_the_projection(make):
    w = Variable(np.array([[3.0, 0.3], [4.0, 0.4]], "float32"))
    norms = np.linalg.norm(make(w).numpy(), axis=0)
    np.testing.assert_allclose(
        norms, [1.0, 0.5] if isinstance(make, constraints.MaxNorm) else [1.0, 1.0], rtol=1e-5
    )
    np.testing.assert_allclose(Compiled(lambda: make(w))().numpy(), make(w).numpy(), rtol=1e-6, atol=1e-6)


def test_lookup():
    assert constraints.get(None) is None
    assert isinstance(constraints.get(constraints.NonNeg), constraints.NonNeg)
    with pytest.raises(ValueError, match="'non_neg'"):
        constraints.get("non_negg")
