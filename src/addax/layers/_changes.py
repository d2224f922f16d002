"""Counts the changes to layers, so that what was compiled from them can tell whether it still holds."""

from __future__ import annotations

# Set by loops of training, and without a bearing on what a layer computes.
HARMLESS = frozenset(
    ("stop_training", "stop_evaluating", "stop_predicting", "history", "optimizer", "_last_record", "_steps")
)

count = 0


def note(name: str) -> None:
    """An attribute of some layer was set."""
    global count
    if name not in HARMLESS:
        count += 1
