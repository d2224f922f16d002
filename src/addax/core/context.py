"""What the code that runs now is inside of: one `ContextVar` with a record."""

from __future__ import annotations

from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple


class Context(NamedTuple):
    """The surroundings of an op, a layer call or a variable's creation.

    Attributes:
        training: The `training` flag of the layer call in progress; None outside of one.
        path: Names of the layers (and name scopes) being entered, outermost first.
        autocast: Float dtype that float variables are read in, or None to read them as they are.
        bindings: Variable -> value while `pure` runs, else None.
        tapes: The open gradient tapes, outermost first.
        probing: Size that stands for an unknown batch dimension while shapes are inferred.
        probing_inside: Whether it also stands for unknown dimensions other than the batch.
        call: Record of the outermost layer call in progress (collects losses), or None.
        mesh: The placement on several devices that a block puts in force (`addax.engine._placement`), or None.
        custom_objects: Names that `custom_object_scope` adds.
        reading: The data being deserialized: its policy and shared objects; None outside of that.
        writing: Objects written so far, by which shared ones are found; None outside of saving.
        eager: True while a debugging run asks for op-by-op execution.
        remat: What operations that are made now are to compute again for gradients; None for nothing.
        texts: Who takes the calls over texts of a function that is being exported
            (`addax.engine._unknown_texts`), or None.
        replica: Which of several replicas of the same code this is (`addax.engine._replicas`), or None.
        forward: True while a derivative is taken forwards, which kernels with a backward pass of their own lack.
    """

    training: bool | None = None
    path: tuple[str, ...] = ()
    autocast: str | None = None
    bindings: Any = None
    tapes: tuple = ()
    probing: int | None = None
    probing_inside: bool = False
    call: Any = None
    mesh: Any = None
    custom_objects: Any = None
    reading: Any = None
    writing: Any = None
    eager: bool = False
    remat: Any = None
    forward: bool = False
    replica: Any = None
    texts: Any = None


OUTSIDE = Context()  # what code runs in that is inside of nothing
_CURRENT: ContextVar[Context] = ContextVar("addax_context", default=OUTSIDE)

current = _CURRENT.get


class entered:  # noqa: N801 - it reads like the functions of `contextlib`
    """Run a block with some fields of the context changed.

    A class, because eager ops enter one each and a generator takes three times as long.

    Example:
        >>> with entered(training=True):
        ...     current().training
        True
    """

    __slots__ = ("_changes", "_token")

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def __enter__(self) -> Context:
        new = _CURRENT.get()._replace(**self._changes)
        self._token = _CURRENT.set(new)
        return new

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _CURRENT.reset(self._token)


def push(**changes: Any) -> Any:
    """Change fields and return a token for `pop`; for hot paths where a `with` block costs too much."""
    return _CURRENT.set(_CURRENT.get()._replace(**changes))


def pop(token: Any) -> None:
    """Undo the `push` that gave `token`."""
    _CURRENT.reset(token)


def add_tape(tape: Any) -> None:
    """Open a gradient tape inside the ones that are open."""
    context = _CURRENT.get()
    _CURRENT.set(context._replace(tapes=(*context.tapes, tape)))


def remove_tape(tape: Any) -> None:
    """Close a gradient tape, whichever were opened after it."""
    context = _CURRENT.get()
    new = context._replace(tapes=tuple(t for t in context.tapes if t is not tape))
    _CURRENT.set(OUTSIDE if new == OUTSIDE else new)
