"""Gradients that a function brings along."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from addax import ops
from addax.engine import Compiled, GradientTape, raw_of


@ops.custom_gradient
def positional(x, k):
    return x * k, lambda up: (up * 10.0, None)


@ops.custom_gradient
def by_keyword(x):
    return x * 2.0, lambda *args, upstream: upstream * 10.0


@ops.custom_gradient
def either(x):
    def grad(*args, upstream=None):
        if upstream is None:
            (upstream,) = args
        return upstream * 10.0

    return x * 2.0, grad


@ops.custom_gradient
def two_results(x, y):
    return (x + y, x * y), lambda a, b: (a * 3.0, b * 7.0)


@pytest.mark.parametrize("fn", [lambda x: positional(x, 3), by_keyword, either])
def test_the_gradient_is_used_everywhere(fn):
    x = ops.convert_to_tensor([1.0, 2.0])

    def with_tape(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.sum(fn(x) * 0.5)
        return tape.gradient(y, x)

    for gradient in (
        with_tape(x),
        Compiled(with_tape)(x),
        jax.grad(lambda x: raw_of(ops.sum(fn(x) * 0.5)))(x.numpy()),
    ):
        np.testing.assert_allclose(np.asarray(gradient), [5.0, 5.0])


def test_several_results():
    def with_tape(x, y):
        with GradientTape() as tape:
            tape.watch([x, y])
            a, b = two_results(x, y)
            z = a + 2.0 * b
        return tape.gradient(z, [x, y])

    args = ops.convert_to_tensor(3.0), ops.convert_to_tensor(4.0)
    assert [float(g) for g in with_tape(*args)] == [3.0, 14.0]
    assert [float(g) for g in Compiled(with_tape)(*args)] == [3.0, 14.0]


def test_too_few_gradients_are_refused():
    @ops.custom_gradient
    def wrong(x, y):
        return x * y, lambda up: (up,)

    def with_tape(x):
        with GradientTape() as tape:
            tape.watch(x)
            z = wrong(x, x)
        return tape.gradient(z, x)

    for run in (with_tape, Compiled(with_tape)):
        with pytest.raises(ValueError, match="number of gradients"):
            run(ops.ones(()))
