"""`addax inspect`: every kind of file, with the numbers of the model that wrote it."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from tests.unit.cli.test_main import leave

import addax as keras

GB = 2**30


def stack():
    keras.utils.clear_session()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((4,), name="x"),
            layers.Dense(8, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Reshape((2, 4), name="shape"),
            layers.Bidirectional(layers.LSTM(3), name="both"),
            layers.Dense(2, name="head", dtype="bfloat16"),
        ],
        name="stack",
    )


@pytest.fixture(scope="module")
def model():
    found = stack()
    found.compile("adam", "mse", metrics=["mae"])
    found.fit(np.ones((8, 4), "float32"), np.ones((8, 2), "float32"), batch_size=4, verbose=0)
    return found


def facts(capsys, path):
    code, out, err = leave(capsys, "inspect", "--json", str(path))
    assert (code, err) == (0, "")
    return json.loads(out)


def flat(tree):
    yield tree
    for layer in tree["layers"]:
        yield from flat(layer)


WRITERS = {
    "m.keras": lambda model, path: model.save(path),
    "m.h5": lambda model, path: model.save(path),
    "m.weights.h5": lambda model, path: model.save_weights(path),
    "m.weights.json": lambda model, path: model.save_weights(path, max_shard_size=400 / GB),
}


@pytest.mark.parametrize("name", WRITERS)
def test_variables_and_optimizer_are_those_of_the_model(name, model, tmp_path, capsys):
    WRITERS[name](model, tmp_path / name)
    found = facts(capsys, tmp_path / name)
    assert found["format"] == name.removeprefix("m.")
    assert found["totals"]["parameters"] == model.count_params()
    assert sorted((v["shape"], v["dtype"]) for v in found["variables"]) == sorted(
        (list(v.shape), str(v.dtype)) for v in model.weights
    )
    assert found["totals"]["bytes"] == sum(np.asarray(v).nbytes for v in model.weights)
    state = model.optimizer.variables
    assert [v["shape"] for v in found["optimizer"]["variables"]] == [list(v.shape) for v in state]
    if name != "m.h5":
        assert found["optimizer"]["iterations"] == 2


@pytest.mark.parametrize("name", ["m.keras", "m.h5"])
def test_the_tree_has_names_classes_and_parameters(name, model, tmp_path, capsys):
    model.save(tmp_path / name)
    found = facts(capsys, tmp_path / name)
    by_name = {layer["name"]: layer for layer in flat(found["model"])}
    assert list(by_name) == [
        "stack", "x", "first", "norm", "shape", "both", "forward_lstm", "backward_lstm", "head",
    ]  # fmt: skip
    for layer in (model, *model.layers):
        assert by_name[layer.name]["class_name"] == type(layer).__name__
        assert by_name[layer.name]["parameters"] == layer.count_params()
    assert by_name["both"]["input_shape"] == [None, 2, 4]
    assert found["optimizer"]["class_name"] == "Adam"
    assert found["compiled"] == {"loss": "mse", "metrics": ["mae"]}
    assert found["versions"]["keras_version"] == "3.15.1"


@pytest.mark.parametrize("name", ["m.weights.h5", "m.weights.json"])
def test_weights_alone_have_the_tree_of_their_paths(name, model, tmp_path, capsys):
    WRITERS[name](model, tmp_path / name)
    by_name = {layer["name"]: layer for layer in flat(facts(capsys, tmp_path / name)["model"])}
    for layer in (model, *model.layers):
        assert by_name[layer.name]["parameters"] == layer.count_params()


def test_nested_and_shared_layers_are_counted_once(tmp_path, capsys):
    keras.utils.clear_session()
    x = keras.Input((4,))
    shared = keras.layers.Dense(4, name="shared")
    inner = keras.Model(x, shared(x) + shared(x) * 2.0, name="inner")
    denses = [keras.layers.Dense(4, name=f"d{k}") for k in range(11)]
    model = keras.Sequential([keras.Input((4,)), inner, *denses])
    model.save(tmp_path / "m.keras")
    by_name = {layer["name"]: layer for layer in flat(facts(capsys, tmp_path / "m.keras")["model"])}
    assert by_name["inner"]["parameters"] == by_name["shared"]["parameters"] == 20
    assert by_name["d10"]["path"] == "layers/dense_10" and by_name["d10"]["parameters"] == 20
    assert by_name["add"]["parameters"] is None


@keras.saving.register_keras_serializable("inspected")
class Two(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.alpha = keras.layers.Dense(3, name="one")
        self.words = keras.layers.StringLookup(vocabulary=["a", "b"], name="words")

    def call(self, x):
        return self.alpha(x)


def test_subclassed_models_show_their_objects_and_what_must_be_registered(tmp_path, capsys):
    model = Two(name="two")
    model(np.ones((1, 4), "float32"))
    model.save(tmp_path / "m.keras")
    found = facts(capsys, tmp_path / "m.keras")
    assert found["custom"] == ["inspected>Two"]
    assert found["model"]["custom"] == "inspected>Two" and found["model"]["parameters"] == 15
    assert {layer["name"] for layer in found["model"]["layers"]} == {"one", "words"}
    _, out, _ = leave(capsys, "inspect", str(tmp_path / "m.keras"))
    assert "to be registered before loading: inspected>Two" in out and "alpha 'one'" in out


def test_assets_are_listed(tmp_path, capsys):
    layer = keras.layers.TextVectorization(output_sequence_length=2)
    layer.adapt(["one two", "three"])
    keras.Sequential([keras.Input((1,), dtype="string"), layer]).save(tmp_path / "m.keras")
    found = facts(capsys, tmp_path / "m.keras")
    assert any(name.endswith("vocabulary.txt") and size > 0 for name, size in found["assets"].items())


def test_lambdas_are_told_of_and_not_decoded(tmp_path, capsys):
    from tests.security._watch import watched

    function = lambda x: x * 2  # noqa: E731
    keras.Sequential([keras.Input((1,)), keras.layers.Lambda(function)]).save(tmp_path / "m.keras")
    with watched() as seen:
        found = facts(capsys, tmp_path / "m.keras")
    assert not seen.unmarshalled(b"lambda")
    assert "lambdas: 1" in found["notes"][0]


def test_saved_models_show_signatures_and_variables(model, tmp_path, capsys):
    model.export(tmp_path / "sm", verbose=False)
    found = facts(capsys, tmp_path / "sm")
    assert found["format"] == "saved_model"
    assert found["signatures"]["serving_default"] == {
        "inputs": {"x": {"shape": [None, 4], "dtype": "float32"}},
        "outputs": {"output_0": {"shape": [None, 2], "dtype": "bfloat16"}},
    }
    names = {v["name"]: v["shape"] for v in found["variables"]}
    assert names["stack/first/kernel"] == [4, 8]
    assert facts(capsys, tmp_path / "sm" / "saved_model.pb")["signatures"] == found["signatures"]


def test_stablehlo_shows_inputs_and_variables(model, tmp_path, capsys):
    model.export(tmp_path / "hlo", format="stablehlo")
    found = facts(capsys, tmp_path / "hlo")
    assert found["format"] == "stablehlo"
    assert found["signatures"]["program"]["inputs"] == {"x": {"shape": [None, 4], "dtype": "float32"}}
    assert {tuple(v["shape"]) for v in found["variables"]} >= {tuple(v.shape) for v in model.weights}
    weights = tmp_path / "hlo" / "weights.bin"
    weights.write_bytes(weights.read_bytes()[:-1])
    code, _, err = leave(capsys, "inspect", str(tmp_path / "hlo"))
    assert code == 1 and "weights.bin is not as it was written" in err


def test_architectures_and_arrays(model, tmp_path, capsys):
    (tmp_path / "m.json").write_text(model.to_json())
    found = facts(capsys, tmp_path / "m.json")
    assert found["format"] == "json" and found["model"]["layers"][1]["name"] == "first"
    np.savez(tmp_path / "a.npz", x=np.ones((2, 3), "float16"))
    assert facts(capsys, tmp_path / "a.npz")["variables"] == [
        {"path": "x", "shape": [2, 3], "dtype": "float16", "parameters": 6}
    ]


def test_unzipped_keras_files(model, tmp_path, capsys):
    import zipfile

    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        archive.extractall(tmp_path / "folder")
    one, other = facts(capsys, tmp_path / "m.keras"), facts(capsys, tmp_path / "folder")
    assert one["model"] == other["model"] and one["variables"] == other["variables"]


def test_orbax_checkpoints(tmp_path, capsys):
    model, folder = stack(), str(tmp_path / "checkpoints")
    model.compile("adam", "mse")
    saver = keras.callbacks.OrbaxCheckpoint(folder, save_freq="epoch")
    model.fit(np.ones((4, 4), "float32"), np.ones((4, 2), "float32"), verbose=0, callbacks=[saver])
    found = facts(capsys, folder)
    assert found["format"] == "orbax" and found["optimizer"]["class_name"] == "Adam"
    by_name = {layer["name"]: layer for layer in flat(found["model"])}
    assert by_name["first"]["parameters"] == 40 and by_name["head"]["parameters"] == 14
    assert {tuple(v["shape"]) for v in found["variables"]} >= {tuple(v.shape) for v in model.weights}


def test_the_text_has_a_line_for_each_layer_and_variable(model, tmp_path, capsys):
    model.save(tmp_path / "m.keras")
    code, out, _ = leave(capsys, "inspect", str(tmp_path / "m.keras"))
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["first", "Dense", "40", "input", "(None,", "4)"] in lines
    assert ["layers/dense/vars/0", "(4,", "8)", "float32", "32"] in lines
    assert ["learning", "rate:", "0.001"] in lines and ["steps", "made:", "2"] in lines


BROKEN = {
    "missing.keras": None,
    "empty.keras": b"",
    "text.keras": b"hello, this is no model",
    "text.h5": b"hello, this is no model",
    "text.json": b"{",
    "other.json": b'{"a": 1}',
    "list.json": b"[1]",
    "deep.json": b'{"class_name": ' * 100_000,
    "tree.json": b'{"class_name": "Sequential", "config": {"layers": [3]}}',
    "picture.png": b"\x89PNG\r\n\x1a\n0000",
    "m.pt": b"\x80\x02}q\x00.",
    "w.index": b"0" * 100,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_model_is_a_clear_error(name, tmp_path, capsys):
    if BROKEN[name] is not None:
        (tmp_path / name).write_bytes(BROKEN[name])
    code, out, err = leave(capsys, "inspect", str(tmp_path / name))
    assert (code, out) == (1, "")
    assert err.startswith("Error: ") and name in err and "Traceback" not in err


def test_a_folder_without_a_model_is_a_clear_error(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("none")
    code, _, err = leave(capsys, "inspect", str(tmp_path))
    assert code == 1 and "no model file that Addax knows" in err and "notes.txt" in err


@pytest.mark.parametrize("name", [*WRITERS, "sm/saved_model.pb", "sm/variables/variables.index"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.98])
def test_truncated_files_are_clear_errors(name, part, model, tmp_path, capsys):
    path = tmp_path / name
    if name in WRITERS:
        WRITERS[name](model, path)
    else:
        model.export(tmp_path / "sm", verbose=False)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    code, out, err = leave(capsys, "inspect", str(path))
    assert (code, out) == (1, "") and err.startswith("Error: ")


def test_truncated_data_of_a_saved_model_is_told(model, tmp_path, capsys):
    model.export(tmp_path / "sm", verbose=False)
    data = tmp_path / "sm" / "variables" / "variables.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:40])
    code, _, err = leave(capsys, "inspect", str(tmp_path / "sm"))
    assert code == 1 and "data file of 40 bytes" in err


def test_other_hdf5_files_are_no_models(tmp_path, capsys):
    import h5py

    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = np.ones(3)
    code, _, err = leave(capsys, "inspect", str(tmp_path / "data.h5"))
    assert code == 1 and "no model and no weights" in err


def test_help_and_inspect_start_without_jax(model, tmp_path):
    model.save(tmp_path / "m.keras")
    script = (
        "import sys\nfrom addax.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as left: assert not left.code, left.code\n"
        "print('heavy:', sorted({'jax', 'numpy', 'h5py'} & set(sys.modules)))"
    )
    for arguments, heavy in ((["--help"], "[]"), (["inspect", "--help"], "[]")):
        ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
        assert ran.stdout.splitlines()[-1] == f"heavy: {heavy}", ran.stderr
    ran = subprocess.run(
        [sys.executable, "-c", script, "inspect", str(tmp_path / "m.keras")], capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[-1] == "heavy: ['h5py', 'numpy']", ran.stderr
