"""`DenseFeatures` gives the numbers of the real TensorFlow: the same buckets, crosses and combinations."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.parity._feature_columns import FEATURES, RESULTS, columns, results, sparse_columns

import addax.tf as tf

EXPECTED = json.loads(RESULTS.read_text())


@pytest.fixture(scope="module")
def found() -> dict[str, list]:
    return results(tf, FEATURES)


@pytest.mark.parametrize("name", EXPECTED)
def test_dense_features_equal_those_of_tensorflow(name: str, found: dict[str, list]) -> None:
    results = zip(
        *(r if name.startswith("sequence") else [r] for r in (found[name], EXPECTED[name])), strict=True
    )
    for ours, theirs in results:
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=2e-6)


def test_each_group_of_columns_has_a_result() -> None:
    assert sorted(EXPECTED) == sorted([*columns(tf), *sparse_columns(tf)])
