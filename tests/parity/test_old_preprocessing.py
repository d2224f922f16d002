"""`keras.preprocessing` against the real tf_keras, random numbers included (`_old_preprocessing_cases.py`)."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from tests.parity import _old_preprocessing_cases as cases

import addax as keras

GOLDEN = json.loads(cases.GOLDEN.read_text())


def alike(found, expected, where=""):
    if isinstance(expected, dict) and "dtype" in expected:
        assert (found["dtype"], found["shape"]) == (expected["dtype"], expected["shape"]), where
        np.testing.assert_allclose(found["values"], expected["values"], rtol=1e-4, atol=5e-3, err_msg=where)
    elif isinstance(expected, dict):
        assert list(found) == list(expected), where
        for key in expected:
            alike(found[key], expected[key], f"{where}/{key}")
    elif isinstance(expected, list) and any(isinstance(item, (list, dict)) for item in expected):
        assert len(found) == len(expected), where
        for number, item in enumerate(expected):
            alike(found[number], item, f"{where}/{number}")
    else:
        assert found == expected, where


@pytest.fixture(scope="module")
def ours():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return cases.results(keras.preprocessing)


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, found in GOLDEN.items() for name in found])
def test_the_results_are_those_of_tf_keras(kind, name, ours):
    alike(ours[kind][name], GOLDEN[kind][name])
