"""What a request may be answered with instead of a prediction."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from typing import Any


class RequestError(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        text: What went wrong, in the form of `addax.core.errors.message`.
        headers: Further headers of the answer.
    """

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = dict(headers or {})


class QueueFull(Exception):
    """The queue has no place for another request."""


def shown(value: Any) -> str:
    """A piece of a request for an error message; however large and deep it is, that takes no time.

    Example:
        >>> shown([1, "two"])
        "[1, 'two'] (list)"
    """
    return f"{reprlib.repr(value)} ({type(value).__name__})" if value is not None else "null"
