"""Programs are let go before the system runs out of places to map them."""

from __future__ import annotations

import sys

import jax
import numpy as np
import pytest

from addax import ops
from addax.engine import _code_room
from addax.engine._code_room import CodeRoom

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux grants a number of pieces"
)


def _compile_anew(sizes):
    """Arrays of new shapes, through a jitted function and through an op of ours."""
    twice = jax.jit(lambda x: x * 2 + 1)
    for size in sizes:
        x = np.ones((size, 3), np.float32)
        assert float(twice(x)[0, 0]) == 3.0
        assert ops.exp(ops.convert_to_tensor(x)).shape == (size, 3)


def test_caches_are_emptied_above_what_is_allowed_and_everything_goes_on():
    _compile_anew(range(1000, 1040))
    before = _code_room._taken()
    room = CodeRoom(jax, limit=4 * (before - 50))
    room.look()
    assert room.emptied == 1
    assert _code_room._taken() < before - 50
    _compile_anew(range(1000, 1003))  # the same shapes again, compiled anew


def test_nothing_happens_below_what_is_allowed():
    room = CodeRoom(jax, limit=1 << 30)
    room.look()
    assert room.emptied == 0


def test_what_cannot_be_let_go_does_not_empty_the_caches_each_time(monkeypatch):
    monkeypatch.setattr(_code_room, "_taken", lambda: 1000)
    room = CodeRoom(jax, limit=1500)
    room.look()
    room.look()
    assert (room.emptied, room.allowed) == (1, 1250)


def test_it_looks_after_so_many_programs(monkeypatch):
    looks = []
    room = CodeRoom(jax, programs=5)
    monkeypatch.setattr(room, "look", lambda: looks.append(1))
    for _ in range(11):
        room._note("/jax/core/compile/backend_compile_duration", 0.1)
        room._note("/jax/core/compile/jaxpr_trace_duration", 0.1)
    assert len(looks) == 2


def test_jax_reports_what_it_compiles_under_the_name_that_is_counted():
    room = CodeRoom(jax, programs=1)
    looks = []
    room.look = lambda: looks.append(1)  # type: ignore[method-assign]
    room.watch()
    try:
        jax.jit(lambda x: x * 3 - 7)(np.ones(1777, np.float32))
    finally:
        jax.monitoring.unregister_event_duration_listener(room._note)
    assert looks
