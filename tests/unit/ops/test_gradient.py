"""Gradients that a function brings along."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from addax import Input, Sequential, layers, ops
from addax.engine import Compiled, Function, GradientTape, Variable, raw_of


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


def test_gradients_of_variables_that_the_function_reads():
    w, v = Variable(3.0), Variable(2.0)

    @ops.custom_gradient
    def reads_a_variable(x):
        return x * w, lambda upstream, variables: (upstream * 10.0, [upstream * 7.0 for _ in variables])

    def fn(x):
        return reads_a_variable(x * v)

    def outside(run):
        with GradientTape() as tape:
            y = run(ops.ones(()))
        return [float(g) for g in tape.gradient(y, [v, w])]

    def inside(x):
        with GradientTape() as tape:
            y = fn(x)
        return tape.gradient(y, [v, w])

    assert outside(fn) == outside(Function(fn)) == [10.0, 7.0]
    assert [float(g) for g in Function(inside)(ops.ones(()))] == [10.0, 7.0]


def test_a_layer_in_a_training_step():
    @ops.custom_gradient
    def reversed_gradient(x):
        return x * 1.0, lambda upstream: -upstream

    class Reversed(layers.Layer):
        def call(self, x):
            return reversed_gradient(x)

    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="ones"), Reversed()])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
    assert np.all(np.asarray(model.weights[0]) > 1.0)  # away from the target
