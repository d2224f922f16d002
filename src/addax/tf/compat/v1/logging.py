"""`tf.compat.v1.logging`: the logger called "tensorflow"."""

from __future__ import annotations

import logging as _logging
from typing import Any

DEBUG, INFO, WARN, ERROR, FATAL = 10, 20, 30, 40, 50

_logger = _logging.getLogger("tensorflow")

debug, info, warning, error, fatal, log = (
    _logger.debug,
    _logger.info,
    _logger.warning,
    _logger.error,
    _logger.critical,
    _logger.log,
)
warn = warning


def set_verbosity(v: Any) -> None:
    """Set the level of the logger.

    Args:
        v: A level, or its name.
    """
    _logger.setLevel(v)


def get_verbosity() -> int:
    """The level of the logger."""
    return _logger.getEffectiveLevel()


__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "fatal",
    "get_verbosity",
    "info",
    "log",
    "set_verbosity",
    "warn",
    "warning",
]
