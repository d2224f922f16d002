"""`tf.autograph`: what the conversion of Python's control flow offers to users."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from addax.core.lazy import Namespace
from addax.engine import Function
from addax.engine.autograph import for_tracing, keep_python


def to_graph(
    entity: Callable, recursive: bool = True, experimental_optional_features: Any = None
) -> Callable:
    """The function with its control flow converted, to be called under a trace.

    Args:
        entity: A Python function or a `tf.function`; what cannot be converted is given back as it is.
        recursive: Accepted for TensorFlow's sake: the user's functions that it calls are converted too.
        experimental_optional_features: Accepted for TensorFlow's sake.
    """
    return for_tracing(entity.python_function if isinstance(entity, Function) else entity)


def to_code(entity: Callable, recursive: bool = True, experimental_optional_features: Any = None) -> str:
    """The source of the converted function.

    Args:
        entity: A Python function or a `tf.function`.
        recursive: Accepted for TensorFlow's sake: the source is that of this function alone.
        experimental_optional_features: Accepted for TensorFlow's sake.

    Raises:
        CannotConvert: If it cannot be converted.
    """
    from addax.engine.autograph import source_of

    return source_of(entity.python_function if isinstance(entity, Function) else inspect.unwrap(entity))


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Accepted: errors of the conversion name the line.

    Args:
        level: Accepted for TensorFlow's sake: there is no log to make longer.
        alsologtostdout: Accepted for TensorFlow's sake; likewise.
    """


def trace(*args: Any) -> None:
    """Print while a function is traced."""
    print(*args)


class experimental(Namespace):  # noqa: N801 - a namespace
    """Names that TensorFlow calls experimental."""

    @staticmethod
    def do_not_convert(func: Callable | None = None) -> Any:
        """Decorator: leave a function's control flow as it is.

        Args:
            func: The function; None if the decorator is written with brackets.
        """
        return keep_python if func is None else keep_python(func)

    @staticmethod
    def set_loop_options(**options: Any) -> None:
        """Accepted: loops need no hints here."""
