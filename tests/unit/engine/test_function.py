"""`function`: when it traces, what it takes and gives, variables, tapes, and what it says when it cannot."""

import gc
import inspect
import weakref

import numpy as np
import pytest

from addax import ops
from addax.core import config
from addax.engine import (
    Function,
    GradientTape,
    Module,
    PerformanceWarning,
    SymbolicTensor,
    Tensor,
    TensorArray,
    TensorSpec,
    Variable,
    function,
)
from addax.engine._errors import LeakedTensor, ShapeNeedsValue, UnknownValue


def f32(value):
    return Tensor(np.asarray(value, np.float32))


def i32(value):
    return Tensor(np.asarray(value, np.int32))


@pytest.mark.filterwarnings("ignore::addax.engine.PerformanceWarning")
def test_one_trace_for_each_shape_dtype_and_python_value():
    traces = []

    @function
    def scale(x, by=2, flag=True):
        traces.append((tuple(x.shape) if hasattr(x, "shape") else x, by, flag))
        return x * by

    assert scale(f32(1.0)).numpy() == 2
    scale(f32(3.0)), scale(f32(1.0), 2), scale(x=f32(1.0), flag=True), scale(np.float32(5))
    assert len(traces) == 1
    scale(f32([1.0, 2.0])), scale(i32(1)), scale(f32(1.0), by=3), scale(f32(1.0), True)
    assert len(traces) == 5 and scale.experimental_get_tracing_count() == 5
    scale(1.0), scale(1.0), scale(2.0)
    assert len(traces) == 7


def test_a_first_trace_that_meets_variables_runs_the_code_once():
    traces, v, w = [], Variable(1.0), Variable([1.0, 2.0])

    @function
    def step(x):
        traces.append(1)
        v.assign_add(x)
        return w * v

    assert step(f32(2.0)).numpy().tolist() == [3, 6]
    w.assign([10.0, 20.0])
    assert step(f32(1.0)).numpy().tolist() == [40, 80]
    assert traces == [1] and float(v) == 4
    assert {id(x) for x in step.variables} == {id(v), id(w)}


def test_nests_go_in_and_out_and_python_results_become_tensors():
    @function
    def fn(data, pair):
        return {
            "sum": data["a"] + pair[1],
            "none": None,
            "list": [data["a"]],
            "n": 3,
            "text": "s",
            "yes": True,
        }

    out = fn({"a": f32(1.0), "unused": f32([1.0])}, (None, 2.0))
    assert float(out["sum"]) == 3 and out["none"] is None and float(out["list"][0]) == 1
    assert out["n"].numpy() == 3 and out["text"].numpy() == b"s" and bool(out["yes"]) is True


def test_a_returned_variable_is_a_tensor_that_does_not_change():
    v = Variable([1.0])

    @function
    def step():
        v.assign_add([1.0])
        return v

    first = step()
    step()
    assert isinstance(first, Tensor) and first.numpy().tolist() == [2.0] and v.numpy().tolist() == [3.0]


def test_decorator_forms_and_metadata():
    @function(jit_compile=True, reduce_retracing=True)
    def documented(a, b=1):
        """Says what it does."""
        return a + b

    assert isinstance(documented, Function) and documented.__name__ == "documented"
    assert documented.__doc__ == "Says what it does." and list(inspect.signature(documented).parameters) == [
        "a",
        "b",
    ]
    assert documented.python_function(1) == 2 and int(documented(i32(1))) == 2
    assert int(function(lambda x: x * 2)(i32(4))) == 8
    with pytest.raises(TypeError, match="needs something to call"):
        function(3)


def test_wrong_arguments_are_pythons_errors():
    @function
    def fn(a, b):
        return a

    with pytest.raises(TypeError, match=r"fn\(\).*'b'"):
        fn(f32(1.0))
    with pytest.raises(TypeError, match="too many"):
        fn(1, 2, 3)


class Counter(Module):
    def __init__(self, start):
        self.value = Variable(start)
        self.traces = 0

    @function
    def add(self, by):
        self.traces += 1
        self.value.assign_add(by)
        return self.value.read_value()


def test_methods_have_a_cache_for_each_object_and_do_not_keep_it():
    a, b = Counter(1.0), Counter(10.0)
    assert float(a.add(f32(1.0))) == 2 and float(b.add(f32(1.0))) == 11 and float(a.add(f32(1.0))) == 3
    assert a.traces == b.traces == 1
    assert list(inspect.signature(a.add).parameters) == ["by"]
    gone = weakref.ref(b)
    del b
    gc.collect()
    assert gone() is None


def test_inside_other_compiled_code_and_on_symbolic_tensors_python_runs():
    inner_traces = []

    @function
    def inner(x):
        inner_traces.append(1)
        return x + 1

    outer = function(lambda x: inner(x) * inner(x * 2))
    assert float(outer(f32(1.0))) == 6
    assert len(inner_traces) == 2 and inner.experimental_get_tracing_count() == 0
    assert isinstance(inner(SymbolicTensor((None, 2))), SymbolicTensor)


