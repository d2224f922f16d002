"""Calls of ops on tensors by position go a shorter way, with the same results."""

import numpy as np
import pytest

import addax as keras
import addax.tf as tf
from addax.engine import _arguments
from addax.engine import _operators as operators

A, B = tf.random.stateless_uniform([3], [1, 2]), tf.random.stateless_uniform([3], [3, 4])


@pytest.fixture
def sorted_calls(monkeypatch):
    """The ops whose arguments were sorted the long way."""
    seen = []
    template = _arguments.Call.template
    monkeypatch.setattr(
        _arguments.Call, "template", lambda self, *rest: seen.append(self.op.name) or template(self, *rest)
    )
    return seen


def test_tensors_variables_and_floats_are_not_sorted(sorted_calls):
    variable = tf.Variable([1.0, 2.0, 3.0])
    float(variable.numpy()[0])  # it lies on the device from the first read on
    operators.add(variable, A)
    sorted_calls.clear()
    results = [operators.add(A, B), operators.multiply(A, 2.0), operators.add(A, variable), -A, A - B]
    assert not sorted_calls
    raw = [np.asarray(A), np.asarray(B)]
    expected = [raw[0] + raw[1], raw[0] * 2, raw[0] + [1, 2, 3], -raw[0], raw[0] - raw[1]]
    for result, wanted in zip(results, expected, strict=True):
        assert type(result) is type(A)
        np.testing.assert_allclose(result, wanted, rtol=1e-6)


@pytest.mark.parametrize(
    "call",
    [
        lambda: operators.add(A, 1),
        lambda: operators.add(A, np.ones(3)),
        lambda: operators.add(A, [1.0, 2.0, 3.0]),
        lambda: operators.reshape(A, (3, 1)),
        lambda: keras.ops.sum(A, axis=0),
        lambda: operators.stack([A, B]),
    ],
)
def test_all_else_is_sorted(call, sorted_calls):
    call()
    assert sorted_calls


def test_tapes_see_them():
    variable = tf.Variable(A)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.multiply(variable, B) * 3.0)
    np.testing.assert_allclose(tape.gradient(loss, variable), 3 * np.asarray(B), rtol=1e-6, atol=1e-6)


def test_settings_end_what_was_kept():
    operators.add(A, B)
    assert operators.add.op.plain
    keras.config.set_epsilon(1e-5)
    try:
        assert not operators.add.op.plain
    finally:
        keras.config.set_epsilon(1e-7)
