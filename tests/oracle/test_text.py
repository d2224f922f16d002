"""SavedModels that take or give texts, in the real TensorFlow; `make oracle` runs this.

Run as a script, `test_text.py DIR`, this file writes them with Addax, and needs no TensorFlow.
"""

import importlib.util
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = re.findall(r'^    "(\w+)": ', (ROOT / "tests/unit/export/text_cases.py").read_text(), re.M)


def write(folder: Path) -> None:
    """Write each case, by `tf.saved_model.save` and by `export`, and what it computes."""
    sys.path.insert(0, str(ROOT))
    from tests.unit.export.text_cases import CASES

    import addax.tf as tf
    from addax.core import tree

    for name, case in CASES.items():
        model, inputs = case()
        nest = inputs if isinstance(model.input, dict) else list(inputs.values())
        nest = nest if isinstance(nest, dict) or len(nest) > 1 else nest[0]
        result = model(tree.map_structure(tf.constant, nest))
        tf.saved_model.save(model, folder / name / "saved")
        model.export(folder / name / "exported", verbose=False)
        results = result if isinstance(result, dict) else {"output_0": result}
        found = {key: np.asarray(x).tolist() for key, x in results.items()}
        (folder / name / "about.pkl").write_bytes(pickle.dumps((inputs, found)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a process without TensorFlow wrote."""
    folder = tmp_path_factory.mktemp("texts")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, __file__, folder], check=True, env=environment)
    return folder


def agree(results, expected):
    assert sorted(results) == sorted(expected)
    for name, values in expected.items():
        found = np.asarray(results[name])
        if found.dtype == object:
            assert found.tolist() == values
        else:
            np.testing.assert_allclose(found, values, rtol=1e-5, atol=1e-5)


def test_every_case_is_written(folder):
    assert {path.name for path in folder.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_tensorflow_reads_the_texts(folder, name):
    import tensorflow as tf

    inputs, expected = pickle.loads((folder / name / "about.pkl").read_bytes())
    given = {key: tf.constant(value) for key, value in inputs.items()}
    for way in ("saved", "exported"):
        loaded = tf.saved_model.load(str(folder / name / way))
        agree(loaded.signatures["serving_default"](**given), expected)
    rows = {key: value[1:2] for key, value in given.items()}
    if name not in (
        "longest",
        "plain",
        "lower",
        "characters",
        "ngrams",
    ):  # the longest text says how wide all are
        agree(loaded.signatures["serve"](**rows), {key: values[1:2] for key, values in expected.items()})
    nest = given if name in ("nested", "feature_space") else list(given.values())
    loaded.serve(nest if isinstance(nest, dict) or len(nest) > 1 else nest[0])


@pytest.mark.parametrize("name", ["classifier", "names_of_classes", "feature_space"])
def test_a_session_reads_the_texts(folder, name):
    import tensorflow as tf

    v1 = tf.compat.v1
    inputs, expected = pickle.loads((folder / name / "about.pkl").read_bytes())
    with tf.Graph().as_default(), v1.Session() as session:
        graph = v1.saved_model.loader.load(session, ["serve"], str(folder / name / "saved"))
        signature = graph.signature_def["serving_default"]
        feed = {signature.inputs[key].name: value for key, value in inputs.items()}
        agree(session.run({key: signature.outputs[key].name for key in expected}, feed), expected)


def test_a_token_that_must_be_known_is_an_error(folder):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder / "strict" / "saved"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="met a token that its vocabulary does not have"):
        loaded(tf.constant([["cat", "whale"]]))


def test_tensorflow_saves_the_tables_again(folder, tmp_path):
    import tensorflow as tf

    inputs, expected = pickle.loads((folder / "lookup" / "about.pkl").read_bytes())
    loaded = tf.saved_model.load(str(folder / "lookup" / "saved"))
    tf.saved_model.save(loaded, str(tmp_path / "again"))
    again = tf.saved_model.load(str(tmp_path / "again"))
    agree({"output_0": again(tf.constant(inputs["x"]))}, expected)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
