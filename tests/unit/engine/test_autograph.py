"""Python's control flow on traced tensors: the same results as in plain Python, for values on either path."""

import numpy as np
import pytest

from addax import ops
from addax.engine import Compiled, GradientTape, Tensor, Variable
from addax.engine._errors import ShapeNeedsValue, UnknownValue
from addax.engine.autograph import for_tracing, keep_python, source_of


def vec(*values):
    return Tensor(np.asarray(values, np.float32))


def num(value):
    return Tensor(np.asarray(value, np.float32 if isinstance(value, float) else np.int32))


def same_compiled(fn, *calls):
    """The compiled function gives for each call what Python gives."""
    compiled = Compiled(for_tracing(fn))
    for args in calls:
        np.testing.assert_allclose(np.asarray(compiled(*args)), np.asarray(fn(*args)), rtol=1e-5)


def test_if_else_takes_either_branch():
    def fn(x):
        if ops.sum(x) > 0:
            y = x * 2
        else:
            y = -x
        return y

    same_compiled(fn, (vec(1, 2),), (vec(-1, -2),))


def test_elif_and_nested_ifs():
    def fn(x):
        if x > 10:
            y = 1.0
        elif x > 5:
            if x > 7:
                y = 2.0
            else:
                y = 3.0
        else:
            y = 4.0
        return y

    same_compiled(fn, (num(11.0),), (num(8.0),), (num(6.0),), (num(0.0),))


def test_returns_in_branches():
    def fn(x):
        if x > 1:
            return x * 2
        if x < -1:
            return -x
        return x + 100

    same_compiled(fn, (num(2.0),), (num(-3.0),), (num(0.0),))


def test_a_return_inside_of_a_loop_and_a_partial_return():
    def fn(x):
        for i in range(10):
            if x > i:
                return x * i
            x = x + 0.5
        if x > 0:
            if x > 100:
                return x
            x = x - 1
        return -x

    same_compiled(fn, (num(2.5),), (num(-30.0),), (num(0.1),))


def test_while_with_break_and_continue():
    def fn(n):
        total, i = 0, 0
        while True:
            i += 1
            if i > n:
                break
            if i % 2 == 0:
                continue
            total += i
        return total

    same_compiled(fn, (num(7),), (num(0),), (num(1),))


def test_for_over_a_traced_range():
    def fn(n):
        total = 0.0
        for i in range(n):
            total += ops.cast(i, "float32") ** 2
        for i in range(1, n, 2):
            total -= ops.cast(i, "float32")
        return total

    traced = Compiled(for_tracing(fn))
    for n in (0, 1, 6):
        plain = sum(i**2 for i in range(n)) - sum(range(1, n, 2))
        assert float(traced(num(n))) == plain


def test_for_over_the_rows_of_a_tensor():
    def fn(x):
        total, best = ops.zeros((2,)), 0
        for row in x:
            if row[0] < 0:
                break
            total = total + row
            best += 1
        return total, best

    compiled = Compiled(for_tracing(fn))
    x = Tensor(np.array([[1, 2], [3, 4], [-1, 0], [9, 9]], np.float32))
    total, best = compiled(x)
    assert total.numpy().tolist() == [4, 6] and int(best) == 2


def test_python_loops_stay_in_python():
    seen = []

    def fn(x, layers):
        for scale in layers:
            seen.append(scale)
            if ops.sum(x) > 100:
                x = x / scale
            else:
                x = x * scale
        return x

    compiled = Compiled(lambda x: for_tracing(fn)(x, [2.0, 3.0]))
    np.testing.assert_allclose(compiled(vec(1, 1)).numpy(), [6, 6])
    np.testing.assert_allclose(compiled(vec(300, 300)).numpy(), [50, 50])
    assert seen == [2.0, 3.0]


def test_and_or_not_and_chained_comparisons():
    def fn(x):
        a = x > 0 and x < 10
        b = not a or x == 3
        c = 1 < x <= 5
        return ops.cast(a, "int32") + 2 * ops.cast(b, "int32") + 4 * ops.cast(c, "int32")

    same_compiled(fn, (num(3.0),), (num(7.0),), (num(-1.0),), (num(1.0),))


