"""Numbers that users pass to `fit`, `evaluate` and `predict`, checked before anything runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from addax.core.errors import message


def whole_number(value: Any, name: str) -> int | None:
    """A positive whole number, or None.

    Raises:
        ValueError: If it is something else.
    """
    if value is None:
        return None
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or int(value) != value or value < 1:
        raise ValueError(
            message(f"`{name}` is a count.", expected="a whole number from 1, or None", received=value)
        )
    return int(value)


def steps(value: Any, name: str = "steps") -> int | None:
    """A number of batches; that of `len(x) / batch_size` is rounded up.

    Raises:
        ValueError: If it is not positive.
    """
    if isinstance(value, float) and math.isfinite(value):
        value = math.ceil(value)
    return whole_number(value, name)


def shuffling(value: Any) -> bool | str:
    """Whether and how arrays are shuffled.

    Raises:
        ValueError: If it is no such setting.
    """
    if isinstance(value, str) and value not in ("batch", "epoch"):
        raise ValueError(message("`shuffle`.", expected='True, False or "batch"', received=value))
    return value if isinstance(value, str) else bool(value)


def validates(epoch: int, frequency: Any) -> bool:
    """Whether an epoch, counted from 0, is followed by a validation.

    Args:
        epoch: The epoch.
        frequency: Every so many epochs, or a collection of epochs counted from 1.

    Raises:
        ValueError: If the frequency is neither.
    """
    if isinstance(frequency, (list, tuple, set, range)):
        return epoch + 1 in frequency
    every = None if isinstance(frequency, str) else whole_number(frequency, "validation_freq")
    if every is None:
        raise ValueError(
            message(
                "`validation_freq`.", expected="a whole number, or a list of epochs", received=repr(frequency)
            )
        )
    return (epoch + 1) % every == 0
