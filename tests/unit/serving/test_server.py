"""`addax serve` as a process of its own, with clients that know nothing of it but HTTP."""

from __future__ import annotations

import http.client
import json
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from addax import tf
from addax.cli import main


class Server:
    """A running `addax serve`.

    Attributes:
        lines: What it logged so far.
    """

    def __init__(self, path, *arguments: str) -> None:
        command = [
            sys.executable,
            "-m",
            "addax",
            "serve",
            str(path),
            "--port",
            "0",
            "--name",
            "m",
            *arguments,
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines: list[dict] = []
        self._new: queue.Queue = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for("serving")["url"].rpartition(":")[2])
        self._wait_until_it_listens()

    def _read(self) -> None:
        for line in self.process.stderr:
            self._new.put(json.loads(line))
        self._new.put(None)

    def wait_for(self, event: str, seconds: float = 90, **fields) -> dict:
        end = time.monotonic() + seconds
        while True:
            line = self._new.get(timeout=max(0.01, end - time.monotonic()))
            assert line is not None, f"the server ended: {self.lines}"
            self.lines.append(line)
            if line["event"] == event and fields.items() <= line.items():
                return line

    def _wait_until_it_listens(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not listen")

    def ask(self, rows, connection=None) -> tuple[int, dict]:
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        own.request("POST", "/v1/models/m:predict", json.dumps({"instances": rows}))
        answer = own.getresponse()
        body = json.loads(answer.read())
        if connection is None:
            own.close()
        return answer.status, body

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stderr.close()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def server(tmp_path_factory, make_linear):
    """A server of a folder with version 1; `server.base` is the folder."""
    base = tmp_path_factory.mktemp("served") / "base"
    tf.saved_model.save(make_linear(1.0), str(base / "1"))
    server = Server(
        base, "--max-batch", "16", "--size-limit", "100000", "--time-limit", "20", "--header-limit", "1"
    )
    server.base = base
    yield server
    server.close()


def test_many_clients_get_their_own_answers(server):
    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for turn in range(40):
            rows = [[number, 1000 * turn, row] for row in range((number + turn) % 7 + 1)]
            status, body = server.ask(rows, connection)
            assert (status, body) == (200, {"predictions": [[float(sum(row))] for row in rows]})
        connection.close()

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(client, range(24)))


def test_bad_clients_do_no_harm(server):
    def send(text: bytes, leave: bool = False) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(text)
            if leave:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            return answer

    head = b"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
    assert b" 400 " in send(b"nonsense\r\n\r\n")
    assert send(head + b"content-length: 50\r\n\r\n{}", leave=True) == b""
    assert b" 413 " in send(head + b"content-length: 150000\r\n\r\n" + b"[" * 150_000)
    assert b" 413 " in send(head + b"content-length: 999999999999\r\nexpect: 100-continue\r\n\r\n")
    assert b" 400 " in send(head + b"content-length: 2\r\n\r\n{}")
    assert server.ask([[1, 2, 3]]) == (200, {"predictions": [[6.0]]})


def test_headers_that_do_not_come_in_time(server):
    def first_and_end(text: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(text)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
            return answer

    assert first_and_end(b"").startswith(b"HTTP/1.1 408 ")
    assert first_and_end(b"POST /v1/models/m:predict HTTP/1.1\r\nhost:").startswith(b"HTTP/1.1 408 ")
    later = first_and_end(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /health HTTP/1.1\r\nho")
    assert later.startswith(b"HTTP/1.1 200 ") and later.count(b"200 OK") == 1  # the second is not waited for
    assert server.ask([[1, 2, 3]]) == (200, {"predictions": [[6.0]]})


def test_bytes_that_trickle_in_buy_no_time(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.settimeout(0.1)
        answer = b""
        for byte in b"GET /" + b"a" * 300:
            try:
                connection.sendall(bytes([byte]))
                answer = connection.recv(100)
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            raise AssertionError("the server waited")
    assert answer[:13] in (b"", b"HTTP/1.1 408 ")


def test_a_new_version_is_taken_up_and_no_request_is_lost(server, make_linear):
    stop, answers = threading.Event(), []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not stop.is_set():
            answers.append(server.ask([[1, 2, 3]], connection))
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(client) for _ in range(4)]
        make_linear(2.0).export(server.base / "2")
        server.wait_for("version_loaded", version=2)
        time.sleep(0.2)
        stop.set()
        for c in clients:
            c.result()
    values = [body["predictions"][0][0] for status, body in answers if status == 200]
    assert len(values) == len(answers) and set(values) == {6.0, 12.0}
    assert server.ask([[1, 2, 3]])[1] == {"predictions": [[12.0]]}


def test_what_was_asked_before_the_end_is_answered(server):
    rows = [[n, 0, 0] for n in range(3000)]

    def ask(number: int):
        return server.ask(rows)

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(ask, n) for n in range(8)]
        time.sleep(0.1)
        code = server.end()
        found = []
        for answer in answers:
            try:
                found.append(answer.result())
            except (ConnectionError, http.client.HTTPException):
                pass  # it came after the end, and was told so at once
    assert code == 0
    assert all(status == 200 and len(body["predictions"]) == 3000 for status, body in found)
    server.wait_for("stopped")
    told = [line for line in server.lines if line["event"] == "request" and line["method"] == "POST"]
    requests = [line for line in told if line["status"] == 200]
    assert requests and all(line["ms"] >= 0 and line["path"] == "/v1/models/m:predict" for line in requests)


def leave(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["serve", *arguments])
    return left.value.code or 0, capsys.readouterr().err


def test_errors_of_the_command(capsys, tmp_path, keras_file, monkeypatch):
    code, text = leave(capsys, str(tmp_path / "missing"), "--port", "0")
    assert code == 1 and "addax serve: There is no model here." in text and "Traceback" not in text
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, text = leave(capsys, str(keras_file), "--port", str(taken.getsockname()[1]))
    assert code == 1 and "--port" in text
    shutil.copy(keras_file, tmp_path / "a b.keras")
    assert "--name" in leave(capsys, str(tmp_path / "a b.keras"), "--port", "0")[1]
    monkeypatch.setenv("AIP_HTTP_PORT", "many")
    assert "AIP_HTTP_PORT" in leave(capsys, str(keras_file))[1]
    monkeypatch.delenv("AIP_HTTP_PORT")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    code, text = leave(capsys, str(keras_file))
    assert code == 1 and 'pip install "addax[serve]"' in text
