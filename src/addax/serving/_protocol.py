"""HTTP/1.1 as uvicorn speaks it, with limits to the time that a header takes and to its size."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # the extra `serve` brings httptools, which takes a third of the time
    HttpToolsProtocol = None

_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_LONGEST_HEADER = 1 << 16  # bytes; h11 has this limit too


class Impatient:
    """A connection whose client may send its headers slowly, or not at all, for `header_limit` seconds.

    uvicorn closes connections that idle between two requests, but waits without end for a first request and for
    the rest of a header: a few thousand such connections ("slowloris") would use up the process's descriptors.
    """

    header_limit = 10.0
    loop: Any
    transport: Any
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client connected."""
        super().connection_made(transport)  # type: ignore[misc] - of uvicorn's class, which stands behind this one
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._disarm()
        super().connection_lost(exc)  # type: ignore[misc]

    def _arm(self) -> None:
        if self._deadline is None:  # not anew: bytes that trickle in do not buy time
            self._deadline = self.loop.call_later(self.header_limit, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, answer: bytes = _TOO_SLOW) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


class ImpatientH11(Impatient, H11Protocol):
    """By h11, which is there with uvicorn."""

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._arm()
        else:
            self._disarm()


def _fast_class() -> type[Impatient] | None:
    if HttpToolsProtocol is None:
        return None

    class ImpatientHttpTools(Impatient, HttpToolsProtocol):
        """By httptools."""

        _header_bytes = 0

        def data_received(self, data: bytes) -> None:
            """Bytes came."""
            super().data_received(data)
            if self._deadline is None:
                return
            self._header_bytes += len(data)
            if self._header_bytes > _LONGEST_HEADER:
                self._disarm()
                self._give_up(_TOO_LONG)

        def on_message_begin(self) -> None:
            """The first byte of a header came."""
            super().on_message_begin()
            self._header_bytes = 0
            self._arm()

        def on_headers_complete(self) -> None:
            """The last one came."""
            self._disarm()
            super().on_headers_complete()

    return ImpatientHttpTools


FAST = _fast_class()


def protocol_class(header_limit: float, fast: bool = True) -> type[Any]:
    """The class of connections for `uvicorn.Config(http=...)`.

    Args:
        header_limit: Seconds from the connection, or from the first byte of a later header, to the header's end.
        fast: Whether httptools reads HTTP, if it is installed.

    Example:
        >>> protocol_class(2.0).header_limit
        2.0
    """
    base = FAST if fast and FAST is not None else ImpatientH11
    return type("Impatient", (base,), {"header_limit": header_limit})