def test_a_tape_around_it_records_it_as_one_op():
    w = Variable([2.0, 3.0])

    @function
    def loss(x, n):
        return ops.sum(w * x**2) * ops.cast(n, "float32"), n + 1

    x = f32([1.0, 2.0])
    with GradientTape(persistent=True) as tape:
        tape.watch(x)
        y, n = loss(x, i32(2))
        z = y * y
    assert len(tape._records) == 2
    assert tape.gradient(y, w).numpy().tolist() == [2, 8]
    assert tape.gradient(y, x).numpy().tolist() == [8, 24]
    np.testing.assert_allclose(tape.gradient(z, w).numpy(), [2 * 28 * 2, 2 * 28 * 8])


def test_second_derivatives_through_it():
    cube = function(lambda x: x**3)
    x = Variable(2.0)
    with GradientTape() as outer:
        with GradientTape() as inner:
            y = cube(x)
        first = inner.gradient(y, x)
    assert float(first) == 12 and float(outer.gradient(first, x)) == 12


def test_values_on_a_tape_survive_a_later_assignment():
    v = Variable([2.0])
    square = function(lambda: ops.sum(v * v))
    bump = function(lambda: v.assign_add([1.0]))
    bump()
    with GradientTape() as tape:
        y = square()
    bump(), bump()
    assert tape.gradient(y, v).numpy().tolist() == [6.0]


def test_a_tape_inside_it():
    w = Variable(3.0)

    @function
    def gradient(x):
        with GradientTape() as tape:
            y = w**2 * x
        return tape.gradient(y, w)

    assert float(gradient(f32(2.0))) == 12


def test_input_signature_converts_checks_and_traces_once_for_open_sizes():
    traces = []

    @function(input_signature=[TensorSpec([None, 2]), TensorSpec([], "int32")])
    def fn(x, k):
        traces.append(x.shape)
        return ops.sum(ops.relu(x), axis=1) * ops.cast(k, "float32"), x.shape[1]

    for rows in (1, 3, 5):
        out, width = fn(f32(np.ones((rows, 2))), 2)
        assert out.numpy().tolist() == [4.0] * rows and int(width) == 2
    assert fn([[1.0, -1.0]], 3)[0].numpy().tolist() == [3.0]
    assert fn(f32(np.ones((0, 2))), 2)[0].shape == (0,)
    assert len(traces) == 2  # any number of rows, and none
    with pytest.raises(TypeError, match=r"Argument 'x'.*\n.*\(None, 2\).*\n.*\(1, 3\)"):
        fn(f32([[1.0, 2.0, 3.0]]), 2)
    with pytest.raises(TypeError, match="dtype float32"):
        fn(i32([[1, 2]]), 2)
    with pytest.raises(TypeError, match="missing"):
        fn(f32([[1.0, 2.0]]))


def test_open_sizes_that_the_code_must_know_are_traced_one_by_one():
    @function(input_signature=[TensorSpec([None])])
    def fn(x):
        return ops.stack([x[i] for i in range(int(x.shape[0]))]) * 2

    assert fn(f32([1.0, 2.0])).numpy().tolist() == [2, 4] and fn(f32([1.0])).numpy().tolist() == [2]


def test_gradients_through_a_program_of_open_sizes():
    w = Variable([1.0, 2.0])
    fn = function(lambda x: ops.sum(x * w), input_signature=[TensorSpec([None, 2])])
    for rows in (1, 4):
        with GradientTape() as tape:
            y = fn(f32(np.ones((rows, 2))))
        assert tape.gradient(y, w).numpy().tolist() == [rows, rows]


def test_a_bad_signature_is_refused():
    with pytest.raises(TypeError, match="must be a list or tuple"):
        function(lambda x: x, input_signature=TensorSpec([]))(1.0)
    with pytest.raises(TypeError, match="more parts than"):
        function(lambda x: x, input_signature=[TensorSpec([]), TensorSpec([])])(1.0)


def test_variables_may_be_created_in_the_first_call_only():
    class Lazy(Module):
        v = None

        @function
        def __call__(self, x):
            if self.v is None:
                self.v = Variable(2.0)
            return x * self.v

    lazy = Lazy()
    assert float(lazy(f32(3.0))) == 6 and lazy(f32([1.0])).numpy().tolist() == [2.0]

    class FromValue(Module):
        v = None

        @function
        def __call__(self, x):
            if self.v is None:
                self.v = Variable(ops.sum(x))
            return x * self.v

    made = FromValue()
    assert float(made(f32(3.0))) == 9 and float(made(f32(2.0))) == 6

    @function
    def each_time(x):
        return x + Variable(1.0)

    with pytest.raises(ValueError, match="singleton"):
        each_time(f32(1.0))


