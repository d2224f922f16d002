"""The compiled programs that run, collected for whoever draws their graphs, and the scopes written into them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from addax.core import context
from addax.engine._jax import jax

collected: dict[int, Any] | None = None  # the programs that ran since `collect`; None while nobody wants them
_labels = 0  # how many blocks of `labelled` there are


def collect() -> None:
    """From now on keep the compiled programs that run, and write scopes into those that are traced."""
    global collected
    collected = {}


def collect_no_more() -> list[Any]:
    """Stop, and give the programs that ran, in order."""
    global collected
    found, collected = list((collected or {}).values()), None
    return found


def note(program: Any) -> None:
    """Say that a program runs."""
    if collected is not None:
        collected.setdefault(id(program), program)


@contextlib.contextmanager
def labelled() -> Iterator[None]:
    """What is traced in this block has its scopes written into it."""
    global _labels
    _labels += 1
    try:
        yield
    finally:
        _labels -= 1


def scoped(fn: Callable, name: str) -> Callable:
    """The function of an op, whose equations then say their layers, name scopes and op, if graphs are wanted."""
    if collected is None and not _labels:
        return fn
    path = context.current().path

    def within(*arrays: Any) -> Any:
        with jax.named_scope("/".join([*path, name])), context.entered(path=()):
            return fn(*arrays)

    return within
