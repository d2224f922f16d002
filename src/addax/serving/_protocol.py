"""HTTP/1.1 as uvicorn speaks it, with a limit to the time that a header takes."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Impatient(H11Protocol):
    """A connection whose client may send its headers slowly, or not at all, for `header_limit` seconds.

    uvicorn closes connections that idle between two requests, but waits without end for a first request and for
    the rest of a header: a few thousand such connections ("slowloris") would use up the process's descriptors.
    """

    header_limit = 10.0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client connected."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._arm()  # not anew: bytes that trickle in do not buy time
        else:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_limit, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()


def protocol_class(header_limit: float) -> type[Impatient]:
    """The class of connections for `uvicorn.Config(http=...)`.

    Args:
        header_limit: Seconds from the connection, or from the first byte of a later header, to the header's end.

    Example:
        >>> protocol_class(2.0).header_limit
        2.0
    """
    return type("Impatient", (Impatient,), {"header_limit": header_limit})
