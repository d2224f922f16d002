"""Every row of the registry: eager, compiled, symbolic, differentiated, raw and in low precision alike."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.api._surface import listed
from tests.conformance._ops_registry import ROWS, B, Row

from addax import Input, Model, ops
from addax.core import dtypes, serial, tree
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor

pytestmark = pytest.mark.grid


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def arrays_of(row: Row) -> list[np.ndarray]:
    return [x for x in tree.flatten((row.args, row.kwargs)) if is_array(x)]


def takes_arrays(row: Row) -> bool:
    return bool(arrays_of(row))


def takes_floats(row: Row) -> bool:
    return any(x.dtype == np.float32 for x in arrays_of(row))


def rows(flags: str = "", fit: Callable = lambda row: True) -> Any:
    """Run a test over the rows that lack the given flags, and are not lean."""
    chosen = [r for r in ROWS if not r.flags & {"lean", *flags.split()} and fit(r)]
    return pytest.mark.parametrize("row", chosen, ids=lambda r: r.id)


def call(row: Row, arrays: list) -> Any:
    """Call the op on other arrays in the places of the row's own."""
    rest = iter(arrays)
    args, kwargs = tree.map_structure(lambda x: next(rest) if is_array(x) else x, (row.args, row.kwargs))
    return attrgetter(row.name)(ops)(*args, **kwargs)


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
    check_symbolic(row, call(row, [SymbolicTensor(*spec) for spec in specs(row)]))


def specs(row: Row) -> list[tuple]:
    """Shape and dtype of each array of a row as a graph knows them, the batch size open if that is possible."""
    batch = None if "fixed" not in row.flags else B
    return [
        (tuple(batch if d == B and i == 0 else d for i, d in enumerate(x.shape)), x.dtype.name)
        for x in arrays_of(row)
    ]


def check_symbolic(row: Row, result: Any) -> None:
    batch = None if "fixed" not in row.flags else B
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
    check_gradient(row, lambda run, tensors: run(*tensors))


def check_gradient(row: Row, apply: Callable) -> None:
    """Compare the gradients of a tape, in a function that `apply` runs on tensors, with those of JAX."""
    arrays = arrays_of(row)
    floats = [i for i, x in enumerate(arrays) if x.dtype == np.float32]

    def taped(*tensors: Any) -> Any:
        with GradientTape() as tape:
            for i in floats:
                tape.watch(tensors[i])
            loss = loss_of(call(row, list(tensors)))
        return tape.gradient(loss, [tensors[i] for i in floats], unconnected_gradients="zero")

    found = apply(taped, [Tensor(jnp.asarray(x)) for x in arrays])

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
def test_sixteen_bits_run_and_stay(row: Row) -> None:
    arrays = arrays_of(row)
    for kind, tolerance in ((jnp.bfloat16, 0.1), (jnp.float16, 0.02)):
        low = [Tensor(jnp.asarray(x, kind if x.dtype == np.float32 else x.dtype)) for x in arrays]
        for found, expected in zip(tree.flatten(call(row, low)), eager(row.id), strict=True):
            found = np.asarray(found)
            assert found.shape == expected.shape
            if expected.dtype == np.float32:
                assert found.dtype in (kind, np.float32)
                np.testing.assert_allclose(found.astype(np.float32), expected, rtol=tolerance, atol=tolerance)


GRAPHS = [r for r in ROWS if "eager" not in r.flags and takes_arrays(r) and r.name != "ndim"]  # a number


@pytest.mark.parametrize("row", GRAPHS, ids=lambda r: r.id)
def test_a_saved_graph_computes_the_same(row: Row) -> None:
    inputs = [Input(batch_shape=shape, dtype=dtype) for shape, dtype in specs(row)]
    result = call(row, inputs)
    outputs = [x for x in tree.flatten(result) if isinstance(x, SymbolicTensor)]
    if "lean" in row.flags:
        check_symbolic(row, result)
    model = Model(inputs, outputs)
    loaded = Model.from_config(json.loads(json.dumps(serial.serialize(model.get_config()))))
    found = tree.flatten(loaded([Tensor(jnp.asarray(x)) for x in arrays_of(row)]))
    if "random" not in row.flags:
        symbolic = [isinstance(x, SymbolicTensor) for x in tree.flatten(result)]
        assert_close(found, [x for x, kept in zip(eager(row.id), symbolic, strict=True) if kept])


LEAN = [r for r in ROWS if "lean" in r.flags and "nograd" not in r.flags and takes_floats(r)]


@pytest.mark.parametrize("row", LEAN, ids=lambda r: r.id)
def test_gradients_in_compiled_code_equal_those_of_jax(row: Row) -> None:
    check_gradient(row, lambda run, tensors: Compiled(run)(*tensors))


# What takes functions has no rows: `tests/unit/ops` runs it. The rest says something about a tensor, or makes none.
WITHOUT_ROWS = set(
    """associative_scan cond convert_to_numpy custom_gradient dtype fori_loop is_tensor jvp map scan shape switch
    vectorize vectorized_map while_loop""".split()
)


def test_every_op_has_a_row() -> None:
    rows = {r.name for r in ROWS}
    functions = {id(attrgetter(name)(ops)) for name in rows}
    named = [n.removeprefix("keras.ops.") for n in listed("keras_api.txt") if n.startswith("keras.ops.")]
    missing = {n for n in named if id(attrgetter(n)(ops)) not in functions}
    assert {n.rpartition(".")[2] for n in missing} == WITHOUT_ROWS
