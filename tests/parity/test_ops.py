"""Every row of the registry in Addax and in the real Keras: the same numbers, shapes, dtypes, signatures."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from tests.conformance._ops_registry import ROWS, Row

from addax import ops
from addax.core import tree

pytestmark = pytest.mark.grid

PARITY = [r for r in ROWS if not r.flags & {"noparity", "lean"}]
NAMES = sorted(n for n in dir(keras.ops) if callable(getattr(keras.ops, n)))


def call(namespace: Any, row: Row, arrays: list | None = None) -> list:
    """The flat result of a row's op, on other arrays if they are given."""
    rest = iter(arrays or [])

    def place(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        return next(rest) if arrays is not None else jnp.asarray(x)

    args, kwargs = tree.map_structure(place, (row.args, row.kwargs))
    return jax.tree_util.tree_leaves(getattr(namespace, row.name)(*args, **kwargs))


@pytest.mark.parametrize("row", PARITY, ids=lambda r: r.id)
def test_numbers_shapes_and_dtypes_are_those_of_keras(row: Row) -> None:
    for found, expected in zip(call(ops, row), call(keras.ops, row), strict=True):
        found, expected = np.asarray(found), np.asarray(expected)
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype or isinstance(expected.dtype, int) or expected.dtype == np.int64
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


DTYPES = ["bool", "uint8", "int8", "int16", "uint32", "bfloat16", "float16"]


def outline(namespace: Any, row: Row, dtype: str) -> Any:
    """Shapes and dtypes of the results, without computing anything; None if the op refuses the dtype."""
    arrays = [x for x in tree.flatten((row.args, row.kwargs)) if isinstance(x, np.ndarray)]
    specs = [jax.ShapeDtypeStruct(x.shape, dtype) for x in arrays]
    try:
        found = jax.eval_shape(lambda *a: [jnp.asarray(x) for x in call(namespace, row, list(a))], *specs)
    except (TypeError, ValueError, NotImplementedError, IndexError, RuntimeError):
        return None
    return [(x.shape, x.dtype.name) for x in found]


def takes_any_dtype(row: Row) -> bool:
    arrays = any(isinstance(x, np.ndarray) for x in tree.flatten((row.args, row.kwargs)))
    return (
        arrays and not row.flags & {"eager", "nolow"} and row.name != "rearrange"
    )  # Keras does not trace it


@pytest.mark.parametrize("row", list(filter(takes_any_dtype, PARITY)), ids=lambda r: r.id)
def test_dtypes_promote_as_in_keras(row: Row) -> None:
    compared = 0
    for dtype in DTYPES:
        expected = outline(keras.ops, row, dtype)
        if expected is not None:
            assert (dtype, outline(ops, row, dtype)) == (dtype, expected)
            compared += 1
    assert compared


@pytest.mark.parametrize("name", NAMES)
def test_signature_is_that_of_keras(name: str) -> None:
    def outline_of(function: Any) -> list:
        return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]

    assert outline_of(getattr(ops, name)) == outline_of(getattr(keras.ops, name))


def test_namespaces_have_the_names_of_keras() -> None:
    for name in ("numpy", "linalg", "nn", "image"):
        own, real = getattr(ops, name), getattr(keras.ops, name)
        missing = {n for n in dir(real) if not n.startswith("_")} - set(own.__all__)
        assert sorted(missing) == []
