import hashlib
import json
import os
import subprocess
import sys

import jax
import ml_dtypes
import numpy as np
import pytest
from jax import numpy as jnp

from addax.export import Endpoint, InputSpec, SavedVariable, read_saved_model, write_saved_model
from addax.export._saved_model_schema import SAVED_MODEL_SCHEMA
from addax.formats import BundleReader

RANDOM = np.random.default_rng(0)
VARIABLES = [
    SavedVariable("dense/kernel", RANDOM.normal(size=(3, 4)).astype("float32")),
    SavedVariable("dense/bias", RANDOM.normal(size=4).astype("float32")),
    SavedVariable("mean", np.float32([1, 2, 3, 4]), trainable=False),
]
INPUTS = [InputSpec("x", (None, 3))]


def dense(values, x):
    return jax.nn.softmax(x @ values[0] + values[1] - values[2])


def write(path, function=dense, inputs=INPUTS, variables=VARIABLES, packing="positional"):
    write_saved_model(path, {"serving_default": Endpoint(function, inputs, packing)}, variables)
    return read_saved_model(path)


@pytest.fixture(scope="module")
def dense_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "dense"
    write(path)
    return path


@pytest.mark.parametrize("batch_size", [1, 6])
def test_the_signature_gives_the_same_numbers(dense_path, batch_size):
    x = RANDOM.normal(size=(batch_size, 3)).astype("float32")
    result = read_saved_model(dense_path).signatures["serving_default"](x=x)
    expected = dense([variable.value for variable in VARIABLES], x)
    assert list(result) == ["output_0"]
    np.testing.assert_allclose(result["output_0"], expected, rtol=1e-6)


def test_the_model_can_be_called(dense_path):
    x = RANDOM.normal(size=(2, 3)).astype("float32")
    loaded = read_saved_model(dense_path)
    np.testing.assert_array_equal(loaded(x), loaded.signatures["serving_default"](x)["output_0"])
    np.testing.assert_array_equal(loaded(x.tolist()), loaded(x=x))


def test_variables_come_back_with_their_flags(dense_path):
    variables = read_saved_model(dense_path).variables
    assert [(item.name, item.trainable) for item in variables] == [
        (item.name, item.trainable) for item in VARIABLES
    ]
    for item, original in zip(variables, VARIABLES, strict=True):
        np.testing.assert_array_equal(item.value, original.value)


def test_a_signature_describes_itself(dense_path):
    signature = read_saved_model(dense_path).signatures["serving_default"]
    assert (signature.input_names, signature.output_names) == (("x",), ("output_0",))
    assert [spec.shape for spec in (*signature.inputs, *signature.outputs)] == [(None, 3), (None, 4)]
    assert repr(signature) == "<Signature serving_default(x: shape (batch, 3), dtype float32) -> output_0>"


def test_a_loaded_model_works_inside_jit(dense_path):
    loaded = read_saved_model(dense_path)
    x = jnp.ones((2, 3))
    inside = jax.jit(loaded)(x)
    np.testing.assert_allclose(inside, loaded(x), rtol=1e-6, atol=1e-6)


def test_the_files_are_a_saved_model(dense_path):
    assert sorted(os.listdir(dense_path)) == ["assets", "saved_model.pb", "variables"]
    assert sorted(os.listdir(dense_path / "variables")) == [
        "variables.data-00000-of-00001",
        "variables.index",
    ]
    (graph,) = SAVED_MODEL_SCHEMA.decode("SavedModel", (dense_path / "saved_model.pb").read_bytes())[
        "meta_graphs"
    ]
    assert graph["meta_info_def"]["tags"] == ["serve"]
    info = graph["signature_def"]["serving_default"]["inputs"]["x"]
    assert (info["dtype"], info["tensor_shape"]) == (1, {"dim": [{"size": -1}, {"size": 3}]})
    keys = [
        key for key in BundleReader(dense_path / "variables" / "variables") if key.startswith("variables/")
    ]
    assert keys == [f"variables/{number}/.ATTRIBUTES/VARIABLE_VALUE" for number in range(3)]


def test_no_path_of_this_machine_is_in_the_files(dense_path):
    content = (dense_path / "saved_model.pb").read_bytes()
    assert b".py" not in content
    assert os.fsencode(os.getcwd()) not in content


