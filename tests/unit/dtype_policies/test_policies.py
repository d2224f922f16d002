"""Policies: equality, the global one, conversion of inputs, maps."""

from __future__ import annotations

import numpy as np
import pytest

from addax import dtype_policies, ops
from addax.core import config
from addax.dtype_policies import DTypePolicy, DTypePolicyMap, dtype_policy, set_dtype_policy
from addax.engine import SymbolicTensor


@pytest.fixture(autouse=True)
def no_global_policy():
    yield
    set_dtype_policy(None)
    config.set_floatx("float32")


def test_equality_and_hashing():
    assert DTypePolicy("float16") == dtype_policies.FloatDTypePolicy("float16") != DTypePolicy("float32")
    assert len({DTypePolicy("float16"), DTypePolicy("float16")}) == 1
    assert dtype_policies.get("int8_from_float32") != DTypePolicy("float32")
    assert dtype_policies.get("int4/64_from_float32") != dtype_policies.get("int4/32_from_float32")


def test_the_global_policy():
    assert dtype_policy().name == "float32"
    set_dtype_policy("mixed_bfloat16")
    assert DTypePolicy().name == dtype_policies.get(None).name == "mixed_bfloat16"
    set_dtype_policy(DTypePolicy("float16"))
    assert dtype_policy().compute_dtype == "float16"
    set_dtype_policy("int8_from_float32")
    assert dtype_policy().quantization_mode == "int8"
    with pytest.raises(ValueError, match="dtype policy"):
        set_dtype_policy(3)


def test_without_a_global_policy_floatx_counts():
    config.set_floatx("bfloat16")
    assert dtype_policy().name == "bfloat16"


def test_inputs_are_cast_if_they_are_floats():
    policy = DTypePolicy("mixed_float16")
    x = ops.ones((2,))
    assert policy.convert_input(x, True, "float16").dtype == "float16"
    assert policy.convert_input(x, False, "float16") is x
    assert policy.convert_input(np.ones(2), True, "float16").dtype == "float16"
    assert policy.convert_input(np.ones(2, "int32"), True, "float16").dtype == "int32"
    assert policy.convert_input(SymbolicTensor((2,)), True, "float16").dtype == "float16"
    assert policy.convert_input("text", True, "float16") == "text"


def test_other_forms_of_dtypes():
    assert dtype_policies.get(np.float16).name == "float16"
    assert dtype_policies.get(np.dtype("int32")).name == "int32"
    assert (
        dtype_policies.get({"class_name": "Policy", "config": {"name": "mixed_float16"}}).name
        == "mixed_float16"
    )
    with pytest.raises(ValueError, match="Cannot interpret"):
        dtype_policies.get(3)
    with pytest.raises(TypeError, match="must be text"):
        DTypePolicy(3)


def test_maps_find_policies_by_path_and_pattern():
    policies = DTypePolicyMap("float32")
    policies["a/.*"] = "mixed_bfloat16"
    policies["b"] = DTypePolicy("float16")
    assert policies["a/x"].name == "mixed_bfloat16" and policies["b"].name == "float16"
    assert policies["c"].name == "float32" and len(policies) == 2 and "b" in policies
    with pytest.raises(ValueError, match="already"):
        policies["b"] = "float32"
    policies["a/x.*"] = "float16"
    with pytest.raises(ValueError, match="multiple"):
        policies["a/xy"]
    del policies["b"]
    assert list(policies) == ["a/.*", "a/x.*"]


def test_maps_check_their_arguments():
    with pytest.raises(ValueError, match="cannot be"):
        DTypePolicyMap(DTypePolicyMap())
    with pytest.raises(TypeError, match="must be a dict"):
        DTypePolicyMap("float32", [1])
    with pytest.raises(ValueError):
        DTypePolicyMap("flot32")


def test_a_map_without_default_follows_the_global_policy():
    policies = DTypePolicyMap()
    set_dtype_policy("mixed_float16")
    assert policies["x"].name == "mixed_float16" and policies.name == "map_mixed_float16"


def test_float8_history():
    policy = dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32", amax_history_length=3)
    again = dtype_policies.deserialize(dtype_policies.serialize(policy))
    assert again == policy and again.amax_history_length == 3
    with pytest.raises(TypeError, match="integer"):
        dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32", amax_history_length=1.5)
