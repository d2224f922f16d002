import gc

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import addax as keras
from addax.engine import Compiled, SymbolicTensor, Tensor, Variable, _op, op

ops = keras.ops


@op
def scaled(x, factor=2.0):
    return x * factor


def test_raw_arrays_come_back_raw():
    assert isinstance(scaled(jnp.ones(2)), jax.Array)
    assert float(jax.grad(lambda x: scaled(x))(3.0)) == 2.0


def test_everything_else_gives_tensors():
    for x in (np.ones(2), [1.0, 1.0], Tensor(np.ones(2, "float32")), Variable([1.0, 1.0]), 1.0):
        assert isinstance(scaled(x), Tensor)


def test_a_tensor_among_raw_arrays_wins():
    assert isinstance(ops.add(jnp.ones(2), Tensor(np.ones(2, "float32"))), Tensor)


def test_symbolic_arguments_make_nodes():
    x = keras.Input((3,))
    y = scaled(x, 3.0)
    assert isinstance(y, SymbolicTensor) and y.shape == (None, 3) and y._node.inputs[0] is x


def test_python_scalars_do_not_retrace():
    traces = []

    @op
    def traced(x, y):
        traces.append(1)
        return x + y

    for value in (1.0, 2.0, 3.5):
        traced(np.ones(2, "float32"), value)
    assert len(traces) == 1


def test_equal_static_arguments_of_other_types_are_told_apart():
    @op
    def tells(x, flag=None):
        return x + (10 if flag is True else 1)

    x = np.zeros((), "float32")
    assert float(tells(x, flag=True)) == 10 and float(tells(x, flag=1)) == 1


def test_strings_need_a_host_version():
    with pytest.raises(TypeError, match="string"):
        ops.exp(ops.convert_to_tensor(["a"]))


def test_lists_of_tensors_are_stacked_where_one_tensor_is_wanted():
    assert float(ops.sum([Tensor(np.float32(1)), Tensor(np.float32(2))])) == 3.0


def test_wrong_arguments_raise_pythons_error():
    with pytest.raises(TypeError):
        scaled(1, 2, 3)


def test_known_values_stay_known_inside_a_trace():
    import addax.tf as tf

    def f(x):
        n = tf.shape(x)[0] * 2
        return ops.reshape(x, (int(n), -1))

    assert Compiled(f)(Tensor(np.ones((2, 4), "float32"))).shape == (4, 2)


def test_shapes_follow_through_the_graph():
    import addax.tf as tf

    x = keras.Input((4, 6))
    y = tf.reshape(x, [tf.shape(x)[0], tf.shape(x)[1] * tf.shape(x)[2]])
    assert y.shape == (None, 24)
    model = keras.Model(x, y)
    assert model.predict(np.ones((3, 4, 6)), verbose=0).shape == (3, 24)


def test_data_dependent_shapes_say_so():
    with pytest.raises((TypeError, ValueError), match="depends"):
        ops.unique(keras.Input((3,))) if hasattr(ops, "unique") else ops.nonzero(keras.Input((3,)))


@pytest.fixture
def float16():
    before = keras.config.floatx()
    keras.config.set_floatx("float16")
    yield
    keras.config.set_floatx(before)


@op
def as_floatx(x):
    return jnp.asarray(x, keras.config.floatx())


def test_compiled_ops_forget_the_dtype_of_another_floatx(request):
    integers = np.array([1, 2], "int32")
    assert as_floatx(integers).dtype == ops.mean(integers).dtype == "float32"
    request.getfixturevalue("float16")
    assert as_floatx(integers).dtype == ops.mean(integers).dtype == "float16"


def test_an_op_nobody_holds_is_freed():
    before = len(_op._all)
    made = op(lambda x: x + 1, name="passing")
    assert len(_op._all) == before + 1 and float(made(1.0)) == 2.0
    del made
    gc.collect()
    assert len(_op._all) == before


def test_setting_the_same_floatx_again_keeps_what_is_compiled():
    scaled(np.ones(2))
    kept = len(scaled.op.flat)
    keras.config.set_floatx(keras.config.floatx())
    assert kept and len(scaled.op.flat) == kept


def test_sizes_stay_known_in_compiled_code():
    def ones_for(x):
        rows = ops.cast(ops.shape(x)[0], "int64")
        return ops.ones((rows, ops.maximum(2, 1)))

    assert Compiled(ones_for)(np.zeros((3, 5), "float32")).shape == (3, 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.ones((2,)) + ops.ones((3,)), "add\\(\\) got shapes that do not broadcast"),
        (lambda: ops.reshape(ops.ones((4,)), (3,)), "reshape\\(\\) cannot be computed"),
        (lambda: Compiled(lambda x: x * np.ones(3, "float32"))(np.ones(2, "float32")), "multiply"),
        (
            lambda: keras.Input((3,)) + keras.Input((4,)),
            r"received: float32 \(None, 3\); float32 \(None, 4\)",
        ),
        (lambda: ops.sqrt("a"), "sqrt\\(\\) does not take a value of type str"),
    ],
)
def test_arguments_that_do_not_fit_are_errors_of_both_kinds(call, words):
    for kind in (TypeError, ValueError):
        with pytest.raises(kind, match=words):
            call()


def test_what_the_code_of_the_user_raises_stays_as_it_is():
    def broken(x):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="^mine") as caught:
        ops.map(broken, ops.ones((2,)))
    assert not isinstance(caught.value, ValueError)


def test_integers_outside_of_a_tensor_are_errors():
    x = ops.ones((2, 3))
    for key in (2, (0, 3), (Ellipsis, 3), (None, 0, -4), (0, 0, 0)):
        with pytest.raises(IndexError):
            x[key]
    assert x[..., None, 2].shape == (2, 1)
    inputs = keras.Input((None, 2))
    assert inputs[:, 150].shape == (None, 2)


def test_products_by_constants_of_equal_numbers():
    x = np.arange(54, dtype="float32").reshape(3, 6, 3)
    found = Compiled(lambda x: ops.matmul(x, ops.ones((3, 2))))(x)
    np.testing.assert_allclose(found, np.repeat(x.sum(-1, keepdims=True), 2, -1), rtol=1e-5)
