"""Regular expressions of RE2, which TensorFlow uses, as those of Python."""

from __future__ import annotations

import re
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_POSIX = {
    b"[:alpha:]": rb"a-zA-Z", b"[:digit:]": rb"0-9", b"[:alnum:]": rb"a-zA-Z0-9", b"[:upper:]": rb"A-Z",
    b"[:lower:]": rb"a-z", b"[:space:]": rb"\s", b"[:punct:]": rb"!-/:-@\[-`{-~", b"[:word:]": rb"\w",
}  # fmt: skip
_MANY = 100  # a repetition of more is taken for one without an end
_OPEN = (
    3  # repetitions without an end side by side: the time is a power of the text's length with that exponent
)


def python_pattern(pattern: bytes) -> bytes:
    """A pattern of RE2 as one of Python.

    Example:
        >>> python_pattern(b"[[:digit:]]+")
        b'[0-9]+'
    """
    for name, chars in _POSIX.items():
        pattern = pattern.replace(name, chars)
    return pattern.replace(rb"\z", rb"\Z")


def python_rewrite(rewrite: bytes) -> bytes:
    r"""The replacement of RE2 as one of Python: only `\0` to `\9` mean something.

    Example:
        >>> python_rewrite(rb"<\1>")
        b'<\\g<1>>'
    """
    return re.sub(rb"\\(\d)", rb"\\g<\1>", rewrite)


def ends_soon(pattern: bytes) -> bool:
    """Whether Python's `re` ends soon for a pattern whatever the text: RE2 always does, `re` tries all ways.

    Repetitions inside of repetitions, many of them, and what only Python has are not.

    Example:
        >>> ends_soon(b"[a-z]+ *"), ends_soon(b"(a+)+$")
        (True, False)
    """
    try:
        return _open_repeats(parser.parse(pattern)) <= _OPEN
    except (re.error, RecursionError, OverflowError):
        return False


def _open_repeats(parsed: Any) -> int:
    """How many repetitions have no end; beyond the limit if one is inside of another."""
    count = 0
    for kind, argument in parsed:
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
            _, most, inside = argument
            inner = _open_repeats(inside)
            if most > _MANY:
                count += 1 if inner == 0 and not _has_branch(inside) else _OPEN + 1
            else:
                count += inner * int(most)
        elif kind is kinds.SUBPATTERN:
            count += _open_repeats(argument[-1])
        elif kind is kinds.BRANCH:
            count += sum(map(_open_repeats, argument[1]))
        elif kind not in (kinds.LITERAL, kinds.NOT_LITERAL, kinds.ANY, kinds.IN, kinds.AT):
            count += _OPEN + 1  # references back, looks ahead: RE2 has none
    return count


def _has_branch(parsed: Any) -> bool:
    """Whether there are several ways through, as in `(a|aa)`; characters in brackets are one."""
    return any(
        kind is kinds.BRANCH
        or kind is kinds.SUBPATTERN
        and _has_branch(argument[-1])
        or kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
        for kind, argument in parsed
    )
