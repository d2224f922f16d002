"""What goes wrong while code is traced: a value is wanted that only the compiled run will have."""

from __future__ import annotations

from typing import Any

from addax.core.errors import message

_USES = {
    "bool": ("used as a Python condition", "Use tf.where or tf.cond (ops.where, ops.cond)"),
    "iter": ("iterated over in Python", "Use tf.map_fn, tf.scan or a loop over its first axis"),
    "index": (
        "turned into a Python integer",
        "Use x.shape or tf.shape(x), whose values are known, or stay with tensors",
    ),
    "number": ("turned into a Python number", "Stay with tensors (tf.cast in place of float() and int())"),
    "numpy": ("turned into a NumPy array", "Use tensor operations, tf.print to see it, or tf.py_function"),
}


class OutOfRangeError(IndexError):
    """An iterator was asked for an element behind its last one."""


class UnknownValue(RuntimeError):
    """The value of a tensor was asked for inside a compiled function, where there is none yet.

    Args:
        value: The tracer.
        use: What the value was wanted for, a key of `_USES`.
    """

    def __init__(self, value: Any, use: str = "numpy") -> None:
        self.use = use
        wanted, instead = _USES[use]
        super().__init__(
            message(
                f"A tensor is {wanted}, but its value is not known here.",
                expected="a value; a compiled function (fit, tf.function, Dataset.map) is traced once, without values",
                received=f"a tensor of shape {tuple(value.shape)}, dtype {value.dtype.name}",
                hint=f"{instead}, or pass run_eagerly=True to compile() to run step by step.",
            )
        )


class ShapeNeedsValue(TypeError):
    """A shape depends on a value that only the compiled run will have; `function` then runs op by op."""


class IteratesInPython(ShapeNeedsValue):
    """A dataset is iterated over inside a compiled function; `function` then runs op by op."""


class VariableNeedsValue(ValueError):
    """A variable is created inside a compiled function, from a value that is computed there."""


class LeakedTensor(TypeError):
    """A tensor outlived the trace that it belongs to."""


def forget_note(error: BaseException) -> None:
    """Drop the note on left out frames that JAX puts on every error that passes through a trace."""
    notes = getattr(error, "__notes__", None)
    if notes:
        notes[:] = [note for note in notes if "JAX has removed its internal frames" not in note]
