"""Layers that tf.keras alone has, against its numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.parity._old_layers import CASES, GOLDEN, run

import addax

golden = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("key", CASES)
def test_layers_of_tf_keras_compute_the_same_with_the_same_weights(key):
    found, expected = run(addax, key), dict(golden[key])
    np.testing.assert_allclose(found.pop("output"), expected.pop("output"), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found.pop("scale"), expected.pop("scale"), rtol=1e-6)
    assert found == expected
