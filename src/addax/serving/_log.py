"""Log lines as JSON, one object a line."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, TextIO

LOGGER = logging.getLogger("addax.serving")


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time, level, event, and what `log` was given."""

    def format(self, record: logging.LogRecord) -> str:
        """The line.

        Args:
            record: The record.
        """
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(event: str, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Write a line.

    Args:
        event: What happened.
        level: How bad it is.
        exc_info: Whether to show the exception that is handled now.
        **fields: Further members of the object.
    """
    LOGGER.log(level, event, exc_info=exc_info, extra={"fields": fields})


def set_up(stream: TextIO | None = None) -> None:
    """Send the lines of the server, and of uvicorn, to a stream.

    Args:
        stream: Standard error if None.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name in (LOGGER.name, "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO if name == LOGGER.name else logging.WARNING)
