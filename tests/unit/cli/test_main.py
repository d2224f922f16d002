from __future__ import annotations

import subprocess
import sys

import pytest

import addax
from addax.cli import main


def leave(capsys, *arguments: str) -> tuple[int, str, str]:
    """The exit code and the outputs of a command that does not run a program."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    out, err = capsys.readouterr()
    return left.value.code or 0, out, err


def test_version(capsys):
    assert leave(capsys, "--version") == (0, f"addax {addax.__version__}\n", "")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands(capsys, flag):
    code, out, _ = leave(capsys, flag)
    assert code == 0
    assert "doctor" in out and "run" in out


def test_help_of_run(capsys):
    code, out, _ = leave(capsys, "run", "--help")
    assert code == 0
    assert "addax run [-m] TARGET [ARGUMENTS]" in out


def test_an_unknown_command_is_a_usage_error(capsys):
    code, out, err = leave(capsys, "rum")
    assert (code, out) == (2, "")
    assert "No such command 'rum'" in err


def test_run_without_a_target_is_a_usage_error(capsys):
    code, _, err = leave(capsys, "run")
    assert code == 2
    assert "Missing argument 'TARGET'" in err


def test_python_minus_m_is_the_command():
    ran = subprocess.run([sys.executable, "-m", "addax", "--version"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, f"addax {addax.__version__}\n")