def test_frequent_traces_warn_once_and_name_what_changed():
    @function
    def fn(x, n):
        return x * n

    for n in range(4):
        fn(f32(1.0), n)
    with pytest.warns(
        PerformanceWarning, match=r"'fn' was traced 5 times(.|\n)*'n' changed from 3 \(int\) to 4"
    ) as found:
        fn(f32(1.0), 4)
    assert found[0].filename == __file__
    fn(f32(1.0), 5)  # no second warning

    @function
    def other(x):
        return x * 2

    for n in range(1, 5):
        other(f32(np.ones(n)))
    with pytest.warns(PerformanceWarning, match=r"'x' changed its shape from \(4,\) to \(5,\)"):
        other(f32(np.ones(5)))


def test_shapes_that_depend_on_values_run_op_by_op_with_a_warning():
    @function
    def collect(n):
        values = TensorArray("float32", size=n)
        for i in range(n):
            values = values.write(i, ops.cast(i, "float32"))
        return values.stack()

    with pytest.warns(PerformanceWarning, match="'collect' cannot be compiled.*TensorArray"):
        assert collect(i32(3)).numpy().tolist() == [0, 1, 2]
    assert collect(i32(2)).numpy().tolist() == [0, 1]
    strict = function(lambda n: ops.zeros((n,)), jit_compile=True)
    with pytest.raises(ShapeNeedsValue):
        strict(i32(3))


def test_asking_for_a_value_names_the_line():
    @function
    def fn(x):
        y = x * 2
        return y.numpy()

    with pytest.raises(UnknownValue, match=r"return y.numpy\(\)"):
        fn(f32(1.0))

    @function(autograph=False)
    def plain(x):
        return x if x > 0 else -x

    with pytest.raises(UnknownValue, match="autograph=False"):
        plain(f32(1.0))


def test_a_tensor_kept_from_inside_of_a_loop_is_explained():
    @function
    def fn(x):
        kept = []
        for row in x:
            kept.append(row)
        return kept[0] + 1

    with pytest.raises(LeakedTensor, match="TensorArray"):
        fn(f32([1.0, 2.0]))


def test_strings_and_run_functions_eagerly():
    seen = []

    @function
    def fn(x, how):
        seen.append(how)
        return ops.cast(x, "float32") if how == "number" else x

    assert float(fn(i32(3), "number")) == 3 and seen == ["number"]
    text = Tensor(np.array([b"a", b"b"], object))
    assert fn(text, "text").numpy().tolist() == [b"a", b"b"]
    config.run_functions_eagerly(True)
    try:
        values = []
        function(lambda x: values.append(float(x)))(f32(1.5))
        assert values == [1.5]
    finally:
        config.run_functions_eagerly(False)


def test_concrete_functions():
    @function
    def fn(x, scale=2.0, *, extra=None):
        return {"out": x * scale}

    concrete = fn.get_concrete_function(TensorSpec([None, 3], "float32"))
    assert concrete.structured_outputs["out"] == TensorSpec([None, 3])
    (spec, scale), kwargs = concrete.structured_input_signature
    assert spec == TensorSpec([None, 3], name="x") and scale == 2.0 and kwargs == {"extra": None}
    assert [s.name for s in concrete.inputs] == ["x"] and concrete.output_shapes["out"] == (None, 3)
    assert concrete(f32(np.ones((2, 3))))["out"].numpy().sum() == 12
    assert concrete(x=f32(np.ones((1, 3))))["out"].numpy().sum() == 6
    with pytest.raises(TypeError, match=r"\(None, 3\)"):
        concrete(f32(np.ones((2, 2))))
    with pytest.raises(TypeError, match="wrong number"):
        concrete(f32(1.0), f32(1.0), f32(1.0), f32(1.0))


def test_concrete_function_of_the_signature_and_compiler_text():
    fn = function(lambda x: x + 1, input_signature=[TensorSpec([2], name="inputs")])
    concrete = fn.get_concrete_function()
    assert concrete.inputs == [TensorSpec([2], name="inputs")]
    assert concrete(f32([1.0, 2.0])).numpy().tolist() == [2, 3]
    assert "stablehlo.add" in fn.experimental_get_compiler_ir(f32([1.0, 2.0]))(stage="hlo")
    assert "x: shape (2,)" in fn.pretty_printed_concrete_signatures()


def test_random_numbers_differ_from_call_to_call():
    from addax import random

    seeds = random.SeedGenerator(3)
    draw = function(lambda: random.uniform((2,), seed=seeds))
    first, second = draw().numpy(), draw().numpy()
    assert not np.array_equal(first, second)


def test_datasets_are_iterated_in_python():
    from addax.data import Dataset

    total = Variable(0.0)

    @function
    def consume(dataset):
        for x in dataset:
            if x > 1:
                total.assign_add(ops.cast(x, "float32"))
        return total.read_value()

    assert float(consume(Dataset.range(5))) == 9
    assert float(consume(Dataset.range(3))) == 11

    numbers, traces = Dataset.range(4), []

    @function
    def closed_over(x):
        traces.append(1)
        for n in numbers:
            x += ops.cast(n, "float32")
        return x + ops.cast(next(iter(numbers)), "float32")

    assert float(closed_over(f32(1.0))) == float(closed_over(f32(1.0))) == 7
    assert len(traces) == 3  # a trace that is given up, and two runs
