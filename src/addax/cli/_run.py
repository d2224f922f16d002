"""Runs a user's program as `python` would, with the import hook in place."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, NoReturn

import addax
from addax import compat

_CLI_FOLDER = os.path.dirname(__file__)
_HOOK_FOLDER = os.path.dirname(compat.__file__)


@dataclass(frozen=True)
class Program:
    """A script or module with its arguments.

    Args:
        target: The script's path, or the module's name.
        arguments: What the program finds in `sys.argv[1:]`.
        as_module: Whether `target` names a module.
    """

    target: str
    arguments: tuple[str, ...] = ()
    as_module: bool = False

    def start(self) -> None:
        """Run the program as `__main__` of this process, which is of no other use afterwards.

        Raises:
            SystemExit: The program asked for it, or there is no such program.
            BaseException: Whatever the program raises and does not catch.
        """
        compat.install()
        _hide_own_frames()
        if self.as_module:
            _run_module(self.target, self.arguments)
        else:
            _run_script(self.target, self.arguments)


def _run_script(target: str, arguments: tuple[str, ...]) -> None:
    path = Path(target)
    try:
        source = path.read_bytes()
    except OSError as error:
        _give_up(f"can't open file {target!r}: {error.strerror}", code=2)
    _set_search_path(str(path.resolve().parent))
    sys.argv[:] = [target, *arguments]
    file = os.path.join(os.getcwd(), target)  # absolute and otherwise as typed, like Python's
    loader = SourceFileLoader("__main__", file)
    _execute(loader.source_to_code(source, file), loader, file, package=None, spec=None)


def _run_module(target: str, arguments: tuple[str, ...]) -> None:
    _set_search_path(os.getcwd())
    sys.argv[:] = ["-m", *arguments]  # what the packages see that are imported on the way
    spec = _find_module(target)
    code = getattr(spec.loader, "get_code", lambda name: None)(spec.name)
    if code is None:
        _give_up(f"no Python code for module {target!r}")
    sys.argv[0] = spec.origin or target
    _execute(code, spec.loader, spec.origin, package=spec.parent, spec=spec)


def _execute(
    code: CodeType, loader: Any, file: str | None, package: str | None, spec: ModuleSpec | None
) -> None:
    main = ModuleType("__main__")
    main.__file__, main.__loader__, main.__package__, main.__spec__ = file, loader, package, spec
    vars(main).update(__builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = main
    exec(code, vars(main))


def _find_module(name: str) -> ModuleSpec:
    """The spec of what `python -m name` runs: the module, or the `__main__` of the package."""
    spec = _spec_or_none(name)
    if spec is None:
        advice = "; to run a file, leave out -m" if name.endswith(".py") else ""
        _give_up(f"no module named {name!r}{advice}")
    if spec.submodule_search_locations is not None:
        spec = _spec_or_none(f"{name}.__main__")
        if spec is None:
            _give_up(f"{name!r} is a package without a __main__ module")
    return spec


def _spec_or_none(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # a package on the way exists, and lacks something that it imports
        return None


def _set_search_path(folder: str) -> None:
    """Put `folder` where Python puts the folder of the script it runs."""
    if sys.flags.safe_path:
        return
    home = os.path.dirname(addax.__path__[0])
    if os.path.realpath(sys.path[0]) == os.path.realpath(home):
        sys.path.insert(0, folder)  # Addax was found by this entry, so it stays
    else:
        sys.path[0] = folder


def _give_up(reason: str, code: int = 1) -> NoReturn:
    print(f"addax run: {reason}", file=sys.stderr)
    raise SystemExit(code)


def _hide_own_frames() -> None:
    """Show uncaught errors without the frames between Python and the program, and without the hook's."""
    show = sys.excepthook

    def show_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        show(kind, error.with_traceback(_frames_of_program(trace)), error.__traceback__)

    sys.excepthook = show_program


def _frames_of_program(trace: TracebackType | None) -> TracebackType | None:
    frames = []
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if os.path.dirname(file) == _CLI_FOLDER or (not frames and file.startswith("<frozen ")):
            frames = []  # everything so far led to the program
        elif os.path.dirname(file) != _HOOK_FOLDER:
            frames.append(trace)
        trace = trace.tb_next
    first = None
    for frame in reversed(frames):
        frame.tb_next, first = first, frame
    return first
