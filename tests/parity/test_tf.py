"""`addax.tf` against results of the real TensorFlow, which `tests/oracle/write_tf_results.py` wrote."""

import json
from pathlib import Path

import numpy as np
import pytest

import addax.tf as tf

RESULTS = json.loads(Path(__file__).with_name("tf_results.json").read_text())
NARROW = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


def compare(value, expected):
    if "dict" in expected:
        assert set(value) == set(expected["dict"])
        for key, item in expected["dict"].items():
            compare(value[key], item)
    elif "list" in expected:
        assert len(value) == len(expected["list"])
        for part, item in zip(value, expected["list"], strict=True):
            compare(part, item)
    else:
        compare_arrays(np.asarray(value), expected)


def compare_arrays(array, expected):
    if expected["dtype"].startswith("complex"):
        compare(array.real, expected["real"] | {"dtype": "float32"})
        compare(array.imag, expected["imag"] | {"dtype": "float32"})
        return
    assert array.shape == tuple(expected["shape"])
    if expected["dtype"] == "string":
        assert [s.decode("latin-1") for s in array.ravel().tolist()] == expected["values"]
        return
    # 64 bits are 32 here, unless JAX is told otherwise.
    assert NARROW.get(array.dtype.name, array.dtype.name) == NARROW.get(expected["dtype"], expected["dtype"])
    np.testing.assert_allclose(array.ravel(), np.asarray(expected["values"]), rtol=2e-4, atol=2e-4)


@pytest.mark.grid(one_in=8)
@pytest.mark.parametrize("expression", RESULTS)
def test_expression(expression):
    compare(eval(expression, {"tf": tf}), RESULTS[expression])
