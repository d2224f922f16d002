"""The model that is served now: the newest version of a folder, replaced while requests go on."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from addax.core.errors import message
from addax.serving._load import is_saved_model, load_signatures, model_file, warm_up
from addax.serving._log import log
from addax.serving._signature import LoadedModel

_Mark = tuple[tuple[str, int, int], ...]


class ModelStore:
    """Loads a model, and the versions that come after it.

    Whoever took `current` keeps that version until the request is done; then nothing refers to it any more.

    Args:
        path: A `.keras` file, a SavedModel, or a folder whose numbered subfolders hold one or the other.
        name: The name that requests use; None for that of the file or folder.
        sizes: The numbers of examples to compile for.
        on_load: Called with whether loading a version succeeded.

    Raises:
        ValueError: The name cannot stand in an address.
    """

    def __init__(
        self,
        path: str | Path,
        name: str | None,
        sizes: Sequence[int],
        on_load: Callable[[bool], object] = bool,
    ) -> None:
        self.path = Path(path).resolve()
        self.name = name or _default_name(self.path)
        if not re.fullmatch(r"[\w.\-]+", self.name):
            raise ValueError(
                message(
                    "The model's name cannot stand in an address.",
                    expected="letters, digits, _ . -",
                    received=self.name,
                    hint="Give another one: --name NAME.",
                )
            )
        self._sizes = tuple(sizes)
        self._on_load = on_load
        self._current: LoadedModel | None = None
        self._failed: dict[int, tuple[_Mark, str]] = {}
        self._seen: dict[int, _Mark] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> LoadedModel:
        """The version that new requests get."""
        if self._current is None:
            raise RuntimeError("No version was loaded yet.")
        return self._current

    @property
    def failures(self) -> dict[int, str]:
        """Versions that could not be loaded, with the reason."""
        return {version: reason for version, (_, reason) in self._failed.items()}

    def load(self) -> None:
        """Load the newest version that can be.

        Raises:
            FileNotFoundError: There is none.
            ValueError: None can be loaded.
            TypeError: The file names a class that is not known.
        """
        versions = self._versions()
        if versions is None:
            self._replace(_version_of(self.path), self.path)
            return
        if not versions:
            raise FileNotFoundError(
                message(
                    "There is no model here.",
                    expected="a .keras file, a SavedModel, or a folder with numbered versions of them",
                    received=str(self.path) if self.path.exists() else f"{self.path}, which does not exist",
                )
            )
        for version in sorted(versions, reverse=True):
            if self._try(version, versions[version]):
                return
        newest = max(versions)
        raise ValueError(
            message("No version can be loaded.", received=f"version {newest}: {self.failures[newest]}")
        )

    def poll(self) -> bool:
        """Look for a newer version, or a way back if the one that is served was taken away.

        A folder that still changes between two looks is left alone.

        Returns:
            Whether another version is served now.
        """
        versions = self._versions() or {}
        marks = {version: _mark(path) for version, path in versions.items()}
        seen, self._seen = self._seen, marks
        self._failed = {version: failed for version, failed in self._failed.items() if version in versions}
        for version in sorted(versions, reverse=True):
            if version == self.current.version:
                return False
            failed = self._failed.get(version)
            if seen.get(version) != marks[version] or (failed and failed[0] == marks[version]):
                continue
            if self._try(version, versions[version]):
                return True
        return False

    def watch(self, seconds: float) -> None:
        """Look again and again, on a thread of its own, until `close`."""
        if self._versions() is None:
            return

        def run() -> None:
            while not self._stop.wait(seconds):
                try:
                    self.poll()
                except Exception:  # a folder that cannot be listed now may be there again later
                    log("watch_failed", logging.ERROR, exc_info=True)

        self._thread = threading.Thread(target=run, name="addax-versions", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _versions(self) -> dict[int, Path] | None:
        """The numbered subfolders that hold something; None if the path is a model itself."""
        if self.path.is_file() or is_saved_model(self.path):
            return None
        if not self.path.is_dir():
            return {}
        entries = [entry for entry in self.path.iterdir() if entry.name.isascii() and entry.name.isdecimal()]
        found = {int(entry.name): entry for entry in entries if entry.is_dir() and any(entry.iterdir())}
        return found if found or model_file(self.path) is None else None

    def _try(self, version: int, path: Path) -> bool:
        mark = _mark(path)
        try:
            self._replace(version, path)
        except Exception as error:  # whatever is wrong with the files, the version before stays
            self._failed[version] = (mark, str(error))
            self._on_load(False)
            log("version_failed", logging.ERROR, model=self.name, version=version, reason=str(error))
            return False
        self._failed.pop(version, None)
        return True

    def _replace(self, version: int, path: Path) -> None:
        signatures = load_signatures(path)
        programs = warm_up(signatures, self._sizes)
        self._current = LoadedModel(self.name, version, str(path), signatures)
        self._on_load(True)
        log("version_loaded", model=self.name, version=version, path=str(path), programs=programs)


def _default_name(path: Path) -> str:
    if path.is_dir() and path.name.isdecimal():
        return path.parent.name
    return path.stem if path.suffix in (".keras", ".h5", ".hdf5") else path.name


def _version_of(path: Path) -> int:
    return int(path.name) if path.name.isascii() and path.name.isdecimal() else 1


def _mark(path: Path) -> _Mark:
    """What changes when a file in the folder does."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    stats = ((str(file), file.stat()) for file in files)
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)
