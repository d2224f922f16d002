"""From a fit to an answer at a client that has neither the model nor Addax."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request

import numpy as np

from addax import tf

CLIENT = """
import json, sys, urllib.request

url, rows = sys.argv[1], json.loads(sys.argv[2])
signature = json.load(urllib.request.urlopen(url + "/metadata"))["metadata"]["signature_def"]["signature_def"]
(name,) = signature["serving_default"]["inputs"]
ask = urllib.request.Request(url + ":predict", json.dumps({"inputs": {name: rows}}).encode())
json.dump(json.load(urllib.request.urlopen(ask))["outputs"], sys.stdout)
assert not any(module.partition(".")[0] in ("addax", "jax", "numpy") for module in sys.modules)
"""


def trained() -> tuple[tf.keras.Model, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    layers = [tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3, "softmax")]
    model = tf.keras.Sequential([tf.keras.Input((4,)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, (x.sum(axis=1) > 0).astype(int), epochs=2, verbose=0)
    return model, x[:5]


def test_train_export_serve_and_ask_from_elsewhere(tmp_path):
    model, rows = trained()
    tf.saved_model.save(model, str(tmp_path / "classifier" / str(int(time.time()))))

    command = [sys.executable, "-m", "addax", "serve", str(tmp_path / "classifier"), "--port", "0"]
    server = subprocess.Popen([*command, "--max-batch", "4"], stderr=subprocess.PIPE, text=True)
    try:
        lines = (json.loads(line) for line in server.stderr)
        address = next(line["url"] for line in lines if line["event"] == "serving")
        wait_for(address + "/health")
        url = address + "/v1/models/classifier"
        asked = [sys.executable, "-I", "-c", CLIENT, url, json.dumps(rows.tolist())]
        client = subprocess.run(asked, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert client.returncode == 0, client.stderr
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
    np.testing.assert_allclose(
        json.loads(client.stdout), model.predict(rows, verbose=0), rtol=1e-5, atol=1e-6
    )


def wait_for(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < end, "the server does not listen"
            time.sleep(0.05)
