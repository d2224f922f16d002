import copy
import pickle

import jax
import numpy as np
import pytest

import addax as keras
from addax.engine import GradientTape, Variable


def test_assign_add_and_sub():
    v = Variable(np.zeros((3, 1), "float32"))
    v.assign(np.ones((3, 1)))
    v.assign_add(np.ones((3, 1)))
    v.assign_sub(np.full((3, 1), 0.5))
    np.testing.assert_allclose(v, np.full((3, 1), 1.5))


def test_sliced_assignment():
    v = Variable(np.zeros((3, 1), "float32"))
    v[0, 0].assign(9)
    v[1:].assign_add([[1.0], [2.0]])
    np.testing.assert_allclose(v, [[9], [1], [2]])


def test_shapes_are_checked_and_both_sides_shown():
    v = Variable(np.zeros((3, 1), "float32"), name="w")
    with pytest.raises(ValueError, match=r"(?s)'w'.*shape \(3, 1\).*shape \(2, 2\)"):
        v.assign(np.ones((2, 2)))
    with pytest.raises(ValueError, match="another shape"):
        v.assign_add(np.ones((1, 3, 1)))


def test_a_callable_needs_a_shape():
    with pytest.raises(ValueError, match="no shape"):
        Variable(lambda shape, dtype: np.zeros(shape))
    assert Variable(lambda shape, dtype: np.ones(shape, dtype), shape=(2,)).shape == (2,)


def test_floats_are_float32_and_ints_int32():
    assert (
        Variable(1.0).dtype == "float32" and Variable(1).dtype == "int32" and Variable([True]).dtype == "bool"
    )
    assert Variable(np.zeros(2)).dtype == "float32"


def test_the_callers_array_is_not_shared():
    array = np.zeros(2, "float32")
    v = Variable(np.zeros(2, "float32"))
    v.assign(array)
    array[:] = 5
    np.testing.assert_array_equal(v, [0, 0])


def test_a_reading_survives_later_assignments():
    v = Variable([1.0])
    before = v.value
    v.assign([2.0])
    assert float(before[0]) == 1.0


def test_operators_give_tensors():
    v = Variable([1.0, 2.0])
    assert (v * 2 + 1).numpy().tolist() == [3, 5] and (1 - v).numpy().tolist() == [0, -1]


def test_autocast_reads_in_the_compute_dtype():
    from addax.core import context

    v = Variable([1.0])
    with context.entered(autocast="bfloat16"):
        assert v.dtype == "bfloat16" and (v + 1).dtype == "bfloat16"
    assert v.dtype == "float32"


def test_copies_and_pickles_are_independent():
    v = Variable([1.0])
    for other in (copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        other.assign([7.0])
        assert float(v[0]) == 1.0 and float(other[0]) == 7.0


def test_gradient_through_a_slice():
    v = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = v[1] * 3
    np.testing.assert_allclose(tape.gradient(y, v), [0, 3])


def test_weights_start_on_the_host_without_a_compilation():
    layer = keras.layers.Dense(3)
    layer.build((None, 2))
    assert isinstance(layer.kernel._value, np.ndarray)


def test_functions_of_jax_take_variables():
    weight = Variable(np.full((2, 3), 2.0, "float32"))
    state = ([weight], [])
    assert jax.jit(lambda s: s[0][0] * 2)(state).shape == (2, 3)
    (gradient,), _ = jax.grad(lambda s: keras.ops.sum(s[0][0] ** 2))(state)
    np.testing.assert_allclose(gradient, 4.0, atol=1e-6)
