"""Both readers of HTTP have the same limits."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn
from tests.waiting import until

from addax.serving._protocol import FAST, protocol_class


@pytest.fixture(params=["httptools", "h11"])
def port(request):
    """A server that answers 200 to anything."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    http = protocol_class(0.5, fast=request.param == "httptools")
    assert issubclass(http, FAST) == (request.param == "httptools")
    server = uvicorn.Server(uvicorn.Config(app, http=http, log_config=None, lifespan="off"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until(lambda: server.started)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def answer(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text)
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except ConnectionError:
            pass  # it was closed while we were writing
        return found


def test_headers_end_in_time_and_have_an_end(port):
    assert answer(port, b"").startswith(b"HTTP/1.1 408 ")
    assert answer(port, b"GET / HTTP/1.1\r\nhost:").startswith(b"HTTP/1.1 408 ")
    later = answer(port, b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nho")
    assert later.startswith(b"HTTP/1.1 200 ") and later.count(b"200 OK") == 1
    assert answer(port, b"GET / HTTP/1.1\r\nhost: x\r\na: " + b"a" * 200_000)[:13] in (
        b"",
        b"HTTP/1.1 400 ",
        b"HTTP/1.1 431 ",
    )
    closing = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    assert answer(port, closing).startswith(b"HTTP/1.1 200 ")
