"""Checkpoints between Addax and the real TensorFlow, with Keras 3 and with Keras 2; each side in its own process."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tests" / "oracle" / "checkpoints.py"


def run(who, what, folder, legacy=False):
    addax = sys.executable if importlib.util.find_spec("jax") else ROOT / ".venv" / "bin" / "python"
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1"}
    if who == "addax":
        environment["PYTHONPATH"] = str(ROOT / "src")
    else:
        environment |= {"KERAS_BACKEND": "tensorflow", "TF_USE_LEGACY_KERAS": "1" if legacy else ""}
    command = [addax if who == "addax" else sys.executable, SCRIPT, who, what, folder]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("legacy", [False, True], ids=["keras 3", "keras 2"])
def test_addax_reads_what_tensorflow_wrote(tmp_path, legacy):
    run("tensorflow", "write", tmp_path, legacy)
    run("addax", "read", tmp_path)


def test_addax_reads_old_optimizers_and_weights(tmp_path):
    run("tensorflow", "write_old", tmp_path, legacy=True)
    run("addax", "read_old", tmp_path)


def test_tensorflow_reads_what_addax_wrote(tmp_path):
    run("addax", "write", tmp_path)
    run("tensorflow", "read", tmp_path)
