"""Models on ragged tensors train as those of Keras 2 on TensorFlow do: the same losses, metrics and predictions."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.oracle.write_ragged_training import RESULTS, models, result

import addax.tf as tf
from addax.core import tree

EXPECTED = json.loads(RESULTS.read_text())


def test_each_model_has_a_result() -> None:
    assert sorted(EXPECTED) == sorted(models(tf))


@pytest.mark.parametrize("name", EXPECTED)
def test_training_on_ragged_tensors_gives_the_numbers_of_tensorflow(name: str) -> None:
    found, expected = result(tf, name), EXPECTED[name]
    tree.assert_same_structure(found, expected)
    np.testing.assert_allclose(tree.flatten(found), tree.flatten(expected), rtol=1e-4, atol=2e-5)
