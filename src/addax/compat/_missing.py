"""What a user reads who asks for a name that Addax does not have."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from addax.compat._aliases import ALIASES, NAMESPACES, PRIVATE_HINTS
from addax.core.errors import message, nearest

_MACHINERY = frozenset({"importlib", "_frozen_importlib", "_frozen_importlib_external"})


def missing_name_message(module: str, name: str, candidates: Iterable[str]) -> str:
    """The message for a name that a public module lacks, with the nearest names that it has.

    Args:
        module: The module as the user writes it, such as `"keras.layers"`.
        name: The name that was asked for.
        candidates: The names that the module has; those with a leading underscore are left out.

    Returns:
        The message; its hint names at most three candidates.

    Example:
        >>> print(missing_name_message("keras.layers", "Densee", ["Dense", "Dot"]))
        Addax has no 'keras.layers.Densee'.
          hint: Did you mean 'keras.layers.Dense'?
    """
    return message(f"Addax has no '{module}.{name}'.", hint=hint_for(module, name, candidates))


def hint_for(module: str, name: str, candidates: Iterable[str], places: Sequence[str] = ()) -> str:
    """The hint for a missing name: where it stands instead, else the nearest names, else where to look.

    Args:
        module: The module as the user writes it.
        name: The name that was asked for.
        candidates: The names that the module has.
        places: Full names under which the very name exists elsewhere.

    Returns:
        One sentence.
    """
    options = list(places) or [
        f"{module}.{near}" for near in nearest(name, (c for c in candidates if not c.startswith("_")))
    ]
    if not options:
        return f"dir({module}) lists what there is."
    listed = " or ".join(repr(option) for option in options)
    return f"It is {listed}." if places else f"Did you mean {listed}?"


def private_hint(module: str) -> str:
    """What to say of a name that a private module lacks; nothing for other modules.

    Example:
        >>> private_hint("tensorflow.python.framework")[:22], private_hint("tensorflow.nn")
        ("'tensorflow.python' is", '')
    """
    if f"{module}.".startswith("tensorflow.python.keras."):
        return ""
    inside = module if module in PRIVATE_HINTS else ".".join(module.split(".")[:2])
    return PRIVATE_HINTS.get(inside, "") if inside == module or inside == "tensorflow.python" else ""


def elsewhere(name: str, root: Any, aliases: Mapping[str, Sequence[str]] = ALIASES) -> list[str]:
    """The full public names, three at most, under which `name` stands in the main namespaces of `root`."""
    if root is None or name.startswith("_"):
        return []
    keras = public_name(root.__name__, aliases)
    found = [f"{keras}.{name}"] if name in getattr(root, "__all__", ()) else []
    for namespace in NAMESPACES:
        if name in getattr(getattr(root, namespace, None), "__all__", ()):
            found.append(f"{keras}.{namespace}.{name}")
    return found[:3]


def public_name(module: str, aliases: Mapping[str, Sequence[str]] = ALIASES) -> str:
    """The foreign name of one of our modules.

    Example:
        >>> public_name("addax.layers"), public_name("addax.tf.nn")
        ('keras.layers', 'tensorflow.nn')
    """
    best = ("", module)
    for alias, targets in aliases.items():
        target = targets[0]
        if len(target) > len(best[0]) and f"{module}.".startswith(f"{target}."):
            best = (target, alias + module[len(target) :])
    return best[1]


def how_asked() -> str:
    """How the running import was asked for: `"import"`, `"from"` (`from ... import name`) or `"probe"`.

    Python offers no argument for it, but the frames of its import machinery tell. A probe
    (`importlib.util.find_spec`) wants None for a missing module and no error.
    """
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "importlib.util":
            return "probe"
        if frame.f_code.co_name == "_handle_fromlist":
            return "from"
        if module.partition(".")[0] not in _MACHINERY and not module.startswith("addax.compat."):
            break
        frame = frame.f_back
    return "import"
