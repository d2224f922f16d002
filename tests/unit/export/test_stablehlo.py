"""Models as StableHLO programs with weights and a description."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import addax as keras
from addax.export import load_stablehlo

RNG = np.random.default_rng(0)
layers = keras.layers


def draw(*shape):
    return RNG.normal(size=shape).astype("float32")


def dense():
    return keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="relu"), layers.Dense(2)]), draw(
        5, 3
    )


def image():
    steps = [
        layers.Conv2D(4, 3, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]
    return keras.Sequential([keras.Input((8, 8, 2)), *steps, layers.Flatten(), layers.Dense(3)]), draw(
        2, 8, 8, 2
    )


def sequence():
    steps = [layers.LSTM(4, return_sequences=True), layers.GRU(3)]
    return keras.Sequential([keras.Input((None, 2)), *steps]), draw(3, 7, 2)


def attention():
    x = keras.Input((6, 8))
    return keras.Model(x, layers.MultiHeadAttention(2, 4)(x, x)), draw(2, 6, 8)


def of_a_dict():
    inputs = {"wide": keras.Input((2,), name="wide"), "ids": keras.Input((3,), dtype="int32", name="ids")}
    deep = layers.Flatten()(layers.Embedding(9, 2)(inputs["ids"]))
    joined = layers.concatenate([inputs["wide"], deep])
    outputs = {"a": layers.Dense(1)(joined), "b": [joined, layers.Dense(2)(deep)]}
    return keras.Model(inputs, outputs), {
        "wide": draw(4, 2),
        "ids": RNG.integers(0, 9, size=(4, 3), dtype="int32"),
    }


def of_a_list():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    return keras.Model(inputs, layers.subtract(inputs)), [draw(4, 2), draw(4, 2)]


def half():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="bfloat16")]), draw(5, 3)


@pytest.mark.parametrize("make", [dense, image, sequence, attention, of_a_dict, of_a_list, half])
def test_it_computes_what_the_model_does(make, tmp_path) -> None:
    model, x = make()
    model.export(tmp_path / "m", format="stablehlo")
    loaded = load_stablehlo(tmp_path / "m")
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-5, atol=1e-6),
        model(x),
        loaded(x),
    )
    assert sorted(loaded.variables) == sorted(v.path for v in model.variables)
    if isinstance(x, dict):
        assert loaded(**x)["a"].shape == (4, 1)


def test_another_process_needs_no_code_of_the_model(tmp_path) -> None:
    @keras.saving.register_keras_serializable()
    class Doubling(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    keras.Sequential([keras.Input((2,)), Doubling()]).export(tmp_path / "m", format="stablehlo")
    program = "import sys; from addax.export import load_stablehlo as f; print(f(sys.argv[1])([[1.0, 4.0]]).numpy())"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "m")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[[2. 8.]]"


def test_it_replaces_an_older_one_and_leaves_other_files(tmp_path) -> None:
    for units in (2, 3):
        keras.Sequential([keras.Input((2,)), layers.Dense(units)]).export(tmp_path / "m", format="stablehlo")
        (tmp_path / "m" / "notes.txt").write_text("mine")
    assert load_stablehlo(tmp_path / "m")(np.ones((1, 2), "float32")).shape == (1, 3)
    assert sorted(os.listdir(tmp_path / "m")) == ["model.json", "model.mlirbc", "notes.txt", "weights.bin"]
    assert os.listdir(tmp_path) == ["m"]


def test_what_does_not_fit_is_refused(tmp_path) -> None:
    model, x = dense()
    model.export(tmp_path / "m", format="stablehlo")
    loaded = load_stablehlo(tmp_path / "m")
    with pytest.raises(ValueError, match="wrong shape"):
        loaded(x[:, :2])
    with pytest.raises(TypeError, match="other inputs"):
        loaded(x, x)
    with pytest.raises(ValueError, match="export format"):
        model.export(tmp_path / "n", format="hlo")
    with pytest.raises(ValueError, match="not built"):
        keras.Sequential([layers.Dense(1)]).export(tmp_path / "n", format="stablehlo")
    with pytest.raises(FileNotFoundError, match="no StableHLO export"):
        load_stablehlo(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        model.export(tmp_path / "file", format="stablehlo")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "weights.bin").write_text("")
    with pytest.raises(FileExistsError, match=r"weights\.bin"):
        model.export(tmp_path / "other", format="stablehlo")


def change(key, value):
    def of(folder):
        file = folder / "model.json"
        description = json.loads(file.read_text())
        *path, last = key
        place = description
        for part in path:
            place = place[part]
        place[last] = value
        file.write_text(json.dumps(description))

    return of


def cut(name):
    def of(folder):
        (folder / name).write_bytes((folder / name).read_bytes()[:-3])

    return of


DAMAGE = {
    "program cut off": cut("model.mlirbc"),
    "weights cut off": cut("weights.bin"),
    "description cut off": cut("model.json"),
    "no program": lambda folder: (folder / "model.mlirbc").unlink(),
    "another format": change(["format"], "onnx"),
    "another version": change(["version"], 2),
    "name": change(["name"], 3),
    "dtype of objects": change(["variables", 0, "dtype"], "object"),
    "weights outside": change(["variables", 0, "offset"], 10**9),
    "negative offset": change(["variables", 0, "offset"], -8),
    "negative size": change(["variables", 0, "shape"], [-3, -4]),
    "huge size": change(["variables", 0, "shape"], [10**9, 10**9]),
    "another shape": change(["variables", 0, "shape"], [4, 3]),
    "dimension": change(["arguments", 0, "dims"], ["__import__('os')"]),
    "dimension of a dict": change(["arguments", 0, "dims"], [{}]),
    "result": change(["structure"], 7),
    "result of text": change(["structure"], "x"),
    "inputs": change(["inputs"], []),
    "kept": change(["kept"], ["x"]),
    "no list": change(["variables"], 3),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_exports_are_refused(damage, tmp_path) -> None:
    model, x = dense()
    model.export(tmp_path, format="stablehlo")
    damage(tmp_path)
    with pytest.raises((ValueError, TypeError)):
        load_stablehlo(tmp_path)(x)
