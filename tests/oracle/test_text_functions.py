"""SavedModels of code over texts, in the real TensorFlow; `make oracle` runs this.

Run as a script, `test_text_functions.py DIR`, this file writes them with Addax, and needs no TensorFlow.
"""

import importlib.util
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path) -> None:
    """Write each case, and what it computes."""
    sys.path.insert(0, str(ROOT))
    from tests.unit.export import text_functions as cases

    import addax.tf as tf

    def kept(name, save, results, inputs):
        save(folder / name)
        results = results if isinstance(results, dict) else {"output_0": results}
        found = {key: np.asarray(x).tolist() for key, x in results.items()}
        (folder / name / "about.pkl").write_bytes(pickle.dumps((inputs, found)))

    def saved(module):
        return lambda path: tf.saved_model.save(module, path, signatures=module.run)

    for name, (function, inputs) in cases.FUNCTIONS.items():
        kept(name, saved(cases.module(function, inputs)), function(tf.constant(inputs)), inputs)
    for name, make in cases.MODELS.items():
        model, inputs = make()
        kept(
            f"model_{name}",
            lambda path, m=model: m.export(path, verbose=False),
            model(tf.constant(inputs)),
            inputs,
        )
    texts = np.array(["A b, c!", "b", ""])
    module = cases.Translator()
    kept("translator", saved(module), module.run(tf.constant(texts)), texts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a process without TensorFlow wrote."""
    folder = tmp_path_factory.mktemp("functions")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, __file__, folder], check=True, env=environment)
    return folder


def test_tensorflow_computes_the_same(folder):
    """All of them in one test, for their names are known only where Addax is."""
    import tensorflow as tf

    names, wrong = sorted(path.name for path in folder.iterdir()), {}
    assert len(names) > 45
    for name in names:
        inputs, expected = pickle.loads((folder / name / "about.pkl").read_bytes())
        loaded = tf.saved_model.load(str(folder / name))
        try:
            found = loaded.signatures["serving_default"](x=tf.constant(inputs))
            assert sorted(found) == sorted(expected)
            for key, values in expected.items():
                if found[key].dtype == tf.string:
                    assert np.asarray(found[key].numpy(), object).tolist() == values
                else:
                    np.testing.assert_allclose(found[key], values, rtol=1e-5, atol=1e-6)
        except (AssertionError, tf.errors.OpError) as error:
            wrong[name] = str(error)[:500]
    assert not wrong


if __name__ == "__main__":
    write(Path(sys.argv[1]))
