"""Control flow gives the same values and gradients eagerly, compiled, on tapes and under `jax.grad`."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from addax import ops, random
from addax.core import tree
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor, Variable, raw_of, value_and_grad

V = Variable(2.0, name="factor")


def tensor(x):
    return ops.convert_to_tensor(np.asarray(x, "float32") if not isinstance(x, int) else x)


FORWARD = {
    "cond_true": (lambda x: ops.cond(x > 0, lambda: x * V, lambda: x - 1.0), (3.0,), 6.0),
    "cond_false": (lambda x: ops.cond(x > 0, lambda: x * V, lambda: x - 1.0), (-3.0,), -4.0),
    "cond_nest": (
        lambda x: ops.cond(x > 0, lambda: {"a": x, "b": None}, lambda: {"a": -x, "b": None})["a"],
        (-3.0,),
        3.0,
    ),
    "switch": (lambda i, x: ops.switch(i, [lambda x: x, lambda x: x * 3.0], x), (1, 2.0), 6.0),
    "switch_beyond": (lambda i, x: ops.switch(i, [lambda x: x, lambda x: x * 3.0], x), (9, 2.0), 6.0),
    "while": (
        lambda x: ops.while_loop(lambda i, y: i < 5, lambda i, y: (i + 1, y * V), (0, x))[1],
        (3.0,),
        96.0,
    ),
    "while_limit": (
        lambda x: ops.while_loop(
            lambda i, y: i < 5, lambda i, y: [i + 1, y * V], [0, x], maximum_iterations=3
        )[1],
        (3.0,),
        24.0,
    ),
    "while_one": (lambda x: ops.while_loop(lambda y: y < 50.0, lambda y: y * V, x), (3.0,), 96.0),
    "fori": (lambda x: ops.fori_loop(0, 5, lambda i, y: y + V * ops.cast(i, "float32"), x), (3.0,), 23.0),
    "fori_long": (lambda x: ops.fori_loop(0, 99, lambda i, y: y + V, x), (3.0,), 201.0),
    "scan": (lambda x: ops.scan(lambda c, y: (c + y * V, c), 0.0, x)[1], ([1.0, 2.0, 3.0],), [0.0, 2.0, 6.0]),
    "scan_reverse": (
        lambda x: ops.scan(lambda c, y: (c + y["k"], {"c": c}), 0.0, {"k": x}, reverse=True)[1]["c"],
        ([1.0, 2.0, 3.0],),
        [5.0, 3.0, 0.0],
    ),
    "scan_length": (lambda x: ops.scan(lambda c, _: (c * V, None), x, length=4)[0], (1.0,), 16.0),
    "map": (lambda x: ops.map(lambda y: ops.sum(y) * V, x), ([[1.0, 2.0], [3.0, 4.0]],), [6.0, 14.0]),
    "vectorized_map": (
        lambda x: ops.vectorized_map(lambda y: ops.sum(y) * V, x),
        ([[1.0, 2.0], [3.0, 4.0]],),
        [6.0, 14.0],
    ),
    "associative_scan": (
        lambda x: ops.associative_scan(lambda a, b: a * b, x, reverse=True),
        ([1.0, 2.0, 3.0],),
        [6.0, 6.0, 3.0],
    ),
    "associative_scan_axis": (
        lambda x: ops.associative_scan(lambda a, b: a + b, x, axis=1),
        ([[1.0, 2.0], [3.0, 4.0]],),
        [[1.0, 3.0], [3.0, 7.0]],
    ),
}


@pytest.mark.parametrize("name", FORWARD)
def test_values_are_equal_eagerly_and_compiled(name):
    fn, args, wanted = FORWARD[name]
    args = [tensor(a) for a in args]
    np.testing.assert_allclose(np.asarray(fn(*args)), wanted, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(Compiled(fn)(*args)), wanted, rtol=1e-6)


def test_long_loops_are_compiled_and_equal_to_short_ones():
    x = tensor(np.linspace(0, 1, 100))
    step = lambda c, y: (c * 0.9 + y * V, c)  # noqa: E731
    last, rows = ops.scan(step, 0.0, x)
    carry, wanted = np.float32(0), []
    for y in x.numpy():
        wanted.append(carry)
        carry = carry * np.float32(0.9) + y * np.float32(2)
    np.testing.assert_allclose(rows.numpy(), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(float(last), carry, rtol=1e-5)


GRADIENTS = {
    "cond": lambda x: ops.cond(ops.sum(x) > 0, lambda: x * V, lambda: x),
    "cond_same": lambda x: ops.cond(ops.sum(x) < 0, lambda: x * V, lambda: x),
    "switch": lambda x: ops.switch(ops.cast(ops.sum(x), "int32"), [lambda z: z, lambda z: z * V * x], x),
    "fori": lambda x: ops.fori_loop(0, 3, lambda i, y: y * V, x),
    "fori_long": lambda x: ops.fori_loop(0, 80, lambda i, y: y * ops.sqrt(V) / 1.5 + x, x),
    "scan": lambda x: ops.scan(lambda c, y: (c * V + y, c), 1.0, x)[0],
    "while": lambda x: ops.while_loop(lambda y: ops.sum(y) < 50.0, lambda y: y * V, x, maximum_iterations=10),
    "map": lambda x: ops.map(lambda y: y * V * ops.sum(x), x),
    "vectorized_map": lambda x: ops.vectorized_map(lambda y: y * V * ops.sum(x), x),
    "associative_scan": lambda x: ops.associative_scan(lambda a, b: a * b * V, x),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_equal_on_tapes_compiled_and_under_jax(name):
    fn = GRADIENTS[name]
    start = np.array([1.0, 2.0, 3.0], "float32")
    source = Variable(start)

    def with_tape(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.sum(fn(x))
        return tape.gradient(y, [x, V], unconnected_gradients="zero")

    def with_jax():
        loss = lambda: (ops.sum(fn(ops.convert_to_tensor(source))), None)  # noqa: E731
        return [Tensor(g) for g in value_and_grad(loss, [source, V])[2]]

    found = [with_tape(tensor(start)), Compiled(with_tape)(tensor(start)), with_jax(), Compiled(with_jax)()]
    plain = jax.grad(lambda x: raw_of(ops.sum(fn(x))))(start)
    for gradients in found:
        np.testing.assert_allclose(gradients[0].numpy(), plain, rtol=1e-4)
        np.testing.assert_allclose(gradients[1].numpy(), found[0][1].numpy(), rtol=1e-4)


def test_a_loop_without_bound_says_what_its_gradient_needs():
    def with_tape(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.while_loop(lambda y: y < 50.0, lambda y: y * 2.0, x)
        return tape.gradient(y, x)

    assert float(with_tape(tensor(3.0))) == 32.0  # eagerly the steps are known
    with pytest.raises(ValueError, match="maximum_iterations"):
        Compiled(with_tape)(tensor(3.0))


def test_branches_assign_variables():
    count = Variable(0, dtype="int32", trainable=False)

    def fn(x):
        ops.cond(x > 0, lambda: count.assign_add(1), lambda: count.assign_sub(1))
        return x

    compiled = Compiled(fn)
    for value, wanted in [(1.0, 1), (1.0, 2), (-1.0, 1)]:
        compiled(tensor(value))
        assert int(count) == wanted
    fn(tensor(5.0))
    assert int(count) == 2


def test_loops_carry_variables_that_they_assign():
    total = Variable(0.0, trainable=False)

    def fn(x):
        def body(i, y):
            total.assign_add(2.0)
            return i + 1, y + total

        return ops.while_loop(lambda i, y: total < 6.0, body, (0, x))

    eager = fn(tensor(0.0))
    total.assign(0.0)
    compiled = Compiled(fn)(tensor(0.0))
    assert (
        [float(v) for v in tree.flatten(compiled)] == [float(v) for v in tree.flatten(eager)] == [3.0, 12.0]
    )
    assert float(total) == 6.0


@pytest.mark.parametrize("length", [3, 100])
def test_each_step_of_a_scan_draws_new_numbers(length):
    seeds = random.SeedGenerator(1)

    def fn(x):
        return ops.scan(lambda c, y: (c, y + random.normal((), seed=seeds)), 0.0, x)[1]

    x = tensor(np.zeros(length))
    eager = fn(x).numpy()
    assert seeds.state.numpy().tolist() == [1, length]
    seeds.state.assign([1, 0])
    np.testing.assert_allclose(Compiled(fn)(x).numpy(), eager, rtol=1e-6, atol=1e-6)
    assert len(set(eager.tolist())) == length


def test_loops_nest():
    def fn(x):
        inner = lambda i, y: ops.fori_loop(0, 2, lambda j, z: z + V * x, y)  # noqa: E731
        return ops.fori_loop(0, 3, inner, x)

    assert float(fn(tensor(1.0))) == float(Compiled(fn)(tensor(1.0))) == 13.0


def test_raw_arrays_give_raw_arrays():
    double = jax.jit(lambda x: ops.cond(x > 0, lambda: x * 2, lambda: x))
    assert float(double(np.float32(3))) == 6.0
    assert isinstance(ops.scan(lambda c, y: (c + y, c), jax.numpy.zeros(()), jax.numpy.ones(3))[0], jax.Array)


def test_symbolic_tensors_give_symbolic_tensors():
    x = SymbolicTensor((None, 4))
    assert ops.scan(lambda c, y: (c + ops.sum(y), y * 2.0), 0.0, x)[1].shape == (None, 4)
    assert ops.map(lambda y: ops.sum(y), x).shape == (None,)
    assert ops.vectorized_map(lambda y: y * V, x).shape == (None, 4)
    assert ops.cond(ops.sum(x) > 0.0, lambda: tensor([1.0]), lambda: tensor([2.0])).shape == (1,)
    assert ops.while_loop(lambda y: ops.sum(y) < 3.0, lambda y: y + 1.0, x).shape == (None, 4)
    assert ops.associative_scan(lambda a, b: a + b, x).shape == (None, 4)


def test_results_of_branches_must_agree():
    with pytest.raises(TypeError, match="results of the functions differ"):
        Compiled(lambda x: ops.cond(x > 0, lambda: x, lambda: ops.ones((2,))))(tensor(1.0))


def test_values_of_a_loop_keep_their_shape():
    with pytest.raises(TypeError, match="changes its shape or dtype"):
        Compiled(lambda x: ops.fori_loop(0, 3, lambda i, y: ops.stack([y, y]), x))(tensor(1.0))
    with pytest.raises(ValueError, match="another structure"):
        Compiled(lambda x: ops.while_loop(lambda a, b: a < 1.0, lambda a, b: (a,), (x, x)))(tensor(1.0))


def test_the_condition_is_one_value():
    with pytest.raises(ValueError, match="must be one value"):
        ops.cond(tensor([1.0, 2.0]) > 0, lambda: 1, lambda: 2)
    with pytest.raises(TypeError, match="must be a function"):
        ops.cond(True, 1, 2)


def test_scan_needs_a_number_of_steps():
    with pytest.raises(ValueError, match="number of steps"):
        ops.scan(lambda c, x: (c, x), 0.0)
    with pytest.raises(ValueError, match="unroll"):
        ops.scan(lambda c, x: (c, x), 0.0, tensor([1.0]), unroll=0)


def test_vectorized_map_refuses_writes_that_differ_by_row():
    total = Variable(0.0)
    with pytest.raises(ValueError, match="row to row"):
        ops.vectorized_map(lambda x: total.assign_add(x) * 1.0, tensor([1.0, 2.0]))


def test_associative_scan_refuses_writes():
    total = Variable(0.0)

    def combine(a, b):
        total.assign_add(1.0)
        return a + b

    with pytest.raises(ValueError, match="may not assign"):
        ops.associative_scan(combine, tensor([1.0, 2.0]))