def test_dicts_of_inputs_and_outputs(tmp_path):
    def both(values, b, a):
        return {"sum": a + b, "difference": b - a}

    inputs = [InputSpec("b", (None,)), InputSpec("a", (None,))]
    loaded = write(tmp_path / "m", both, inputs, [], "dict")
    results = loaded.signatures["serving_default"](a=[1.0], b=[5.0])
    assert {name: item.tolist() for name, item in results.items()} == {"sum": [6], "difference": [4]}
    assert loaded({"a": [1.0], "b": [5.0]})["difference"].tolist() == [4]


def test_lists_of_inputs_and_nested_outputs(tmp_path):
    inputs = [InputSpec("b", (None,)), InputSpec("a", (None,), "int32")]
    loaded = write(tmp_path / "m", lambda _, b, a: (b, [a, {"both": a + b}, None]), inputs, [], "list")
    first, (second, third, nothing) = loaded([[1.5], [2]])
    assert (first.tolist(), second.tolist(), third["both"].tolist(), nothing) == ([1.5], [2], [3.5], None)
    assert second.dtype == np.int32
    assert list(loaded.signatures["serving_default"]([1.5], [2])) == ["output_0", "output_1", "output_2"]


def test_several_endpoints_share_the_variables(tmp_path):
    endpoints = {
        "serving_default": Endpoint(dense, INPUTS),
        "logits": Endpoint(lambda values, x: {"logits": x @ values[0]}, INPUTS),
        "count": Endpoint(lambda values: values[0].size * jnp.ones(()), []),
    }
    write_saved_model(tmp_path / "m", endpoints, VARIABLES)
    signatures = read_saved_model(tmp_path / "m").signatures
    x = np.ones((2, 3), "float32")
    assert set(signatures) == set(endpoints)
    np.testing.assert_allclose(signatures["logits"](x=x)["logits"], x @ VARIABLES[0].value, rtol=1e-6)
    assert float(signatures["count"]()["output_0"]) == 12


def test_variables_of_one_name_and_odd_names_are_kept_apart(tmp_path):
    values = [
        SavedVariable(name, np.float32(number)) for number, name in enumerate(["w", "w", "W", "ä b:0", "_w"])
    ]
    loaded = write(tmp_path / "m", lambda values, x: x + jnp.stack(values), [InputSpec("x", ())], values)
    assert loaded(0.0).tolist() == [0, 1, 2, 3, 4]
    assert [item.name for item in loaded.variables] == ["w", "w", "W", "ä b:0", "_w"]


@pytest.mark.parametrize("dtype", ["float16", "int8", "bool", "uint8", "int32", ml_dtypes.bfloat16])
def test_dtypes_are_kept(tmp_path, dtype):
    value = np.array([0, 1, 1]).astype(dtype)
    loaded = write(
        tmp_path / "m",
        lambda values, x: (values[0], x),
        [InputSpec("x", (None,), dtype)],
        [SavedVariable("v", value)],
    )
    stored, passed = loaded(value)
    assert stored.dtype == passed.dtype == value.dtype
    np.testing.assert_array_equal(stored, value)


def test_a_model_loads_in_a_process_that_never_saw_its_code(dense_path):
    script = (
        "import sys; from addax.export import read_saved_model\n"
        "print(read_saved_model(sys.argv[1])([[1., 2., 3.]]).tolist())"
    )
    output = subprocess.run(
        [sys.executable, "-c", script, str(dense_path)], capture_output=True, text=True, check=True
    ).stdout
    expected = dense([variable.value for variable in VARIABLES], np.float32([[1, 2, 3]]))
    np.testing.assert_allclose(json.loads(output), expected, rtol=1e-6, atol=1e-6)


