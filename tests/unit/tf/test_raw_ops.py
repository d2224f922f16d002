"""`tf.raw_ops`: names over functions, with keywords alone."""

import inspect
from operator import attrgetter

import pytest

import addax.tf as tf
from addax.core.errors import MissingName
from addax.tf._raw_table import TABLE

ENTRIES = [entry.split() for line in TABLE.strip().splitlines() for entry in line.split("|")]


def test_each_argument_is_one_of_the_function():
    for kernel, target, *arguments in ENTRIES:
        known = inspect.signature(attrgetter(target)(tf)).parameters
        names = {argument.partition("=")[2] or argument for argument in arguments}
        assert names <= set(known), (kernel, names - set(known))


def test_arguments_have_names():
    assert float(tf.raw_ops.AddV2(x=1.0, y=2.0, name="sum")) == 3.0
    with pytest.raises(TypeError):
        tf.raw_ops.AddV2(1.0, 2.0)
    with pytest.raises(TypeError, match=r"does not take grad_a.*\n.*transpose_a"):
        tf.raw_ops.MatMul(a=[[1.0]], b=[[1.0]], grad_a=True)


def test_a_kernel_that_is_not_here_says_what_to_do():
    with pytest.raises(MissingName, match="use the function of tf.*MatMul"):
        tf.raw_ops.MatMull  # noqa: B018


def test_the_gradient_of_a_kernel_is_that_of_the_tape():
    x, dy = tf.constant([-2.0, 0.5, 7.0]), tf.constant([1.0, 2.0, 3.0])
    for name in ("Relu", "Relu6", "Softplus", "LeakyRelu"):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tf.raw_ops, name)(features=x)
        found = getattr(tf.raw_ops, f"{name}Grad")(gradients=dy, features=x)
        tf.debugging.assert_near(found, tape.gradient(y, x, output_gradients=dy))
