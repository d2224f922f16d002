import dataclasses

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from jax.extend.mlir.dialects import stablehlo

from addax.export import ArraySpec, InputSpec, program_callable, trace_program
from addax.export._examine import check_module
from addax.export._program import canonical_array

KERNEL = np.arange(6, dtype="float32").reshape(3, 2)


def linear(values, x):
    return jnp.tanh(x @ values[0]) + values[1]


def trace_linear():
    return trace_program(linear, [KERNEL, np.float32([1, 2])], [InputSpec("x", (None, 3))])[0]


def custom_call(target: str) -> bytes:
    text = f"""
    module {{ func.func public @main(%x: tensor<2xf32>) -> tensor<2xf32> {{
        %0 = stablehlo.custom_call @{target}(%x) : (tensor<2xf32>) -> tensor<2xf32>
        return %0 : tensor<2xf32>
    }} }}"""
    return stablehlo.serialize_portable_artifact_str(text, "1.0.0")


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_program_computes_what_the_function_did(batch_size):
    x = np.random.default_rng(0).normal(size=(batch_size, 3)).astype("float32")
    bias = np.float32([1, 2])
    (result,) = program_callable(trace_linear(), "linear")(KERNEL, bias, x)
    np.testing.assert_allclose(result, linear([KERNEL, bias], x), rtol=1e-6)


def test_a_program_runs_inside_jit():
    call = program_callable(trace_linear(), "linear")
    compiled = jax.jit(lambda x: call(KERNEL, jnp.zeros(2), x)[0].sum())
    x = jnp.ones((2, 3))
    np.testing.assert_allclose(compiled(x), linear([KERNEL, 0.0], x).sum(), rtol=1e-6)


def test_the_interface_is_described():
    program = trace_linear()
    assert [spec.shape for spec in program.arguments] == [(3, 2), (2,), (None, 3)]
    assert program.results == (ArraySpec(("batch", "2"), np.dtype("float32")),)
    assert program.kept == (0, 1, 2)
    assert program.platforms == ("cpu", "cuda", "tpu")


def test_arguments_without_influence_are_left_out():
    program, _ = trace_program(
        lambda values, x, y: y + values[1],
        [KERNEL, np.float32(2)],
        [InputSpec("x", (5,)), InputSpec("y", ())],
    )
    assert program.kept == (1, 3)
    (result,) = program_callable(program, "f")(KERNEL, np.float32(2), np.zeros(5, "float32"), np.float32(3))
    assert float(result) == 5


def test_the_tree_of_results_is_numbered():
    _, results = trace_program(lambda _, x: {"b": x, "a": (x, [x])}, [], [InputSpec("x", ())])
    assert results == {"a": (0, [1]), "b": 2}


def test_unknown_dimensions_are_independent():
    specs = [InputSpec("x", (None, None)), InputSpec("y", (None, None))]
    program, _ = trace_program(lambda _, x, y: x.sum(1) + y.sum(1), [], specs)
    x, y = np.ones((2, 3), "float32"), np.ones((2, 5), "float32")
    assert program_callable(program, "f")(x, y)[0].tolist() == [8, 8]


def test_unknown_dimensions_on_one_axis_are_equal_where_they_must_be():
    specs = [InputSpec("x", (None, None)), InputSpec("y", (None, None))]
    program, _ = trace_program(lambda _, x, y: x + y, [], specs)
    assert program.results[0].dims == ("batch", "dim_1")


def test_dimensions_of_one_name_are_equal():
    specs = [InputSpec("x", ("n", None)), InputSpec("y", (None, "n"))]
    program, _ = trace_program(
        lambda _, x, y: x @ y.T @ y, [], [specs[0], InputSpec("y", (7, specs[0].shape[1]))]
    )
    assert program.arguments[0].dims[0] == "n"
    program, _ = trace_program(lambda _, x, y: y @ x, [], specs)
    assert program.results[0].dims == ("batch", "dim_1_of_0")


