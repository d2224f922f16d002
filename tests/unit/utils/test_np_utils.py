"""`keras.utils.np_utils`, a module of Keras 2, under every name that scripts import it by."""

from __future__ import annotations

import subprocess
import sys

import pytest

import addax
import addax.tf as tf

PROGRAM = """
from keras.utils.np_utils import to_categorical as first
from tensorflow.keras.utils import np_utils
import tensorflow.keras.utils.np_utils as module
import keras
import tensorflow as tf
assert first is np_utils.to_categorical is module.to_categorical is keras.utils.to_categorical
assert first is keras.utils.np_utils.to_categorical is tf.keras.utils.np_utils.to_categorical
print(first([1]).tolist())
"""


def test_it_is_an_attribute_too():
    assert (
        addax.utils.np_utils.to_categorical
        is tf.keras.utils.np_utils.to_categorical
        is addax.utils.to_categorical
    )


@pytest.mark.parametrize("start", ["", "import keras\nkeras.utils.np_utils.normalize\n"])
def test_scripts_find_it(start, tmp_path):
    (tmp_path / "script.py").write_text(start + PROGRAM)
    run = subprocess.run(
        [sys.executable, "-m", "addax", "run", str(tmp_path / "script.py")], capture_output=True, text=True
    )
    assert run.stdout.strip() == "[[0.0, 1.0]]", run.stderr
