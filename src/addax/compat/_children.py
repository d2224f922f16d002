"""Processes that `multiprocessing` spawns import the script anew, so they need the hook before it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

SPAWN_MODULE = "multiprocessing.spawn"


class SpawnFinder:
    """Prepares `multiprocessing.spawn` when it is imported; importing it ourselves would cost 12 ms."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The ordinary spec of the one module, whose loader then also prepares it; else None."""
        if fullname != SPAWN_MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_prepare(module: ModuleType) -> None:
                execute(module)
                pass_on(module)

            spec.loader.exec_module = execute_and_prepare
        return spec


def pass_on(spawn: Any) -> None:
    """Have `multiprocessing.spawn` tell its children to install the hook, as long as it is installed here."""
    collect = spawn.get_preparation_data
    if hasattr(collect, "__wrapped__"):
        return

    @functools.wraps(collect)
    def get_preparation_data(name: str) -> dict[str, Any]:
        data = collect(name)
        hooked = any(isinstance(finder, SpawnFinder) for finder in sys.meta_path)
        # The child unpickles this dict before it imports the script, and skips keys that it does not know.
        return {"addax": _InstallOnArrival(), **data} if hooked else data

    spawn.get_preparation_data = get_preparation_data


class _InstallOnArrival:
    """Unpickles to a call of `addax.compat.install`."""

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        from addax.compat import install

        return install, ()
