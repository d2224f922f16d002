"""How our signatures differ from Keras's, and the reasons that `differences.json` gives for it.

A parameter of ours that Keras does not have is no difference if calls may leave it out.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from tests.api._surface import HERE, listed, missing, resolve

REASONS = HERE / "differences.json"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "differences.md"

_REQUIRED = inspect.Parameter.empty
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_REST = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


class Difference(NamedTuple):
    """One thing about a public name that is not as in Keras.

    Attributes:
        name: Such as `keras.layers.Dense` or `keras.layers.Dense.call`.
        what: Such as `no parameter x`, `x is 1, not 2` or `missing`.
    """

    name: str
    what: str


class Reason(NamedTuple):
    """An entry of `differences.json`.

    Attributes:
        title: What the differences have in common.
        reason: Why they are there.
        names: Patterns of names.
        what: Patterns of what differs; each difference fits one name and one of these.
    """

    title: str
    reason: str
    names: list[str]
    what: list[str]

    def covers(self, found: Difference) -> bool:
        """Whether a difference is one of these."""
        return any(fnmatchcase(found.name, n) for n in self.names) and any(
            fnmatchcase(found.what, _literal(w)) for w in self.what
        )


def _literal(pattern: str) -> str:
    """A pattern in which only `*` is special (brackets are common in defaults)."""
    return pattern.replace("[", "[[]").replace("?", "[?]")


def reasons() -> list[Reason]:
    """The differences that are allowed."""
    return [Reason(**entry) for entry in json.loads(REASONS.read_text(encoding="utf-8"))]


def differences(keras: Any, ours: Any) -> list[Difference]:
    """How what both packages have differs, each thing once, under the first of its names."""
    return [*_of_callables(keras, ours), *_of_methods(keras, ours)]


def _pairs(keras: Any, ours: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, Keras's object and ours, for every name that both have; aliases of the same two are left out."""
    names = listed("keras_api.txt")
    gone = set(missing(names))
    seen = set()
    for name in names:
        if name in gone:
            continue
        theirs, mine = resolve(name, keras), resolve(name, ours)
        if (id(theirs), id(mine)) not in seen:
            seen.add((id(theirs), id(mine)))
            yield name, theirs, mine


def _of_callables(keras: Any, ours: Any) -> Iterator[Difference]:
    for name, theirs, mine in _pairs(keras, ours):
        if callable(theirs) != callable(mine):
            yield Difference(name, "only one of the two can be called")
        elif callable(theirs):
            yield from (Difference(name, what) for what in compare(_constructor(theirs), mine))


def _constructor(value: Callable) -> Callable:
    """What to ask for the parameters: Keras's layers show those of `__new__`, which takes everything."""
    if not inspect.isclass(value):
        return value
    return value.__init__ if inspect.isfunction(value.__init__) else lambda: None


def _of_methods(keras: Any, ours: Any) -> Iterator[Difference]:
    """The same for public methods; what a class takes over from its base is the base's difference."""
    classes = [p for p in _pairs(keras, ours) if inspect.isclass(p[1]) and inspect.isclass(p[2])]
    classes.sort(key=lambda pair: len(pair[1].__mro__))
    seen: set[tuple] = set()
    for name, theirs, mine in classes:
        for method in _methods(theirs):
            wanted, found = getattr(theirs, method), getattr(mine, method, None)
            key = (getattr(wanted, "__func__", wanted), getattr(found, "__func__", found), method)
            if key in seen:
                continue
            seen.add(key)
            if found is None:
                yield Difference(f"{name}.{method}", "missing")
            else:
                yield from (Difference(f"{name}.{method}", what) for what in compare(wanted, found))


def _methods(cls: type) -> list[str]:
    """Names of public methods, of Keras's own classes among the bases only."""
    found: dict[str, None] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("keras."):
            found.update(
                dict.fromkeys(n for n, v in vars(base).items() if not n.startswith("_") and _is_method(v))
            )
    return [name for name in found if callable(getattr(cls, name))]


def _is_method(value: Any) -> bool:
    return inspect.isfunction(value) or isinstance(value, (classmethod, staticmethod))


def compare(theirs: Callable, ours: Callable) -> Iterator[str]:
    """How our signature differs from Keras's: names, order of what may be positional, defaults, kinds."""
    wanted, found = _parameters(theirs), _parameters(ours)
    by_name = {p.name: p for p in found}
    order = [p.name for p in found if p.kind in _POSITIONAL]
    for place, parameter in enumerate(wanted):
        if parameter.kind in _REST:
            if not any(p.kind is parameter.kind for p in found):
                yield f"no {_REST[parameter.kind]}{parameter.name}"
            continue
        mine = by_name.get(parameter.name)
        if mine is None:
            yield f"no parameter {parameter.name}"
            continue
        if parameter.kind in _POSITIONAL and order[place : place + 1] != [parameter.name]:
            yield f"{parameter.name} is not positional argument {place + 1}"
        if not _same_default(parameter.default, mine.default):
            yield f"{parameter.name} is {_shown(mine.default)}, not {_shown(parameter.default)}"
    known = {p.name for p in wanted}
    for parameter in found:
        if parameter.name not in known and parameter.kind not in _REST and parameter.default is _REQUIRED:
            yield f"{parameter.name} is required"


def _parameters(function: Callable) -> list[inspect.Parameter]:
    parameters = list(inspect.signature(function).parameters.values())
    return parameters[1:] if parameters and parameters[0].name == "self" else parameters


def _same_default(theirs: Any, ours: Any) -> bool:
    if callable(theirs) and callable(ours):
        return theirs is ours or getattr(theirs, "__name__", 1) == getattr(ours, "__name__", 2)
    return type(theirs) is type(ours) and theirs == ours or theirs == ours and not isinstance(ours, bool)


def _shown(default: Any) -> str:
    return "required" if default is _REQUIRED else repr(default)


def page() -> str:
    """The text of `docs/differences.md`."""
    parts = [_HEAD]
    for reason in reasons():
        names = ", ".join(f"`{name}`" for name in reason.names)
        what = "; ".join(f"`{what}`" for what in reason.what)
        parts.append(f"## {reason.title}\n\n{reason.reason}\n\n- Names: {names}\n- Differences: {what}\n")
    return "\n".join(parts)


_HEAD = """\
# Differences from Keras

Addax has the names, parameters, orders and defaults of Keras 3.15. This page lists every exception in a signature, with
its reason. It is written by `python -m tests.api.record docs` from `tests/api/differences.json`; a test compares the
signatures of both packages and fails on any difference that is not listed here, and on any entry that no longer
applies. In a pattern, `*` stands for anything. Parameters that Addax has in addition and that calls may leave out, such
as the spellings of tf.keras, are not differences.
"""
