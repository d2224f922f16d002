"""The learning phase of tf.keras: whether code runs for training, where no argument says so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from addax.backend._control import switch
from addax.core import context


def learning_phase() -> int:
    """1 inside a call with `training=True` or after `set_learning_phase(1)`, else 0."""
    return int(bool(context.current().training))


def set_learning_phase(value: Any) -> None:
    """Say whether layers that are called from here on, without `training`, are called for training (1) or not (0).

    `fit`, `evaluate` and `predict` say it themselves.
    """
    context.push(training=bool(value))


@contextlib.contextmanager
def learning_phase_scope(value: Any) -> Iterator[None]:
    """A block with another learning phase. See `set_learning_phase`."""
    with context.entered(training=bool(value)):
        yield


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` in training, else `alt`.

    Args:
        x: A tensor, or a function that gives one.
        alt: Likewise.
        training: Which it is; the learning phase if None.

    Example:
        >>> in_train_phase(1.0, 2.0, training=True)
        1.0
    """
    training = learning_phase() if training is None else training
    if isinstance(training, (bool, int)):
        chosen = x if training else alt
        return chosen() if callable(chosen) else chosen
    return switch(training, x, alt)


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`alt` in training, else `x`. See `in_train_phase`."""
    return in_train_phase(alt, x, training)
