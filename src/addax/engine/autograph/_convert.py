"""Which form of a function a trace runs: as it is written, or rewritten."""

from __future__ import annotations

from typing import Any

from addax.engine.autograph._calls import convert, function_of, is_library
from addax.engine.autograph._search import is_marked, wants_conversion
from addax.engine.autograph._transpile import CannotConvert, is_rewritten


def converted(fn: Any) -> Any:
    """The form of a user's function that a trace is to run, as found out so far: itself, unless a trace failed in it.

    Costs a dictionary look-up. `Layer.call`, `train_step`, losses, metrics and functions given to `Dataset.map`
    pass through here when they are called under a trace.
    """
    inner = function_of(fn)
    if inner is None or not is_marked(inner.__code__):
        return fn
    return _convert_or_keep(fn)


def for_tracing(fn: Any) -> Any:
    """The form of a function that the user asked to trace (`tf.function`).

    It is rewritten if it has any control flow that may hang on a tensor, so that it is traced once.
    """
    inner = function_of(fn)
    if inner is None or is_rewritten(inner.__code__) or is_library(inner.__globals__.get("__name__")):
        return fn
    return _convert_or_keep(fn) if wants_conversion(inner, careful=True) else fn


def _convert_or_keep(fn: Any) -> Any:
    try:
        return convert(fn)
    except CannotConvert:
        return fn
