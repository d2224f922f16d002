from __future__ import annotations

import types

import pytest

from addax.compat import missing_name_message
from addax.compat._missing import elsewhere, hint_for, public_name


def test_the_message_names_the_nearest():
    assert missing_name_message("tensorflow.nn", "rellu", ["relu", "_reluu", "softmax"]) == (
        "Addax has no 'tensorflow.nn.rellu'.\n  hint: Did you mean 'tensorflow.nn.relu'?"
    )


def test_without_anything_near_it_says_where_to_look():
    assert hint_for("keras.layers", "Qqqq", ["Dense"]) == "dir(keras.layers) lists what there is."


def test_the_name_itself_elsewhere_comes_before_similar_names():
    hint = hint_for("keras.layers", "Adam", ["Add"], ["keras.optimizers.Adam"])
    assert hint == "It is 'keras.optimizers.Adam'."


def test_elsewhere_looks_into_the_root_and_its_namespaces():
    losses = types.SimpleNamespace(__all__=["Loss", "MSE"])
    root = types.SimpleNamespace(__name__="addax", __all__=["Loss"], losses=losses, metrics=losses)
    assert elsewhere("Loss", root) == ["keras.Loss", "keras.losses.Loss", "keras.metrics.Loss"]
    assert elsewhere("MSE", root) == ["keras.losses.MSE", "keras.metrics.MSE"]
    assert elsewhere("_MSE", root) == elsewhere("MSE", None) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("addax", "keras"),
        ("addax.layers", "keras.layers"),
        ("addax.tf", "tensorflow"),
        ("addax.tf.data", "tensorflow.data"),
        ("addax.tf.keras.losses", "tensorflow.keras.losses"),
        ("addaxis", "addaxis"),
        ("addax.tfx", "keras.tfx"),
    ],
)
def test_our_modules_are_called_by_the_users_names(ours, theirs):
    assert public_name(ours) == theirs
