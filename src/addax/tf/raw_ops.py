"""`tf.raw_ops`: the kernels that programs call by name, as thin names over the functions that do the same."""

from __future__ import annotations

from addax.core.errors import suggest
from addax.core.lazy import attach
from addax.tf._raw_table import NAMES

_HOMES = dict.fromkeys(NAMES, "addax.tf._raw_ops")


def _advice(name: str) -> str | None:
    near = suggest(name, NAMES)
    why = "Addax has no kernels of its own: use the function of tf, tf.math, tf.nn, ... that calls this one."
    return f"{why} {near}".strip()


__getattr__, __dir__ = attach(__name__, _HOMES, (), _advice)

__all__ = sorted(_HOMES)
