from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from addax import ops
from addax.engine import Compiled


def test_cholesky_of_an_indefinite_matrix_is_an_error() -> None:
    bad = ops.array([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match="positive definite"):
        ops.cholesky(bad)
    assert np.isnan(Compiled(ops.cholesky)(bad).numpy()).any()


@pytest.mark.parametrize("name", ["det", "inv", "slogdet", "cholesky", "eigh"])
def test_square_matrices_are_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match="square matrices") as caught:
        getattr(ops, name)(ops.zeros((2, 3)))
    assert "(2, 3)" in str(caught.value)


@pytest.mark.parametrize("name", ["svd", "pinv", "matrix_rank", "qr"])
def test_matrices_are_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match="works on matrices"):
        getattr(ops, name)(ops.zeros(3))


def test_qr_knows_two_modes() -> None:
    with pytest.raises(ValueError, match="mode"):
        ops.qr(ops.zeros((2, 2)), mode="raw")


def test_cholesky_inverse_takes_batches() -> None:
    factor = jnp.asarray(np.tril(np.random.default_rng(0).uniform(1, 2, (2, 3, 3))), jnp.float32)
    expected = np.linalg.inv(factor @ np.swapaxes(factor, -1, -2))
    np.testing.assert_allclose(ops.cholesky_inverse(factor), expected, rtol=1e-3, atol=1e-4)