def test_reading_does_not_import_jax(dense_path):
    script = (
        "import sys; from addax.export import read_saved_model\n"
        "read_saved_model(sys.argv[1]); assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(dense_path)], check=True)


# --- writing: places and errors


def test_an_old_model_is_replaced_and_foreign_files_stay(tmp_path):
    path = tmp_path / "m"
    write(path)
    (path / "notes.txt").write_text("mine")
    (path / "variables" / "stale").write_text("old")
    loaded = write(path, lambda _, x: x * 2, INPUTS, [])
    assert loaded(np.ones((1, 3))).tolist() == [[2, 2, 2]]
    assert (path / "notes.txt").read_text() == "mine"
    assert not (path / "variables" / "stale").exists()
    assert os.listdir(tmp_path) == ["m"]


def test_a_failed_write_leaves_the_old_model(tmp_path, monkeypatch):
    path = tmp_path / "m"
    write(path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("addax.export._saved_model.write_bundle", fail)
    with pytest.raises(OSError, match="disk full"):
        write_saved_model(path, {"serving_default": Endpoint(lambda _, x: x, INPUTS)}, [])
    assert len(read_saved_model(path).variables) == 3
    assert os.listdir(tmp_path) == ["m"]


def test_a_folder_with_somebody_elses_assets_is_left_alone(tmp_path):
    (tmp_path / "assets").mkdir()
    with pytest.raises(FileExistsError, match="assets"):
        write(tmp_path)
    assert os.listdir(tmp_path) == ["assets"]


def test_a_file_in_the_way_is_an_error(tmp_path):
    (tmp_path / "m").write_text("")
    with pytest.raises(FileExistsError, match="found a file"):
        write(tmp_path / "m")


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "saved_model.pb").is_file()


def test_others_may_read_the_folder_as_the_umask_says(tmp_path):
    (tmp_path / "plain").mkdir()
    write(tmp_path / "m")
    assert (tmp_path / "m").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize(
    ("endpoints", "problem"),
    [
        ({}, "needs an endpoint"),
        ({"a b": Endpoint(dense, INPUTS)}, "received: 'a b'"),
        ({"variables": Endpoint(dense, INPUTS)}, "other than"),
        ({"__call__": Endpoint(dense, INPUTS)}, "Not a name"),
        ({"serve": Endpoint(dense, [*INPUTS, *INPUTS])}, "serve: Inputs need names of their own"),
        ({"serve": Endpoint(dense, INPUTS, "tuple")}, "Unknown packing"),  # type: ignore[arg-type]
        ({"serve": Endpoint(lambda values, x: {}, INPUTS)}, "returns nothing"),
        ({"serve": Endpoint(lambda values, x: x.shape[5], INPUTS)}, "could not be traced"),
    ],
)
def test_wrong_endpoints_are_named(tmp_path, endpoints, problem):
    with pytest.raises(ValueError, match=problem):
        write_saved_model(tmp_path / "m", endpoints, VARIABLES)
    assert os.listdir(tmp_path) == []


# --- reading: errors and hostile files


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="saved_model.pb"):
        read_saved_model(tmp_path)


@pytest.mark.parametrize(
    ("args", "kwargs", "problem"),
    [
        ((), {}, r"expected: x\s+received: no inputs"),
        ((), {"X": 1}, "Did you mean 'x'"),
        ((1, 2), {}, "2 without a name"),
        ((1,), {"x": 1}, "1 without a name, x"),
        (
            (),
            {"x": np.ones((2, 5))},
            r"input 'x': Wrong input.\s+expected: shape \(batch, 3\), dtype float32",
        ),
        ((), {"x": np.ones(3)}, r"received: ndarray of shape \(3,\)"),
        ((), {"x": np.ones((2, 3), complex)}, "dtype complex128"),
        ((), {"x": np.ones((0, 3))}, "and 1 or more"),
    ],
)
def test_wrong_inputs_are_described(dense_path, args, kwargs, problem):
    with pytest.raises(ValueError, match=problem):
        read_saved_model(dense_path).signatures["serving_default"](*args, **kwargs)


def test_inputs_of_different_batch_sizes_are_described(tmp_path):
    inputs = [InputSpec("a", (None,)), InputSpec("b", (None,))]
    loaded = write(tmp_path / "m", lambda _, a, b: a + b, inputs, [])
    with pytest.raises(ValueError, match=r"received: shapes \{'a': \(2,\), 'b': \(3,\)\}"):
        loaded([1, 2], [1, 2, 3])


def test_integers_that_overflow_are_refused(tmp_path):
    loaded = write(tmp_path / "m", lambda _, a: a, [InputSpec("a", (None,), "int32")], [])
    assert loaded(np.array([7])).tolist() == [7]
    with pytest.raises(ValueError, match="overflows"):
        loaded(np.array([1 << 40]))


