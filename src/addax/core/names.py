"""Names of objects: snake case, and the counters behind `dense_1`."""

from __future__ import annotations

import re
from collections import Counter

_counters: Counter[str] = Counter()


def to_snake_case(name: str) -> str:
    """The snake-case form that Keras uses in names and in weight files.

    Example:
        >>> [to_snake_case(n) for n in ("Conv2D", "PReLU", "RMSprop", "GRUCell")]
        ['conv2d', 'p_re_lu', 'rm_sprop', 'gru_cell']
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def unique_name(prefix: str) -> str:
    """`prefix` at its first use in the process, then `prefix_1`, `prefix_2`, ..."""
    count = _counters[prefix]
    _counters[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def get_uid(prefix: str = "") -> int:
    """A number that grows by one at each call with the same `prefix`, from 1."""
    _counters[prefix] += 1
    return _counters[prefix]


def reset_uids() -> None:
    """Start all automatic names over, as `clear_session` does."""
    _counters.clear()
