"""Control flow as functions, Python functions, printing and assertions: eager and compiled alike."""

import sys

import numpy as np
import pytest

import addax.tf as tf


def both(fn, *args):
    """The result, the same eager and compiled."""
    eager, compiled = fn(*args), tf.function(fn)(*args)
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b)), eager, compiled
    )
    return eager


def test_cond_case_and_switch_case():
    v = tf.Variable(0.0)

    def fn(x):
        y = tf.cond(x > 0, lambda: x * 2, lambda: x - 1)
        z = tf.case([(x > 10, lambda: 1), (x > 1, lambda: 2)], default=lambda: 3)
        s = tf.switch_case(tf.cast(x, tf.int32), {0: lambda: 10, 2: lambda: 20}, default=lambda: 30)
        tf.cond(x > 1, lambda: v.assign_add(1.0), lambda: v.assign_add(0.0))
        return y, z, s

    assert [float(r) for r in both(fn, tf.constant(2.0))] == [4, 2, 20]
    assert float(v) == 2.0
    assert [float(r) for r in both(fn, tf.constant(-7.0))] == [-8, 3, 30]
    with pytest.raises(TypeError, match="true_fn must be callable"):
        tf.cond(True, 1, 2)


def test_while_loop_keeps_the_form_of_its_variables():
    def fn(n):
        return tf.while_loop(
            lambda s: s["i"] < n,
            lambda s: {"i": s["i"] + 1, "xs": (s["xs"][0] * 2.0,)},
            {"i": 0, "xs": (1.0,)},
        )

    found = both(fn, tf.constant(5))
    assert int(found["i"]) == 5 and float(found["xs"][0]) == 32.0
    limited = both(
        lambda n: tf.while_loop(lambda i: i < n, lambda i: [i + 1], [0], maximum_iterations=3), tf.constant(9)
    )
    assert isinstance(limited, list) and int(limited[0]) == 3


def test_loops_over_the_first_axis():
    xs = tf.constant([1.0, 2.0, 3.0])
    assert both(lambda x: tf.map_fn(lambda e: e * e, x), xs).numpy().tolist() == [1, 4, 9]
    pairs = both(
        lambda x: tf.map_fn(
            lambda t: (t[0] + t[1], t[0]), (x, x), fn_output_signature=(tf.float32, tf.int32)
        ),
        xs,
    )
    assert pairs[1].numpy().tolist() == [1, 2, 3] and pairs[1].dtype == tf.int32
    assert both(lambda x: tf.scan(lambda a, e: a * e, x), xs).numpy().tolist() == [1, 2, 6]
    assert both(
        lambda x: tf.scan(lambda a, e: a + e, x, initializer=1.0, reverse=True), xs
    ).numpy().tolist() == [7, 6, 4]
    assert float(both(lambda x: tf.foldl(lambda a, e: a - e, x), xs)) == -4
    assert float(both(lambda x: tf.foldr(lambda a, e: a - e, x), xs)) == 0
    assert both(lambda x: tf.vectorized_map(lambda e: e + 1, x), xs).numpy().tolist() == [2, 3, 4]


def test_tensor_array_in_a_compiled_loop_has_a_gradient():
    w = tf.Variable(2.0)

    @tf.function
    def fn(x):
        with tf.GradientTape() as tape:
            out, state = tf.TensorArray(tf.float32, size=3), 0.0
            for i in tf.range(3):
                state = state + x[i] * w
                out = out.write(i, state)
            total = tf.reduce_sum(out.stack())
        return out.stack(), tape.gradient(total, w)

    rows, gradient = fn(tf.constant([1.0, 2.0, 3.0]))
    assert rows.numpy().tolist() == [2, 6, 12] and float(gradient) == 10


def test_tensor_array_methods():
    ta = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
    ta = ta.write(2, 5).write(0, [1][0])
    assert ta.size().numpy() == 3 and ta.stack().numpy().tolist() == [1, 0, 5] and ta.read(2).numpy() == 5
    assert ta.gather([2, 0]).numpy().tolist() == [5, 1]
    rows = tf.TensorArray(tf.float32, size=2).unstack([[1.0], [2.0]])
    assert rows.concat().numpy().tolist() == [1, 2] and rows.element_shape == (1,)
    split = tf.TensorArray(tf.int32, size=2, infer_shape=False).split([1, 2, 3], [1, 2])
    assert split.read(1).numpy().tolist() == [2, 3]
    with pytest.raises(ValueError, match="not resizeable"):
        tf.TensorArray(tf.int32, size=1).write(1, 1)
    with pytest.raises(ValueError, match="another shape"):
        tf.TensorArray(tf.int32, size=2).write(0, 1).write(1, [1, 2])


def test_python_functions_in_compiled_code():
    seen = []

    def python(x):
        seen.append(x.numpy().tolist())
        return x * 2

    @tf.function
    def fn(x):
        return tf.py_function(python, [x], tf.TensorSpec((2,), tf.float32)) + tf.numpy_function(
            lambda a: a.sum(), [x], tf.TensorSpec((), tf.float32)
        )

    assert fn(tf.constant([1.0, 2.0])).numpy().tolist() == [5, 7]
    assert seen == [[1.0, 2.0]]
    assert tf.py_function(lambda x: x + 1, [1], tf.int32).numpy() == 2


