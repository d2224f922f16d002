"""Dtype policies have the names, dtypes and configs of Keras."""

from __future__ import annotations

import keras as real
import pytest

from addax import dtype_policies

NAMES = [
    "float32",
    "float16",
    "bfloat16",
    "mixed_float16",
    "mixed_bfloat16",
    "int8_from_float32",
    "int8_from_mixed_bfloat16",
    "int4_from_float32",
    "int4/128_from_float32",
    "float8_from_mixed_bfloat16",
    "gptq/4/128_from_float32",
    "awq/4/-1_from_float32",
]


@pytest.mark.parametrize("name", NAMES)
def test_policies(name):
    ours, theirs = dtype_policies.get(name), real.dtype_policies.get(name)
    assert type(ours).__name__ == type(theirs).__name__
    for key in ("name", "compute_dtype", "variable_dtype", "quantization_mode"):
        assert getattr(ours, key) == getattr(theirs, key)
    assert repr(ours) == repr(theirs)
    config = real.dtype_policies.serialize(theirs)
    assert dtype_policies.serialize(ours) == config
    assert dtype_policies.deserialize(config) == ours


@pytest.mark.parametrize(
    "name",
    [
        "flot32",
        "int8_from_mixed_float16",
        "int4/x_from_float32",
        "gptq/5/128_from_float32",
        "awq/8/1_from_float32",
    ],
)
def test_wrong_names(name):
    for package in (dtype_policies, real.dtype_policies):
        with pytest.raises(ValueError):
            package.get(name)


def test_maps():
    ours = dtype_policies.DTypePolicyMap("float32", {"a/.*": dtype_policies.DTypePolicy("mixed_bfloat16")})
    theirs = real.dtype_policies.DTypePolicyMap(
        "float32", {"a/.*": real.dtype_policies.DTypePolicy("mixed_bfloat16")}
    )
    config = real.dtype_policies.serialize(theirs)
    assert dtype_policies.serialize(ours) == config
    assert dtype_policies.deserialize(config) == ours
    for path in ("a/b", "a", "c"):
        assert ours[path].name == theirs[path].name
    assert (ours.name, ours.compute_dtype, len(ours)) == (theirs.name, theirs.compute_dtype, len(theirs))
