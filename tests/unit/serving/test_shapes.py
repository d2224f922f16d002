"""Sizes that requests choose are compiled only so often."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from starlette.testclient import TestClient

import addax as keras
from addax.serving import ServeOptions, create_app
from addax.serving._errors import RequestError
from addax.serving._shapes import ShapeLimit
from addax.serving._signature import ServedSignature, TensorInfo


def signature(*shape: int | None, batched: bool = True) -> ServedSignature:
    info = TensorInfo("x", shape, "float32")
    return ServedSignature("f", (info,), (info,), batched, dict)


def x(*shape: int) -> dict[str, np.ndarray]:
    return {"x": np.zeros(shape, np.float32)}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    words = keras.Input((None, 2), name="x")
    scaled = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(words)
    path = tmp_path_factory.mktemp("shapes") / "m.keras"
    keras.Model(words, scaled).save(path)
    with TestClient(create_app(path, ServeOptions(batch_sizes=(1, 2), shapes=2))) as client:
        yield client


def ask(client, rows: int, length: int):
    return client.post("/v1/models/m:predict", json={"instances": [[[1, 2]] * length] * rows})


def test_a_server_compiles_so_many_sizes_and_says_so(client):
    for rows, length in ((1, 1), (2, 1), (1, 2), (5, 2)):  # the number of examples is no further set
        assert ask(client, rows, length).json() == {"predictions": [[[3.0]] * length] * rows}
    refused = ask(client, 1, 3)
    assert refused.status_code == 400
    assert "(1, 3, 2)" in refused.json()["error"] and "--max-shapes" in refused.json()["error"]
    assert ask(client, 3, 1).status_code == 200


def test_only_sizes_that_requests_choose_count():
    limit, fixed = ShapeLimit(1), signature(None, 3)
    assert [limit.take(fixed, x(n, 3)) for n in range(1, 9)] == [None] * 8


def test_the_number_of_examples_counts_where_requests_are_not_joined():
    limit, whole = ShapeLimit(1), signature(None, 3, batched=False)
    assert limit.take(whole, x(1, 3)) == ((1, 3),)
    with pytest.raises(RequestError, match="sizes"):
        limit.take(whole, x(2, 3))


def test_what_failed_takes_no_place():
    limit, free = ShapeLimit(1), signature(None, None)
    limit.give_back(free, limit.take(free, x(1, 3)))
    assert limit.take(free, x(1, 4)) == ((4,),)
    limit.give_back(free, limit.take(free, x(1, 4)))  # known: not taken, so not given back
    with pytest.raises(RequestError):
        limit.take(free, x(1, 3))


def test_each_version_has_places_of_its_own_and_leaves_nothing_behind():
    limit = ShapeLimit(1)
    for _ in range(3):
        free = signature(None, None)
        assert limit.take(free, x(1, 3)) == ((3,),)
        del free
        gc.collect()
        assert len(limit._known) == 0