def test_python_functions_with_effects_run_each_time_and_in_order():
    seen = []

    @tf.function
    def fn(x):
        tf.numpy_function(lambda a: seen.append(float(a)), [x], [])
        tf.numpy_function(lambda a: (seen.append(float(a) + 1), a)[1], [x], tf.TensorSpec((), tf.float32))
        for _ in tf.range(2):
            tf.py_function(lambda a: seen.append(float(a) + 2), [x], [])
        tf.py_function(lambda: seen.append("end"), [], [])
        tf.numpy_function(seen.append, [x], tf.TensorSpec((), tf.float32), stateful=False)  # left out
        return x

    fn(tf.constant(1.0))
    fn(tf.constant(10.0))
    assert seen == [1, 2, 3, 3, "end", 10, 11, 12, 12, "end"]


def test_print_shows_values_each_time_the_code_runs(capsys):
    @tf.function
    def fn(x):
        print("traced")
        tf.print("x:", x, {"a": [x]}, output_stream=sys.stdout)
        return x

    fn(tf.constant([1.5, 2.0]))
    fn(tf.constant([0.1, 1e-7]))
    assert (
        capsys.readouterr().out
        == "traced\nx: [1.5 2] {'a': [[1.5 2]]}\nx: [0.1 1e-07] {'a': [[0.1 1e-07]]}\n"
    )
    tf.print("a", 1, tf.range(100), tf.constant("s"), [True, None], tf.constant(1 / 3), sep="|", end=".")
    assert capsys.readouterr().err == 'a|1|[0 1 2 ... 97 98 99]|"s"|[True, None]|0.333333343.'
    tf.print(tf.constant([[1, 2], [3, 4]]), tf.range(5), output_stream=sys.stdout, summarize=1)
    assert capsys.readouterr().out == "[[1 2]\n [3 4]] [0 ... 4]\n"


def test_print_of_known_values_in_compiled_code(capsys):
    @tf.function
    def fn(x):
        tf.print("step", 1, output_stream=sys.stdout)
        return x

    fn(tf.constant(1.0))
    fn(tf.constant(2.0))
    assert capsys.readouterr().out == "step 1\nstep 1\n"


def test_printing_inside_of_branches_and_loops(capsys):
    @tf.function
    def fn(n):
        for i in tf.range(n):
            if i % 2 == 0:
                tf.print(i, output_stream=sys.stdout)
        return n

    fn(tf.constant(4))
    assert capsys.readouterr().out == "0\n2\n"


def test_assertions():
    tf.debugging.assert_equal([1, 2], [1, 2])
    tf.debugging.assert_shapes([(tf.zeros((2, 3)), ("n", 3)), (tf.zeros(2), ("n",))])
    for bad in (
        lambda: tf.debugging.assert_less([1, 3], 3, message="too large"),
        lambda: tf.debugging.assert_near(1.0, 1.1),
        lambda: tf.debugging.assert_rank(tf.zeros((2, 2)), 1),
        lambda: tf.debugging.assert_shapes([(tf.zeros((2, 3)), ("n", "n"))]),
        lambda: tf.debugging.check_numerics(tf.constant(float("nan")), "bad"),
        lambda: tf.Assert(False, [tf.constant(3)]),
    ):
        with pytest.raises(ValueError):
            bad()
    with pytest.raises(TypeError, match="int32"):
        tf.debugging.assert_type(tf.constant(1), tf.float32)

    @tf.function
    def fn(x):
        tf.debugging.assert_positive(x, message="not positive")
        return tf.sqrt(x)

    assert float(fn(tf.constant(4.0))) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="not positive"):
        fn(tf.constant(-4.0))


def test_for_over_tf_range_with_a_traced_limit():
    @tf.function
    def fn(n):
        total = 0.0
        for i in tf.range(0.0, n, 0.5):
            total += i
        return total

    assert float(fn(tf.constant(2.0))) == 3.0


def test_scopes_and_devices():
    with tf.device("/CPU:0"):
        assert "CPU:0" in tf.constant(1.0).device
    with pytest.raises(RuntimeError, match="no device"), tf.device("/GPU:7"):
        pass
    with tf.control_dependencies([tf.constant(1)]):
        assert tf.group(tf.no_op()) is None

    @tf.function
    def fn(x):
        with tf.init_scope():
            known = float(tf.constant(2.0) * 3)
        return x * known

    assert float(fn(tf.constant(2.0))) == 12.0
    assert tf.executing_eagerly()


@pytest.mark.filterwarnings("ignore::addax.engine._function.PerformanceWarning")
def test_an_array_that_grows_in_one_branch_only():
    @tf.function
    def squares(x):
        kept = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        for i in tf.range(tf.shape(x)[0]):
            if x[i] < 0:
                continue
            kept = kept.write(kept.size(), x[i] ** 2)
        return kept.stack()

    assert squares(tf.constant([1.0, -1.0, 3.0])).numpy().tolist() == [1, 9]


def test_the_end_of_an_iterator_in_a_compiled_function():
    iterator = iter(tf.data.Dataset.range(1))
    take = tf.function(lambda it: next(it))
    assert int(take(iterator)) == 0
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        take(iterator)


@pytest.mark.filterwarnings("ignore:Function 'tail' cannot be compiled")
def test_parts_of_a_range_of_unknown_length():
    @tf.function
    def tail(n):
        return tf.reduce_sum(tf.range(n)[1:])

    assert int(tail(tf.constant(4))) == 6
