"""String tensors go through the ops that only move elements."""

from __future__ import annotations

import numpy as np
import pytest

from addax import ops

TEXT = [["a", "b"], ["c", "a"]]


def values(x: object) -> list:
    return np.asarray(x).tolist()


def test_shapes_of_strings_change() -> None:
    x = ops.array(TEXT)
    assert x.dtype == "string"
    assert values(ops.reshape(x, (4,))) == [b"a", b"b", b"c", b"a"]
    assert values(ops.transpose(x)) == [[b"a", b"c"], [b"b", b"a"]]
    assert values(ops.squeeze(ops.expand_dims(x, 0), 0)) == values(x)
    assert values(ops.tile(x, (1, 2))) == [[b"a", b"b", b"a", b"b"], [b"c", b"a", b"c", b"a"]]
    assert values(ops.repeat(x[0], 2)) == [b"a", b"a", b"b", b"b"]
    assert values(ops.flip(x[0])) == [b"b", b"a"]
    assert values(ops.ravel(x)) == [b"a", b"b", b"c", b"a"]


def test_strings_are_joined_and_split() -> None:
    x = ops.array(TEXT)
    assert values(ops.concatenate([x[0], ["é"]])) == [b"a", b"b", "é".encode()]
    assert values(ops.stack([x[0], x[1]], axis=1)) == [[b"a", b"c"], [b"b", b"a"]]
    assert [values(part) for part in ops.split(x, 2)] == [[[b"a", b"b"]], [[b"c", b"a"]]]


def test_strings_are_chosen_and_compared() -> None:
    x = ops.array(TEXT)
    assert values(ops.equal(x, "a")) == [[True, False], [False, True]]
    assert values(x != "a") == [[False, True], [True, False]]
    assert values(ops.take(x, [1, 0], axis=0)) == [[b"c", b"a"], [b"a", b"b"]]
    assert values(ops.where(x == "a", "yes", x)) == [[b"yes", b"b"], [b"c", b"yes"]]
    assert values(x[:, 1]) == [b"b", b"a"]
    assert int(ops.size(x)) == 4
    assert ops.ndim(x) == 2


def test_distinct_strings_and_their_counts() -> None:
    found, counts = ops.unique(ops.array(["b", "a", "b"]), return_counts=True)
    assert values(found) == [b"a", b"b"]
    assert values(counts) == [1, 2]


def test_arithmetic_on_strings_is_refused_with_a_hint() -> None:
    with pytest.raises(TypeError, match="string tensors"):
        ops.multiply(ops.array("a"), 2)
