"""Every public name says what it is, what its arguments are, and of which types they are.

The rule for arguments: each one that has a name is described in an `Args:` section (`Attributes:` for records), or
named in backticks in the text, unless

* it is one of `OBVIOUS`, which mean the same wherever they occur;
* the callable takes at most two arguments and requires them (`add(x1, x2)`, `set_epsilon(value)`): the summary will do;
* it is the argument of a method of a base class, where it is described, or of the base class's constructor;
* the text sends the reader to where it is described (see `fit`, arguments as for `fit`);
* it is a shape that `build` gets.

What does not fulfil the rules yet is listed in `docstrings_todo.txt`, which may only become shorter.
"""

from __future__ import annotations

import enum
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

import pytest
from tests.api._surface import HERE, Public, objects

import addax

OBVIOUS = {
    # tensors
    "a", "array", "b", "data", "features", "image", "images", "indices", "input", "input_tensor", "inputs", "labels",
    "logits", "tensor", "tensors", "value", "values", "x", "x1", "x2", "y", "y_pred", "y_true",
    # what NumPy users know
    "axis", "dtype", "keepdims", "shape",
    # of every layer, model or callback, described in the base class
    "batch", "call_context", "epoch", "logs", "mask", "name", "previous_mask", "states", "training",
    # of every `from_config`, `get` and `deserialize`
    "config", "custom_objects", "identifier",
}  # fmt: skip
TODO = set((HERE / "docstrings_todo.txt").read_text(encoding="utf-8").split())
_SECTIONS = re.compile(r"^(?:Args|Attributes|Arguments):\n((?:[ \t]+.*\n?|\n)*)", re.MULTILINE)
_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


def faults(public: Public) -> Iterator[str]:
    """What is wrong with a docstring or an annotation."""
    text = _own_text(public.value)
    if not text:
        yield "no docstring"
        return
    first, _, rest = text.partition("\n")
    if not first.rstrip().endswith((".", "?", "!")) or rest.split("\n")[0].strip():
        yield "the first line is no summary"
    missing = sorted(set(_undescribed(public, text)))
    if missing:
        yield f"arguments without a word: {', '.join(missing)}"
    bare = _unannotated(public.value)
    if bare:
        yield f"not annotated: {', '.join(bare)}"


def _own_text(value: Any) -> str:
    doc = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    return inspect.cleandoc(doc) if doc else ""


def _undescribed(public: Public, text: str) -> list[str]:
    if isinstance(public.value, property):
        return []
    parameters = [p for p in _parameters(public.value) if p.kind in _NAMED]
    if len(parameters) <= 2 and all(p.default is p.empty for p in parameters):
        return []
    described = OBVIOUS | _described(text) | _described_in_bases(public) | _described_elsewhere(public, text)
    shapes = "_shape" if public.name.endswith(".build") else None
    return [
        p.name for p in parameters if p.name not in described and not (shapes and p.name.endswith(shapes))
    ]


def _described(text: str) -> set[str]:
    """Names that a docstring has in its sections, or in backticks."""
    entries = "\n".join(_SECTIONS.findall(text))
    found = re.findall(r"^ *([*\w]+(?:, [*\w]+)*)(?: \(.*?\))?:", entries, re.MULTILINE)
    names = {name for line in found for name in line.replace("*", "").split(", ")}
    return names | set(re.findall(r"`(\w+)[`=(]", text))


def _described_in_bases(public: Public) -> set[str]:
    """What base classes say about the same method; for a class, about a constructor that passes on `**kwargs`."""
    if inspect.isclass(public.value):
        texts = [
            _own_text(base) for base in public.value.__mro__[1:-1] if base.__module__.startswith("addax")
        ]
    else:
        method = public.name.rpartition(".")[2]
        bases = public.owner.__mro__[1:] if public.owner else ()
        texts = [getattr(vars(base).get(method), "__doc__", None) or "" for base in bases]
    return set().union(*(_described(inspect.cleandoc(text)) for text in texts))


def _described_elsewhere(public: Public, text: str) -> set[str]:
    """What a docstring describes to which another one points: in the class or the module, or by its full name."""
    for name in re.findall(r"(?:[Ss]ee|as for|as in) `([\w.]+)", text):
        module = sys.modules[inspect.unwrap(getattr(public.value, "fget", public.value)).__module__]
        places = (addax if name.startswith("addax.") else public.owner, module, addax)
        path = name.removeprefix("addax.")
        for place in places:
            try:
                target = attrgetter(path)(place)
            except AttributeError:
                continue
            return _described(_own_text(target))
    return set()


def _unannotated(value: Any) -> list[str]:
    value = value.fget if isinstance(value, property) else value
    function = value.__init__ if inspect.isclass(value) else inspect.unwrap(value)
    if not str(getattr(function, "__module__", "")).startswith("addax."):
        return []  # the constructor of an exception, an enumeration or a tuple
    bare = [p.name for p in _parameters(function) if p.annotation is p.empty]
    returns = (
        inspect.isclass(value) or inspect.signature(function).return_annotation is not inspect.Signature.empty
    )
    return bare if returns else [*bare, "return"]


def _parameters(function: Callable) -> list[inspect.Parameter]:
    if inspect.isclass(function) and issubclass(function, enum.Enum):
        return []
    try:
        made_by = function.__init__ if inspect.isclass(function) else function
        parameters = inspect.signature(made_by).parameters.values()
    except ValueError:  # built in
        return []
    return [p for p in parameters if p.name not in ("self", "cls")]


FAULTY = {public.name: found for public in objects() if (found := list(faults(public)))}


def test_public_names_are_documented_and_annotated():
    assert {name: found for name, found in FAULTY.items() if name not in TODO} == {}


def test_what_is_done_leaves_the_todo_list():
    assert TODO - set(FAULTY) == set()
    assert len(TODO) <= MOST_TO_DO, "The list may only become shorter."


MOST_TO_DO = 272


def _good(x: int, factor: int = 1) -> int:
    """Multiply.

    Args:
        x: A number.
        factor: How much.
    """
    return x * factor


def _no_summary(x: int) -> None:
    """This goes on
    and on."""


def _no_args(x: int, factor: int = 1) -> None:
    """Multiply."""


def _in_text(x: int, factor: int = 1) -> None:
    """Multiply `factor` times."""


def _bare(x, factor: int = 1):
    """Multiply `factor` times."""


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (_good, []),
        (_in_text, []),
        (_no_summary, ["the first line is no summary"]),
        (_no_args, ["arguments without a word: factor"]),
        (lambda x: x, ["no docstring"]),
    ],
)
def test_the_rules_see_what_is_wrong(function, found):
    assert list(faults(Public("f", function))) == found


def test_the_rules_see_missing_annotations():
    _bare.__module__ = "addax.made_up"
    assert list(faults(Public("f", _bare))) == ["not annotated: x, return"]