def test_a_model_without_default_signature_says_so(tmp_path):
    write_saved_model(tmp_path / "m", {"other": Endpoint(dense, INPUTS)}, VARIABLES)
    with pytest.raises(ValueError, match="no default signature"):
        read_saved_model(tmp_path / "m")(np.ones((1, 3)))


def rewritten(path, change):
    """Apply a change to the messages of a SavedModel."""
    file = path / "saved_model.pb"
    model = SAVED_MODEL_SCHEMA.decode("SavedModel", file.read_bytes())
    change(model["meta_graphs"][0])
    file.write_bytes(SAVED_MODEL_SCHEMA.encode("SavedModel", model))


def program_node(graph):
    functions = graph["graph_def"]["library"]["function"]
    return next(node for item in functions for node in item["node_def"] if node["op"] == "XlaCallModule")


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: graph.pop("object_graph_def"),
        lambda graph: graph["graph_def"].pop("library"),
        lambda graph: graph["object_graph_def"]["nodes"].pop(),
        lambda graph: graph["object_graph_def"]["nodes"].insert(0, {}),
        lambda graph: program_node(graph).update(op="NoOp"),
        lambda graph: program_node(graph)["attr"].pop("_addax_input_dims"),
        lambda graph: program_node(graph)["attr"].pop("Tout"),
        lambda graph: program_node(graph)["input"].reverse(),
        lambda graph: program_node(graph)["input"].append("arg_7"),
        lambda graph: graph["signature_def"]["serving_default"]["outputs"]["output_0"].update(name="call:9"),
        lambda graph: graph["signature_def"]["serving_default"]["outputs"]["output_0"].update(name="call"),
        lambda graph: graph["object_graph_def"]["concrete_functions"]["__inference_serving_default"].update(
            bound_inputs=[99]
        ),
        lambda graph: graph["object_graph_def"]["concrete_functions"]["__inference_serving_default"].update(
            bound_inputs=[5, 6, 7] * 5
        ),
    ],
)
def test_files_that_others_wrote_or_damaged_are_value_errors(tmp_path, change):
    write(tmp_path / "m")
    rewritten(tmp_path / "m", change)
    with pytest.raises(ValueError, match="damaged, or Addax did not write it"):
        read_saved_model(tmp_path / "m")


def test_a_hostile_program_is_refused_when_called(tmp_path):
    from tests.unit.export.test_program import custom_call

    write(tmp_path / "m")
    module = custom_call("xla_ffi_python_cpu_callback")
    digest = hashlib.sha256(module).hexdigest().encode()
    rewritten(
        tmp_path / "m",
        lambda graph: program_node(graph)["attr"].update(
            module={"s": module}, _addax_module_sha256={"s": digest}
        ),
    )
    with pytest.raises(ValueError, match="asks for more than computation"):
        read_saved_model(tmp_path / "m")(np.ones((1, 3)))


def test_changed_bytes_load_or_raise_value_error(tmp_path):
    write(tmp_path / "m")
    file = tmp_path / "m" / "saved_model.pb"
    content = file.read_bytes()
    outcomes = set()
    random = np.random.default_rng(1)
    for position in random.integers(0, len(content), 300):
        changed = bytearray(content)
        changed[position] ^= 1 << random.integers(8)
        file.write_bytes(changed)
        try:
            read_saved_model(tmp_path / "m")
            outcomes.add("loaded")
        except ValueError:
            outcomes.add("refused")
    assert outcomes == {"loaded", "refused"}


def test_a_checkpoint_with_other_shapes_is_a_value_error(tmp_path):
    write(tmp_path / "m")
    other = [SavedVariable("kernel", np.ones((5, 4), "float32")), *VARIABLES[1:]]
    write(tmp_path / "other", inputs=[InputSpec("x", (None, 5))], variables=other)
    for name in os.listdir(tmp_path / "other" / "variables"):
        os.replace(tmp_path / "other" / "variables" / name, tmp_path / "m" / "variables" / name)
    with pytest.raises(ValueError, match="expected|does not take"):
        read_saved_model(tmp_path / "m")(np.ones((1, 3)))
