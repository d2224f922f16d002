"""Requests a second at a server of a model of 784-128-10, and how long the clients wait for their answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CLIENTS = (1, 16, 64)
ROWS = (1, 32)
_BODIES = 8  # different ones, in turn
_WARM = 1.0  # seconds
_PATH = "/v1/models/mlp:predict"
_HERE = Path(__file__).resolve().parent


def measure(peer, clients, rows, seconds):
    """Ask a server of the peer for so many seconds.

    Args:
        peer: `"addax"`, or what `fastapi_server.py` knows.
        clients: How many connections ask, each one request after the other.
        rows: The rows of a request.
        seconds: How long.

    Returns:
        A record: `samples` (microseconds a request), `p50_ms`, `p99_ms`.

    Raises:
        RuntimeError: An answer has another status, or numbers other than NumPy's.
    """
    with tempfile.TemporaryDirectory() as folder, _server(peer, Path(folder)) as port:
        bodies, wanted = _requests(rows)
        asyncio.run(_ask(port, bodies, wanted, clients, _WARM))
        times, taken = asyncio.run(_ask(port, bodies, wanted, clients, seconds))
    times.sort()
    found = {"p50_ms": 1e3 * times[len(times) // 2], "p99_ms": 1e3 * times[len(times) * 99 // 100]}
    return {"samples": [1e6 * taken / len(times)], **found, "requests": len(times)}


def _requests(rows):
    """Bodies, and the right answers."""
    from benchmarks.mlp_weights import weights

    rng = np.random.default_rng(1)
    bodies, wanted = [], []
    for _ in range(_BODIES):
        x = rng.random((rows, 784)).round(4)
        hidden = np.maximum(x @ weights()[0], 0) @ weights()[1]
        powers = np.exp(hidden - hidden.max(-1, keepdims=True))
        body = json.dumps({"instances": x.tolist()}).encode()
        head = f"POST {_PATH} HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n"
        bodies.append(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        wanted.append(powers / powers.sum(-1, keepdims=True))
    return bodies, wanted


async def _ask(port, bodies, wanted, clients, seconds):
    """Waiting times of the requests, and how long all took."""
    times, began = [], time.perf_counter()

    async def client(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        turn = number
        while time.perf_counter() - began < seconds:
            place = turn % len(bodies)
            asked = time.perf_counter()
            writer.write(bodies[place])
            status, content = await _answer(reader)
            times.append(time.perf_counter() - asked)
            if status != 200:
                raise RuntimeError(f"Expected the status 200, got {status}: {content[:200]!r}")
            if (turn - number) % 50 == 0:
                found = json.loads(content)["predictions"]
                np.testing.assert_allclose(found, wanted[place], rtol=1e-3, atol=1e-5)
            turn += 1
        writer.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    return times, time.perf_counter() - began


async def _answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


@contextlib.contextmanager
def _server(peer, folder):
    """The port of a server that listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(_command(peer, port, folder), stdout=log, stderr=log)
        try:
            _wait(port, process, folder / "log")
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _command(peer, port, folder):
    if peer != "addax":
        return [sys.executable, str(_HERE / "fastapi_server.py"), peer, str(port)]
    import addax as keras
    from benchmarks.mlp_weights import weights

    layers = [keras.layers.Dense(128, "relu"), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((784,)), *layers])
    for layer, kernel in zip(layers, weights(), strict=True):
        layer.set_weights([kernel, np.zeros(kernel.shape[1], "float32")])
    model.save(folder / "mlp.keras")
    return [sys.executable, "-m", "addax", "serve", str(folder / "mlp.keras"), "--port", str(port)]


def _wait(port, process, log):
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("The server does not listen: " + log.read_text()[-1000:])
