"""`addax convert`: what is written has the numbers of what was read, and nothing is written by mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from tests.unit.cli.test_main import leave

import addax as keras

DATA = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


@pytest.fixture(scope="module")
def model():
    keras.utils.clear_session()
    found = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, "tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(2),
        ]
    )
    found.compile("adam", "mse")
    found.fit(DATA, np.ones((3, 2), "float32"), verbose=0)
    return found


@pytest.fixture
def files(model, tmp_path):
    """One file of each kind, and the folder."""
    model.save(tmp_path / "a.keras")
    model.save(tmp_path / "a.h5")
    model.save(tmp_path / "whole")
    model.save_weights(tmp_path / "a.weights.h5")
    model.save_weights(tmp_path / "s.weights.json", max_shard_size=300 / 2**30)
    model.export(tmp_path / "program", verbose=False)
    (tmp_path / "a.json").write_text(model.to_json())
    return tmp_path


def convert(capsys, folder, source, target, *options):
    code, out, err = leave(capsys, "convert", str(folder / source), str(folder / target), *options)
    assert (code, err) == (0, ""), err
    assert target in out
    return folder / target


def refused(capsys, folder, source, target, *options):
    before = sorted(os.listdir(folder))
    code, out, err = leave(capsys, "convert", str(folder / source), str(folder / target), *options)
    assert (code, out) == (1, "") and err.startswith("Error: ")
    assert sorted(os.listdir(folder)) == before
    return err


def assert_same(model, other, optimizer=True):
    np.testing.assert_allclose(model(DATA).numpy(), other(DATA).numpy(), rtol=1e-6, atol=1e-6)
    if optimizer:
        for a, b in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("source", ["a.keras", "a.h5", "whole"])
@pytest.mark.parametrize("target", ["b.keras", "b.h5", "b.hdf5"])
def test_whole_models_keep_everything(source, target, model, files, capsys):
    assert_same(model, keras.models.load_model(convert(capsys, files, source, target)))


@pytest.mark.parametrize("source", ["a.keras", "a.h5", "a.weights.h5", "s.weights.json"])
@pytest.mark.parametrize("target", ["b.weights.h5", "b.weights.json"])
def test_weights_keep_everything(source, target, model, files, capsys):
    path = convert(capsys, files, source, target, "--max-shard-size", str(300 / 2**30))
    assert len(list(files.glob("b_0*.weights.h5"))) == (0 if target == "b.weights.h5" else 4)
    other = keras.models.clone_model(model)
    other.compile("adam", "mse")
    other.load_weights(path)
    assert_same(model, other)


def test_programs_compute_the_same(model, files, capsys):
    signature = keras.tf.saved_model.load(str(convert(capsys, files, "a.h5", "b")))
    np.testing.assert_allclose(signature(DATA), model(DATA).numpy(), rtol=1e-5, atol=1e-6)


def test_programs_of_stablehlo_compute_the_same(model, files, capsys):
    program = keras.export.load_stablehlo(convert(capsys, files, "a.keras", "b", "--to", "stablehlo"))
    np.testing.assert_allclose(program(DATA), model(DATA).numpy(), rtol=1e-5, atol=1e-6)
    assert "program without layers" in refused(capsys, files, "b", "c.keras")


def test_onnx(files, capsys):
    path = convert(capsys, files, "a.keras", "b.onnx")
    assert b"addax" in path.read_bytes().lower() and path.stat().st_size > 300


def test_a_folder_may_have_a_dot_if_the_format_is_named(files, capsys):
    assert "--to saved_model" in refused(capsys, files, "a.keras", "model.v1")
    assert (convert(capsys, files, "a.keras", "model.v1", "--to", "saved_model") / "saved_model.pb").exists()


def test_the_architecture_alone(model, files, capsys):
    path = convert(capsys, files, "a.keras", "b.json")
    assert keras.models.model_from_json(path.read_text()).count_params() == model.count_params()
    assert json.loads(path.read_text())["class_name"] == "Sequential"


def test_no_compile_leaves_the_optimizer_out(model, files, capsys):
    other = keras.models.load_model(convert(capsys, files, "a.keras", "b.keras", "--no-compile"))
    assert not other.compiled
    assert_same(model, other, optimizer=False)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("a.weights.h5", "b.keras", "weights alone"),
        ("s.weights.json", "b", "weights alone"),
        ("a.json", "b.keras", "no weights"),
        ("program", "b.keras", "program without layers"),
        ("a.keras", "b.pt", "names no format"),
        ("a.keras", "nowhere/b.keras", "does not exist"),
        ("missing.keras", "b.keras", "no file"),
        ("a.keras", "a.h5", "exists"),
        ("a.keras", "whole", "exists"),
        ("a.weights.h5", "s.weights.json", "exists"),
    ],
)
def test_what_cannot_be_made_says_why(source, target, said, files, capsys):
    assert said in refused(capsys, files, source, target)


def test_a_shard_that_exists_is_not_overwritten(files, capsys):
    (files / "b_00000.weights.h5").write_text("precious")
    assert "b_00000.weights.h5 exists" in refused(capsys, files, "a.weights.h5", "b.weights.json")
    assert "b_00000.weights.h5 exists" in refused(capsys, files, "a.keras", "b.weights.json")
    assert (files / "b_00000.weights.h5").read_text() == "precious"


@pytest.mark.parametrize(("to", "target"), [("h5", "b.keras"), ("saved_model", "b.keras"), ("keras", "b")])
def test_a_format_that_does_not_go_with_the_name_is_refused(to, target, files, capsys):
    assert f"--to {to} does not go with" in refused(capsys, files, "a.keras", target, "--to", to)


@pytest.mark.parametrize("target", ["b.keras", "b.h5", "b.weights.h5", "b.weights.json", "b.json", "b"])
def test_overwrite_replaces(target, model, files, capsys):
    convert(capsys, files, "a.keras", target)
    convert(capsys, files, "a.h5", target, "--overwrite")
    if target in ("b.keras", "b.h5"):
        assert_same(model, keras.models.load_model(files / target))


def test_a_file_may_be_converted_onto_itself(model, files, capsys):
    """Everything is read before anything is replaced."""
    convert(capsys, files, "s.weights.json", "s.weights.json", "--overwrite", "--max-shard-size", "1e-6")
    other = keras.models.clone_model(model)
    other.load_weights(files / "s.weights.json")
    assert_same(model, other, optimizer=False)


def test_custom_classes_are_named_and_can_be_imported(tmp_path):
    (tmp_path / "mine.py").write_text(
        "import keras\n"
        '@keras.saving.register_keras_serializable("shop")\n'
        "class Twice(keras.layers.Layer):\n"
        "    def call(self, x):\n"
        "        return x * 2\n"
    )
    (tmp_path / "make.py").write_text(
        'import keras, mine\nkeras.Sequential([keras.Input((2,)), mine.Twice()]).save("a.keras")\n'
    )

    def ran(*arguments):
        command = [sys.executable, "-m", "addax", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert ran("run", "make.py").returncode == 0
    failed = ran("convert", "a.keras", "b.h5")
    assert failed.returncode == 1 and "Traceback" not in failed.stderr
    assert "'Twice'" in failed.stderr and "shop>Twice" in failed.stderr and "--import MODULE" in failed.stderr
    assert not (tmp_path / "b.h5").exists()
    worked = ran("convert", "--import", "mine", "a.keras", "b.h5")
    assert worked.returncode == 0, worked.stderr
    assert (tmp_path / "b.h5").exists()
    missing = ran("convert", "--import", "mien", "a.keras", "c.h5")
    assert missing.returncode == 1 and "mien" in missing.stderr and "Traceback" not in missing.stderr
