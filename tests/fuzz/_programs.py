"""The reader of StableHLO programs, and what JAX makes of those that it lets through."""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import warnings

import numpy as np
from tests.fuzz.targets import target

import addax as keras
from addax.export import Program, _examine, program_callable, trace_program
from addax.export import _reader_child as child
from addax.export._models import model_endpoint

_SECONDS = 2
_examine._SECONDS = 1  # two fuzzers beside each other take twice as long for what has a limit of its own
_ACCEPTED, _REFUSED = 0, 1


@functools.cache
def _programs() -> tuple[tuple[Program, list[np.ndarray]], ...]:
    """Programs of several kinds of operations, with arguments for each."""
    layers, found = keras.layers, []
    for layer, shape in [
        (layers.Dense(2), (3,)),
        (layers.LSTM(3), (None, 4)),
        (layers.Conv2D(2, 3), (8, 8, 2)),
        (layers.Embedding(5, 2), (4,)),
        (layers.Softmax(), (4,)),
    ]:
        model = keras.Sequential([keras.Input(shape), layer])
        endpoint, variables = model_endpoint(model)
        values = [np.asarray(v) for v in variables]
        program, _ = trace_program(endpoint.function, values, endpoint.inputs)
        found.append(
            (program, [*values, np.ones([2 if d is None else d for d in (None, *shape)], "float32")])
        )
    return tuple(found)


def _seeds() -> list[bytes]:
    return [program.module for program, _ in _programs()]


@target(_seeds)
def stablehlo(data: bytes) -> None:
    """Look at a program; whatever is let through must run, or be refused, in this process."""
    outcome = _outcome(data)
    if outcome == _REFUSED:
        return
    if outcome == _ACCEPTED:
        _examine.know(data)  # a process for each of them would leave time for few
    _examine.check_module(data, "fuzz")
    program, arguments = max(_programs(), key=lambda item: _in_common(item[0].module, data))
    program_callable(dataclasses.replace(program, module=data), "fuzz")(*arguments)


def _outcome(data: bytes) -> int:
    """What the reader says in a fork of this process, which starts faster; less than 0 if it did not come back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # JAX has threads, none of which holds what the reader needs
        number = os.fork()
    if number == 0:
        for one in (
            signal.SIGALRM,
            signal.SIGSEGV,
            signal.SIGABRT,
            signal.SIGBUS,
            signal.SIGILL,
            signal.SIGFPE,
        ):
            signal.signal(one, signal.SIG_DFL)  # the fuzzer would note a crash
        signal.alarm(_SECONDS)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os._exit(_REFUSED if child.read(data) != {"refused": []} else _ACCEPTED)
    status = os.waitpid(number, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


def _in_common(one: bytes, other: bytes) -> int:
    """How many bytes two programs share at either end."""
    return sum(len(os.path.commonprefix([a, b])) for a, b in [(one, other), (one[::-1], other[::-1])])
