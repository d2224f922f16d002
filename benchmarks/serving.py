"""Load for `addax serve` that tells whether an answer was lost or given to another client.

    .venv/bin/python -m benchmarks.serving --seconds 600 --clients 16

The model sums the rows of its input; each client sends rows that no other sends, and checks each answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

WIDTH = 3


def main(seconds: float, clients: int) -> int:
    """Start a server, send requests for so long, print what came; 1 if any answer was not the right one."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sum.keras"
        _write_model(path)
        command = [sys.executable, "-m", "addax", "serve", str(path), "--port", "0"]
        with (Path(folder) / "log").open("w+") as log:
            server = subprocess.Popen(command, stderr=log)
            try:
                found, times, memory = _load(_port(server, log.name), server.pid, seconds, clients)
            finally:
                server.send_signal(signal.SIGTERM)
                code = server.wait(60)
    times.sort()
    shown = {
        "clients": clients,
        "seconds": seconds,
        **found,
        "requests_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 2) if times else None,
        "p99_ms": round(times[len(times) * 99 // 100] * 1000, 2) if times else None,
        "memory_mib": memory,
        "exit_code": code,
    }
    print(json.dumps(shown))
    return int(code != 0 or not found["right"] or set(found) != {"right"})


def _write_model(path: Path) -> None:
    import addax as keras

    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    keras.Sequential([keras.Input((WIDTH,)), layer]).save(path)


def _port(server: subprocess.Popen, log: str) -> int:
    while server.poll() is None:
        for line in Path(log).read_text().splitlines():
            if line.endswith("}") and json.loads(line)["event"] == "serving":
                return int(json.loads(line)["url"].rpartition(":")[2])
        time.sleep(0.1)
    raise SystemExit(Path(log).read_text())


def _load(port: int, pid: int, seconds: float, clients: int) -> tuple[Counter, list[float], list[int]]:
    found, times, memory = Counter(), [], []
    _ask_until_it_listens(port)
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_client, args=(port, n, end, found, times)) for n in range(clients)]
    for thread in threads:
        thread.start()
    memory.append(_mebibytes(pid))
    for thread in threads:
        thread.join()
    memory.append(_mebibytes(pid))
    return found, times, memory


def _client(port: int, number: int, end: float, found: Counter, times: list[float]) -> None:
    connection, turn = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
    own, taken = Counter(), []
    while time.monotonic() < end:
        turn += 1
        # Whole numbers below 2**24, whose sums float32 says exactly.
        rows = [[number, 64 * (turn % 100_000), row] for row in range((number + turn) % 5 + 1)]
        began = time.perf_counter()
        try:
            connection.request("POST", "/v1/models/sum:predict", json.dumps({"instances": rows}))
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            own["lost: " + type(error).__name__] += 1
            connection.close()
            continue
        taken.append(time.perf_counter() - began)
        wanted = {"predictions": [[float(sum(row))] for row in rows]}
        right = "right" if body == wanted else "wrong"
        own[right if answer.status == 200 else f"status {answer.status}"] += 1
    connection.close()
    found.update(own)
    times.extend(taken)


def _ask_until_it_listens(port: int) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server does not listen.")


def _mebibytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=16)
    given = parser.parse_args()
    sys.exit(main(given.seconds, given.clients))
