"""What happens when there is too much to do, a client is slow or goes away, or the model fails."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

PREDICT = "/v1/models/sum:predict"


def ask(client, *values):
    return client.post(PREDICT, json={"instances": list(values)})


def test_a_full_queue(served):
    go = threading.Event()

    def wait(x):
        go.wait(20)
        return x

    client = served(wait, queue=2)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(ask, client, 0)
        batcher = client.app.state.service.batcher
        until(lambda: client.app.state.service._under_way == 1 and batcher.waiting == 0)
        others = [pool.submit(ask, client, n) for n in (1, 2)]
        until(lambda: batcher.waiting == 2)
        refused = ask(client, 3)
        go.set()
        assert [f.result().json()["predictions"] for f in (first, *others)] == [[0], [1], [2]]
    assert refused.status_code == 429 and refused.headers["retry-after"] == "1"


def test_a_model_that_takes_too_long(served):
    go = threading.Event()
    client = served(lambda x: x if x[0] else (go.wait(20), x)[1], time_limit=0.2)
    slow = ask(client, 0)
    assert slow.status_code == 504 and "0.2 s" in slow.json()["error"]
    go.set()
    until(lambda: ask(client, 1).status_code == 200)


def test_work_that_nobody_waits_for_is_not_done(served):
    go, seen = threading.Event(), []

    def note(x):
        seen.extend(x.tolist())
        go.wait(20)
        return x

    client = served(note, time_limit=0.3)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, client, 1)
        until(lambda: seen == [1])
        second = pool.submit(ask, client, 2)
        assert (first.result().status_code, second.result().status_code) == (504, 504)
    go.set()
    until(lambda: client.app.state.service.batcher.waiting == 0)
    assert ask(client, 5).json() == {"predictions": [5]}
    assert seen == [1, 5]


def test_an_error_of_one_request_is_not_that_of_its_neighbours(served):
    go = threading.Event()

    def fragile(x):
        go.wait(20)
        if (x < 0).any():
            raise RuntimeError("secret")
        return x

    client = served(fragile)
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, client, n) for n in (0, 1, -1, 2)]
        until(lambda: client.app.state.service._under_way == 4)
        go.set()
        statuses = [f.result().status_code for f in answers]
    assert statuses == [200, 200, 500, 200]
    assert "secret" not in answers[2].result().text


def test_results_that_json_cannot_say(served):
    client = served(lambda x: np.where(x < 0, np.float32(np.nan), x))
    answer = ask(client, -1)
    assert answer.status_code == 500 and "not finite" in answer.json()["error"]


def test_a_function_that_loses_rows_is_found_out(served):
    assert ask(served(lambda x: x[:1]), 1, 2).status_code == 500


def talk(client, receive) -> list[dict]:
    """The events of an answer to a client that sends as `receive` says."""
    sent: list[dict] = []

    async def send(event):
        sent.append(event)

    scope = {
        "type": "http",
        "method": "POST",
        "path": PREDICT,
        "raw_path": PREDICT.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("x", 80),
        "root_path": "",
    }
    asyncio.run(client.app(scope, receive, send))
    return sent


def test_a_body_that_comes_too_slowly(served):
    async def drip():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    start, *_ = talk(served(lambda x: x, time_limit=0.3), drip)
    assert start["status"] == 408 and (b"connection", b"close") in start["headers"]


def test_a_client_that_goes_away(served):
    async def leave():
        return {"type": "http.disconnect"}

    client = served(lambda x: x)
    assert talk(client, leave) == []
    assert 'code="499"' in client.get("/metrics").text
    assert client.app.state.service._under_way == 0


def test_metrics_and_the_page(served):
    client = served(lambda x: x)
    ask(client, 1, 2, 3)
    ask(client, "x")
    text = client.get("/metrics").text
    assert 'addax_requests_total{code="200",kind="predict"} 1' in text
    assert 'addax_requests_total{code="400",kind="predict"} 1' in text
    assert 'addax_batch_examples_bucket{le="4"} 1' in text
    assert "addax_examples_total 3\n" in text and "addax_padding_total 1\n" in text
    assert 'addax_request_seconds_count{kind="predict"} 2' in text
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html") and 'data-model="sum"' in page.text


def until(condition, seconds: float = 20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
