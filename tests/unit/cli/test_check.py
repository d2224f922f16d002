"""`addax check`: the names in a source, by whatever alias, and what there is of them."""

from __future__ import annotations

import json

import pytest
from tests.unit.cli.test_main import leave

from addax.cli._uses import used_names
from addax.compat._aliases import GONE
from addax.compat._lookup import look_up, walk

SOURCE = '''
import tensorflow as tf
import tensorflow.keras.layers as L
from tensorflow import keras as k
from keras.layers import Dense as D, Densee
import numpy as np

K = tf.keras.backend
raise SystemExit("must not run")

def f(tf_like, L):
    """Arguments hide imports."""
    L.append(3)
    return K.mean(np.mean(tf_like))

class Net(k.Model):
    def call(self, x):
        return D(3)(tf.reduce_meen(x))

lambda tf: tf.nothing
x = L.Conv2D(1, 2).nothing
'''


def test_names_are_found_by_every_alias():
    names = used_names(SOURCE)
    assert names["keras.layers.Dense"] == [5, 18]
    assert names["tensorflow.keras.layers.Conv2D"] == [21]
    assert names["tensorflow.keras.backend.mean"] == [14]
    assert names["tensorflow.reduce_meen"] == [18]
    assert not any("nothing" in name or "append" in name or "numpy" in name for name in names)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from tensorflow.keras import *", ["tensorflow.keras"]),
        ("import tensorflow.keras\ntensorflow.nn.relu", ["tensorflow.keras", "tensorflow.nn.relu"]),
        ("from . import keras\nkeras.x", []),
        ("import numpy as tf\ntf.x", []),
        (
            "def f():\n    from keras import ops\n    return ops.sum\nops.mean",
            ["keras.ops", "keras.ops.sum"],
        ),
        ("import keras\nasync def f(x=keras.a):\n    keras = 1\n    keras.b", ["keras", "keras.a"]),
        (
            "import keras\ndef f():\n    global keras\n    keras = keras.c\n",
            ["keras", "keras.c"],
        ),
        (
            "import tensorflow as tf\ntf = tf.compat.v1\ntf.Session",
            ["tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v1.Session"],
        ),
        ("import keras\n@keras.d\ndef f() -> keras.e: ...", ["keras", "keras.d", "keras.e"]),
    ],
)
def test_scopes_and_imports(source, expected):
    assert list(used_names(source)) == expected


@pytest.mark.parametrize(
    "name",
    [
        "tensorflow",
        "keras.layers.Dense",
        "tensorflow.keras.layers.experimental.preprocessing.Normalization",
        "tensorflow.keras.layers.core.Dense",
        "tensorflow.keras.preprocessing.image.ImageDataGenerator",
        "tensorflow.data.Dataset.from_tensor_slices",
        "tensorflow.float32.max",
        "tf_keras.Model.fit",
        "keras.utils.to_categorical",
        "tensorflow.train.Checkpoint",
    ],
)
def test_what_there_is_is_supported(name):
    assert look_up(name).supported


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("keras.layers.Densee", "'keras.layers.Dense'"),
        ("keras.Dense", "keras.layers.Dense"),
        ("tensorflow.data.Dataset.from_tensors_slices", "from_tensor_slices"),
        ("tensorflow.estimator.Estimator", "keras.Model"),
        ("tensorflow.train.AdamOptimizer", "tensorflow.keras.optimizers.Adam"),
        ("keras.src.layers.core.dense.Densee", "dense.Dense'"),
        ("tensorflow.python.framework.graph_io", "private"),
        ("tensorflow.contrib.slim", "TensorFlow 1"),
    ],
)
def test_what_there_is_not_comes_with_advice(name, hint):
    result = look_up(name)
    assert not result.supported
    assert hint in result.hint


def test_every_piece_of_advice_is_about_a_name_that_is_lacking():
    assert [name for name in GONE if walk(name).supported] == []
    quoted = [word for hint in GONE.values() if "It is '" in hint for word in hint.split("'")[1::2]]
    assert quoted and all(look_up(word).supported for word in quoted)


