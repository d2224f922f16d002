"""The hook in whole processes, on Addax itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def python(code: str, folder: Path | None = None) -> str:
    """What a fresh process prints that runs `code`."""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture
def real(tmp_path):
    """A folder with packages that play the real ones."""
    for name in ("tensorflow", "keras"):
        (tmp_path / f"{name}.py").write_text("real = True\n")
    return tmp_path


def test_keras_is_addax_and_tensorflow_its_facade():
    code = """
import addax
addax.install()
import tensorflow as tf, keras, tf_keras
import addax.tf
print(keras is addax, tf is addax.tf, tf.__version__ is addax.tf.__version__)
"""
    assert python(code) == "True True True"


def test_a_layer_is_the_same_class_under_all_of_its_names():
    code = """
import addax
addax.install()
import keras, tensorflow as tf
from keras.layers import Dense as a
from tensorflow.keras.layers import Dense as b
from tf_keras.layers import Dense as c
from tensorflow.keras.layers.experimental import EinsumDense as d
from tensorflow.keras.layers.experimental.preprocessing import Rescaling
from keras.layers.core import Dense as e
assert d is addax.layers.EinsumDense and Rescaling is addax.layers.Rescaling
print({a, b, c, e, keras.layers.Dense, tf.keras.layers.Dense} == {addax.layers.Dense})
"""
    assert python(code) == "True"


def test_importing_tensorflow_loads_no_jax_and_no_numpy():
    code = """
import sys, addax
addax.install()
import tensorflow as tf
print({name.partition(".")[0] for name in sys.modules} & {"jax", "jaxlib", "numpy"})
import keras.layers, tensorflow.keras.models
print({name.partition(".")[0] for name in sys.modules} & {"jax", "jaxlib"})
"""
    assert python(code).split() == ["set()", "set()"]


def test_a_missing_layer_is_explained():
    code = """
import addax
addax.install()
try:
    from tensorflow.keras.layers import Densee
except ImportError as error:
    print(error)
"""
    assert "cannot import name 'Densee' from 'keras.layers'" in python(code)
    assert "'keras.layers.Dense'" in python(code)


@pytest.mark.parametrize("name", ["tensorflow.python.pywrap", "keras.src.trainers", "tensorflow.contrib"])
def test_private_and_ended_modules_are_explained(name):
    code = f"""
import addax
addax.install()
try:
    import {name}
except ModuleNotFoundError as error:
    print(error)
"""
    assert f"No module named '{name}'" in python(code)
    assert "Import the public name" in python(code) or "It ended with TensorFlow 1" in python(code)


def test_private_modules_of_keras_stand_for_the_public_ones():
    code = """
import addax
addax.install()
from keras.src.layers import Dense as a
from keras.src.layers.core.dense import Dense as b
from tensorflow.python.keras.layers import Dense as c
from tensorflow.python.keras.engine.base_layer import Layer
from keras.src.saving import serialization_lib
from keras.src.saving.saving_lib import load_model
assert {a, b, c} == {addax.layers.Dense} and Layer is addax.layers.Layer
try:
    from keras.src.layers.core import Foo
except ImportError as error:
    print(error)
"""
    assert "cannot import name 'Foo'" in python(code)


def test_the_version_is_that_of_keras():
    code = """
import addax
own = addax.__version__
addax.install()
import keras
print(keras.version() == keras.__version__ == "3.15.1", addax.uninstall() or addax.__version__ == own)
"""
    assert python(code) == "True True"


def test_without_install_the_real_packages_are_imported(real):
    assert python("import addax, keras, tensorflow; print(keras.real, tensorflow.real)", real) == "True True"


def test_uninstall_brings_the_real_packages_back(real):
    code = """
import addax, sys
addax.install()
import keras, keras.layers
addax.uninstall()
hooked = [name for name in sys.modules if name.partition(".")[0] == "keras"]
import keras as again
print(keras is addax, hooked, again.real)
"""
    assert python(code, real) == "True [] True"


def test_install_twice_is_install_once():
    code = """
import addax, sys
addax.uninstall()
count = len(sys.meta_path)
addax.install(); addax.install()
import keras
addax.uninstall()
print(len(sys.meta_path) - count, "keras" in sys.modules)
"""
    assert python(code) == "0 False"


def test_install_after_the_real_package_is_refused(real):
    code = """
import addax, sys, tensorflow
before = list(sys.meta_path)
try:
    addax.install()
except RuntimeError as error:
    print(error, sys.meta_path == before, sep="\\n")
"""
    lines = python(code, real).splitlines()
    assert lines[0] == "'tensorflow' is imported already and cannot be replaced."
    assert lines[1] == "  expected: addax.install() before the first import of tensorflow"
    assert "tensorflow.py" in lines[2]
    assert "restart" in lines[3].lower()
    assert lines[4] == "True"
