"""SavedModels that Addax writes, run in the real TensorFlow by `make oracle`."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.oracle.check_saved_models import check_python, check_session, check_variables_matter

ROOT = Path(__file__).resolve().parents[2]
CASES = ["conv", "mlp", "sequence", "two_inputs"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The models, written by a process that has no TensorFlow in it."""
    folder = tmp_path_factory.mktemp("models")
    python = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "JAX_PLATFORMS": "cpu"}
    script = ROOT / "tests" / "oracle" / "write_saved_models.py"
    subprocess.run([python, script, folder], check=True, env=environment)
    return folder


def test_every_case_is_checked(folder):
    assert sorted(os.listdir(folder)) == CASES


@pytest.mark.parametrize("case", CASES)
def test_tensorflow_computes_the_same(folder, case):
    check_python(folder / case, json.loads((folder / case / "about.json").read_text()))


@pytest.mark.parametrize("case", CASES)
def test_a_session_computes_the_same(folder, case):
    check_session(folder / case, json.loads((folder / case / "about.json").read_text()))


@pytest.mark.parametrize("case", CASES)
def test_tensorflow_computes_with_the_variables(folder, case):
    check_variables_matter(folder / case)
