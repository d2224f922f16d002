"""The page of `addax serve` in headless Chromium; `make browser` runs this."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import addax as keras

HERE = Path(__file__).resolve().parent


@contextmanager
def served(model, folder):
    """The address at which `addax serve` has the model."""
    model.save(folder / "m.keras")
    command = [
        sys.executable,
        "-m",
        "addax",
        "serve",
        str(folder / "m.keras"),
        "--port",
        "0",
        "--max-batch",
        "1",
    ]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = next(x["url"] for x in map(json.loads, server.stderr) if x["event"] == "serving")
        end = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(address + "/health", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end, "the server does not listen"
                time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.wait(60)
        server.stderr.close()


def use(*arguments):
    """What the script of ours saw on the page."""
    done = subprocess.run(
        ["node", HERE / "served.mjs", *map(str, arguments)], capture_output=True, text=True, timeout=300
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULTS ")]
    assert done.returncode == 0 and lines, done.stderr[-3000:]
    seen = json.loads(lines[0].removeprefix("RESULTS "))
    assert seen["problems"] == [] and seen["wrong"] == ""
    return seen, json.loads(seen["answer"])["predictions"]


def test_a_form_for_numbers(tmp_path):
    layers = [keras.layers.Dense(4, "tanh"), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,), name="x"), *layers])
    with served(model, tmp_path) as address:
        seen, found = use(address, "form", 1, -2.5, 3)
    assert seen["sent"] == {"instances": [{"x": [1, -2.5, 3]}]}
    assert seen["rows"][0] == ["x", "input", "any x 3", "DT_FLOAT"] and seen["bars"] == 2
    np.testing.assert_allclose(found, model.predict(np.float32([[1, -2.5, 3]]), verbose=0), atol=1e-5)


def test_a_digit_is_drawn(tmp_path):
    layers = [keras.layers.Conv2D(2, 3), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1), name="image"), *layers])
    with served(model, tmp_path) as address:
        seen, found = use(address, "draw")
    image = np.float32(seen["sent"]["instances"][0]["image"])
    assert image.shape == (28, 28, 1) and seen["bars"] == 10
    assert image[10:18, 13:15].min() > 0.5 and image[:, :8].max() == 0  # a stroke down the middle
    np.testing.assert_allclose(found, model.predict(image[None], verbose=0), atol=1e-5)
