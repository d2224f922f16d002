"""Steps on another thread: whoever touches a variable meanwhile waits for them."""

import copy
import threading

import numpy as np
import pytest

from addax import Variable, ops
from addax.core import context
from addax.engine import _behind


@pytest.fixture
def slow_write():
    """Begins a write of 2.0 into a variable, which ends 50 ms after somebody asked for the variable."""
    variable = Variable(1.0)
    asked = threading.Event()

    def write():
        asked.wait(5)
        threading.Event().wait(0.05)
        variable.assign(2.0)

    _behind.begin(write)
    return variable, asked


@pytest.mark.parametrize(
    "read",
    [
        lambda v: float(v.numpy()),
        lambda v: float(v),
        lambda v: float(ops.add(v, 0.0)),
        lambda v: float(np.asarray(copy.deepcopy(v))),
        lambda v: float(v.assign_add(0.0)),
    ],
    ids=["numpy", "float", "op", "copy", "assign"],
)
def test_a_reader_sees_what_the_step_wrote(slow_write, read):
    variable, asked = slow_write
    asked.set()
    assert read(variable) == 2.0


def test_a_writer_comes_after_the_step(slow_write):
    variable, asked = slow_write
    asked.set()
    variable.assign(3.0)
    assert float(variable) == 3.0


def test_an_error_is_for_whoever_began_the_step():
    variable = Variable(1.0)

    def fail():
        raise ArithmeticError("the step")

    begun = _behind.begin(fail)
    assert float(variable) == 1.0
    with pytest.raises(ArithmeticError, match="the step"):
        begun.result()


def test_it_runs_in_the_context_of_the_caller():
    with context.entered(training=True):
        assert _behind.begin(lambda: context.current().training).result() is True
    assert _behind.begin(lambda: context.current().training).result() is not True
