"""Tables of public names: which module defines them, and what to do about those that are lacking."""

from __future__ import annotations

from collections.abc import Mapping


def homes(modules: Mapping[str, str]) -> dict[str, str]:
    """Name -> module, from module -> names in one line of text."""
    return {name: module for module, names in modules.items() for name in names.split()}


def advice(name: str) -> str | None:
    """What to write instead of a name of TensorFlow that Addax does not have.

    Args:
        name: The name, from `tf` on.
    """
    from addax.compat._aliases import GONE

    return GONE.get(f"tensorflow.{name}")
