"""How much a user installs: the packages that some packages need, and their size on disk."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _needs(distribution):
    """Names that the distribution requires here, without its extras."""
    for line in distribution.requires or ():
        requirement, _, marker = line.partition(";")
        if "extra" not in marker:
            yield _NAME.match(requirement.strip()).group()


def closure(names):
    """The normal names of the packages and of all that they need, as far as they are installed."""
    found, waiting = set(), list(names)
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a requirement for another platform or Python
        found.add(name)
        waiting.extend(_needs(distribution))
    return found


def size(name):
    """Bytes of the installed files, without compiled Python; an editable install counts its sources."""
    distribution = importlib.metadata.distribution(name)
    direct = distribution.read_text("direct_url.json") or ""
    if '"editable": true' in direct:
        module = importlib.import_module(name)
        files = Path(module.__file__).parent.rglob("*")
    else:
        files = (Path(distribution.locate_file(file)) for file in distribution.files or ())
    return sum(file.stat().st_size for file in files if file.suffix != ".pyc" and file.is_file())
