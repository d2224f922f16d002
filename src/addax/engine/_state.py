"""What goes into and comes out of branches and loops: forms of nests, and values that some paths lack."""

from __future__ import annotations

from typing import Any

from addax.engine._pack import RAW, TENSOR, Composite, Held

ZERO = object()  # stands for a value that one branch lacks and that nobody will use


class Undefined:
    """The value of a name that has none yet.

    Args:
        name: The name.
        reason: Why it has none, for the error.
    """

    def __init__(self, name: str, reason: str = "is used before it gets a value") -> None:
        self.name, self.reason = name, reason

    def __repr__(self) -> str:
        return f"<undefined {self.name}>"

    def __eq__(self, other: Any) -> bool:
        return type(other) is Undefined

    def __hash__(self) -> int:
        return hash(Undefined)

    def error(self) -> UnboundLocalError:
        """The error of using it."""
        return UnboundLocalError(f"'{self.name}' {self.reason}.")


class NoReturn:
    """The return value of a function that has not returned."""

    def __eq__(self, other: Any) -> bool:
        return type(other) is NoReturn

    def __hash__(self) -> int:
        return hash(NoReturn)


class MaybeReturned(Composite):
    """The return value of a function that has returned on some of the paths: elsewhere it is zeros, never used."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def _parts(self) -> tuple[tuple, Any]:
        return (self.value,), None

    @classmethod
    def _from_parts(cls, parts: tuple, rest: Any) -> MaybeReturned:
        return cls(*parts)


def is_array(form: Any) -> bool:
    """Whether a form is that of one array."""
    return form is TENSOR or form is RAW


def is_number(value: Any) -> bool:
    """Whether a value is a Python number."""
    return isinstance(value, (bool, int, float, complex)) and not isinstance(value, str)


def is_arraylike(form: Any) -> bool:
    """Whether a form is that of an array or a number."""
    return is_array(form) or (type(form) is Held and is_number(form.value))


def is_maybe(form: Any) -> bool:
    """Whether a form is that of a `MaybeReturned`."""
    return type(form) is tuple and form[0] is MaybeReturned


def same_kind(a: tuple, b: tuple) -> bool:
    """Whether two forms are nests of the same kind and size."""
    if a[0] is not b[0]:
        return False
    if a[1] is None or type(a[1]) is not Held:
        return len(a[2]) == len(b[2])
    return a[1] == b[1]


def form_text(form: Any) -> str:
    """A form in words, for errors."""
    if is_array(form):
        return "a tensor"
    if type(form) is Held:
        if isinstance(form.value, (Undefined, NoReturn)):
            return "nothing"
        return f"{form.value!r}"
    return f"a {form[0].__name__}"
