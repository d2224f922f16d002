"""Functions over texts inside of a function that is being exported, where texts are not known yet.

Nothing can be traced by JAX there, for it has no texts. So whoever exports puts a session in place, and functions over
texts ask it first.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from addax.core import context

F = TypeVar("F", bound=Callable)


@contextlib.contextmanager
def noted_by(session: Any) -> Iterator[None]:
    """A `with` block in which a session takes the calls of functions and layers over texts.

    Args:
        session: Has `function(name, fn, args, kwargs)` and `layer(layer, args, kwargs)`, which give the result, or
            NotImplemented for a call that is like any other.
    """
    with context.entered(texts=session):
        yield


def session() -> Any:
    """The session in place; None if nothing is exported here."""
    return context.current().texts


def over_texts(fn: F) -> F:
    """Have a function, or a method, ask the session first."""

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        now = context.current().texts
        if now is not None:
            found = now.function(fn.__qualname__, fn, args, kwargs)
            if found is not NotImplemented:
                return found
        return fn(*args, **kwargs)

    return call  # type: ignore[return-value]
