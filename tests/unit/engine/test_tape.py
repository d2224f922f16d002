import numpy as np
import pytest

import addax as keras
from addax.engine import Compiled, GradientTape, Tensor, Variable, custom_gradient

ops = keras.ops


def constant(value):
    return Tensor(np.asarray(value, "float32"))


def test_first_and_second_order():
    time = Variable(0.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            position = 4.9 * time**2
        speed = inner.gradient(position, time)
    assert float(outer.gradient(speed, time)) == pytest.approx(9.8)


def test_third_order_in_compiled_code():
    x = Variable(2.0)

    def third():
        with GradientTape() as a:
            with GradientTape() as b:
                with GradientTape() as c:
                    y = x**4
                g1 = c.gradient(y, x)
            g2 = b.gradient(g1, x)
        return a.gradient(g2, x)

    assert float(third()) == pytest.approx(48.0)
    assert float(Compiled(third)()) == pytest.approx(48.0)


def test_tensors_are_watched_on_request_only():
    x = constant(2.0)
    with GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, x) is None
    with GradientTape() as tape:
        tape.watch(x)
        y = x * x
    assert float(tape.gradient(y, x)) == 4.0


def test_a_spent_tape_says_so():
    x = Variable(1.0)
    with GradientTape() as tape:
        y = x * x
    tape.gradient(y, x)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, x)


def test_persistent_tape_answers_twice():
    x = Variable(3.0)
    with GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert float(tape.gradient(z, x)) == 108.0 and float(tape.gradient(y, x)) == 6.0


def test_unconnected_gradients():
    x, other = Variable(1.0), Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y = x * 2
    assert tape.gradient(y, other) is None
    assert tape.gradient(y, other, unconnected_gradients="zero").numpy().tolist() == [0, 0]
    with pytest.raises(ValueError, match="unconnected_gradients"):
        tape.gradient(y, x, unconnected_gradients="nil")


def test_sources_may_be_any_nest():
    a, b = Variable(2.0), Variable(3.0)
    with GradientTape() as tape:
        y = a * b
    grads = tape.gradient(y, {"a": a, "rest": [b]})
    assert float(grads["a"]) == 3.0 and float(grads["rest"][0]) == 2.0


def test_integer_targets_warn():
    x = Variable(1.0)
    with GradientTape() as tape:
        y = ops.cast(x, "int32")
    with pytest.warns(UserWarning, match="must be floating"):
        assert tape.gradient(y, x) is None


def test_stop_recording():
    x = Variable(2.0)
    with GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            z = y * 10
    assert tape.gradient(z, x) is None


def test_jacobian_and_batch_jacobian():
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = x * x
    np.testing.assert_allclose(tape.jacobian(y, x), [[2, 0], [0, 4]])
    b = constant([[1.0, 2.0], [3.0, 4.0]])
    with GradientTape() as tape:
        tape.watch(b)
        y = b**2
    np.testing.assert_allclose(tape.batch_jacobian(y, b), [[[2, 0], [0, 4]], [[6, 0], [0, 8]]])


def test_output_gradients_and_several_targets():
    x = Variable([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        y, z = x * 3, x * x
    np.testing.assert_allclose(tape.gradient(y, x, constant([1.0, 10.0])), [3, 30])
    np.testing.assert_allclose(tape.gradient([y, z], x), [5, 7])


def test_frozen_variables_are_not_watched():
    v = Variable(1.0, trainable=False)
    with GradientTape() as tape:
        y = v * 2
    assert tape.gradient(y, v) is None
    with GradientTape(watch_accessed_variables=False) as tape:
        y = Variable(1.0) * 2
    assert tape.watched_variables() == ()


def test_tape_equals_jax_grad_on_a_model():
    import jax

    keras.utils.set_random_seed(0)
    layer = keras.layers.Dense(3, activation="tanh")
    x = np.random.rand(4, 2).astype("float32")
    layer.build(x.shape)
    with GradientTape() as tape:
        y = ops.sum(layer(x) ** 2)
    grads = tape.gradient(y, layer.trainable_variables)

    def loss(kernel, bias):
        import jax.numpy as jnp

        return jnp.sum(jnp.tanh(x @ kernel + bias) ** 2)

    expected = jax.grad(loss, argnums=(0, 1))(np.array(layer.kernel), np.array(layer.bias))
    for g, e in zip(grads, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-5)


def test_custom_gradient():
    @custom_gradient
    def clipped(x):
        return x * 1.0, lambda up: ops.clip(up, -1.0, 1.0)

    x = Variable(2.0)
    with GradientTape() as tape:
        y = 10.0 * clipped(x)
    assert float(tape.gradient(y, x)) == 1.0


def test_gather_gradients_add_up():
    table = Variable(np.zeros((3, 2), "float32"))
    with GradientTape() as tape:
        y = ops.sum(ops.take(table, np.array([0, 0, 2]), axis=0))
    np.testing.assert_allclose(tape.gradient(y, table), [[2, 2], [0, 0], [1, 1]])
