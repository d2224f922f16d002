"""AutoGraph: Python's `if`, `while` and `for` on traced tensors become branches and loops of the compiled code."""

from addax.engine.autograph._convert import converted, for_tracing
from addax.engine.autograph._ranges import DynamicRange
from addax.engine.autograph._retry import explained, retrying, user_line
from addax.engine.autograph._search import keep_python
from addax.engine.autograph._transpile import CannotConvert, source_of

__all__ = [
    "CannotConvert",
    "DynamicRange",
    "converted",
    "explained",
    "for_tracing",
    "keep_python",
    "retrying",
    "source_of",
    "user_line",
]
