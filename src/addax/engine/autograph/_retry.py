"""Traces that fail because Python asks a tensor for its value are made again, with those functions rewritten."""

from __future__ import annotations

import linecache
import types
from collections.abc import Callable
from typing import Any

from addax.engine._errors import LeakedTensor, ShapeNeedsValue, UnknownValue
from addax.engine._jax import jax
from addax.engine.autograph._calls import is_library
from addax.engine.autograph._search import mark
from addax.engine.autograph._transpile import is_rewritten

_LEAKED = """A tensor is used outside of the loop, branch or compiled function that it was made in.
  expected: tensors that come out by `return`, by assignment to a name, or in a Variable
  hint: A Python list that is appended to in a loop over tensors keeps such tensors; use a tf.TensorArray."""
_CONVERTIBLE = ("bool", "iter", "index", "number")


def retrying(run: Callable[[], Any]) -> Any:
    """`run()`; where a tensor is used as a Python condition or loop, the user's code is rewritten and run again.

    Raises:
        UnknownValue: If rewriting does not help; the message names the user's line.
        ShapeNeedsValue: If a shape depends on a value.
    """
    while True:
        try:
            return run()
        except UnknownValue as error:
            if error.use not in _CONVERTIBLE or not _mark_frames(error):
                raise explained(error) from None
        except jax.errors.TracerBoolConversionError as error:
            if not _mark_frames(error):
                raise explained(error) from None
        except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
            raise explained(error) from None


def _mark_frames(error: BaseException) -> bool:
    """Mark the user's functions that were running; False if there is none that is not rewritten already."""
    codes = [frame.f_code for frame, _ in _frames(error)]
    return any([mark(code) for code in codes if not is_rewritten(code)])


def _frames(error: BaseException) -> list[tuple[types.FrameType, int]]:
    """The frames of the user's code that an error passed, outermost first, with their lines."""
    found = []
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if not is_library(frame.f_globals.get("__name__")) and frame.f_code.co_name != "<module>":
            found.append((frame, trace.tb_lineno))
        trace = trace.tb_next
    return found


def user_line(error: BaseException) -> str | None:
    """Where in the user's code an error came up, as `file, line n, in f: source`."""
    frames = _frames(error)
    if not frames:
        return None
    frame, line = frames[-1]
    source = linecache.getline(frame.f_code.co_filename, line).strip()
    return f"{frame.f_code.co_filename}, line {line}" + (f": {source}" if source else "")


def explained(error: BaseException) -> BaseException:
    """The error with the user's line; JAX's own errors about tracers in the words of this library."""
    where = user_line(error)
    place = f"\n  at: {where}" if where else ""
    if isinstance(error, UnknownValue):
        if place and place not in str(error):
            error.args = (f"{error.args[0]}{place}",)
        return error
    text = str(error).strip().splitlines()[0]
    if isinstance(error, jax.errors.UnexpectedTracerError):
        return LeakedTensor(f"{_LEAKED}{place}")
    new = ShapeNeedsValue(
        "A value that only the compiled run will have is needed while the function is traced, "
        f"for instance as a shape.\n  received: {text}\n  hint: Take sizes from x.shape, use forms with a fixed "
        f"output shape (tf.where(condition, x, y)), or run step by step (run_eagerly=True).{place}"
    )
    return new.with_traceback(error.__traceback__)
