"""`addax stubs`: stub files by which editors know `tensorflow` and `keras` where Addax is what is installed."""

from __future__ import annotations

import importlib
import inspect
import keyword
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from addax.core.errors import message

_ROOTS = {"keras": "addax", "tensorflow": "addax.tf"}
_MARK = "# Written by `addax stubs`: the names of {foreign} are those of Addax.\n"


def write_stubs(folder: str, say: Callable[[str], object]) -> int:
    """Write stubs of `tensorflow` and `keras` into a folder, in place of older ones.

    Args:
        folder: The folder, which the editor has to search for stubs: `typings` is where Pyright and Pylance look.
        say: What takes the text.

    Returns:
        The exit code, 0.

    Raises:
        ValueError: If something stands there that this command did not write.
    """
    target = Path(folder)
    written: dict[Path, str] = {}
    for foreign, ours in _ROOTS.items():
        _refuse_strangers(target / foreign, foreign)
        written.update(_package(target / foreign, foreign, importlib.import_module(ours), set()))
    written.update(_mirrored(target / "tensorflow" / "keras", "tensorflow.keras", target / "keras", written))
    for foreign in _ROOTS:
        shutil.rmtree(target / foreign, ignore_errors=True)
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    say(f"{len(written)} stubs of {' and '.join(sorted(_ROOTS))} in {target}.")
    if target.name != "typings":
        say(
            f'Tell the editor: "python.analysis.stubPath": "{folder}" (Pylance), "stubPath" (pyrightconfig.json).'
        )
    return 0


def _refuse_strangers(folder: Path, foreign: str) -> None:
    start = folder / "__init__.pyi"
    if folder.exists() and not (
        start.is_file() and start.read_text(encoding="utf-8").startswith(_MARK.format(foreign=foreign))
    ):
        raise ValueError(
            message(
                f"{folder} is there already, and not of this command's making.",
                hint="Name another folder, or remove it.",
            )
        )


def _package(folder: Path, foreign: str, module: ModuleType, seen: set[int]) -> Iterator[tuple[Path, str]]:
    """The stub of a namespace and those below it, by path."""
    seen = seen | {id(module)}
    lines, below = [], []
    for name in _names(module):
        value = getattr(module, name)
        if not isinstance(value, ModuleType):
            lines += _lines(name, value)
        elif f"{foreign}.{name}" == "tensorflow.keras":
            lines.append(f"from {foreign} import {name} as {name}")
        elif value.__name__.startswith("addax") and id(value) not in seen and value.__name__ != "addax.tf":
            lines.append(f"from {foreign} import {name} as {name}")
            below.append((name, value))
    yield folder / "__init__.pyi", _MARK.format(foreign=foreign) + "\n".join([*sorted(set(lines)), ""])
    for name, value in below:
        yield from _package(folder / name, f"{foreign}.{name}", value, seen)


def _names(module: ModuleType) -> list[str]:
    public = getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]
    return sorted(n for n in public if not keyword.iskeyword(n) and hasattr(module, n))


def _lines(name: str, value: Any) -> list[str]:
    """How a stub gets a name: from where it is defined, for namespaces that import late hide it from editors."""
    home, own = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(home, str) and home.startswith("addax") and own and own.isidentifier():
        if getattr(importlib.import_module(home), own, None) is value and _is_written(home, own):
            return [f"from {home} import {own} as {name}"]
    cls = type(value)
    if cls in (str, int, float, bool):
        return [f"{name}: {cls.__name__}"]
    if cls.__module__.startswith("addax") and _is_written(cls.__module__, cls.__name__):
        return [f"from {cls.__module__} import {cls.__name__} as _{cls.__name__}", f"{name}: _{cls.__name__}"]
    return ["from typing import Any as _Any", f"{name}: _Any"]


def _is_written(module: str, name: str) -> bool:
    """Whether the source of a module defines a name in so many words."""
    try:
        source = inspect.getsource(importlib.import_module(module))
    except OSError:
        return False
    return any(f"\n{start}{name}" in source for start in ("def ", "class ", "async def "))


def _mirrored(
    folder: Path, foreign: str, source: Path, written: dict[Path, str]
) -> Iterator[tuple[Path, str]]:
    """Stubs that give the names of others, file by file."""
    for path in list(written):
        if source in path.parents:
            below = path.parent.relative_to(source).parts
            inside = [
                f"from {'.'.join((foreign, *below))} import {n} as {n}" for n in _folders(path, written)
            ]
            lines = [f"from {'.'.join(('keras', *below))} import *", *inside, ""]
            yield folder.joinpath(*below, "__init__.pyi"), _MARK.format(foreign=foreign) + "\n".join(lines)


def _folders(path: Path, written: dict[Path, str]) -> list[str]:
    return sorted(p.parent.name for p in written if p.parent.parent == path.parent)
