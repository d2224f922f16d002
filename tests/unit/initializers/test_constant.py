"""Initializers without chance."""

from __future__ import annotations

import numpy as np
import pytest

from addax import initializers


def test_zeros_ones_and_constants():
    assert initializers.Zeros()((2,), "int32").numpy().tolist() == [0, 0]
    assert initializers.Ones()((2,), "int64").dtype == "int32"  # as JAX holds it
    assert initializers.Constant(2)((2, 2)).numpy().tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert initializers.Constant([1, 2])((3, 2)).numpy()[2].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="broadcast"):
        initializers.Constant([1, 2, 3])((3, 2))


def test_identity_is_for_matrices():
    np.testing.assert_array_equal(initializers.Identity(3.0)((2, 3)).numpy(), 3 * np.eye(2, 3))
    with pytest.raises(ValueError, match="rank 2"):
        initializers.Identity()((2, 2, 2))
    assert initializers.Identity.from_config(initializers.Identity(3.0).get_config()).gain == 3.0


def test_a_constant_array_survives_its_config():
    config = initializers.Constant(np.array([1.0, 2.0])).get_config()
    assert initializers.Constant.from_config(config)((2,)).numpy().tolist() == [1.0, 2.0]


def test_stft_checks_its_arguments():
    with pytest.raises(ValueError, match="side"):
        initializers.STFT(side="left")
    with pytest.raises(ValueError, match="scaling"):
        initializers.STFT(scaling="loud")
    with pytest.raises(ValueError, match="fit the frame"):
        initializers.STFT(window=np.ones(3))((4, 1, 3))