def test_results_may_depend_on_dimensions_by_arithmetic():
    program, _ = trace_program(lambda _, x: jnp.concatenate([x, x, x[:1]]), [], [InputSpec("x", (None,))])
    assert program.results[0].dims == ("2*batch + 1",)
    assert program_callable(program, "f")(np.ones(3, "float32"))[0].shape == (7,)


def test_source_paths_are_not_in_the_program():
    program = trace_linear()
    assert b"test_program" not in program.module
    assert b".py" not in program.module


def test_the_program_targets_the_oldest_stablehlo():
    assert b"StableHLO_v1.0.0" in trace_linear().module


def test_a_function_that_needs_a_known_size_is_an_error_with_a_hint():
    def needs_size(values, x):
        return jnp.zeros(int(x.shape[0])) + x[:, 0]

    with pytest.raises(
        ValueError, match=r"model: .*traced[\s\S]*x of shape \(None, 2\)[\s\S]*fixed shapes to x"
    ):
        trace_program(needs_size, [], [InputSpec("x", (None, 2))], name="model")


def test_an_error_without_unknown_dimensions_has_no_such_hint():
    with pytest.raises(ValueError, match="dot_general") as caught:
        trace_program(linear, [KERNEL, KERNEL], [InputSpec("x", (4, 5))])
    assert "fixed shapes" not in str(caught.value)


@pytest.mark.parametrize("target", ["xla_ffi_python_cpu_callback", "xla_python_gpu_callback", "anything"])
def test_a_call_into_the_process_is_refused(target):
    with pytest.raises(ValueError, match=f"asks for more than computation[\\s\\S]*{target}"):
        check_module(custom_call(target), "evil")


def test_a_call_hidden_in_a_branch_is_refused():
    text = """
    module { func.func public @main(%i: tensor<i32>, %x: tensor<2xf32>) -> tensor<2xf32> {
        %0 = "stablehlo.case"(%i) ({
            %1 = stablehlo.custom_call @system(%x) : (tensor<2xf32>) -> tensor<2xf32>
            stablehlo.return %1 : tensor<2xf32>
        }) : (tensor<i32>) -> tensor<2xf32>
        return %0 : tensor<2xf32>
    } }"""
    with pytest.raises(ValueError, match="system"):
        check_module(stablehlo.serialize_portable_artifact_str(text, "1.0.0"), "evil")


def test_numerical_kernels_are_accepted():
    program, _ = trace_program(lambda _, x: jnp.linalg.cholesky(x), [], [InputSpec("x", (None, 2, 2))])
    assert b"lapack" in program.module
    matrix = np.eye(2, dtype="float32")[None] * 4
    np.testing.assert_allclose(program_callable(program, "f")(matrix)[0], matrix / 2)


def test_bytes_that_are_no_program_are_a_value_error():
    with pytest.raises(ValueError, match="Not a StableHLO program"):
        check_module(b"ML\xefR junk", "evil")


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": (ArraySpec(("3", "2"), np.dtype("float32")),) * 2},
        {"kept": (0,)},
        {"results": (ArraySpec(("7",), np.dtype("int32")),)},
        {"results": (ArraySpec(("unknown", "2"), np.dtype("float32")),)},
        {"results": (ArraySpec(("2**", "2"), np.dtype("float32")),)},
        {"results": (ArraySpec(("1+" * 1000 + "1",), np.dtype("float32")),)},
        {"platforms": ("tpu",)},
    ],
)
def test_a_description_that_contradicts_the_program_is_a_value_error(change):
    program = dataclasses.replace(trace_linear(), **change)
    with pytest.raises(ValueError):  # noqa: PT011, the words are JAX's
        program_callable(program, "evil")(KERNEL, np.float32([1, 2]), np.ones((2, 3), "float32"))


def test_wide_integers_are_narrowed_when_they_fit():
    assert canonical_array(np.int64(7), "count").dtype == np.int32
    with pytest.raises(ValueError, match="count: A value does not fit"):
        canonical_array(np.int64(1 << 40), "count")


def test_strings_are_no_variables():
    with pytest.raises(ValueError, match="words: Not a numeric array"):
        canonical_array(np.array(["a"]), "words")
