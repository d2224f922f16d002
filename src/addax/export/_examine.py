"""Whether a StableHLO program from a file may be handed to JAX.

The bytes may be anybody's, and MLIR's reader is not made for that: two changed bytes can keep it busy for ever, or
crash it with the process it is in. So another process reads them first, with limits, and only what it came through
with is read here. A program that this process lowered itself, or has looked at before, is known by its digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import OrderedDict
from multiprocessing import spawn

from addax.core import serial
from addax.core.errors import message
from addax.export import _reader_child as child

_SECONDS, _SECONDS_A_MEGABYTE = 5, 1  # of computing; a reader takes some ten milliseconds
_MEMORY, _MEMORY_A_BYTE = 1 << 30, 16  # bytes beyond those of the program started
_WAITING = 60  # seconds more for a busy machine, on which computing is slow
_KEPT = 1024
_known: OrderedDict[bytes, None] = OrderedDict()  # digests of programs that ask for computation alone


def know(serialized: bytes) -> None:
    """Remember that a program is one that this process made.

    Args:
        serialized: A StableHLO portable artifact.
    """
    _known[hashlib.sha256(serialized).digest()] = None
    while len(_known) > _KEPT:
        _known.popitem(last=False)


def check_module(serialized: bytes, name: str) -> None:
    """Refuse a module that is not StableHLO, or that asks for more than numerical kernels.

    Args:
        serialized: A StableHLO portable artifact from a file.
        name: What error messages call it.

    Raises:
        ValueError: It is refused.
        RuntimeError: The process that looks at it cannot be started.
    """
    if hashlib.sha256(serialized).digest() in _known:
        return
    # Who switched safe mode off trusts files, and may be where no process can be started.
    found = _read_apart(serialized, name) if serial.in_safe_mode() else child.read(serialized)
    if "error" in found:
        raise ValueError(
            message("Not a StableHLO program that this JAX can read.", received=found["error"], where=name)
        )
    if found["refused"]:
        raise ValueError(
            message(
                "The program asks for more than computation.",
                expected="StableHLO operations and calls of known numerical kernels",
                received=", ".join(found["refused"]),
                where=name,
            )
        )
    know(serialized)


def _read_apart(serialized: bytes, name: str) -> dict[str, list[str] | str]:
    """What `_reader_child.read` says of a program, in a process of its own."""
    megabytes = len(serialized) >> 20
    seconds = _SECONDS + megabytes * _SECONDS_A_MEGABYTE
    limits = [str(seconds), str(_MEMORY + len(serialized) * _MEMORY_A_BYTE)]
    path = filter(os.path.isabs, sys.path)  # without the working folder, which may be where the file is from
    command = [*_interpreter(name), str(child.__file__), *limits, *path]
    try:
        ended = subprocess.run(
            command,
            input=serialized,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_WAITING + seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ValueError(_not_read(f"it was not read within {_WAITING + seconds} s", name)) from error
    except OSError as error:
        raise _no_process(str(error), name) from error
    answer = ended.stdout.removeprefix(child.STARTED)
    if ended.returncode == 0 and answer:
        return json.loads(answer)
    if not ended.stdout.startswith(child.STARTED):
        raise _no_process(f"{command[0]} ended with status {ended.returncode}", name)
    raise ValueError(
        _not_read(
            f"MLIR's reader crashed on it, or took more than {seconds} s or {int(limits[1]) >> 20} MB "
            f"(status {ended.returncode})",
            name,
        )
    )


def _interpreter(name: str) -> list[str]:
    """The start of the command that runs a script as this Python would, without its site packages' start-up code."""
    executable = spawn.get_executable()
    if not executable or getattr(sys, "frozen", False):  # a frozen program would start itself
        raise _no_process("this program has no Python interpreter of its own", name)
    return [os.fsdecode(executable), "-P", "-S"]


def _not_read(received: str, name: str) -> str:
    return message(
        "The program is damaged, or made to hold up who reads it.",
        expected="a StableHLO program that MLIR's reader gets through",
        received=received,
        hint="Export the model again, and have the file from whom you trust.",
        where=name,
    )


def _no_process(received: str, name: str) -> RuntimeError:
    return RuntimeError(
        message(
            "A program from a file is looked at by a process of its own, which cannot be started.",
            expected="a Python interpreter that can be started here",
            received=received,
            hint="Name one by multiprocessing.set_executable(), or, if you trust the file, call "
            "keras.config.enable_unsafe_deserialization() first.",
            where=name,
        )
    )