def test_conditional_expression_and_lambda():
    pick = for_tracing(lambda x: x * 2 if x > 0 else x - 1)
    compiled = Compiled(pick)
    assert float(compiled(num(3.0))) == 6 and float(compiled(num(-3.0))) == -4


def test_user_functions_that_are_called_are_converted():
    def inner(x):
        if x > 0:
            return x
        return -x

    def fn(x, y):
        if x > y:
            z = inner(x - y)
        else:
            z = inner(y)
        return z

    same_compiled(fn, (num(1.0), num(-4.0)), (num(1.0), num(4.0)), (num(-5.0), num(-4.0)))


def test_a_failed_trace_is_made_again_with_its_functions_converted():
    def helper(x):
        if x > 0:  # reached through a function without control flow
            return x * 2
        return x * 3

    def fn(x):
        return helper(x) + 1

    compiled = Compiled(fn)
    assert float(compiled(num(2.0))) == 5 and float(compiled(num(-2.0))) == -5
    assert compiled.traces == 1


def test_methods_closures_and_super():
    class Base:
        def run(self, x):
            return x + self.shift

    class Derived(Base):
        shift = 10.0

        def run(self, x):
            if x > 0:
                return super().run(x)
            return super().run(-x * 2)

    compiled = Compiled(for_tracing(Derived().run))
    assert float(compiled(num(1.0))) == 11 and float(compiled(num(-1.0))) == 12


def test_attributes_changed_in_branches():
    class State:
        value = 1.0

    def fn(x):
        state = State()
        if x > 0:
            state.value = x * 2
        else:
            state.value = x
        return state.value

    same_compiled(fn, (num(2.0),), (num(-2.0),))


def test_variables_assigned_in_branches_and_loops():
    counter, total = Variable(0, trainable=False), Variable(0.0)

    def fn(x):
        while x > 1:
            x = x / 2
            counter.assign_add(1)
        if x > 0.6:
            total.assign_add(x)
        return x

    compiled = Compiled(for_tracing(fn))
    compiled(num(8.0))
    assert int(counter) == 3 and float(total) == 1.0
    compiled(num(0.5))
    assert int(counter) == 3 and float(total) == 1.0


def test_variables_with_one_value_are_not_mixed_up_in_a_loop():
    a, b = Variable(1.0), Variable(5.0)

    def fn(n):
        b.assign(a)
        for _ in range(n):
            b.assign_add(a)
        return b

    assert float(Compiled(for_tracing(fn))(num(3))) == 4.0
    assert float(a) == 1.0


@pytest.mark.parametrize("turns", [0, 1, 5, 70])
def test_gradients_flow_through_while_loops_of_any_length(turns):
    w = Variable(0.9)

    def fn(x, n):
        with GradientTape() as tape:
            tape.watch(x)
            y, i = x, 0
            while i < n:
                y = ops.sin(y) * w + 0.1 * x
                i += 1
        return y, tape.gradient(y, [x, w])

    y, grads = Compiled(for_tracing(fn))(num(0.7), num(turns))
    with GradientTape() as tape:
        x = num(0.7)
        tape.watch(x)
        expected = x
        for _ in range(turns):
            expected = ops.sin(expected) * w + 0.1 * x
    plain = tape.gradient(expected, [x, w], unconnected_gradients="zero")
    np.testing.assert_allclose(float(y), float(expected), rtol=1e-5)
    np.testing.assert_allclose([float(g) for g in grads], [float(g) for g in plain], rtol=1e-4)


def test_gradients_flow_through_branches_to_what_they_use_from_outside():
    w, scale = Variable([1.0, 2.0]), Tensor(np.asarray(3.0, np.float32))

    def fn(x):
        with GradientTape() as tape:
            tape.watch([x, scale])
            if ops.sum(x) > 0:
                y = x * w * scale
            else:
                y = x * 2.0
        return tape.gradient(y, [x, w, scale], unconnected_gradients="zero")

    compiled = Compiled(for_tracing(fn))
    x, weight, factor = compiled(vec(1, 2))
    assert (x.numpy().tolist(), weight.numpy().tolist(), float(factor)) == ([3, 6], [3, 6], 5.0)
    x, weight, factor = compiled(vec(-1, -2))
    assert (x.numpy().tolist(), weight.numpy().tolist(), float(factor)) == ([2, 2], [0, 0], 0.0)


