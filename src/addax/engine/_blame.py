"""What JAX says about arguments that do not fit, in the words of the op that was called."""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from addax.core import context
from addax.core.errors import message

_LIBRARIES = re.compile(r"[\\/](?:addax|jax|jaxlib|numpy|opt_einsum)[\\/]")
_NO_ARRAY = re.compile(r"as an abstract array. The problematic value is of type <class '([^']+)'>")
_BROADCAST = re.compile(r"incompatible (shapes|types) for broadcasting", re.IGNORECASE)


class WrongArguments(ValueError, TypeError):
    """Arguments of an op do not fit together; JAX raises one or the other of the two for that, TensorFlow its own."""


class WrongIndex(IndexError, ValueError):
    """An index lies outside of a tensor: Python's error for it, and what stands for TensorFlow's."""


def explained(error: Exception, name: str, values: Sequence[Any]) -> WrongArguments | None:
    """The error for the user, or None if this one is not JAX's or NumPy's own.

    Args:
        error: What an op raised.
        name: The op.
        values: Its raw arrays and numbers.
    """
    if type(error) not in (TypeError, ValueError) or not _raised_by_arrays(error.__traceback__):
        return None
    other = _NO_ARRAY.search(str(error))
    if other:
        problem = f"does not take a value of type {other[1]}."
        hint = "Pass numbers, arrays or tensors; look strings up first (StringLookup)."
    elif _BROADCAST.search(str(error)):
        problem = "got shapes that do not broadcast."
        hint = "From the last axis on, sizes must be equal, or one of them 1."
    else:
        problem, hint = f"cannot be computed: {str(error).splitlines()[0]}", None
    found = "; ".join(_described(v) for v in values[:_SHOWN]) + ("; ..." if len(values) > _SHOWN else "")
    return WrongArguments(message(f"{name}() {problem}", received=found or None, hint=hint))


_SHOWN = 6  # arguments that a message describes


def _raised_by_arrays(trace: TracebackType | None) -> bool:
    """Whether JAX or NumPy raised it, and no code of the user's was in between.

    JAX takes its own frames out of the traceback, so the last one may be a line of ours that called it.
    """
    files, line = [], 0
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        line, trace = trace.tb_lineno, trace.tb_next
    if not files or not all(_LIBRARIES.search(file) or file.startswith("<") for file in files):
        return False
    ours = f"{os.sep}addax{os.sep}" in files[-1]
    return not (ours and linecache.getline(files[-1], line).lstrip().startswith("raise"))


def _described(value: Any) -> str:
    """Dtype and shape of an array, with None for what stands for an unknown size while shapes are inferred."""
    shape = getattr(value, "shape", None)
    if shape is None:
        return repr(value)[:60]
    from addax.engine._bind import ProbeBindings
    from addax.engine._infer import PROBES

    inferring = isinstance(context.current().bindings, ProbeBindings)
    sizes = tuple(None if inferring and size in PROBES else size for size in shape)
    return f"{value.dtype.name} {sizes}"
