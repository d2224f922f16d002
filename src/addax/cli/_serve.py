"""`addax serve`: a model behind HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addax.serving import ServeOptions, serve


def run(path: str, host: str | None, port: int | None, show: Callable[[str], object], **settings: Any) -> int:
    """Serve until told to end.

    Args:
        path: The model.
        host: The address to listen at; None for the default.
        port: The port; None for the default.
        show: Prints an error.
        **settings: Further fields of `ServeOptions`; None for the default.

    Returns:
        The exit code: 1 if it cannot be served.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    if largest := given.pop("max_batch", None):
        given["batch_sizes"] = batch_sizes(largest)
    if shapes := given.pop("max_shapes", None):
        given["shapes"] = shapes
    try:
        serve(path, ServeOptions(**given).with_environment(host=host, port=port))
    except (ImportError, OSError, ValueError, TypeError) as error:
        show(f"addax serve: {error.strerror if type(error) is OSError and error.strerror else error}")
        return 1
    return 0


def batch_sizes(largest: int) -> tuple[int, ...]:
    """A few sizes up to the largest, each four times the one before.

    Example:
        >>> batch_sizes(64), batch_sizes(10)
        ((1, 4, 16, 64), (1, 4, 10))
    """
    sizes = [1]
    while sizes[-1] * 4 < largest:
        sizes.append(sizes[-1] * 4)
    return (*sizes, largest) if largest > 1 else (1,)
