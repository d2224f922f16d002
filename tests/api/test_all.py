"""`__all__` of every public package: sorted, complete, importable; and the public names as they were agreed on."""

from __future__ import annotations

import ast
import re
import types
from collections import Counter
from pathlib import Path

import pytest
from tests.api._surface import HERE, for_users, modules, public_names

WITH_ALL = [module for module in modules() if hasattr(module, "__all__")]
# What packages import to make their names, and do not mean to hand on.
TOOLS = {"addax.core", "addax.core.errors", "addax.core.lazy", "addax.tf._lookup"}
each = pytest.mark.parametrize("module", WITH_ALL, ids=lambda module: module.__name__)


@each
def test_every_name_in_all_exists_once(module):
    assert [name for name, count in Counter(module.__all__).items() if count > 1] == []
    for name in module.__all__:
        getattr(module, name)


@each
def test_all_is_sorted(module):
    listed = _literal_all(_tree(module))
    if listed is not None:  # one that is put together from tables is sorted by nobody
        assert listed in (sorted(listed), sorted(listed, key=_constants_then_classes))


@each
def test_all_lists_what_the_package_makes_public(module):
    for_files = set(getattr(module, "_LOADABLE", ()))  # names that only saved files use
    assert _made_public(_tree(module), module) - set(module.__all__) - for_files == set()


def test_every_public_package_has_an_all():
    expected = {m.__name__ for m in modules() if hasattr(m, "__path__") or for_users(m)} - {"addax.core"}
    assert expected - {module.__name__ for module in WITH_ALL} == set()


def test_public_names_change_on_purpose_only():
    agreed = (HERE / "public_names.txt").read_text(encoding="utf-8").split()
    now = public_names()
    new, gone = sorted(set(now) - set(agreed)), sorted(set(agreed) - set(now))
    assert (new, gone) == ([], []), (
        "If this is meant, run `python -m tests.api.record names` and commit the file."
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from addax.layers._spec import InputSpec", {"InputSpec"}),
        ("from addax.layers._spec import InputSpec as InputSpec", set()),
        ("from addax.layers._spec import InputSpec as Spec", {"Spec"}),
        ("from addax.core.errors import message\nfrom typing import Any\nimport os", set()),
        ("one = two = 1\n_three = 2\na, b = 1, 2\nc: int = 3", {"one", "two", "a", "b", "c"}),
        ("def f(): ...\nclass C: ...\ndef _g(): ...", {"f", "C"}),
        ("if TYPE_CHECKING:\n    from addax.layers import Dense", set()),
    ],
)
def test_the_scan_sees_what_a_package_makes_public(source, found):
    package = types.ModuleType("addax.layers")
    package.__path__ = []
    assert _made_public(ast.parse(source), package) == found


def _tree(module: types.ModuleType) -> ast.Module:
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def _literal_all(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__all__":
            try:
                return list(ast.literal_eval(node.value))
            except ValueError:
                return None
    return None


def _constants_then_classes(name: str) -> tuple:
    """The order that ruff's isort style gives to `__all__`."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    numbers = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
    return kind, numbers


def _made_public(tree: ast.Module, module: types.ModuleType) -> set[str]:
    """Names without an underscore that the top level of a module defines, or a package takes from our modules.

    `from x import name as name` says that the name is there, but not public.
    """
    found = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
        elif isinstance(node, ast.ImportFrom) and hasattr(module, "__path__"):
            if str(node.module).startswith("addax.") and node.module not in TOOLS:
                found.update(alias.asname or alias.name for alias in node.names if alias.asname != alias.name)
    return {name for name in found if not name.startswith("_")}
