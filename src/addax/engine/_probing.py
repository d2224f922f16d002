"""Trials of a function on made-up values, which tell the sizes that do not depend on values."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_TRIED: ContextVar[bool] = ContextVar("addax_tried", default=False)


class DependsOnValues(Exception):
    """In a trial, something was asked for whose size only real values tell."""


@contextlib.contextmanager
def trial() -> Iterator[None]:
    """A `with` block that runs on made-up values."""
    token = _TRIED.set(True)
    try:
        yield
    finally:
        _TRIED.reset(token)


def in_trial() -> bool:
    """Whether the values are made up."""
    return _TRIED.get()


def needs_values() -> None:
    """Say that what comes now has a size that depends on values, or does more than to compute: it ends a trial.

    Raises:
        DependsOnValues: In a trial; nothing happens outside of one.
    """
    if _TRIED.get():
        raise DependsOnValues
