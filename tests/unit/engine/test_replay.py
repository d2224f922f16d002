"""The way back of a tape as one program: the same gradients as op by op."""

import numpy as np
import pytest

import addax.tf as tf
from addax.engine import _replay


@pytest.fixture(autouse=True)
def no_ways():
    _replay._ways.clear()
    yield
    _replay._ways.clear()


def compiled_ways():
    return [way for way in _replay._ways.values() if not isinstance(way, int)]


def gradients(x, w, b, unused):
    with tf.GradientTape() as tape:
        tape.watch(x)
        hidden = tf.nn.relu(tf.matmul(x, w) + b)
        loss = tf.reduce_sum(hidden * hidden) + tf.reduce_sum(x) * 2.0
        rows = tf.gather(w, [0, 0, 1])
    return tape.gradient([loss, rows], [x, w, b, unused, hidden])


def test_it_gives_what_op_by_op_gives():
    rng = np.random.default_rng(0)
    w, b, unused = (tf.Variable(rng.normal(size=s).astype("float32")) for s in [(3, 2), (2,), (1,)])
    x = tf.constant(rng.normal(size=(4, 3)).astype("float32"))
    first = gradients(x, w, b, unused)
    assert not compiled_ways()
    for _ in range(3):
        again = gradients(x, w, b, unused)
    assert len(compiled_ways()) == 1 and again[3] is None
    for a, b_ in zip(first, again, strict=True):
        if a is not None:
            np.testing.assert_allclose(a, b_, rtol=1e-6)


def test_values_and_shapes_may_change_and_factors_count():
    v = tf.Variable([1.0, 2.0])
    for i in range(6):
        v.assign([float(i), 1.0])
        x = tf.ones((i + 1, 2))
        with tf.GradientTape() as tape:
            y = x * v * v
        found = tape.gradient(y, v, output_gradients=tf.fill((i + 1, 2), 0.5))
        np.testing.assert_allclose(found, [i * (i + 1), i + 1.0])
    assert len(compiled_ways()) == 1


def test_a_new_wiring_each_time_compiles_nothing():
    v = tf.Variable(1.5)
    for depth in range(1, 6):
        with tf.GradientTape() as tape:
            y = v
            for _ in range(depth):
                y = y * v
        assert float(tape.gradient(y, v)) == pytest.approx((depth + 1) * 1.5**depth)
    assert not compiled_ways()


def test_second_order_and_persistent_tapes_stay_right():
    v = tf.Variable(2.0)
    for _ in range(5):
        with tf.GradientTape() as outer:
            with tf.GradientTape(persistent=True) as inner:
                y = v * v * v
            first = inner.gradient(y, v)
        assert float(first) == 12.0 and float(outer.gradient(first, v)) == 12.0
        assert float(inner.gradient(y, v)) == 12.0


def test_the_number_of_ways_is_bounded(monkeypatch):
    monkeypatch.setattr(_replay, "_KEPT", 3)
    v = tf.Variable(1.0)
    for depth in range(6):
        with tf.GradientTape() as tape:
            y = v * 1.0
            for _ in range(depth):
                y = y + v
        tape.gradient(y, v)
    assert len(_replay._ways) == 3
