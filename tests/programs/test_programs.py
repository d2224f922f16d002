"""Run whole programs as users type them, unchanged, through `addax run`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
FOLDERS = ("seeds", "legacy", "neighbours", "library", "tutorials")
PROGRAMS = sorted(path for folder in FOLDERS for path in (HERE / folder).glob("*.py"))
TIMEOUT_S = 300
TAIL_LINES = 40


def _environment(output: Path) -> dict[str, str]:
    """Return the environment of a program; it runs in another folder, so relative paths are made absolute."""
    python_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in python_path if path),
        "PYTHONIOENCODING": "utf-8",
        "PROGRAM_OUTPUT": str(output),
        "MPLBACKEND": "Agg",
    }


def _tail(text: str | bytes | None) -> str:
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return "\n".join((text or "").splitlines()[-TAIL_LINES:])


def _row(path: Path) -> Any:
    """The longer programs, which users of the library write, are a table of which a bare `make test` takes a part."""
    name = path.parent.name
    return pytest.param(
        path,
        id=f"{name}/{path.stem}",
        marks=pytest.mark.grid if name in ("library", "neighbours", "tutorials") else (),
    )


@pytest.mark.parametrize("program", [_row(path) for path in PROGRAMS])
def test_program_runs_unchanged(program: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "addax", "run", str(program)]
    try:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env=_environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as expired:
        pytest.fail(f"{program.name} ran longer than {TIMEOUT_S} s\n{_tail(expired.stderr)}", pytrace=False)
    if done.returncode != 0:
        pytest.fail(
            f"{program.name} ended with {done.returncode}\n"
            f"--- stdout\n{_tail(done.stdout)}\n--- stderr\n{_tail(done.stderr)}",
            pytrace=False,
        )


def test_every_seed_document_has_programs() -> None:
    covered = {path.name[:3] for path in PROGRAMS if path.parent.name == "seeds"}
    assert covered == {"000", "001", "002", "003", "004"}


def test_programs_do_not_know_addax() -> None:
    knowing = [path.name for path in PROGRAMS if "addax" in path.read_text(encoding="utf-8").lower()]
    assert knowing == []
