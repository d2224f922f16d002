"""Tables of public names: which module defines them."""

from __future__ import annotations

from collections.abc import Mapping


def homes(modules: Mapping[str, str]) -> dict[str, str]:
    """Name -> module, from module -> names in one line of text."""
    return {name: module for module, names in modules.items() for name in names.split()}
