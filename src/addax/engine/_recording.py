"""Gradients asked for after the fact: a compiled function is traced once more, under a tape that records everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from addax.core import context
from addax.core.errors import message
from addax.engine._tape import GradientTape, inexact_dtype
from addax.engine._tensor import Tensor


class NeedsRecording(RuntimeError):
    """A gradient is asked for of code that no tape has recorded; `function` then traces again under one."""


class RecordingTape(GradientTape):
    """A tape that watches every tensor, and what it computes itself too."""

    def __init__(self) -> None:
        super().__init__(persistent=True)

    def _wants(self, inputs: Sequence) -> bool:
        wanted = super()._wants(inputs)
        if self._paused:
            return False
        for x in inputs:
            if isinstance(x, Tensor) and inexact_dtype(x.dtype):
                self._live[id(x)] = x
                wanted = True
        return wanted


def recorded(fn: Callable) -> Callable:
    """The function, run under a `RecordingTape`."""

    def run(*args: Any, **kwargs: Any) -> Any:
        with RecordingTape():
            return fn(*args, **kwargs)

    return run


def recording(what: str) -> RecordingTape:
    """The tape that records the code that runs now.

    Args:
        what: Who asks, for the message.

    Raises:
        NeedsRecording: If there is none.
    """
    for tape in context.current().tapes:  # the outermost one has recorded what the inner ones have, and more
        if isinstance(tape, RecordingTape):
            return tape
    raise NeedsRecording(
        message(
            f"{what}() works in a tf.function only: elsewhere nothing has recorded what was computed.",
            hint="Use tf.GradientTape, or call it inside of a function under @tf.function.",
        )
    )
