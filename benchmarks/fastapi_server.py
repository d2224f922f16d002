"""A model behind FastAPI, as one writes it for PyTorch or tf.keras: `python benchmarks/fastapi_server.py PEER PORT`.

The addresses and bodies are those of `addax serve`, so that one client asks all.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI, Response
from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.mlp_weights import WIDTHS, weights  # noqa: E402


class Rows(BaseModel):
    """The body of a request."""

    instances: list[list[float]]


def torch_function():
    """Rows to probabilities by PyTorch."""
    import torch

    torch.set_num_threads(1)  # for products so small, threads that wait for each other only cost
    first, second = (torch.nn.Linear(a, b) for a, b in zip(WIDTHS, WIDTHS[1:], strict=False))
    net = torch.nn.Sequential(first, torch.nn.ReLU(), second, torch.nn.Softmax(-1)).eval()
    with torch.no_grad():
        for layer, kernel in zip((first, second), weights(), strict=True):
            layer.weight.copy_(torch.from_numpy(kernel.T.copy()))
            layer.bias.zero_()

    def run(rows):
        with torch.inference_mode():
            return net(torch.tensor(rows, dtype=torch.float32)).tolist()

    return run


def keras_function():
    """Rows to probabilities by tf.keras, compiled for any number of rows."""
    import tensorflow as tf

    layers = [tf.keras.layers.Dense(128, "relu"), tf.keras.layers.Dense(10, "softmax")]
    model = tf.keras.Sequential([tf.keras.Input((784,)), *layers])
    for layer, kernel in zip(layers, weights(), strict=True):
        layer.set_weights([kernel, np.zeros(kernel.shape[1], "float32")])
    compiled = tf.function(model, input_signature=[tf.TensorSpec((None, 784))], autograph=False)
    return lambda rows: compiled(tf.constant(rows, tf.float32)).numpy().tolist()


def app_of(function):
    """The application; the model is so small that a thread for it would cost more than it does."""
    app = FastAPI()

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    @app.post("/v1/models/mlp:predict")
    async def predict(body: Rows):
        answer = json.dumps({"predictions": function(body.instances)})
        return Response(answer, media_type="application/json")

    return app


if __name__ == "__main__":
    functions = {"torch": torch_function, "tf.keras": keras_function}
    uvicorn.run(app_of(functions[sys.argv[1]]()), port=int(sys.argv[2]), log_level="warning")
