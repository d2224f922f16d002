"""`addax check`: which names of TensorFlow and Keras a script uses, and whether Addax has them."""

from __future__ import annotations

import json
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from addax.cli._uses import used_names
from addax.compat._lookup import look_up
from addax.core.errors import message

_MAX_SIZE = 64 << 20  # bytes of a source
_SHOWN = 5  # line numbers of a name


@dataclass(frozen=True, slots=True)
class Use:
    """A name in a source.

    Attributes:
        name: The full name, as the documentation of TensorFlow or Keras writes it.
        lines: Where it stands.
        supported: Whether Addax has it.
        hint: What to write instead, if not.
    """

    name: str
    lines: list[int]
    supported: bool
    hint: str


def check(paths: Sequence[str], as_json: bool, say: Callable[[str], object]) -> int:
    """Say which names scripts use and whether Addax has them; the scripts are read, never run.

    Args:
        paths: Python files, notebooks, or folders of them.
        as_json: Whether it is said as JSON.
        say: What takes the text.

    Returns:
        The exit code: 1 if Addax lacks a name.

    Raises:
        ValueError: If a file is missing, or no Python.
    """
    found = {str(path): uses_in(path) for path in _files(paths)}
    if as_json:
        files = [{"path": path, "names": [asdict(use) for use in uses]} for path, uses in found.items()]
        say(json.dumps({"files": files, "unsupported": len(_lacking(found))}, indent=2))
    else:
        for path, uses in found.items():
            say(f"{path}\n{_table(uses)}")
        names = {use.name for uses in found.values() for use in uses}
        say(f"{len(names)} names, {len(_lacking(found)) or 'none'} of them not supported.")
    return 1 if _lacking(found) else 0


def uses_in(path: Path) -> list[Use]:
    """The names that a file uses.

    Args:
        path: A Python file or a notebook.

    Raises:
        ValueError: If it is missing, or no Python.
    """
    try:
        names = used_names(_source(path), str(path))
    except (SyntaxError, RecursionError, MemoryError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
        raise ValueError(message(f"{path} cannot be read as Python.", received=where)) from error
    uses = []
    for name, lines in names.items():
        result = look_up(name)
        uses.append(Use(name, lines, result.supported, result.hint))
    return uses


def _files(paths: Sequence[str]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        inside = sorted(path.rglob("*.py")) + sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


def _source(path: Path) -> str:
    if not path.is_file():
        raise ValueError(
            message(f"File not found: {path}.", expected="a Python file, a notebook or a folder")
        )
    if path.stat().st_size > _MAX_SIZE:
        raise ValueError(
            message(
                f"{path} is too large for a script.",
                expected=f"at most {_MAX_SIZE} bytes",
                received=str(path.stat().st_size),
            )
        )
    if path.suffix == ".ipynb":
        return _cells(path)
    with tokenize.open(path) as file:  # minds the declared encoding
        return file.read()


def _cells(path: Path) -> str:
    """The code of a notebook, without the commands of IPython."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (KeyError, TypeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise ValueError(message(f"{path} is no notebook.", received=str(error))) from error
    kept = [cell for cell in code if not cell.startswith("%%")]
    return "\n".join(_without_commands(line) for cell in kept for line in cell.splitlines())


def _without_commands(line: str) -> str:
    text = line.lstrip()
    return line[: len(line) - len(text)] + "pass" if text.startswith(("!", "%", "?")) else line


def _lacking(found: dict[str, list[Use]]) -> set[str]:
    return {use.name for uses in found.values() for use in uses if not use.supported}


def _table(uses: Sequence[Use]) -> str:
    """One line for each name, those that are lacking first."""
    if not uses:
        return "  uses neither TensorFlow nor Keras"
    width = max(len(use.name) for use in uses)
    lines = []
    for use in sorted(uses, key=lambda use: use.supported):
        numbers = ", ".join(map(str, use.lines[:_SHOWN])) + (", ..." if len(use.lines) > _SHOWN else "")
        verdict = "supported" if use.supported else "NOT SUPPORTED"
        lines.append(f"  {use.name:<{width}}  {verdict:<13}  line {numbers}")
        if use.hint:
            lines.append(f"    {use.hint}")
    return "\n".join(lines)
