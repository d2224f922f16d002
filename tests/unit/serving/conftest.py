from __future__ import annotations

import numpy as np
import pytest
from starlette.testclient import TestClient

import addax as keras
from addax.serving import ServeOptions, create_app
from addax.serving._signature import LoadedModel, ServedSignature, TensorInfo


def linear(factor: float, width: int = 3):
    """A model whose one output is `factor` times the sum of its input's row."""
    model = keras.Sequential([keras.Input((width,), name="x"), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.full((width, 1), factor, np.float32)])
    return model


@pytest.fixture(scope="session")
def make_linear():
    return linear


@pytest.fixture(scope="session")
def keras_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("serving") / "sum.keras"
    linear(1.0).save(path)
    return path


@pytest.fixture(scope="session")
def two_in_two_out(tmp_path_factory):
    """Inputs `a` (2 numbers) and `n` (an integer); outputs their sum and `n` doubled."""
    a, n = keras.Input((2,), name="a"), keras.Input((1,), name="n", dtype="int32")
    total = keras.ops.sum(a, axis=1, keepdims=True) + keras.ops.cast(n, "float32")
    model = keras.Model({"a": a, "n": n}, {"total": total, "double": n * 2})
    path = tmp_path_factory.mktemp("serving") / "pair.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def client(keras_file):
    with TestClient(create_app(keras_file, ServeOptions(batch_sizes=(1, 4), size_limit=20_000))) as client:
        yield client


@pytest.fixture(scope="module")
def pair_client(two_in_two_out):
    with TestClient(create_app(two_in_two_out, ServeOptions(batch_sizes=(1, 4)))) as client:
        yield client


@pytest.fixture
def served(keras_file):
    """Makes a client of a server whose model is a Python function from `x` of shape (rows,) to `y` of the same."""
    clients = []

    def serve(function, **options):
        app = create_app(keras_file, ServeOptions(**{"batch_sizes": (1, 4), **options}))
        x, y = TensorInfo("x", (None,), "float32"), TensorInfo("y", (None,), "float32")
        signature = ServedSignature("f", (x,), (y,), True, lambda given: {"y": function(given["x"])})
        app.state.service.store._current = LoadedModel("sum", 1, "", {"f": signature})
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield serve
    for client in clients:
        client.__exit__(None, None, None)
