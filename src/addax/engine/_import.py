"""The import of JAX, without the third of it that a script does not need."""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

_CLOUD_FILES = "etils.epath"


@contextlib.contextmanager
def lean_import() -> Iterator[None]:
    """A block in which this thread imports JAX in two thirds of the time. What other threads import is left alone.

    Three things are saved. Garbage is not looked for while hundreds of modules are made. The metadata of all installed
    packages are not read to find ROCm's plugin, if no folder is called so. And `etils.epath`, by which JAX would reach
    files in a cloud, is hidden: it brings `unittest` along. It stays where JAX's own settings name an address, or where
    somebody has imported it; JAX that is imported before Addax has it as well.
    """
    collects, distributions = gc.isenabled(), importlib.metadata.distributions
    hidden = _HiddenModule(_CLOUD_FILES)
    hides = _CLOUD_FILES not in sys.modules and not any(
        "://" in value for name, value in os.environ.items() if name.startswith("JAX_")
    )
    thread = threading.get_ident()

    def without_metadata(**context: Any) -> Any:
        return distributions(**context) if context or threading.get_ident() != thread else iter(())

    gc.disable()
    if hides:
        sys.meta_path.insert(0, hidden)  # type: ignore[arg-type]
    if not _rocm_is_installed():
        importlib.metadata.distributions = without_metadata
    try:
        yield
    finally:
        importlib.metadata.distributions = distributions
        if hides:
            sys.meta_path.remove(hidden)  # type: ignore[arg-type]
        if collects:
            if not gc.get_freeze_count():
                # Frozen and thawed, the new objects count as old ones: nobody looks through them three times over.
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class _HiddenModule:
    """A finder that says to one thread that a module does not exist."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name == self._name and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is not needed here", name=name)


def _rocm_is_installed() -> bool:
    """Whether a folder of `sys.path` has a package that may be JAX's plugin for AMD's GPUs."""
    for folder in sys.path:
        with contextlib.suppress(OSError):
            if any(name.startswith(("jax_rocm", "jax-rocm")) for name in os.listdir(folder or ".")):
                return True
    return False