def test_a_name_set_in_one_branch_only_fails_where_it_is_used():
    def unused(x):
        if x > 0:
            y = x  # noqa: F841
        return x

    assert float(Compiled(for_tracing(unused))(num(1.0))) == 1.0

    def used(x):
        if x > 0:
            y = x
        return y

    with pytest.raises(UnboundLocalError, match="'y'.*else"):
        Compiled(for_tracing(used))(num(1.0))


def test_a_name_set_in_a_loop_that_makes_no_turn():
    def fn(n):
        for i in range(n):
            y = i * 2
        return y

    compiled = Compiled(for_tracing(fn))
    assert int(compiled(num(3))) == 4
    with pytest.raises(UnboundLocalError, match="'y'.*no turn"):
        compiled(num(0))


def test_a_missing_return_says_so():
    def fn(x):
        if x > 0:
            return x

    with pytest.raises(TypeError, match="must return in the other too"):
        Compiled(for_tracing(fn))(num(1.0))


def test_branches_of_different_dtypes_and_loops_that_change_them():
    def branches(x):
        if x > 0:
            y = x
        else:
            y = ops.cast(x, "int32")
        return y

    with pytest.raises(TypeError, match="'y' of different dtypes"):
        Compiled(for_tracing(branches))(num(1.0))

    def loop(x):
        k = ops.cast(x, "int32")
        while x < 10:
            x, k = x + 1, k + 0.5
        return k

    with pytest.raises(TypeError, match="'k' changes its dtype"):
        Compiled(for_tracing(loop))(num(1.0))


def test_a_python_number_may_become_a_float_in_a_loop():
    def fn(x):
        total = 0
        while x < 3:
            x, total = x + 1, total + 0.5
        return total

    assert float(Compiled(for_tracing(fn))(num(0.0))) == 1.5


def test_a_loop_that_changes_a_shape_says_which():
    def fn(x):
        y = x
        while ops.sum(y) < 10:
            y = ops.concatenate([y, x])
        return y

    with pytest.raises(ShapeNeedsValue, match="'y' changes its shape"):
        Compiled(for_tracing(fn))(vec(1, 1))


def test_errors_name_the_users_line():
    def fn(x):
        return float(x.numpy())  # the line

    with pytest.raises(UnknownValue, match="the line") as error:
        Compiled(fn)(num(1.0))
    assert __file__ in str(error.value)


def test_a_condition_with_many_elements_is_refused():
    def fn(x):
        if x > 0:
            return x
        return -x

    with pytest.raises(ValueError, match="more than one element"):
        Compiled(for_tracing(fn))(vec(1, 2))


def test_assertions_are_checked_when_the_code_runs():
    def fn(x):
        assert x > 0, "must be positive"
        if x > 10:
            assert x < 20, "must be small"
        return x

    compiled = Compiled(for_tracing(fn))
    assert float(compiled(num(5.0))) == 5
    with pytest.raises(AssertionError, match="must be positive"):
        compiled(num(-1.0))
    with pytest.raises(AssertionError, match="must be small"):
        compiled(num(30.0))
    assert float(compiled(num(15.0))) == 15


def test_source_and_opting_out():
    def fn(x):
        if x > 0:
            return x
        return -x

    assert "ag__.if_stmt" in source_of(fn)
    kept = keep_python(lambda x: 1.0 if x > 0 else 2.0)
    with pytest.raises(UnknownValue, match="Python condition"):
        Compiled(kept)(num(1.0))


def test_shape_inference_sees_both_branches():
    import addax as keras

    class Either(keras.layers.Layer):
        def call(self, x):
            if ops.sum(x) > 0:
                return x * 2
            return -x

    inputs = keras.Input((3,))
    model = keras.Model(inputs, Either()(inputs))
    assert model.output_shape == (None, 3)
    np.testing.assert_allclose(model(np.ones((1, 3), "float32")).numpy(), [[2, 2, 2]])
