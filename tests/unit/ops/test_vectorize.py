from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from addax import ops
from addax.engine import GradientTape, SymbolicTensor, Tensor, Variable


def test_vectorize_broadcasts_a_function_of_scalars() -> None:
    larger = ops.vectorize(lambda a, b: ops.where(a > b, a, b))
    assert larger(ops.array([1, 5]), ops.array([[2], [6]])).numpy().tolist() == [[2, 5], [6, 6]]


def test_vectorize_with_a_signature_and_excluded_arguments() -> None:
    def scaled_dot(a, b, factor):
        return ops.sum(a * b) * factor

    dot = ops.vectorize(scaled_dot, signature="(n),(n)->()", excluded={2})
    assert dot(np.ones((4, 3), np.float32), np.ones(3, np.float32), 2.0).numpy().tolist() == [6, 6, 6, 6]


def test_vectorize_goes_through_the_door() -> None:
    double = ops.vectorize(lambda a: 2 * a)
    assert isinstance(double(jnp.ones(2)), jax.Array)
    assert double(SymbolicTensor((None, 3))).shape == (None, 3)
    x = ops.array([1.0, 2.0])
    with GradientTape() as tape:
        tape.watch(x)
        y = double(x)
    assert tape.gradient(y, x).numpy().tolist() == [2, 2]


def test_vectorize_sees_a_variable_change() -> None:
    v = Variable(1.0)
    plus = ops.vectorize(lambda a: a + v)
    assert plus([1.0]).numpy().tolist() == [2]
    v.assign(5.0)
    assert plus([1.0]).numpy().tolist() == [6]


def test_vectorize_takes_a_callable() -> None:
    with pytest.raises(ValueError, match="takes a function"):
        ops.vectorize(3)


def test_jvp_gives_value_derivative_and_aux() -> None:
    def fun(x, y):
        return ops.sum(x * y), {"kept": y}

    value, derivative, aux = ops.jvp(fun, (ops.array([1.0, 2.0]), 3.0), ([1.0, 0.0], 1.0), has_aux=True)
    assert (float(value), float(derivative)) == (9.0, 6.0)
    assert isinstance(value, Tensor)
    assert float(aux["kept"]) == 3.0


def test_jvp_of_raw_arrays_is_raw() -> None:
    value, derivative = ops.jvp(jnp.sin, (jnp.float32(0.0),), (jnp.float32(2.0),))
    assert isinstance(value, jax.Array)
    assert float(derivative) == 2.0


def test_jvp_can_be_differentiated_by_a_tape() -> None:
    x = ops.array(3.0)
    with GradientTape() as tape:
        tape.watch(x)
        _, derivative = ops.jvp(lambda a: a * a * a, (x,), (1.0,))
    assert float(tape.gradient(derivative, x)) == 18.0
