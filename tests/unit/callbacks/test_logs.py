"""Logs that are read late."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from addax.callbacks import LazyLogs
from addax.callbacks._logs import as_number
from addax.engine import Tensor
from addax.engine._jax import jnp


class Scalar:
    """A device scalar that counts how often it is read."""

    def __init__(self, value):
        self.value, self.reads = value, 0

    def __array__(self, dtype=None, copy=None):
        self.reads += 1
        return np.asarray(self.value, dtype)


@pytest.fixture
def scalar():
    return Scalar(np.float32(0.5))


@pytest.mark.parametrize(
    "peek",
    [lambda x: "loss" in x, lambda x: list(x.keys()), len, bool, list, lambda x: isinstance(x, dict), iter],
)
def test_keys_cost_nothing(scalar, peek):
    assert peek(LazyLogs({"loss": scalar}))
    assert scalar.reads == 0


@pytest.mark.parametrize(
    "read",
    [
        dict,
        lambda x: {**x},
        lambda x: x.copy(),
        copy.copy,
        copy.deepcopy,
        lambda x: dict(x.items()),
        lambda x: dict(zip(x, x.values(), strict=True)),
        lambda x: {"loss": x["loss"]},
        lambda x: {"loss": x.get("loss")},
        lambda x: {"loss": x.pop("loss")},
        lambda x: dict([x.popitem()]),
        lambda x: {"loss": x.setdefault("loss", 3)},
        lambda x: pickle.loads(pickle.dumps(x)),
        lambda x: json.loads(json.dumps(x)),
        lambda x: x | {},
        lambda x: {} | x,
        lambda x: (lambda **kw: kw)(**x),
        lambda x: (lambda d: d.update(x) or d)({}),
        lambda x: eval(repr(x)),
    ],
)
def test_every_way_of_reading_gives_floats_and_reads_once(scalar, read):
    logs = LazyLogs({"loss": scalar})
    found = read(logs)
    assert type(found) in (dict, LazyLogs) and type(found["loss"]) is float
    assert found == {"loss": 0.5}
    assert scalar.reads == 1


def test_equality_and_format_read(scalar):
    assert LazyLogs({"loss": scalar}) == {"loss": 0.5} and LazyLogs({"loss": scalar}) != {"loss": 1.0}
    assert "{loss:.2f}".format(**LazyLogs({"loss": scalar})) == "0.50"
    assert "{loss:.2f}".format_map(LazyLogs({"loss": scalar})) == "0.50"


def test_a_source_that_is_called_is_called_when_needed():
    calls = []

    def source():
        calls.append(1)
        return {"loss": jnp.float32(2.0), "accuracy": Tensor(jnp.float32(1.0))}

    logs = LazyLogs(source)
    assert calls == [] and list(logs) == ["loss", "accuracy"] and logs == {"loss": 2.0, "accuracy": 1.0}
    assert len(logs) == 2 and calls == [1]


def test_what_is_written_stays():
    logs = LazyLogs({"loss": np.float32(1.0), "old": 1})
    logs["lr"] = 0.1
    logs.update(extra=2)
    logs |= {"more": 3}
    del logs["old"]
    assert isinstance(logs, LazyLogs) and logs == {"loss": 1.0, "lr": 0.1, "extra": 2, "more": 3}
    assert list(reversed(logs))[0] == "more"
    logs.clear()
    assert not logs
    with pytest.raises(KeyError):
        _ = logs["loss"]
    with pytest.raises(TypeError):
        hash(logs)


def test_numbers_become_floats_and_the_rest_stays():
    assert as_number(True) == 1.0 and type(as_number(np.int64(3))) is float
    assert type(as_number(np.float64(3))) is float and type(as_number(jnp.bfloat16(2))) is float
    np.testing.assert_array_equal(as_number(jnp.ones(2)), np.ones(2))
    assert as_number("text") == "text" and as_number(None) is None and as_number([1]) == [1]
