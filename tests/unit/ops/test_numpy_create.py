from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import ops
from addax.core import config
from addax.engine import Compiled, SymbolicTensor, Tensor, Variable


@pytest.mark.parametrize(
    "make",
    [
        lambda: ops.zeros((2, 3)),
        lambda: ops.ones(4, "int32"),
        lambda: ops.full((2,), 1.5),
        lambda: ops.eye(3),
        lambda: ops.arange(2000),
        lambda: ops.linspace(0.0, 1.0, 11),
        lambda: ops.zeros_like(ops.zeros((2, 17))),
    ],
)
def test_creation_compiles_nothing(make) -> None:
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(lambda event, *_, **__: compiled.append(event))
    try:
        make()
    finally:
        jax.monitoring.clear_event_listeners()
    assert [event for event in compiled if "backend_compile" in event] == []


def test_small_results_stay_known_inside_a_compiled_function() -> None:
    def transposed(x):
        return ops.transpose(x, ops.arange(2)[::-1])

    assert Compiled(transposed)(ops.zeros((2, 3))).shape == (3, 2)


def test_large_results_are_no_constants_of_the_program() -> None:
    text = str(jax.make_jaxpr(lambda x: x + ops.zeros((100, 100))._value)(1.0))
    assert "broadcast_in_dim" in text


def test_shapes_may_be_tensors() -> None:
    shape = ops.array([2, 3])
    assert ops.zeros(shape).shape == (2, 3)
    assert ops.ones((shape[0], 4)).shape == (2, 4)
    assert ops.reshape(ops.arange(6), shape).shape == (2, 3)
    assert ops.sum(ops.ones((2, 3)), axis=ops.array(0)).shape == (3,)


def test_a_shape_that_is_computed_inside_a_compiled_function_is_refused() -> None:
    with pytest.raises(TypeError, match="`shape` must be known"):
        Compiled(lambda n: ops.zeros((n, 2)))(ops.array(3))
    with pytest.raises(TypeError, match="length of arange"):
        Compiled(lambda n: ops.arange(n))(ops.array(3))


def test_floats_take_the_dtype_of_the_settings() -> None:
    config.set_floatx("float16")
    try:
        assert {ops.zeros(2).dtype, ops.full(2, 1).dtype, ops.arange(1.0).dtype, ops.array([0.5]).dtype} == {
            "float16"
        }
    finally:
        config.set_floatx("float32")


@pytest.mark.parametrize("dtype", ["int64", "uint64", "float64"])
def test_wide_dtypes_become_narrow(dtype: str) -> None:
    assert ops.zeros(2, dtype).dtype == dtype.replace("64", "32")


def test_array_takes_what_forms_an_array() -> None:
    raw = jnp.ones(2)
    assert isinstance(ops.array(raw), jax.Array)
    assert isinstance(ops.array(np.ones(2)), Tensor)
    assert ops.array(np.arange(3)).dtype == "int32"
    assert ops.array(Variable(np.ones(2, np.float32))).shape == (2,)
    assert ops.array(SymbolicTensor((None, 2))).shape == (None, 2)
    assert ops.array([1, 2], "float32").dtype == "float32"


def test_a_tensor_does_not_follow_the_array_it_was_made_of() -> None:
    source = np.zeros(2, np.float32)
    tensor = ops.array(source)
    source[0] = 1
    assert tensor.numpy().tolist() == [0, 0]
