import numpy as np
import pytest

import addax as keras
from addax.engine import Tensor, TensorShape


def tensor(value, dtype="float32"):
    return Tensor(np.asarray(value, dtype))


def test_repr_is_tensorflows():
    assert repr(tensor(6.0)) == "<tf.Tensor: shape=(), dtype=float32, numpy=6.0>"
    assert (
        repr(tensor([1, 2], "int32"))
        == "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>"
    )


def test_str_is_tensorflows():
    assert str(tensor(4.0)) == "tf.Tensor(4.0, shape=(), dtype=float32)"
    assert str(tensor([1.0, 2.0])) == "tf.Tensor([1. 2.], shape=(2,), dtype=float32)"
    assert repr(tensor(np.ones((1, 2)))).endswith("numpy=array([[1., 1.]], dtype=float32)>")
    assert str(tensor(np.ones((2, 2)))) == "tf.Tensor(\n[[1. 1.]\n [1. 1.]], shape=(2, 2), dtype=float32)"


@pytest.mark.parametrize(
    "make", [tensor, lambda value: keras.ops.multiply(tensor(value), 1.0)], ids=["host", "device"]
)
def test_writing_into_what_numpy_gave_does_not_change_the_tensor(make):
    t = make([1.0, 2.0])
    array = t.numpy()
    array[0] = 9.0
    assert t.numpy().tolist() == [1.0, 2.0]


def test_numpy_of_strings_is_a_copy_too():
    t = keras.ops.convert_to_tensor(["a", "b"])
    t.numpy()[0] = b"changed"
    assert t.numpy().tolist() == [b"a", b"b"]


def test_asarray_does_not_copy():
    value = np.ones(2, "float32")
    assert np.asarray(Tensor(value)) is value


def test_shape_is_a_tuple_that_shows_itself_as_tensorshape():
    shape = tensor(np.ones((2, 2))).shape
    assert isinstance(shape, tuple) and shape == (2, 2) and shape == [2, 2]
    assert repr(shape) == "TensorShape([2, 2])" and str(shape) == "(2, 2)"
    assert shape[1:] == (2,) and isinstance(shape[1:], TensorShape)
    assert shape.as_list() == [2, 2] and shape.rank == 2 and shape.num_elements() == 4


def test_shapes_merge_and_complain():
    assert TensorShape([None, 3]).merge_with([2, None]) == (2, 3)
    with pytest.raises(ValueError, match="incompatible"):
        TensorShape([2]).assert_is_compatible_with([3])
    with pytest.raises(TypeError, match="list or tuple"):
        TensorShape(3)


def test_dtype_equals_names_numpy_types_and_tf_dtypes():
    import addax.tf as tf

    dtype = tensor(1.0).dtype
    assert dtype == "float32" and dtype == np.float32 and np.float32 == dtype and dtype == tf.float32
    assert dtype != "int32" and dtype != np.int32
    assert np.dtype("float32") == dtype


def test_tensors_are_not_assignable():
    t = tensor(np.ones((2, 2)))
    with pytest.raises(TypeError, match="'Tensor' object does not support item assignment"):
        t[0, 0] = 0


def test_operators_work_from_both_sides_and_with_numpy():
    t = tensor([1.0, 2.0])
    for result, expected in [
        (t + 1, [2, 3]),
        (1 - t, [0, -1]),
        (np.ones(2, "float32") * t, [1, 2]),
        (t / 2, [0.5, 1]),
        (t**2, [1, 4]),
        (-t, [-1, -2]),
        (abs(-t), [1, 2]),
        (t // 2, [0, 1]),
        (t % 2, [1, 0]),
    ]:
        assert isinstance(result, Tensor)
        np.testing.assert_allclose(result, expected)
    assert (t > 1).numpy().tolist() == [False, True]
    assert (t == [1.0, 3.0]).numpy().tolist() == [True, False]
    assert (t == None) is False and (t != None) is True  # noqa: E711


def test_matmul_operator_and_its_error():
    a, b = tensor(np.ones((2, 3))), tensor(np.ones((3, 4)))
    assert (a @ b).shape == (2, 4)
    with pytest.raises(ValueError, match="inner dimensions"):
        a @ tensor(np.ones((4, 2)))


@pytest.mark.parametrize(
    "key",
    [
        0,
        -1,
        slice(None, 2),
        (0, 1),
        (slice(None), None),
        Ellipsis,
        (Ellipsis, 0),
        [0, 2],
        np.array([1, 0]),
        (0, slice(1, 3)),
    ],
)
def test_indexing_is_numpys(key):
    array = np.arange(12.0, dtype="float32").reshape(3, 4)
    np.testing.assert_array_equal(tensor(array)[key], array[key])


def test_indexing_by_tensors_and_masks():
    array = np.arange(5.0, dtype="float32")
    t = tensor(array)
    assert float(t[tensor(2, "int32")]) == 2
    np.testing.assert_array_equal(t[t > 2], [3, 4])
    np.testing.assert_array_equal(t[tensor(1, "int32") : tensor(3, "int32")], [1, 2])


def test_index_out_of_range_is_an_error():
    with pytest.raises(IndexError, match="out of range"):
        tensor([1.0])[3]
    with pytest.raises(IndexError, match="Too many"):
        tensor([1.0])[0, 0]


def test_scalars_format_and_convert():
    t = tensor(2.5)
    assert f"{t:.2f}" == "2.50" and f"{t}" == "2.5" and float(t) == 2.5 and int(t) == 2 and bool(t)
    assert range(5)[tensor(3, "int32")] == 3
    assert t.item() == 2.5 and tensor([1.0]).tolist() == [1.0]


def test_iteration_and_len():
    assert [float(x) for x in tensor([1.0, 2.0])] == [1.0, 2.0] and len(tensor([1.0, 2.0])) == 2
    with pytest.raises(TypeError, match="scalar"):
        iter(tensor(1.0))
    with pytest.raises(TypeError, match="len"):
        len(tensor(1.0))


def test_numpy_takes_tensors():
    t = tensor([1.0, 4.0])
    np.testing.assert_allclose(np.sqrt(t), [1, 2])
    assert np.mean(t) == 2.5 and np.asarray(t, "int32").dtype == np.int32


def test_strings_live_on_the_host():
    t = keras.ops.convert_to_tensor(["a", "bc"])
    assert t.dtype == "string" and t.shape == (2,) and t.numpy().tolist() == [b"a", b"bc"]
    assert (t == "a").numpy().tolist() == [True, False]


def test_jax_takes_tensors():
    import jax.numpy as jnp

    assert float(jnp.sum(tensor([1.0, 2.0]))) == 3.0


def test_value_inside_a_compiled_function_is_a_clear_error():
    from addax.engine import Compiled

    with pytest.raises(RuntimeError, match="not known here"):
        Compiled(lambda x: x.numpy())(tensor([1.0]))