def test_attributes_that_are_lacking_come_with_the_same_advice():
    import addax.tf as tf

    with pytest.raises(AttributeError, match="Call functions directly"):
        tf.Session  # noqa: B018
    with pytest.raises(AttributeError, match="keras.Model"):
        tf.estimator  # noqa: B018
    with pytest.raises(AttributeError, match=r"tensorflow.keras.optimizers.Adam"):
        tf.train.AdamOptimizer  # noqa: B018
    assert not hasattr(tf, "placeholder")


def test_the_command_tells_and_fails(capsys, tmp_path):
    script = tmp_path / "s.py"
    script.write_text(SOURCE)
    code, out, _ = leave(capsys, "check", str(script))
    assert code == 1
    assert "tensorflow.reduce_meen" in out and "Did you mean 'tensorflow.reduce_mean'" in out
    assert "2 of them not supported" in out
    code, out, _ = leave(capsys, "check", "--json", str(script))
    assert code == 1
    told = json.loads(out)
    assert told["unsupported"] == 2
    (file,) = told["files"]
    assert {n["name"] for n in file["names"] if not n["supported"]} == {
        "keras.layers.Densee",
        "tensorflow.reduce_meen",
    }


def test_folders_and_notebooks(capsys, tmp_path):
    (tmp_path / "a.py").write_text("import keras\nkeras.layers.Dense")
    cells = [
        {"cell_type": "markdown", "source": ["import nothing("]},
        {
            "cell_type": "code",
            "source": ["!pip install x\n", "import tensorflow as tf\n", "%matplotlib inline"],
        },
        {"cell_type": "code", "source": ["%%bash\n", "ls ("]},
        {"cell_type": "code", "source": ["if True:\n", "    !ls\n", "tf.ones(3)"]},
    ]
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": cells}))
    code, out, _ = leave(capsys, "check", str(tmp_path))
    assert code == 0
    assert "keras.layers.Dense" in out and "tensorflow.ones" in out and "none of them" in out


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [("bad.py", "def", "cannot be read"), ("bad.ipynb", "[]", "no notebook"), ("nul.py", "a\0", "cannot be")],
)
def test_what_is_no_python_is_an_error(capsys, tmp_path, name, content, error):
    (tmp_path / name).write_text(content)
    code, _, err = leave(capsys, "check", str(tmp_path / name))
    assert code == 1 and error in err


def test_a_missing_file_is_an_error(capsys, tmp_path):
    code, _, err = leave(capsys, "check", str(tmp_path / "none.py"))
    assert code == 1 and "not found" in err


@pytest.mark.parametrize("name", ["DNNClassifier", "DNNRegressor", "LinearClassifier", "LinearRegressor"])
def test_the_equivalent_of_an_estimator_runs(name):
    import numpy as np

    import addax.tf as tf

    hint = look_up(f"tensorflow.estimator.{name}").hint
    code = hint.removeprefix("Write ").split(", where")[0].replace("epochs=...", "epochs=1, verbose=0")
    features, labels = {"age": np.array([1.0, 2.0, 3.0], "float32")}, np.array([0, 1, 2])
    given = {
        "tf": tf,
        "feature_columns": [tf.feature_column.numeric_column("age")],
        "hidden_units": [4],
        "n_classes": 3,
        "input_fn": lambda: tf.data.Dataset.from_tensor_slices((features, labels)).batch(3),
    }
    exec(code, given)
    assert given["model"].predict(features, verbose=0).shape == (3, 3 if "Classifier" in name else 1)


def test_names_of_tensorflow_1_lead_to_those_of_today():
    import addax.tf as tf

    assert look_up("tensorflow.compat.v1.reduce_mean").supported
    assert (
        look_up("keras.objectives.mse").supported and look_up("keras_preprocessing.image.load_img").supported
    )
    assert look_up("tensorflow.python.keras.engine.data_adapter.expand_1d").supported
    assert look_up("tensorflow.compat.v1.metrics").hint == "It is 'tensorflow.metrics'."
    for namespace, name, advice in (
        (tf.compat.v1, "placeholder", "argument of a function"),
        (tf, "estimator", "DenseFeatures"),
    ):
        with pytest.raises(AttributeError, match=advice):
            getattr(namespace, name)
