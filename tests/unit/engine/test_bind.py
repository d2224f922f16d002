import threading

import jax.numpy as jnp
import numpy as np
import pytest

import addax as keras
from addax.core import context
from addax.engine import Compiled, Tensor, Variable, pure, value_and_grad

ops = keras.ops


def test_pure_leaves_the_variables_alone():
    v = Variable(1.0)
    result, written = pure(lambda: v.assign_add(1.0) * 1.0, [v])([np.float32(5)])
    assert float(result) == 6 and float(written[v]) == 6 and float(v) == 1


def test_pure_restores_after_an_error():
    v = Variable(1.0)

    def fails():
        v.assign(2.0)
        raise KeyError("x")

    try:
        pure(fails, [v])([np.float32(5)])
    except KeyError:
        pass
    assert float(v) == 1 and context.current().bindings is None


def test_compiled_finds_variables_by_itself():
    v, w = Variable(1.0), Variable(10.0)

    def f(x):
        v.assign_add(x)
        return v * w

    compiled = Compiled(f)
    assert float(compiled(Tensor(np.float32(2)))) == 30
    w.assign(100.0)
    assert float(compiled(Tensor(np.float32(2)))) == 500 and float(v) == 5


def test_compiled_traces_once_per_signature():
    compiled = Compiled(lambda x: x * 2)
    for n in (2, 2, 3, 3, 2):
        compiled(Tensor(np.ones(n, "float32")))
    assert compiled.traces == 2


def test_donation_never_harms_a_value_that_somebody_holds():
    v = Variable([1.0, 2.0])
    step = Compiled(lambda: v.assign_add([1.0, 1.0]), [v], donate=True)
    step()
    held, copied = v.value, v.numpy()
    for _ in range(3):
        step()
    np.testing.assert_array_equal(held, [2, 3])
    np.testing.assert_array_equal(copied, [2, 3])
    np.testing.assert_array_equal(v, [5, 6])


def test_value_and_grad_keeps_other_writes():
    w, count = Variable(3.0), Variable(0.0, trainable=False)

    def forward():
        count.assign_add(1.0)
        return w * w, {"twice": w * 2}

    loss, aux, grads = value_and_grad(forward, [w])
    assert float(loss) == 9 and float(aux["twice"]) == 6 and float(grads[0]) == 6 and float(count) == 1


def test_random_state_advances_inside_compiled_code():
    seeds = keras.random.SeedGenerator(1)
    draw = Compiled(lambda: keras.random.normal((2,), seed=seeds))
    assert not np.array_equal(draw(), draw())


def test_threads_may_trace_at_once():
    v = Variable(1.0)
    compiled = Compiled(lambda x: v * x)
    results, errors = [], []

    def work(n):
        try:
            results.append(float(ops.sum(compiled(Tensor(np.ones(n % 3 + 1, "float32")))) / (n % 3 + 1)))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors and results == [1.0] * 12


@pytest.mark.parametrize("kind", [Tensor, Variable])
def test_donation_never_harms_what_a_value_was_taken_from(kind):
    initial, assigned = (kind(jnp.asarray(x)) for x in ([1.0, 2.0], [3.0, 4.0]))
    v, w = Variable(initial), Variable([0.0, 0.0])
    made = Variable(lambda shape, dtype: initial, shape=(2,))
    w.assign(assigned)
    step = Compiled(lambda: [x.assign_add([1.0, 1.0]) for x in (v, w, made)], [v, w, made], donate=True)
    step(), step()
    np.testing.assert_array_equal(initial, [1, 2])
    np.testing.assert_array_equal(assigned, [3, 4])
    np.testing.assert_array_equal([v, w, made], [[3, 4], [5, 6], [3, 4]])
