"""Ragged and sparse tensors give what TensorFlow gives (`tests/oracle/write_composites.py` recorded it)."""

import json

import numpy as np
import pytest
from tests.parity._composites import EXPRESSIONS, HERE, names, plain

import addax.tf as tf

RESULTS = json.loads((HERE / "composite_results.json").read_text())
NAMES = names(tf)


def same(mine, theirs):
    if isinstance(theirs, list):
        assert isinstance(mine, list) and len(mine) == len(theirs), (mine, theirs)
        for a, b in zip(mine, theirs, strict=True):
            same(a, b)
    elif isinstance(theirs, float):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)
    else:
        assert mine == theirs and type(mine) is type(theirs)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression):
    same(plain(eval(expression, dict(NAMES))), RESULTS[expression])
