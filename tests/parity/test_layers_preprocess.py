"""Preprocessing layers against the numbers, vocabularies and configs of the real Keras."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.parity._preprocess_cases import CASES, GOLDEN, run

import addax

golden = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("key", CASES)
def test_outputs_vocabularies_and_configs_are_those_of_keras(key):
    found, expected = run(addax, key), dict(golden[key])
    ours, theirs = np.array(found.pop("output")), np.array(expected.pop("output"))
    assert ours.shape == theirs.shape
    if ours.dtype.kind == "U":
        np.testing.assert_array_equal(ours, theirs)
    else:
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    assert found == expected


def test_every_case_has_its_golden_numbers():
    assert set(golden) == set(CASES)


@pytest.mark.parametrize("key", CASES)
def test_a_layer_from_the_config_of_keras_gives_the_same(key):
    name, _, inputs, data = CASES[key]
    layer = getattr(addax.layers, name).from_config(golden[key]["config"])
    if data is not None and name != "Discretization":
        layer.adapt(data)
    expected = np.array(golden[key]["output"])
    output = np.asarray(layer(*inputs))
    if output.dtype == object:
        np.testing.assert_array_equal(output, np.char.encode(expected, "utf-8"))
    else:
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-4)
