"""Every row of the registry: eager, compiled, symbolic, differentiated, raw and in low precision alike."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.conformance._ops_registry import ROWS, B, Row

from addax import ops
from addax.core import dtypes, tree
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def arrays_of(row: Row) -> list[np.ndarray]:
    return [x for x in tree.flatten((row.args, row.kwargs)) if is_array(x)]


def takes_arrays(row: Row) -> bool:
    return bool(arrays_of(row))


def takes_floats(row: Row) -> bool:
    return any(x.dtype == np.float32 for x in arrays_of(row))


def rows(flags: str = "", fit: Callable = lambda row: True) -> Any:
    """Run a test over the rows that lack the given flags."""
    chosen = [r for r in ROWS if not r.flags & set(flags.split()) and fit(r)]
    return pytest.mark.parametrize("row", chosen, ids=lambda r: r.id)


def call(row: Row, arrays: list) -> Any:
    """Call the op on other arrays in the places of the row's own."""
    rest = iter(arrays)
    args, kwargs = tree.map_structure(lambda x: next(rest) if is_array(x) else x, (row.args, row.kwargs))
    return getattr(ops, row.name)(*args, **kwargs)


@functools.cache
def eager(row_id: str) -> list[np.ndarray]:
    row = next(r for r in ROWS if r.id == row_id)
    return [np.asarray(x) for x in tree.flatten(call(row, [Tensor(jnp.asarray(x)) for x in arrays_of(row)]))]


def assert_close(found: Any, expected: Any, tolerance: float = 1e-5) -> None:
    for a, b in zip(tree.flatten(found), expected, strict=True):
        a = np.asarray(a)
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@rows("eager")
def test_compiled_equals_eager(row: Row) -> None:
    compiled = Compiled(lambda *tensors: call(row, list(tensors)))
    assert_close(compiled(*[Tensor(jnp.asarray(x)) for x in arrays_of(row)]), eager(row.id))


@rows("eager", takes_arrays)
def test_symbolic_shape_and_dtype_fit_the_eager_result(row: Row) -> None:
    arrays = arrays_of(row)
    batch = None if "fixed" not in row.flags else B
    symbols = [
        SymbolicTensor([batch if d == B and i == 0 else d for i, d in enumerate(x.shape)], x.dtype)
        for x in arrays
    ]
    result = call(row, symbols)
    for symbol, value in zip(tree.flatten(result), eager(row.id), strict=True):
        if isinstance(symbol, int):
            assert symbol == value
            continue
        assert symbol.dtype == value.dtype
        assert len(symbol.shape) == value.ndim
        for inferred, actual in zip(symbol.shape, value.shape, strict=True):
            assert inferred in (None, actual)
            assert not (batch is None and actual == B and inferred == B)


def loss_of(result: Any) -> Any:
    """A number that every float element of a result has its own weight in."""
    total = 0.0
    for x in tree.flatten(result):
        if dtypes.standardize(x.dtype).is_floating:
            weights = np.cos(np.arange(int(np.prod(x.shape)))).reshape(x.shape).astype(np.float32)
            total = total + ops.sum(x * weights)
    return total


@rows("eager nograd", takes_floats)
def test_gradient_of_a_tape_equals_that_of_jax(row: Row) -> None:
    arrays = arrays_of(row)
    floats = [i for i, x in enumerate(arrays) if x.dtype == np.float32]
    tensors = [Tensor(jnp.asarray(x)) for x in arrays]
    with GradientTape() as tape:
        for i in floats:
            tape.watch(tensors[i])
        loss = loss_of(call(row, tensors))
    found = tape.gradient(loss, [tensors[i] for i in floats], unconnected_gradients="zero")

    def of_floats(*values: Any) -> Any:
        full = [jnp.asarray(x) for x in arrays]
        for i, value in zip(floats, values, strict=True):
            full[i] = value
        return loss_of(call(row, full))

    expected = jax.jit(jax.grad(of_floats, tuple(range(len(floats)))))(*[arrays[i] for i in floats])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(a), b, rtol=1e-4, atol=1e-5)


@rows("wraps", takes_arrays)
def test_raw_arrays_in_give_raw_arrays_out(row: Row) -> None:
    result = call(row, [jnp.asarray(x) for x in arrays_of(row)])
    assert not any(isinstance(x, Tensor) for x in tree.flatten(result))
    assert_close(result, eager(row.id))


@rows("nolow", takes_floats)
def test_bfloat16_runs_and_stays(row: Row) -> None:
    arrays = arrays_of(row)
    low = [Tensor(jnp.asarray(x, jnp.bfloat16 if x.dtype == np.float32 else x.dtype)) for x in arrays]
    for found, expected in zip(tree.flatten(call(row, low)), eager(row.id), strict=True):
        found = np.asarray(found)
        assert found.shape == expected.shape
        if expected.dtype == np.float32:
            assert found.dtype in (jnp.bfloat16, np.float32)
            np.testing.assert_allclose(found.astype(np.float32), expected, rtol=0.1, atol=0.1)


def test_every_function_of_these_families_has_a_row() -> None:
    wanted = {*ops.numpy.__all__, *ops.linalg.__all__} - {"vectorize", "jvp"}
    assert sorted(wanted - {r.name for r in ROWS}) == []
