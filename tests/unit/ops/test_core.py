"""Conversion, shapes, slices and scatters."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from addax import ops
from addax.core import config
from addax.engine import Compiled, GradientTape, SymbolicTensor, Tensor, Variable


@pytest.mark.parametrize(
    "value, dtype",
    [
        (1, "int32"),
        (1.5, "float32"),
        (True, "bool"),
        (1j, "complex64"),
        ([1, 2], "int32"),
        ([[1.0], [2.0]], "float32"),
        (np.float64(1), "float32"),
        (np.ones(2), "float32"),
        (np.ones(2, "int64"), "int32"),
        (np.ones(2, "float16"), "float16"),
        ("text", "string"),
        (["a", b"b"], "string"),
        ([], "float32"),
    ],
)
def test_python_values_become_tensors_on_the_host(value, dtype):
    x = ops.convert_to_tensor(value)
    assert x.dtype == dtype and isinstance(x._value, np.ndarray)
    assert x.shape == np.shape(value)


def test_floats_follow_floatx():
    config.set_floatx("float16")
    try:
        assert ops.convert_to_tensor(1.5).dtype == ops.convert_to_tensor(np.ones(2)).dtype == "float16"
    finally:
        config.set_floatx("float32")


def test_a_given_dtype_wins():
    assert ops.convert_to_tensor([1, 2], "float32").dtype == "float32"
    assert ops.convert_to_tensor(np.ones(2, "float32"), "int8").dtype == "int8"
    assert ops.convert_to_tensor([1.0], "bfloat16").dtype == "bfloat16"
    assert ops.convert_to_tensor(["a"], "string").dtype == "string"


def test_tensors_are_given_back_and_variables_are_read():
    x, v = ops.ones((2,)), Variable([1.0, 2.0])
    assert ops.convert_to_tensor(x) is x and ops.convert_to_tensor(x, "float32") is x
    assert ops.convert_to_tensor(x, "int32").dtype == "int32"
    assert isinstance(ops.convert_to_tensor(v), Tensor)
    symbolic = SymbolicTensor((None,))
    assert ops.convert_to_tensor(symbolic) is symbolic
    assert ops.convert_to_tensor(symbolic, "int32").dtype == "int32"


def test_a_tensor_does_not_follow_the_array_it_came_from():
    array = np.ones(2, "float32")
    x = ops.convert_to_tensor(array)
    array[:] = 7
    assert x.numpy().tolist() == [1.0, 1.0]


def test_lists_may_hold_tensors_and_tapes_see_through_them():
    v = Variable(3.0)
    with GradientTape() as tape:
        y = ops.sum(ops.convert_to_tensor([v * 2.0, 1.0]))
    assert float(tape.gradient(y, v)) == 2.0
    assert Compiled(lambda x: ops.convert_to_tensor([x, 1.0]))(ops.ones(())).numpy().tolist() == [1.0, 1.0]


def test_ragged_values_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        ops.convert_to_tensor([[1], [1, 2]])
    with pytest.raises(ValueError, match="cannot be turned"):
        ops.convert_to_tensor(object())


def test_convert_to_numpy_gives_writable_copies():
    v = Variable([1.0, 2.0])
    for source in (ops.ones((2,)), v, [1.0, 2.0], np.ones(2), (v[0], 1.0)):
        array = ops.convert_to_numpy(source)
        array[0] = 9
    assert v.numpy().tolist() == [1.0, 2.0]


def test_shape_dtype_and_is_tensor():
    assert ops.shape(SymbolicTensor((None, 3))) == (None, 3)
    assert ops.shape([[1, 2]]) == (1, 2) and ops.shape(3.0) == ()
    assert ops.dtype(ops.ones((1,), "int8")) == "int8" and ops.dtype([1.0]) == "float32"
    assert ops.is_tensor(ops.ones(())) and ops.is_tensor(jax.numpy.ones(()))
    assert not ops.is_tensor(Variable(1.0)) and not ops.is_tensor(np.ones(1))


def test_gradients_stop():
    v = Variable(3.0)
    with GradientTape() as tape:
        y = v * ops.stop_gradient(v)
    assert float(tape.gradient(y, v)) == 3.0
    with GradientTape() as tape:
        y = ops.stop_gradient(v) * 2.0
    assert tape.gradient(y, v) is None


def test_scatter_adds_up_and_updates_replace():
    assert ops.scatter([[0], [1], [0]], [1.0, 2.0, 3.0], (3,)).numpy().tolist() == [4.0, 2.0, 0.0]
    rows = ops.scatter_update(ops.zeros((3, 2)), [[1]], [[5.0, 6.0]]).numpy()
    assert rows.tolist() == [[0, 0], [5, 6], [0, 0]]
    wanted = {"add": 12.0, "MAX": 10.0, "min": 2.0, "mul": 20.0}
    for reduction, value in wanted.items():
        assert float(ops.scatter_update([10.0], [[0]], [2.0], reduction=reduction)[0]) == value
    with pytest.raises(ValueError, match="reduction"):
        ops.scatter_update([10.0], [[0]], [2.0], reduction="mean")
    assert ops.scatter_update(ops.ones((2,), "int32"), [[0]], [2.7]).dtype == "int32"


def test_slices():
    x = ops.reshape(ops.arange(12), (3, 4))
    assert ops.slice(x, (1, 0), (2, -1)).numpy().tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]
    at = ops.convert_to_tensor([1, 1])
    assert ops.slice(x, at, (1, 2)).numpy().tolist() == [[5, 6]]
    assert ops.slice(x, (at[0], 1), (1, 2)).numpy().tolist() == [[5, 6]]
    assert Compiled(lambda i: ops.slice(x, (i, 0), (1, 2)))(ops.convert_to_tensor(2)).numpy().tolist() == [
        [8, 9]
    ]
    assert ops.slice_update(x, (2, 2), [[0, 0]]).numpy()[2].tolist() == [8, 9, 0, 0]
    assert ops.slice(SymbolicTensor((None, 4)), (0, 1), (1, 2)).shape == (1, 2)


def test_unstack():
    parts = ops.unstack(ops.reshape(ops.arange(6), (2, 3)), axis=1)
    assert [p.numpy().tolist() for p in parts] == [[0, 3], [1, 4], [2, 5]]
    assert [p.shape for p in ops.unstack(SymbolicTensor((None, 2)), axis=1)] == [(None,), (None,)]
    assert len(ops.unstack(SymbolicTensor((None, 2)), num=3)) == 3
    with pytest.raises(ValueError, match="num"):
        ops.unstack(SymbolicTensor((None, 2)))
    with pytest.raises(ValueError, match="size of the axis"):
        ops.unstack(ops.ones((2,)), num=3)


@pytest.mark.parametrize(
    "value, source, target, wanted",
    [
        (3e9, "float32", "int32", 2147483520),
        (-3e9, "float32", "int32", -2147483648),
        (-5, "int32", "uint8", 0),
        (300, "int32", "int8", 127),
        (1e30, "float32", "float16", 65504),
        (True, "bool", "int8", 1),
        (7, "int8", "float32", 7),
    ],
)
def test_saturate_cast(value, source, target, wanted):
    x = ops.saturate_cast(ops.convert_to_tensor(value, source), target)
    assert x.dtype == target and float(x) == wanted
